"""One text of a corpus, and what all readers share."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.errors import UsageError
from pipeline.core.messages import reason

__all__ = ["LabelledText", "rows_of", "some"]


@dataclass(frozen=True)
class LabelledText:
    """One text and the emotions that people read in it."""

    text: str
    emotions: tuple[str, ...]
    """One or several of the eight emotions of `pipeline.core.emotions`."""
    part: str = ""
    """`train` or `dev` where the corpus says which texts are for judging; empty where it does not."""
    speaker: str = ""
    """Who wrote or said it, or what else must not be on both sides of a split; unique over all corpora."""
    finer: tuple[int, ...] = ()
    """Numbers of the corpus's own, finer labels, where it has such."""
    key: str = ""
    """What the corpus calls the text."""
    corpus: str = ""
    """Name of the corpus."""
    spoken: bool = False
    """Whether somebody said it, and did not write it."""


def some(texts: list[LabelledText], folder: Path, what: str, hint: str) -> tuple[LabelledText, ...]:
    """Return the texts that a reader found.

    Raises:
        UsageError: There are none.
    """
    if not texts:
        raise UsageError(f"{folder} holds no {what}.", hint=hint)
    return tuple(texts)


def rows_of(path: Path, delimiter: str = ",") -> Iterator[dict[str, str]]:
    """Yield the rows of a table with a line of names.

    Raises:
        UsageError: The file cannot be read as such a table.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file, delimiter=delimiter):
                yield {name: value or "" for name, value in row.items() if isinstance(name, str)}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path} cannot be read as a table: {reason(error)}.") from error
