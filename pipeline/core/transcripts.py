"""Cuts the segments of a transcript again, such as where the emotion changes."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from itertools import groupby

from pipeline.core.timeline import Timeline
from pipeline.core.values import Segment, Word

__all__ = [
    "cut_by_emotion",
    "language_of",
    "part_of",
    "spaced_words",
]


def language_of(segments: Sequence[Segment], otherwise: str) -> str:
    """Return the language of most of the speech; `otherwise` if no segment has a language."""
    seconds: dict[str, float] = {}
    for segment in segments:
        if segment.language:
            seconds[segment.language] = seconds.get(segment.language, 0.0) + segment.end - segment.start
    return max(seconds, key=lambda code: seconds[code]) if seconds else otherwise


def spaced_words(segment: Segment) -> list[str]:
    """Return each word with what follows it in the text: usually a space, in Chinese nothing."""
    starts: list[int] = []
    position = 0
    for word in segment.words:
        found = segment.text.find(word.text, position)
        if found < 0:
            return [f"{word.text} " for word in segment.words]
        starts.append(found)
        position = found + len(word.text)
    return [segment.text[start:end] for start, end in zip(starts, [*starts[1:], len(segment.text)], strict=True)]


def cut_by_emotion(segments: Sequence[Segment], timeline: Timeline) -> tuple[Segment, ...]:
    """Return the segments cut between words where the emotion changes, each with the emotion of its stretch.

    A word belongs to the stretch that holds its middle, or to the nearest one.

    Args:
        segments: With words; a segment without words stays whole.
        timeline: Of the same recording.
    """
    stretches = timeline.stretches()
    if not stretches:
        return tuple(segments)

    def stretch_at(time: float) -> int:
        return min(
            range(len(stretches)),
            key=lambda index: max(stretches[index].start - time, time - stretches[index].end, 0.0),
        )

    def pieces(segment: Segment) -> list[tuple[int, Segment]]:
        if not segment.words:
            return [(stretch_at((segment.start + segment.end) / 2), segment)]
        spelled = zip(segment.words, spaced_words(segment), strict=True)
        runs = groupby(spelled, key=lambda pair: stretch_at((pair[0].start + pair[0].end) / 2))
        return [(index, part_of(segment, list(pairs))) for index, pairs in runs]

    return tuple(
        dataclasses.replace(
            piece,
            emotion=dataclasses.replace(
                timeline.scores,
                labels=tuple(stretches[index].probabilities),
                probabilities=tuple(stretches[index].probabilities.values()),
                warnings=(),
                notes=(),
            ),
        )
        for segment in segments
        for index, piece in pieces(segment)
    )


def part_of(segment: Segment, spelled: Sequence[tuple[Word, str]]) -> Segment:
    """Return the part of a segment that holds some of its words.

    Args:
        segment: With words.
        spelled: At least one of its words, in order, each with its text as `spaced_words` gives it.
    """
    words = tuple(word for word, _ in spelled)
    if words == segment.words:
        return segment
    text = "".join(text for _, text in spelled).strip()
    return dataclasses.replace(segment, start=words[0].start, end=words[-1].end, text=text, words=words)
