"""Words as they are written, and which of them each spoken word belongs to: `$5.50` is spoken in four words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Final

from pipeline.frontend.characters import HAN, plain_english

__all__ = ["WRITTEN_WORD", "owners", "written_words"]

WRITTEN_WORD: Final = re.compile(rf"[{HAN}][^\w\s]*|[^\s{HAN}]+")
"""A word with the punctuation that touches it: what stands between spaces, or a single Chinese character."""

_PIECE: Final = re.compile(r"[a-z']+|\d+")


def written_words(text: str) -> list[str]:
    """Return the words of a text as they are written, each with the punctuation that touches it.

    Words are what stands between spaces; every Chinese character is a word of its own.

    >>> written_words("Kids, 你好。")
    ['Kids,', '你', '好。']
    """
    return WRITTEN_WORD.findall(text)


def owners(written: Sequence[str], spoken: Sequence[str]) -> list[int]:
    """Return the place of the written word that each spoken word belongs to; places never fall.

    What is spoken as it is written ties the two together; between such words the rest is shared out evenly.

    Args:
        written: Words with case, marks, digits and signs; at least one.
        spoken: Words in lower case.

    >>> owners(["It", "cost", "$5.50", "today."], "it cost five dollars fifty cents today".split())
    [0, 1, 2, 2, 2, 2, 3]
    """
    pieces = [
        (piece, place)
        for place, word in enumerate(written)
        for piece in _PIECE.findall(plain_english(word).lower()) or [""]
    ]
    places: list[int] = []
    matcher = SequenceMatcher(None, [piece for piece, _ in pieces], list(spoken), autojunk=False)
    for _, first, last, start, end in matcher.get_opcodes():
        for number in range(end - start):
            piece = first + number * (last - first) // (end - start)
            places.append(pieces[min(piece, len(pieces) - 1)][1] if first < last else (places[-1] if places else 0))
    return places
