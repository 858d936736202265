"""What the command says: results on stdout, talk and progress on stderr."""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Iterable
from typing import Any, Final, NoReturn

from rich.console import Console
from rich.logging import RichHandler
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from pipeline.core.errors import ResayError
from pipeline.core.files import as_json

__all__ = [
    "bar", "clock", "fail", "note", "print_error", "print_rows", "results", "set_up",
    "shown", "speak_to_programs", "talk", "tell", "write_json",
]  # fmt: skip

_CONTROLS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Characters that colour, move or turn what a terminal shows; names of files may hold any."""

_LINE_ENDS: Final = re.compile("[\n\x0b\x0c\r\x85\u2028\u2029]")


class _Console(Console):
    """A console that shows such characters as they are written in programs."""

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(_CONTROLS.sub(_escaped, text), **options)


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")


_NARROWEST: Final = 60
"""Columns that tables and lines are made for at least: a narrower terminal breaks lines, and nothing is cut off."""


def _require_columns() -> None:
    """Correct a width in the environment that leaves no room, such as 0 where nobody knows it."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns) < _NARROWEST:
        if int(columns):
            os.environ["COLUMNS"] = str(_NARROWEST)
        else:
            del os.environ["COLUMNS"]


_require_columns()

results = _Console(highlight=False, soft_wrap=True)
"""Standard output: results alone."""

talk = _Console(stderr=True, highlight=False, soft_wrap=True)
"""Standard error: which engine runs, progress, warnings, errors."""

_OWN: Final = ("pipeline", "emotivoice", "uvicorn")
"""Packages whose log people see."""

_audience = {"is_program": False}
"""Whether a program reads standard error."""


def speak_to_programs(wanted: bool) -> None:
    """Set whether each line on standard error is an object of JSON: progress, notes and errors, nothing else."""
    _audience["is_program"] = wanted


def tell(value: dict[str, Any]) -> None:
    """Print one object on one line of standard error."""
    sys.stderr.write(as_json(value, encoding="ascii") + "\n")
    sys.stderr.flush()


class _Log(logging.Handler):
    """The log for programs."""

    def emit(self, record: logging.LogRecord) -> None:
        tell({"log": record.getMessage(), "level": record.levelname.lower()})


def set_up(*, quiet: bool = False, verbose: bool = False) -> None:
    """Set how much is said.

    Args:
        quiet: Say nothing on standard error but errors.
        verbose: Show the log of every stage.
    """
    talk.quiet = quiet or _audience["is_program"]
    level = logging.INFO if verbose else logging.ERROR if quiet else logging.WARNING
    handler: logging.Handler = _Log()
    if not _audience["is_program"]:
        handler = RichHandler(console=_Console(stderr=True), show_path=False, show_time=verbose, rich_tracebacks=False)
    if not verbose:
        # What a library has to say that matters comes as its error, which is told in our words.
        handler.addFilter(lambda record: record.name.partition(".")[0] in _OWN)
    logging.basicConfig(level=level, format="%(message)s", handlers=[handler], force=True)


def print_error(error: ResayError) -> None:
    """Print an error in one line on standard error, also where nothing else is said; programs get it otherwise."""
    if _audience["is_program"]:
        return
    hint = f" {error.hint}" if error.hint else ""
    line = f"[bold red]error:[/] {escape(_on_one_line(error.message))}[dim]{escape(_on_one_line(hint))}[/]"
    _Console(stderr=True, highlight=False, soft_wrap=True).print(line)


def fail(error: ResayError) -> NoReturn:
    """Print an error in one line on standard error and leave with its exit code."""
    if _audience["is_program"]:
        tell({"error": error.to_dict()})
    print_error(error)
    raise SystemExit(error.exit_code)


def write_json(value: dict[str, Any]) -> None:
    """Print one object on one line of standard output."""
    sys.stdout.write(as_json(value, encoding=sys.stdout.encoding) + "\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """Print something that is worth knowing and no error."""
    if _audience["is_program"]:
        tell({"note": text})
    talk.print(f"[yellow]note:[/] {escape(_on_one_line(text))}")


def _on_one_line(text: str) -> str:
    """Return a text in which ends of lines, which names of files may hold, are written as in programs."""
    return _LINE_ENDS.sub(_escaped, text)


def print_rows(headings: Iterable[str], rows: Iterable[dict[str, Any]], *, as_json: bool) -> None:
    """Print a table, or one JSON object per row.

    Args:
        headings: Of the columns of the table, in the order of the values of a row.
        rows: Texts and lists of texts.
        as_json: Whether the rows are printed as JSON.
    """
    table = Table(*headings)
    for row in rows:
        if as_json:
            write_json(row)
        table.add_row(*(cell if isinstance(cell, str) else ", ".join(cell) for cell in row.values()))
    if not as_json:
        results.print(table)


def shown(name: str) -> str:
    r"""Return a name that came from outside as a part of one line: no line breaks, and nothing that is mark-up.

    >>> shown("a\nb")
    'a\\nb'
    """
    return escape(re.sub("[\r\n]", _escaped, name))


def bar(share: float, width: int = 24) -> str:
    """Return a bar for a share of 0 to 1, at most `width` characters wide."""
    eighths = round(max(0.0, min(1.0, share)) * width * 8)
    return "█" * (eighths // 8) + ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")[eighths % 8]


def clock(seconds: float) -> str:
    """Return a time as people read it.

    >>> clock(3725.2)
    '1:02:05'
    >>> clock(65.9)
    '1:05'
    """
    # As players and the pages do: what lies at 0:03 is found there.
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
