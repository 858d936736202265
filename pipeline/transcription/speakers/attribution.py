"""Turns and phrases together: each phrase, or each part of one, gets its speaker."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from itertools import groupby

from pipeline.core.transcripts import spaced_words
from pipeline.core.values import Segment, Turn

__all__ = ["attributed"]


def attributed(segments: Sequence[Segment], turns: Sequence[Turn]) -> tuple[Segment, ...]:
    """Return the segments with their speakers; one in which the speaker changes is cut between two words.

    A word, or a segment without words, is of the speaker who speaks for most of its time, or nearest to it.

    Args:
        segments: What was said, in order of time.
        turns: Who speaks when, in order of time; none leaves the segments as they are.
    """
    return tuple(part for segment in segments for part in _parts(segment, turns)) if turns else tuple(segments)


def _parts(segment: Segment, turns: Sequence[Turn]) -> Iterator[Segment]:
    near = [turn for turn in turns if turn.end > segment.start and turn.start < segment.end] or turns
    if not segment.words:
        yield dataclasses.replace(segment, speaker=_speaker(segment.start, segment.end, near))
        return
    spelled = [
        (_speaker(word.start, word.end, near), word, text)
        for word, text in zip(segment.words, spaced_words(segment), strict=True)
    ]
    if len({speaker for speaker, _, _ in spelled}) == 1:
        yield dataclasses.replace(segment, speaker=spelled[0][0])
        return
    for speaker, run in groupby(spelled, key=lambda triple: triple[0]):
        _, words, texts = zip(*run, strict=True)
        yield dataclasses.replace(
            segment,
            start=words[0].start,
            end=words[-1].end,
            text="".join(texts).strip(),
            words=words,
            speaker=speaker,
        )


def _speaker(start: float, end: float, turns: Sequence[Turn]) -> str:
    """Return who speaks for most of a time in seconds, or nearest to it."""

    def distance(turn: Turn) -> tuple[float, float]:
        shared = max(0.0, min(end, turn.end) - max(start, turn.start))
        return -shared, max(turn.start - end, start - turn.end)

    return min(turns, key=distance).speaker
