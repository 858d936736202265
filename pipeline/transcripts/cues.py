"""Cues: what stands on the screen at one time, cut from segments at words."""

from __future__ import annotations

import math
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Final

from pipeline.core.transcripts import spaced_words
from pipeline.core.values import Segment, Word
from pipeline.frontend.sentences import ends_clause, holds_the_next, sentence_ends

__all__ = ["LINE", "Cue", "cues"]

LINE: Final = 42
"""Columns of a line: the usual limit of subtitles; an East Asian character takes two."""

_LINES: Final = 2
"""Lines of a cue: more would hide the picture."""
_LONGEST: Final = 7.0
"""Seconds of a cue, as subtitlers have it; after that it is read again."""
_SHORTEST: Final = 1.0
"""Seconds of a cue: what is seen for less is missed."""
_AFTER_CLAUSE: Final = 0.2
"""Cost of ending a cue after a clause, where 1 is that of an empty cue."""
_WITHIN_CLAUSE: Final = 0.9
"""Cost of ending a cue within a clause: nearly a cue of its own."""
_TORN: Final = 9.0
"""Cost of ending a cue after `Mr.` or `No.`: any other end is better, and so is a cue of one word."""
_MIXED: Final = 0.6
"""Cost of an end within a sentence in a cue that holds the end of another one."""


@dataclass(frozen=True)
class Cue:
    """One or two lines of text, and when they are seen."""

    start: float
    """Seconds."""
    end: float
    """Seconds, not after the start of the next cue."""
    lines: tuple[str, ...]
    """At most two, of at most `LINE` columns unless a single word is longer."""
    segment: Segment
    """What was cut: who speaks, and how."""
    first: bool
    """Whether this is the first cue of the segment."""


def cues(segments: Iterable[Segment]) -> list[Cue]:
    """Return the cues of segments in order of time.

    A segment that fills more than two lines or seven seconds is cut between words into parts that are about as full,
    after a sentence or a clause rather than within one.
    A cue stays for a second if nothing follows sooner.

    Args:
        segments: In order of time; one without words is taken to be spoken evenly.
    """
    found = [cue for segment in segments for cue in _cut(segment)]
    starts = [cue.start for cue in found]
    return [
        replace(cue, end=max(cue.start, min(max(cue.end, cue.start + _SHORTEST), following)))
        for cue, following in zip(found, [*starts, math.inf][1:], strict=True)
    ]


def _cut(segment: Segment) -> Iterator[Cue]:
    words = _spaced(segment)
    for begin, end in pairwise(_bounds(words)):
        part = words[begin:end]
        yield Cue(part[0].start, part[-1].end, _wrapped(part), segment, first=begin == 0)


def _bounds(words: Sequence[Word]) -> list[int]:
    """Return where cues begin and where the last one ends, so that they cost least together.

    Each costs its empty share, squared, so that none is left with a single word, more if it ends within a sentence
    or a clause, and more again if that sentence is not the only one in it
    (the optimal breaking of lines: Knuth and Plass, 1981, https://doi.org/10.1002/spe.4380111102).
    """
    columns = _Columns(words)
    endings = _endings(words)
    least = [0.0]
    before = [0]
    for end in range(1, len(words) + 1):
        tried = []
        for begin in range(end - 1, -1, -1):
            long = words[end - 1].end - words[begin].start > _LONGEST
            if begin < end - 1 and (long or not columns.fit(begin, end)):
                break
            empty = max(0.0, 1 - columns.between(begin, end) / (_LINES * LINE))
            mixed = _MIXED if endings[end - 1] and 0.0 in endings[begin : end - 1] else 0.0
            tried.append((least[begin] + empty**2 + endings[end - 1] + mixed, begin))
        cost, begin = min(tried)
        least.append(cost)
        before.append(begin)
    bounds = [len(words)]
    while bounds[-1]:
        bounds.append(before[bounds[-1]])
    return bounds[::-1]


class _Columns:
    """How many columns words take, added up once."""

    def __init__(self, words: Sequence[Word]) -> None:
        self._own = [_width(_text([word])) for word in words]
        spaced = [own + word.text[-1:].isspace() for own, word in zip(self._own, words, strict=True)]
        self._before = [0, *accumulate(spaced)]

    def between(self, begin: int, end: int) -> int:
        """Return the columns of the words from `begin` until before `end`, in one line."""
        return self._before[end - 1] - self._before[begin] + self._own[end - 1]

    def fit(self, begin: int, end: int) -> bool:
        """Return whether those words fit in two lines: the first one as full as it can be."""
        second = bisect_right(range(begin + 1, end + 1), LINE, key=lambda last: self.between(begin, last)) + begin
        return second >= end or (second > begin and self.between(second, end) <= LINE)


def _endings(words: Sequence[Word]) -> list[float]:
    """Return what it costs that a cue ends after each of the words; nothing after the last."""
    ends = sentence_ends([word.text for word in words])
    costs = [
        _ending(word.text, after.text, sentence) for (word, after), sentence in zip(pairwise(words), ends, strict=False)
    ]
    return [*costs, 0.0]


def _ending(text: str, following: str, sentence: bool) -> float:
    if sentence:
        return 0.0
    if holds_the_next(text, following):
        return _TORN
    return _AFTER_CLAUSE if ends_clause(text) else _WITHIN_CLAUSE


def _wrapped(words: Sequence[Word]) -> tuple[str, ...]:
    """Return the words as one line if it fits, else as the two lines that differ least in width.

    The first one ends in `Mr.` only where the second one would be too wide without it.
    """
    whole = _text(words)
    if _width(whole) <= LINE or len(words) < _LINES:
        return (whole,)

    def cost(index: int) -> tuple[bool, bool, int]:
        widest = max(_width(_text(words[:index])), _width(_text(words[index:])))
        return widest > LINE, holds_the_next(words[index - 1].text, words[index].text), widest

    index = min(range(1, len(words)), key=cost)
    return _text(words[:index]), _text(words[index:])


def _text(words: Sequence[Word]) -> str:
    return " ".join("".join(word.text for word in words).split())


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _spaced(segment: Segment) -> list[Word]:
    """Return the words, each with the space that follows it in the text: Chinese has none."""
    whole = segment if segment.words else replace(segment, words=_even(segment))
    return [replace(word, text=text) for word, text in zip(whole.words, spaced_words(whole), strict=True)]


def _even(segment: Segment) -> tuple[Word, ...]:
    """Return what stands between spaces, each with its share of the time; Chinese letter by letter."""
    pieces = [
        piece
        for chunk in segment.text.split()
        for piece in (chunk if _width(chunk) > LINE and _width(chunk) > len(chunk) else [chunk])
    ]
    said = list(accumulate(map(len, pieces), initial=0))
    times = [segment.start + (segment.end - segment.start) * count / max(said[-1], 1) for count in said]
    return tuple(Word(piece, *span) for piece, span in zip(pieces, pairwise(times), strict=True))
