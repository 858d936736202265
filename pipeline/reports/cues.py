"""Cues: what stands on the screen at one time, cut from segments at words."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pipeline.core.transcripts import spaced_words
from pipeline.core.values import Segment, Word

__all__ = ["LINE", "Cue", "cues"]

LINE: Final = 42
"""Columns of a line: the usual limit of subtitles; an East Asian character takes two."""

_LINES: Final = 2
_LONGEST: Final = 7.0
_SHORTEST: Final = 1.0
_SENTENCE_ENDS: Final = (".", "?", "!", "…", "。", "？", "！")
_CLAUSE_ENDS: Final = (",", ";", ":", "，", "、", "；", "：")


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

    A segment that fills more than two lines or seven seconds is cut between words,
    after a sentence or a clause where one ends in the later half.
    A cue stays for a second where nothing follows sooner.

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
    begin = 0
    while begin < len(words):
        end = begin + 1
        while end < len(words) and _fits(words[begin : end + 1]):
            end += 1
        if end < len(words):
            end = _natural_end(words, begin, end)
        part = words[begin:end]
        yield Cue(part[0].start, part[-1].end, _wrapped(part), segment, first=begin == 0)
        begin = end


def _fits(words: Sequence[Word]) -> bool:
    lines = _wrapped(words)
    return words[-1].end - words[0].start <= _LONGEST and all(_width(line) <= LINE for line in lines)


def _natural_end(words: Sequence[Word], begin: int, end: int) -> int:
    """Return where to cut words of which no more than those before `end` fit."""
    for endings in (_SENTENCE_ENDS, _CLAUSE_ENDS):
        for index in range(end, (begin + end) // 2, -1):
            if words[index - 1].text.rstrip().rstrip("\"'”’)").endswith(endings):
                return index
    return end


def _wrapped(words: Sequence[Word]) -> tuple[str, ...]:
    """Return the words as one line if it fits, else as the two lines that differ least in width."""
    whole = _text(words)
    if _width(whole) <= LINE or len(words) < _LINES:
        return (whole,)
    pairs = [(_text(words[:index]), _text(words[index:])) for index in range(1, len(words))]
    return min(pairs, key=lambda pair: max(map(_width, pair)))


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
    total = sum(map(len, pieces))
    words: list[Word] = []
    said = 0
    for piece in pieces:
        share = [segment.start + (segment.end - segment.start) * count / total for count in (said, said + len(piece))]
        words.append(Word(piece, *share))
        said += len(piece)
    return tuple(words)
