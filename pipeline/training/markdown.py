"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["confusion_rows", "table"]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table.

    >>> table(("measure", "value"), [("accuracy", "71.5%")])
    ['| measure | value |', '|---|---|', '| accuracy | 71.5% |']
    """
    return [_row(head), "|---" * len(head) + "|", *map(_row, rows)]


def confusion_rows(
    labels: Sequence[str], counts: Sequence[Sequence[int]]
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return the head and the rows of a table of answers: rows are the true labels, columns the answers."""
    return ("", *labels), [(name, *map(str, row)) for name, row in zip(labels, counts, strict=True)]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
