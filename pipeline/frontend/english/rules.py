"""What a rule of reading is: where it applies, and what is said there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

__all__ = ["Rule", "any_of", "attributive", "rule", "word_after", "word_before"]

_BEFORE: Final = re.compile(r"([^\W_]+(?:['’.-][^\W_]+)*)[.,]?[\s(\[\"“‘']*$")
_AFTER: Final = re.compile(r"[\s-]*([^\W\d_]+)")
_NEAR: Final = 32
"""Characters before a place in which the word before it is looked for; few words are longer."""


@dataclass(frozen=True)
class Rule:
    """Reads one class of what is written, such as dates."""

    source: str
    """Regular expression for what it may apply to; matched at a place of the text, so that it may look behind."""
    read: Callable[[re.Match[str]], str | None]
    """Returns what is said, with `|` between the readings of two written words; None if the rule does not apply."""
    flags: int = 0
    """Of the regular expression."""

    @cached_property
    def match(self) -> Callable[[str, int], re.Match[str] | None]:
        """The function that matches at a place; compiled when it is first needed, for most texts need few rules."""
        return re.compile(self.source, self.flags).match


def rule(pattern: str, read: Callable[[re.Match[str]], str | None] | str, flags: int = 0) -> Rule:
    """Return a rule; `read` may be a reading that never changes."""
    constant = read if isinstance(read, str) else ""
    return Rule(pattern, read if callable(read) else lambda _: constant, flags)


def any_of(words: Iterable[str]) -> str:
    """Return a pattern for any of some words, the longest first."""
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


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
