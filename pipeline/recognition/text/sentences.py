"""A text cut into sentences, and these into what a model reads at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pipeline.recognition.text.tokens import spelled

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["cut", "sentences"]

_END: Final = re.compile(r"(?:[.!?…]+[\"'”’»)\]]*(?=\s)|[。！？]+[”’」』）]*|\n\s*\n)\s*")
_ABBREVIATION: Final = re.compile(r"(?:^|\W)(?:mr|mrs|ms|dr|st|prof|sr|jr|vs|etc|e\.g|i\.e|[A-Z])\.$", re.IGNORECASE)


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, none of them empty.

    >>> sentences("Mr. Brown left. Did he? Yes!")
    ['Mr. Brown left.', 'Did he?', 'Yes!']
    """
    found, start = [], 0
    for match in _END.finditer(text):
        piece = text[start : match.end()].strip()
        if _ABBREVIATION.search(piece[-12:]):
            continue
        found.append(piece)
        start = match.end()
    found.append(text[start:].strip())
    return [piece for piece in found if piece]


def cut(text: str, tokenizer: Tokenizer, longest: int) -> list[str]:
    """Return a text in pieces of at most so many tokens, cut where one word ends; pictures in them are words.

    Args:
        text: One sentence.
        tokenizer: Without truncation.
        longest: Most tokens, those that the tokenizer adds among them.
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
        # Back to where a word begins, unless the word alone is too long.
        while first < last < len(spans) and spans[last][0] == spans[last - 1][1]:
            last -= 1
        if last == first:
            last = min(first + room, len(spans))
        pieces.append(words[spans[first][0] : spans[last - 1][1]])
        first = last
    return [piece for piece in pieces if piece.strip()]
