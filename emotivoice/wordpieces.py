"""Texts to BERT's word pieces (uncased; Wu et al., 2016)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from emotivoice.errors import WeightsMissing

__all__ = ["WordPieces"]

_LONGEST_WORD: Final = 100


class WordPieces:
    """Cuts texts into the pieces of a vocabulary.

    Args:
        pieces: The vocabulary; the position is the number.
    """

    def __init__(self, pieces: list[str]) -> None:
        self._numbers = {piece: number for number, piece in enumerate(pieces)}

    @classmethod
    def read(cls, path: Path) -> WordPieces:
        """Read a `vocab.txt`.

        Raises:
            WeightsMissing: There is no such file.
        """
        if not path.exists():
            raise WeightsMissing(f"There is no vocabulary '{path}'.")
        return cls(path.read_text(encoding="utf-8").splitlines())

    def __call__(self, text: str, longest: int) -> list[int]:
        """Return the numbers of a text from [CLS] to [SEP].

        Args:
            text: Any text.
            longest: Pieces at most, the two marks included; more are cut off, where the official code fails.
        """
        numbers = [number for word in _words(text) for number in self._cut(word)]
        return [self._number("[CLS]"), *numbers[: longest - 2], self._number("[SEP]")]

    def _cut(self, word: str) -> list[int]:
        """Cut one word into the longest pieces, from the left."""
        if len(word) > _LONGEST_WORD:
            return [self._number("[UNK]")]
        numbers: list[int] = []
        start = 0
        while start < len(word):
            for end in range(len(word), start, -1):
                piece = ("##" if start else "") + word[start:end]
                if piece in self._numbers:
                    numbers.append(self._numbers[piece])
                    start = end
                    break
            else:
                return [self._number("[UNK]")]
        return numbers

    def _number(self, mark: str) -> int:
        return self._numbers.get(mark, 0)


def _words(text: str) -> Iterator[str]:
    """Cut a text at white space, punctuation and ideographs, in lower case and without accents."""
    word = ""
    for character in unicodedata.normalize("NFD", unicodedata.normalize("NFC", text).lower()):
        category = unicodedata.category(character)
        if category == "Mn" or character in "\0\ufffd" or (category[0] == "C" and character not in "\t\n\r"):
            continue
        if character.isspace() or category == "Zs":
            if word:
                yield word
            word = ""
        elif _is_punctuation(character, category) or _is_ideograph(ord(character)):
            if word:
                yield word
            yield character
            word = ""
        else:
            word += character
    if word:
        yield word


def _is_punctuation(character: str, category: str) -> bool:
    """Tell punctuation as BERT does: every ASCII sign counts."""
    return category[0] == "P" or (character.isascii() and not character.isalnum() and not character.isspace())


def _is_ideograph(number: int) -> bool:
    return (
        0x4E00 <= number <= 0x9FFF
        or 0x3400 <= number <= 0x4DBF
        or 0x20000 <= number <= 0x2CEAF
        or 0xF900 <= number <= 0xFAFF
        or 0x2F800 <= number <= 0x2FA1F
    )
