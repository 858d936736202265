"""Tokens: texts cut into pieces of words.

BERT's word pieces are cut without any package; tokenizers of other kinds, which own models may have, by `tokenizers`.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from pipeline.core.errors import EngineMissing, WeightsMissing
from pipeline.core.messages import reason
from pipeline.frontend.word_pieces import Piece, WordPieces

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["TOKENIZER", "Tokens", "cut", "learned_tokenizer", "load_tokenizer", "load_tokens", "readable", "spelled"]

TOKENIZER: Final = "tokenizer.json"
"""File of the tokenizer in a checkpoint."""
_UNKNOWN: Final = "[UNK]"


class Tokens(Protocol):
    """Cuts texts into the tokens of a model."""

    @property
    def added(self) -> int:
        """How many tokens every text gets besides its own."""
        ...

    def __call__(self, text: str) -> list[int]:
        """Return the tokens of a text, with those that every text gets."""
        ...

    def cut(self, text: str) -> list[Piece]:
        """Return the tokens of a text alone, and where they stand in it."""
        ...


def load_tokens(path: Path) -> Tokens:
    """Read what a `tokenizer.json` describes, for texts of any length.

    Raises:
        WeightsMissing: The file is missing, or is not a tokenizer.
        EngineMissing: It needs `tokenizers`, which is not installed.
    """
    try:
        own = WordPieces.described(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise _no_tokenizer(path, error) from error
    if own:
        return own
    tokenizer = load_tokenizer(path)
    tokenizer.no_truncation()
    return _OtherTokens(tokenizer)


def load_tokenizer(path: Path) -> Tokenizer:
    """Read a tokenizer without padding, as training has it.

    Raises:
        WeightsMissing: The file is missing, or is not a tokenizer.
        EngineMissing: The package is not installed.
    """
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise EngineMissing(
            f"This tokenizer needs tokenizers: {reason(error)}.", hint="Run pip install tokenizers."
        ) from error
    try:
        tokenizer = Tokenizer.from_str(path.read_text(encoding="utf-8"))
    except Exception as error:  # tokenizers raises nothing more specific.
        raise _no_tokenizer(path, error) from error
    tokenizer.no_padding()
    return tokenizer


def _no_tokenizer(path: Path, error: Exception) -> WeightsMissing:
    return WeightsMissing(f"{path} holds no tokenizer that can be read: {reason(error)}.")


class _OtherTokens:
    """The tokens of any tokenizer, by the package."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    @property
    def added(self) -> int:
        added: int = self._tokenizer.num_special_tokens_to_add(is_pair=False)
        return added

    def __call__(self, text: str) -> list[int]:
        found: list[int] = self._tokenizer.encode(text).ids
        return found

    def cut(self, text: str) -> list[Piece]:
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        return [Piece(number, *span) for number, span in zip(encoding.ids, encoding.offsets, strict=True)]


def learned_tokenizer(texts: Iterable[str], size: int, longest: int) -> Tokenizer:
    """Train a byte-pair encoding (Sennrich et al., 2016, arXiv:1508.07909) on texts, in lower case.

    Args:
        texts: The training texts.
        size: Largest number of pieces.
        longest: Tokens after which a text is cut off.
    """
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE(unk_token=_UNKNOWN))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=[_UNKNOWN], continuing_subword_prefix="##", show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.enable_truncation(longest)
    return tokenizer


def spelled(text: str) -> str:
    """Return a text with emoji replaced by their names, ready to be cut into tokens.

    Tokenizers know few emoji, and their names say what they mean.

    >>> spelled("Gone 😢!")
    'Gone  crying face !'
    """
    if text.isascii():
        return text
    return "".join(f" {name.lower()} " if (name := _picture(letter)) else letter for letter in readable(text))


def _picture(letter: str) -> str:
    """Return the name of an emoji; empty for any other character."""
    if not ("\u2600" <= letter <= "\u27bf" or letter >= "\U0001f000"):
        return ""
    return unicodedata.name(letter, "") if unicodedata.category(letter) == "So" else ""


def readable(text: str) -> str:
    """Return a text that every tokenizer accepts: lone surrogates become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def cut(text: str, tokens: Tokens, longest: int) -> list[str]:
    """Split a text between words into pieces that fit into a model; their emoji are replaced by names.

    Args:
        text: One sentence.
        tokens: Of the model.
        longest: Largest number of tokens, including those that every text gets.
    """
    words = spelled(text)
    found = tokens.cut(words)
    room = longest - tokens.added
    if len(found) <= room:
        return [text]
    pieces, first = [], 0
    while first < len(found):
        last = min(first + room, len(found))
        # Go back to the beginning of a word, unless that word alone is too long.
        while first < last < len(found) and found[last].start == found[last - 1].end:
            last -= 1
        if last == first:
            last = min(first + room, len(found))
        pieces.append(words[found[first].start : found[last - 1].end])
        first = last
    return [piece for piece in pieces if piece.strip()]
