"""Values as cells of a table that somebody opens in a spreadsheet."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["cell"]

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings of a text that a spreadsheet would compute."""


def cell(value: Any) -> Any:
    """Return a value that no spreadsheet takes for a formula: a text that begins like one gets a quote before it.

    >>> cell("=1+1"), cell("- no"), cell("a=b"), cell(-1.5)
    ("'=1+1", "'- no", 'a=b', -1.5)
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
