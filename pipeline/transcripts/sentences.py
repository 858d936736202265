"""Segments cut after sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipeline.core.transcripts import part_of, spaced_words
from pipeline.core.values import Segment
from pipeline.frontend.sentences import sentence_ends

__all__ = ["cut_by_sentence"]


def cut_by_sentence(segments: Iterable[Segment], *, shortest: float = 2.0) -> Iterator[Segment]:
    """Yield the segments cut after sentences.

    Args:
        segments: With words; one without stays whole.
        shortest: Seconds; a shorter sentence stays with the next one, the last one with the one before.
    """
    for segment in segments:
        if not segment.words:
            yield segment
            continue
        spelled = list(zip(segment.words, spaced_words(segment), strict=True))
        ends = sentence_ends([text for _, text in spelled])
        begin = 0
        for index, (word, _) in enumerate(spelled[:-1], start=1):
            long_enough = min(word.end - spelled[begin][0].start, spelled[-1][0].end - spelled[index][0].start)
            if long_enough >= shortest and ends[index - 1]:
                yield part_of(segment, spelled[begin:index])
                begin = index
        yield part_of(segment, spelled[begin:])
