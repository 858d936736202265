"""How the rules of Chinese are written, and how what they describe is found in a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from pipeline.frontend.rules import Rule
from pipeline.frontend.rules import rule as any_rule

__all__ = ["NUMBER", "TO", "Scanner", "rule"]

NUMBER: Final = r"(?:\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?)"
"""A number without a sign."""
TO: Final = r"\s*[-–—~～到至]\s*"
"""What joins the two ends of a range."""
_NAME: Final = re.compile(r"\(\?P<\w+>")


def rule(pattern: str, read: Callable[[re.Match[str]], str] | str) -> Rule:
    r"""Return a rule whose `\w` and `\d` mean ASCII alone; `read` may be a reading that never changes."""
    return any_rule(pattern, read, re.ASCII)


class Scanner:
    """Finds what rules describe, from left to right; where several begin at one place, the first rule wins.

    Args:
        rules: The rules, the more special ones first.
        near: Regular expression of what must follow where any of them may begin: most of a text is passed over fast.
    """

    def __init__(self, rules: Sequence[Rule], near: str) -> None:
        self._rules = {f"rule{number}": each for number, each in enumerate(rules)}
        # Names of groups belong to their rule; in the joined expression they would clash.
        nameless = ((name, _NAME.sub("(?:", each.source)) for name, each in self._rules.items())
        parts = "|".join(f"(?P<{name}>{source})" for name, source in nameless)
        self._any = re.compile(f"(?={near})(?:{parts})", re.ASCII)

    def readings(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Yield where each thing begins and ends that is not said as it is written, and what is said for it."""
        for found in self._any.finditer(text):
            each = self._rules[found.lastgroup or ""]
            match = each.match(text, found.start())
            said = each.read(match) if match else None
            if match and said is not None:
                yield match.start(), match.end(), said
