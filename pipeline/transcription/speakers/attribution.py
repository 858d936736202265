"""Attribution: each segment, or each part of one, gets its speaker."""

from __future__ import annotations

import dataclasses
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import groupby

from pipeline.core.transcripts import part_of, spaced_words
from pipeline.core.values import Segment, Turn

__all__ = ["attributed", "fewer_speakers", "interleaved", "speaker_of"]


def attributed(segments: Sequence[Segment], turns: Sequence[Turn]) -> tuple[Segment, ...]:
    """Return the segments with their speakers; a segment is cut between words where the speaker changes.

    A word, or a segment without words, belongs to the speaker of most of its time, or else to the nearest one.

    Args:
        segments: What was said, in order of time.
        turns: Who speaks when, in order of time; without any the segments stay as they are.
    """
    return tuple(part for segment in segments for part in _parts(segment, turns)) if turns else tuple(segments)


def fewer_speakers(segments: Sequence[Segment], asked: int | None) -> str:
    """Return a sentence if fewer speakers were told apart than were asked for; empty otherwise.

    Args:
        segments: With their speakers.
        asked: Number of speakers; 0 and None ask for none.
    """
    found = len({segment.speaker for segment in segments if segment.speaker})
    if not found or found >= (asked or 0):
        return ""
    return f"{asked} speakers were asked for, but {found} {'is' if found == 1 else 'are'} told apart in what is said."


def interleaved(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """Return the segments of speakers who were heard apart in order of time.

    A segment is cut between words where another speaker begins, so that the answer stands after the question.

    Args:
        segments: With speakers; those of one speaker do not overlap.
    """
    speakers = {segment.speaker for segment in segments}
    others = {one: sorted(each.start for each in segments if each.speaker != one) for one in speakers}

    def cut(segment: Segment) -> Iterator[Segment]:
        if not segment.words:
            yield segment
            return
        spelled = zip(segment.words, spaced_words(segment), strict=True)
        for _, run in groupby(spelled, key=lambda pair: bisect_right(others[segment.speaker], pair[0].start)):
            yield part_of(segment, list(run))

    return tuple(sorted((part for segment in segments for part in cut(segment)), key=lambda part: part.start))


def _parts(segment: Segment, turns: Sequence[Turn]) -> Iterator[Segment]:
    near = [turn for turn in turns if turn.end > segment.start and turn.start < segment.end] or turns
    if not segment.words:
        yield dataclasses.replace(segment, speaker=speaker_of(segment.start, segment.end, near))
        return
    spelled = zip(segment.words, spaced_words(segment), strict=True)
    for speaker, run in groupby(spelled, key=lambda pair: speaker_of(pair[0].start, pair[0].end, near)):
        yield dataclasses.replace(part_of(segment, list(run)), speaker=speaker)


def speaker_of(start: float, end: float, turns: Sequence[Turn]) -> str:
    """Return the speaker of most of a span, or else the nearest one.

    Args:
        start: Seconds.
        end: Seconds.
        turns: At least one.
    """

    def distance(turn: Turn) -> tuple[float, float]:
        shared = max(0.0, min(end, turn.end) - max(start, turn.start))
        return -shared, max(turn.start - end, start - turn.end)

    return min(turns, key=distance).speaker
