"""The tokens that the model reads, and their numbers."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Final

__all__ = ["EDGE", "Vocabulary", "official_vocabulary"]

EDGE: Final = "<sos/eos>"
"""The token at both ends of every utterance."""


class Vocabulary:
    """Tokens and their numbers.

    Args:
        tokens: The tokens; the position is the number.
    """

    def __init__(self, tokens: Iterable[str]) -> None:
        self.tokens = tuple(tokens)
        self._numbers = {token: number for number, token in enumerate(self.tokens)}

    @classmethod
    def read(cls, path: Path) -> Vocabulary:
        """Read a `tokenlist`, one token a line."""
        return cls(path.read_text(encoding="utf-8").splitlines())

    def __contains__(self, token: object) -> bool:
        return token in self._numbers

    def __len__(self) -> int:
        return len(self.tokens)

    def numbers(self, tokens: Iterable[str]) -> list[int]:
        """Return the numbers of tokens; a token that the list lacks is left out."""
        return [self._numbers[token] for token in tokens if token in self._numbers]


@functools.cache
def official_vocabulary() -> Vocabulary:
    """Return the 502 tokens of the official model."""
    return Vocabulary((resources.files(__package__) / "tables" / "tokens.txt").read_text(encoding="utf-8").splitlines())
