"""Attribution: each segment, or each part of one, gets its speaker."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from itertools import groupby

from pipeline.core.transcripts import part_of, spaced_words
from pipeline.core.values import Segment, Turn

__all__ = ["attributed"]


def attributed(segments: Sequence[Segment], turns: Sequence[Turn]) -> tuple[Segment, ...]:
    """Return the segments with their speakers; a segment is cut between words where the speaker changes.

    A word, or a segment without words, belongs to the speaker of most of its time, or else to the nearest one.

    Args:
        segments: What was said, in order of time.
        turns: Who speaks when, in order of time; without any the segments stay as they are.
    """
    return tuple(part for segment in segments for part in _parts(segment, turns)) if turns else tuple(segments)


def _parts(segment: Segment, turns: Sequence[Turn]) -> Iterator[Segment]:
    near = [turn for turn in turns if turn.end > segment.start and turn.start < segment.end] or turns
    if not segment.words:
        yield dataclasses.replace(segment, speaker=_speaker(segment.start, segment.end, near))
        return
    spelled = zip(segment.words, spaced_words(segment), strict=True)
    for speaker, run in groupby(spelled, key=lambda pair: _speaker(pair[0].start, pair[0].end, near)):
        yield dataclasses.replace(part_of(segment, list(run)), speaker=speaker)


def _speaker(start: float, end: float, turns: Sequence[Turn]) -> str:
    """Return the speaker of most of a span in seconds, or else the nearest one."""

    def distance(turn: Turn) -> tuple[float, float]:
        shared = max(0.0, min(end, turn.end) - max(start, turn.start))
        return -shared, max(turn.start - end, start - turn.end)

    return min(turns, key=distance).speaker
