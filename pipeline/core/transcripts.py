"""Cuts the segments of a transcript again, such as where the emotion changes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby

from pipeline.core.timeline import Timeline
from pipeline.core.values import Segment, Word

__all__ = [
    "cut_by_emotion",
    "language_of",
    "part_of",
    "reworded",
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


def reworded(segment: Segment, text: str) -> Segment:
    """Return a segment with another text: words that it keeps stay at their times, others share those they stand for.

    Args:
        segment: With the words that were heard; without any the text has no words either.
        text: What it should say.

    >>> heard = (Word("I", 0.0, 0.2), Word("am", 0.2, 0.4), Word("glad.", 0.4, 0.8))
    >>> said = reworded(Segment(0.0, 0.8, "I am glad.", heard), "I was very glad.").words
    >>> [(word.text, round(word.start, 2), round(word.end, 2)) for word in said]
    [('I', 0.0, 0.2), ('was', 0.2, 0.29), ('very', 0.29, 0.4), ('glad.', 0.4, 0.8)]
    """
    heard, said = segment.words, text.split()
    if not heard or [word.text for word in heard] == said:
        return dataclasses.replace(segment, text=text)
    same = SequenceMatcher(None, [_bare(word.text) for word in heard], [_bare(word) for word in said], autojunk=False)

    def words() -> Iterator[Word]:
        for kind, first, last, begin, end in same.get_opcodes():
            if kind == "equal":
                for word, written in zip(heard[first:last], said[begin:end], strict=True):
                    yield dataclasses.replace(word, text=written)
                continue
            start = heard[first].start if first < last else heard[first - 1].end if first else segment.start
            stop = heard[last - 1].end if first < last else heard[first].start if first < len(heard) else segment.end
            letters = sum(map(len, said[begin:end]))
            for written in said[begin:end]:
                length = max(0.0, stop - start) * len(written) / letters
                yield Word(written, start, start + length)
                start, letters = start + length, letters - len(written)

    return dataclasses.replace(segment, text=text, words=tuple(words()))


def _bare(word: str) -> str:
    return "".join(filter(str.isalnum, word.casefold())) or word


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
