"""What a class of written things is: how it looks, and how it is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

__all__ = ["NUMBER", "TO", "Rule", "Scanner"]

NUMBER: Final = r"(?:\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?)"
"""A number without a sign."""
TO: Final = r"\s*[-–—~～到至]\s*"
"""What joins the two ends of a range."""


class Rule(NamedTuple):
    """One class of written things."""

    pattern: str
    """Regular expression of it, where `\\w` and `\\d` mean ASCII alone."""
    read: Callable[[re.Match[str]], str]
    """What is said for a match."""


class Scanner:
    """Finds what rules describe, from left to right; where several begin at one place, the first rule wins.

    Args:
        rules: The rules, the more special ones first.
        near: Regular expression of what must follow where any of them may begin: most of a text is passed over fast.
    """

    def __init__(self, rules: Sequence[Rule], near: str) -> None:
        self._rules: dict[int, tuple[re.Pattern[str], Rule]] = {}
        parts: list[str] = []
        group = 1
        for rule in rules:
            pattern = re.compile(rule.pattern, re.ASCII)
            self._rules[group] = pattern, rule
            group += pattern.groups + 1
            # Names of groups belong to their rule; in the joined expression they would clash.
            nameless = re.sub(r"\(\?P<\w+>", "(", rule.pattern)
            parts.append(f"({nameless})")
        self._any = re.compile(f"(?={near})(?:{'|'.join(parts)})", re.ASCII)

    def readings(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Yield where each thing begins and ends that is not said as it is written, and what is said for it."""
        for found in self._any.finditer(text):
            pattern, rule = self._rules[found.lastindex or 0]
            match = pattern.match(text, found.start())
            if match:
                yield match.start(), match.end(), rule.read(match)
