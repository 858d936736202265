"""What a rule of reading is, in English and in Chinese: what it applies to, and what is said for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

__all__ = ["Rule", "any_of", "rule"]


@dataclass(frozen=True)
class Rule:
    """Reads one class of what is written, such as dates."""

    source: str
    """Regular expression for what it may apply to; matched at a place of the text, so that it may look behind."""
    read: Callable[[re.Match[str]], str | None]
    """Returns what is said; None if the rule does not apply."""
    flags: int = 0
    """Of the regular expression."""
    is_told: bool = False
    """Whether a person should be told what it reads, for it may be meant otherwise."""

    @cached_property
    def match(self) -> Callable[[str, int], re.Match[str] | None]:
        """The function that matches at a place; compiled when it is first needed, for most texts need few rules."""
        return re.compile(self.source, self.flags).match


def rule(
    pattern: str, read: Callable[[re.Match[str]], str | None] | str, flags: int = 0, *, is_told: bool = False
) -> Rule:
    """Return a rule; `read` may be a reading that never changes."""
    constant = read if isinstance(read, str) else ""
    return Rule(pattern, read if callable(read) else lambda _: constant, flags, is_told)


def any_of(words: Iterable[str]) -> str:
    """Return a pattern for any of some words, the longest first."""
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))
