"""Tokens: texts cut into pieces of words, by `tokenizers`."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipeline.core.errors import EngineMissing, WeightsMissing
from pipeline.core.messages import reason

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["TOKENIZER", "cut", "learned_tokenizer", "load_tokenizer", "readable", "spelled"]

TOKENIZER: Final = "tokenizer.json"
"""File of the tokenizer in a checkpoint."""
_UNKNOWN: Final = "[UNK]"


def load_tokenizer(path: Path) -> Tokenizer:
    """Read a tokenizer without padding.

    Raises:
        WeightsMissing: The file is missing, or is not a tokenizer.
        EngineMissing: The package is not installed.
    """
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise EngineMissing(f"Reading text needs tokenizers: {reason(error)}.", hint="Run pip install '.'.") from error
    try:
        tokenizer = Tokenizer.from_str(path.read_text(encoding="utf-8"))
    except Exception as error:  # tokenizers raises nothing more specific.
        raise WeightsMissing(f"{path} holds no tokenizer that can be read: {reason(error)}.") from error
    tokenizer.no_padding()
    return tokenizer


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


def cut(text: str, tokenizer: Tokenizer, longest: int) -> list[str]:
    """Split a text between words into pieces that fit into a model; their emoji are replaced by names.

    Args:
        text: One sentence.
        tokenizer: Without truncation.
        longest: Largest number of tokens, including those that the tokenizer adds.
    """
    words = spelled(text)
    encoding = tokenizer.encode(words)
    if len(encoding.ids) <= longest:
        return [text]
    room = longest - tokenizer.num_special_tokens_to_add(is_pair=False)
    spans = [span for span, special in zip(encoding.offsets, encoding.special_tokens_mask, strict=True) if not special]
    pieces, first = [], 0
    while first < len(spans):
        last = min(first + room, len(spans))
        # Go back to the beginning of a word, unless that word alone is too long.
        while first < last < len(spans) and spans[last][0] == spans[last - 1][1]:
            last -= 1
        if last == first:
            last = min(first + room, len(spans))
        pieces.append(words[spans[first][0] : spans[last - 1][1]])
        first = last
    return [piece for piece in pieces if piece.strip()]
