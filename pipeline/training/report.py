"""A report on a model: sections as Markdown with pictures beside it, and as one HTML file that needs nothing else."""

from __future__ import annotations

import base64
import html
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pipeline.training.markdown import confusion_rows, table
from pipeline.training.runs import write_files
from pipeline.training.scores import measures

__all__ = ["Section", "confusion_section", "measured_on", "score_section", "settings_section", "write_sections"]

_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}"
    "table{border-collapse:collapse;margin:1rem 0}td,th{padding:.2rem .7rem;border-bottom:1px solid #ddd;"
    "text-align:left}td+td{font-variant-numeric:tabular-nums}img{max-width:100%}.warning{background:#fff3cd;"
    "padding:.6rem 1rem;border-left:4px solid #d39e00}"
)


@dataclass(frozen=True)
class Section:
    """One part of a report."""

    title: str
    text: str = ""
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    picture: tuple[str, bytes] | None = None
    """File name and PNG."""
    warning: bool = False


def write_sections(folder: Path, title: str, sections: Sequence[Section]) -> None:
    """Write `report.md`, `report.html` and the pictures of the former.

    Raises:
        OutputError: The folder cannot be written.
    """
    contents = {"report.md": _markdown(title, sections).encode(), "report.html": _html(title, sections).encode()}
    contents |= dict(section.picture for section in sections if section.picture)
    write_files(folder, contents)


def measured_on() -> str:
    """Return what scores were measured on: the machine, its system and Python."""
    return f"Measured on {platform.machine()}, {platform.system()}, Python {platform.python_version()}"


def score_section(title: str, text: str, scores: dict[str, Any]) -> Section:
    """Return the section of a table of measures."""
    return Section(title, text, ("measure", "value"), measures(scores))


def confusion_section(
    text: str, labels: Sequence[str], scores: dict[str, Any], picture: bytes | None = None
) -> Section:
    """Return the section of the table of answers."""
    head, rows = confusion_rows(labels, scores["confusion"])
    return Section("Confusion", text, head, rows, ("confusion.png", picture) if picture else None)


def settings_section(settings: dict[str, Any]) -> Section:
    """Return the section of the settings that were scored."""
    return Section("Settings", head=("setting", "value"), rows=[(name, str(value)) for name, value in settings.items()])


def _markdown(title: str, sections: Sequence[Section]) -> str:
    lines = [f"# {title}", ""]
    for section in sections:
        lines += [f"## {section.title}", ""]
        if section.text:
            lines += [f"**{section.text}**" if section.warning else section.text, ""]
        if section.head:
            lines += [*table(section.head, section.rows), ""]
        if section.picture:
            lines += [f"![{section.title}]({section.picture[0]})", ""]
    return "\n".join(lines)


def _html(title: str, sections: Sequence[Section]) -> str:
    parts = [
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{html.escape(title)}</title><style>{_STYLE}</style>",
        f"<h1>{html.escape(title)}</h1>",
    ]
    for section in sections:
        parts.append(f"<h2>{html.escape(section.title)}</h2>")
        if section.text:
            parts.append(f"<p{' class=warning' if section.warning else ''}>{html.escape(section.text)}</p>")
        if section.head:
            parts.append(f"<table><tr>{_cells(section.head, 'th')}</tr>")
            parts += [f"<tr>{_cells(row, 'td')}</tr>" for row in section.rows]
            parts.append("</table>")
        if section.picture:
            content = base64.b64encode(section.picture[1]).decode()
            parts.append(f'<img alt="{html.escape(section.title)}" src="data:image/png;base64,{content}">')
    return "\n".join(parts) + "\n</html>\n"


def _cells(values: Sequence[str], kind: str) -> str:
    return "".join(f"<{kind}>{html.escape(value)}</{kind}>" for value in values)
