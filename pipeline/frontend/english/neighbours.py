"""The words around a match of a rule.

What a rule of English says holds `|` between the readings of two written words.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["attributive", "word_after", "word_before"]

_BEFORE: Final = re.compile(r"([^\W_]+(?:['’.-][^\W_]+)*)[.,]?[\s(\[\"“‘']*$")
_AFTER: Final = re.compile(r"[\s-]*([^\W\d_]+)")
_NEAR: Final = 32
"""Characters before a place in which the word before it is looked for; few words are longer."""


def word_before(match: re.Match[str]) -> str:
    """Return the word before a match, as it is written; empty if there is none."""
    found = _BEFORE.search(match.string, max(0, match.start() - _NEAR), match.start())
    return found[1] if found else ""


def word_after(match: re.Match[str]) -> str:
    """Return the word that follows a match after spaces or a hyphen; empty if there is none."""
    found = _AFTER.match(match.string, match.end())
    return found[1] if found else ""


def attributive(match: re.Match[str]) -> bool:
    """Return whether a quantity describes the noun after it, as in `a 45° angle`, and so is singular."""
    return word_before(match).lower() in ("a", "an") and bool(word_after(match))
