"""Texts to BERT's word pieces (uncased; Wu et al., 2016), by `tokenizers`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pipeline.core.errors import WeightsMissing

__all__ = ["WordPieces"]

_LONGEST_WORD: Final = 100
"""Characters; BERT takes a longer word for an unknown one."""


class WordPieces:
    """Cuts texts into the pieces of a vocabulary.

    Args:
        pieces: The vocabulary; the position is the number.
    """

    def __init__(self, pieces: list[str]) -> None:
        from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

        numbers = {piece: number for number, piece in enumerate(pieces)}
        self._start, self._end = numbers.get("[CLS]", 0), numbers.get("[SEP]", 0)
        self._tokenizer = Tokenizer(
            models.WordPiece(numbers, unk_token="[UNK]", max_input_chars_per_word=_LONGEST_WORD)  # noqa: S106
        )
        self._tokenizer.normalizer = normalizers.BertNormalizer()
        self._tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()

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
            text: Any text; halves of characters are left out.
            longest: Pieces at most, the two marks included; more are cut off, where the official code fails.
        """
        whole = text.encode("utf-8", "ignore").decode("utf-8")
        pieces: list[int] = self._tokenizer.encode(whole, add_special_tokens=False).ids
        return [self._start, *pieces[: longest - 2], self._end]
