"""A report on a model, as Markdown with pictures beside it and as one HTML file that needs nothing else."""

from __future__ import annotations

import base64
import html
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pipeline.core.emotions import EMOTIONS
from pipeline.core.errors import EngineMissing
from pipeline.core.files import atomic
from pipeline.training.configuration import read_settings
from pipeline.training.markdown import table
from pipeline.training.runs import read_about
from pipeline.training.speech.plots import bar_plot, confusion_plot, curve_plot, read_log
from pipeline.training.splits import LEAK

__all__ = ["write_report"]

_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}"
    "table{border-collapse:collapse;margin:1rem 0}td,th{padding:.2rem .7rem;border-bottom:1px solid #ddd;"
    "text-align:left}td+td{font-variant-numeric:tabular-nums}img{max-width:100%}.warning{background:#fff3cd;"
    "padding:.6rem 1rem;border-left:4px solid #d39e00}"
)


@dataclass(frozen=True)
class _Section:
    """One part of a report."""

    title: str
    text: str = ""
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    picture: tuple[str, bytes] | None = None
    """File name and PNG."""
    warning: bool = False


def write_report(run: Path, scores: dict[str, Any], folder: Path) -> None:
    """Write `report.md`, `report.html` and the pictures of the former.

    Args:
        run: The run that was scored.
        scores: `Scores.to_dict()`, and where they were measured `robustness` and `other_corpora`.
        folder: Where to write.

    Raises:
        EngineMissing: matplotlib is not installed.
        SettingsError: `run` holds no run.
        OutputError: The folder cannot be written.
    """
    settings, about = read_settings(run).model_dump(mode="json"), read_about(run)
    title = f"{settings['model']} on {settings.get('features', 'the features of its members')}"
    try:
        sections = list(_sections(run, settings, about, scores))
    except ImportError as error:
        raise EngineMissing(f"A report needs matplotlib: {error}.", hint="Run pip install '.[train]'.") from error
    contents = {"report.md": _markdown(title, sections), "report.html": _html(title, sections)}
    for name, text in contents.items():
        with atomic(folder / name) as temporary:
            temporary.write_text(text, encoding="utf-8")
    for section in sections:
        if section.picture:
            with atomic(folder / section.picture[0]) as temporary:
                temporary.write_bytes(section.picture[1])


def _sections(run: Path, settings: dict[str, Any], about: dict[str, Any], scores: dict[str, Any]) -> list[_Section]:
    seeds = ", ".join(map(str, scores["seeds"]))
    sections = [
        _Section(
            "What was measured",
            f"{scores['protocol'].capitalize()}. {scores['clips']} clips of {scores['speakers']} speakers of "
            f"{about['corpus']}; seeds {seeds}. Measured on {platform.machine()}, {platform.system()}, "
            f"Python {platform.python_version()}; "
            f"one training took {scores['training_seconds']:.0f} s of processor time.",
        )
    ]
    if about["protocol"] == "random":
        sections.append(_Section("This split leaks", LEAK, warning=True))
    low, high = scores["accuracy_interval"]
    recall_low, recall_high = scores["unweighted_average_recall_interval"]
    sections += [
        _Section(
            "Scores",
            "Spread is the standard deviation over folds and seeds; intervals are 95 %, by bootstrap over speakers.",
            ("measure", "value"),
            (
                (
                    "accuracy",
                    f"{scores['accuracy']:.1%} (spread {scores['accuracy_spread']:.1%}, {low:.1%} to {high:.1%})",
                ),
                (
                    "unweighted average recall",
                    f"{scores['unweighted_average_recall']:.1%} ({recall_low:.1%} to {recall_high:.1%})",
                ),
                ("macro F1", f"{scores['macro_f1']:.3f}"),
                ("accuracy by seed", ", ".join(f"{value:.1%}" for value in scores["accuracy_by_seed"])),
                ("accuracy by fold", ", ".join(f"{value:.1%}" for value in scores["accuracy_by_fold"])),
                ("calibration error (ECE), raw", f"{scores['calibration_error']:.3f}"),
                ("calibration error, cross-fitted temperature", f"{scores['calibration_error_calibrated']:.3f}"),
                ("accuracy on the 60 % that it is surest of", f"{scores['surest_accuracy']:.1%}"),
                *((f"accuracy, {name} speakers", f"{value:.1%}") for name, value in scores["accuracy_by_sex"].items()),
                *(
                    (f"accuracy, {name} intensity", f"{value:.1%}")
                    for name, value in scores["accuracy_by_intensity"].items()
                ),
            ),
        ),
        _Section(
            "Share of each emotion that was found",
            picture=("recall.png", bar_plot(scores["recall"], "found")),
        ),
        _Section(
            "Confusion",
            "Clips of the first seed: rows are the true emotions, columns the answers.",
            ("", *EMOTIONS),
            [(name, *map(str, row)) for name, row in zip(EMOTIONS, scores["confusion"], strict=True)],
            ("confusion.png", confusion_plot(scores["confusion"])),
        ),
    ]
    if robustness := scores.get("robustness"):
        clean = robustness["as it is"]
        sections.append(
            _Section(
                "Robustness",
                f"{clean['clips']} held-out clips, each judged by the model that had not heard its speaker. "
                f"{clean['truly_loud']:.1%} of them are truly happy or angry.",
                ("sound", "accuracy", "lost", "answered happy or angry"),
                [
                    (
                        name,
                        f"{value['accuracy']:.1%}",
                        f"{100 * (clean['accuracy'] - value['accuracy']):+.1f}",
                        f"{value['loud']:.1%}",
                    )
                    for name, value in robustness.items()
                ],
                (
                    "robustness.png",
                    bar_plot(
                        {name: value["accuracy"] for name, value in robustness.items()}, "accuracy", clean["accuracy"]
                    ),
                ),
            )
        )
    for corpus, found in scores.get("other_corpora", {}).items():
        sections.append(
            _Section(
                f"Another corpus: {corpus}",
                f"{found['clips']} clips of {found['speakers']} speakers, none of whom was trained on; "
                f"the mean of the folds' models chooses among {', '.join(found['emotions'])}.",
                ("measure", "value"),
                (
                    ("accuracy", f"{found['accuracy']:.1%}"),
                    ("unweighted average recall", f"{found['unweighted_average_recall']:.1%}"),
                    *((f"{name} found", f"{value:.1%}") for name, value in found["recall"].items()),
                ),
            )
        )
    if log := read_log(run):
        sections.append(_Section("Training", "One line per training.", picture=("curves.png", curve_plot(log))))
    rows = [(name, str(value)) for name, value in settings.items()]
    sections.append(_Section("Settings", head=("setting", "value"), rows=rows))
    return sections


def _markdown(title: str, sections: Sequence[_Section]) -> str:
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


def _html(title: str, sections: Sequence[_Section]) -> str:
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
