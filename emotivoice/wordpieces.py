"""Texts to BERT's word pieces (uncased; Wu et al., 2016)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pipeline.core.errors import WeightsMissing
from pipeline.core.files import named_if_damaged
from pipeline.frontend import word_pieces

__all__ = ["WordPieces"]

_UNKNOWN: Final = "[UNK]"
"""The piece that stands for what has none."""


class WordPieces:
    """Cuts texts into the pieces of a vocabulary.

    Args:
        pieces: The vocabulary; the position is the number.
    """

    def __init__(self, pieces: list[str]) -> None:
        numbers = {piece: number for number, piece in enumerate(pieces)}
        self._start, self._end = numbers.get("[CLS]", 0), numbers.get("[SEP]", 0)
        self._pieces = word_pieces.WordPieces(numbers, unknown=_UNKNOWN)

    @classmethod
    def read(cls, path: Path) -> WordPieces:
        """Read a `vocab.txt`.

        Raises:
            WeightsMissing: There is no such file, or it is damaged.
        """
        if not path.exists():
            raise WeightsMissing(f"There is no vocabulary '{path}'.")
        with named_if_damaged(path):
            pieces = path.read_text(encoding="utf-8").splitlines()
            if _UNKNOWN not in pieces:
                raise ValueError(f"there is no {_UNKNOWN} in it")
        return cls(pieces)

    def __call__(self, text: str, longest: int) -> list[int]:
        """Return the numbers of a text from [CLS] to [SEP].

        Args:
            text: Any text; halves of characters are left out.
            longest: Pieces at most, the two marks included; more are cut off, where the official code fails.
        """
        pieces = self._pieces(text)
        return [self._start, *pieces[: longest - 2], self._end]
