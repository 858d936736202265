"""The table of denied emotions, and how its answers are meant."""

from __future__ import annotations

import csv
from pathlib import Path

__all__ = ["fits", "rows"]


def rows() -> list[dict[str, str]]:
    """Return the sentences, each with its kind and the answers that it may have, or with `!` those it must not have."""
    with Path(__file__).with_name("negation.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def fits(top: str, may_be: str) -> bool:
    """Return whether an answer is among those of a row, or not among those that it forbids."""
    named = may_be.split(",")
    return f"!{top}" not in named if "!" in may_be else top in named
