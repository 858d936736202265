"""Long texts cut into sentences that the model speaks well."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pipeline.frontend.characters import HAN
from pipeline.frontend.sentences import ends_clause, sentence_spans

__all__ = ["split_sentences"]

_MARKUP: Final = re.compile(r"<[^<>]*>|\{[^{}]*\}")
_SOFT: Final = re.compile(r"(?<=[,，、:：—;；])|(?<=\s)")
_WIDE: Final = re.compile(f"[{HAN}]")


def split_sentences(text: str, longest: int = 200) -> Iterator[str]:
    """Cut a text at the ends of sentences, and longer sentences at commas, or else at spaces; never inside markup.

    Nothing but white space between the pieces is lost.

    Args:
        text: Any text, with markup or without.
        longest: Characters of a piece; an ideograph counts as three.

    Yields:
        Pieces with something to say.
    """
    plain = _MARKUP.sub(lambda match: "_" * len(match[0]), text)
    for start, end in sentence_spans(plain):
        piece = text[start:end].strip()
        if piece:
            yield from (piece,) if _length(piece) <= longest else _cut(piece, longest)


def _cut(sentence: str, longest: int) -> Iterator[str]:
    """Cut one long sentence into even pieces at its softest places."""
    pieces = -(-_length(sentence) // longest)
    even = _length(sentence) / pieces
    gathered = ""
    for part in _protected_split(sentence):
        while _length(part) > longest:
            cut = next(place for place in range(1, len(part) + 1) if _length(part[:place]) >= longest - 2)
            if gathered.strip():
                yield gathered.strip()
            gathered = ""
            yield part[:cut].strip()
            part = part[cut:]
        if gathered.strip() and _length(gathered) + _length(part) > longest:
            yield gathered.strip()
            gathered = ""
        gathered += part
        if _length(gathered) >= even and ends_clause(gathered):
            yield gathered.strip()
            gathered = ""
    if gathered.strip():
        yield gathered.strip()


def _protected_split(sentence: str) -> list[str]:
    """Split at commas and spaces that stand outside markup."""
    parts: list[str] = []
    for place, chunk in enumerate(re.split(f"({_MARKUP.pattern})", sentence)):
        parts += [chunk] if place % 2 else _SOFT.split(chunk)
    return [part for part in parts if part]


def _length(text: str) -> int:
    return len(text) + 2 * len(_WIDE.findall(text))
