"""Tables of EmotiVoice, with a line of headings."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from importlib import resources

__all__ = ["read_rows"]


def read_rows(name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a table, each as heading to text.

    Args:
        name: Of the file, without its ending `.tsv`.
    """
    table = (resources.files(__package__) / f"{name}.tsv").read_text(encoding="utf-8")
    yield from csv.DictReader(table.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
