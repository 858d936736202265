"""What was said in a recording, whole."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from pipeline.core.evidence import Timeline, Window
from pipeline.core.values import SCHEMA, Conversion, EmotionScores, Segment, Word

__all__ = [
    "Transcript",
    "cut_by_emotion",
    "language_of",
    "part_of",
    "spaced_words",
    "spoken_transcript",
]


@dataclass(frozen=True)
class Transcript:
    """What was said in a recording, by whom, when, and how where that was asked for."""

    source: str
    """The recording, as it was named by the caller; `-` is standard input."""
    duration: float
    """Seconds of the recording."""
    language: str
    """ISO 639-1 code of the text."""
    engine: str
    """Name of the engine that heard it."""
    segments: tuple[Segment, ...]
    """The phrases, in order of time."""
    notes: tuple[str, ...] = ()
    """Sentences that the person should read, such as that nothing was heard."""
    windows: tuple[Window, ...] = ()
    """How the emotion goes through the recording, where that was asked for."""

    @property
    def text(self) -> str:
        """All that was said."""
        return " ".join(segment.text for segment in self.segments)

    def to_dict(self) -> dict[str, Any]:
        """Return the form that `transcribe --json` prints and that is written to disk."""
        values: dict[str, Any] = {
            "schema": SCHEMA,
            "file": self.source,
            "duration": round(self.duration, 3),
            "text": self.text,
            "language": self.language,
            "engine": self.engine,
            "segments": [segment.to_dict() for segment in self.segments],
            "notes": list(self.notes),
        }
        return values | ({"windows": [window.to_dict() for window in self.windows]} if self.windows else {})

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Transcript:
        """Read what `to_dict` wrote.

        Raises:
            ValueError: The values were written with a newer schema.
        """
        if values["schema"] > SCHEMA:
            raise ValueError(f"This transcript has schema {values['schema']}; this version reads up to {SCHEMA}.")
        return cls(
            source=values["file"],
            duration=values["duration"],
            language=values["language"],
            engine=values["engine"],
            segments=tuple(Segment.from_dict(segment) for segment in values["segments"]),
            notes=tuple(values["notes"]),
            windows=tuple(Window(**window) for window in values.get("windows", ())),
        )


def spoken_transcript(conversion: Conversion) -> Transcript:
    """Return what the result of a conversion says, with times in the result: what subtitles beside it show."""
    return Transcript(
        source=conversion.output,
        duration=conversion.output_duration,
        language=language_of(conversion.segments, ""),
        engine=conversion.engines["synthesis"],
        segments=conversion.output_segments or (_whole(conversion),),
        notes=conversion.notes,
    )


def _whole(conversion: Conversion) -> Segment:
    """Return the result as one phrase, for results of before phrases were told apart."""
    return Segment(
        start=conversion.output_words[0].start if conversion.output_words else 0.0,
        end=conversion.output_words[-1].end if conversion.output_words else conversion.output_duration,
        text=" ".join(word.text for word in conversion.output_words) or conversion.text,
        words=conversion.output_words,
        emotion=EmotionScores((conversion.emotion_spoken,), (1.0,), model=conversion.engines["synthesis"]),
        speaker=conversion.voice,
    )


def language_of(segments: Sequence[Segment], otherwise: str) -> str:
    """Return the language of most of the speech; another one where no segment says."""
    seconds: dict[str, float] = {}
    for segment in segments:
        if segment.language:
            seconds[segment.language] = seconds.get(segment.language, 0.0) + segment.end - segment.start
    return max(seconds, key=lambda code: seconds[code]) if seconds else otherwise


def spaced_words(segment: Segment) -> list[str]:
    """Return each word with what follows it in the text of the segment: a space, or nothing in Chinese."""
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
        segments: With words; one without stays whole.
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

    scores = timeline.scores
    return tuple(
        dataclasses.replace(
            piece,
            emotion=EmotionScores(
                labels=tuple(stretches[index].probabilities),
                probabilities=tuple(stretches[index].probabilities.values()),
                model=scores.model,
                calibrated=scores.calibrated,
                unsure_below=scores.unsure_below,
            ),
        )
        for segment in segments
        for index, piece in pieces(segment)
    )


def part_of(segment: Segment, spelled: Sequence[tuple[Word, str]]) -> Segment:
    """Return a segment with some of its words alone.

    Args:
        segment: With words.
        spelled: At least one of its words, in order, each with its text as `spaced_words` gives it.
    """
    words = tuple(word for word, _ in spelled)
    if words == segment.words:
        return segment
    text = "".join(text for _, text in spelled).strip()
    return dataclasses.replace(segment, start=words[0].start, end=words[-1].end, text=text, words=words)
