"""When each written word is said."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import accumulate, pairwise
from typing import Final

from pipeline.core.values import Word
from pipeline.frontend.words import written_words

__all__ = ["timed_words"]

_SIGNS: Final = re.compile(r"[^\w]|_")

Span = tuple[float, float]


def timed_words(text: str, spoken: Sequence[tuple[str, Span]], count: Callable[[str], int]) -> Iterator[Word]:
    """Yield the words of a text with the times at which they are said; words that are not said are left out.

    Words that are spoken as they are written tie both texts together.
    Between two such words, as with `$5.50`, each written word gets as many spoken ones as it has when it stands alone.

    Args:
        text: As it was written.
        spoken: Words as they are read, numbers and signs spelled out, with start and end in seconds.
        count: How many words are read for a written word alone.
    """
    written = written_words(text)
    matcher = SequenceMatcher(
        None, [_SIGNS.sub("", word).lower() for word in written], [word.lower() for word, _ in spoken], autojunk=False
    )
    for kind, first, end, first_spoken, end_spoken in matcher.get_opcodes():
        words, spans = written[first:end], [span for _, span in spoken[first_spoken:end_spoken]]
        counts = [1] * len(words) if kind == "equal" else [count(word) for word in words]
        if spans and words:
            yield from _shared(words, spans, counts)


def _shared(words: list[str], spans: list[Span], counts: list[int]) -> Iterator[Word]:
    """Yield words with their times: by the count of spoken words if it comes out, else by the length of the words."""
    if sum(counts) == len(spans):
        for word, (first, end) in zip(words, pairwise(accumulate(counts, initial=0)), strict=True):
            if end > first:
                yield Word(word, spans[first][0], spans[end - 1][1])
        return
    begin, seconds = spans[0][0], spans[-1][1] - spans[0][0]
    said = [word for word, number in zip(words, counts, strict=True) if number] or words
    letters = sum(map(len, said))
    places = accumulate((len(word) / letters for word in said), initial=0.0)
    for word, (start, stop) in zip(said, pairwise(places), strict=True):
        yield Word(word, begin + seconds * start, begin + seconds * stop)
