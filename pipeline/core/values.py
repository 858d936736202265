"""The values that the stages exchange: frozen, each field with its unit."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from pipeline.core.dimensions import dimensions_of

if TYPE_CHECKING:
    from pipeline.core.emotions import Mood

__all__ = ["SCHEMA", "Audio", "EmotionScores", "Plain", "Samples", "Segment", "Speech", "Turn", "Word", "plain"]

SCHEMA: Final = 1
"""Version of the format in which values are written to disk."""

Samples = NDArray[np.float32]
"""Audio samples: float32, shape (time,), nominally in [-1, 1]."""

_DECIMALS: Final = {"start": 3, "end": 3, "loudness_lufs": 2, "speech_rate": 2}
"""Decimals of the numbers that are written: times to the millisecond, levels and rates to the hundredth."""

_DECIMALS_OF_SHARES: Final = 4
"""Decimals of all other numbers: probabilities and shares."""


@dataclass(frozen=True)
class Plain:
    """Values that are written with all their fields."""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields, ready for JSON: times rounded to milliseconds, shares to four decimals."""
        return {entry.name: plain(getattr(self, entry.name), entry.name) for entry in dataclasses.fields(self)}

    @classmethod
    def known(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return those of some values that are fields."""
        return {entry.name: values[entry.name] for entry in dataclasses.fields(cls) if entry.name in values}


def plain(value: Any, name: str = "") -> Any:
    """Return a value ready for JSON.

    Args:
        value: A number, a text, a value with `to_dict`, or tuples and dictionaries of those; None stays None.
        name: Name of the field, which decides how many decimals a number has. A number without an end becomes None.
    """
    if isinstance(value, float):
        return round(value, _DECIMALS.get(name, _DECIMALS_OF_SHARES)) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, tuple):
        return [plain(entry) for entry in value]
    return value.to_dict() if hasattr(value, "to_dict") else value


@dataclass(frozen=True, eq=False)
class Audio:
    """A stretch of mono sound."""

    samples: Samples
    """float32, shape (time,), in [-1, 1]."""
    sample_rate: int
    """Hertz."""

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / self.sample_rate

    def slice(self, start: float, end: float) -> Audio:
        """Return the sound between two times in seconds; times outside the sound are clipped to it."""
        first, last = (max(0, round(time * self.sample_rate)) for time in (start, end))
        return Audio(self.samples[first:last], self.sample_rate)


@dataclass(frozen=True)
class EmotionScores:
    """How likely each emotion is."""

    labels: tuple[str, ...]
    """Emotions, in the order of `probabilities`."""
    probabilities: tuple[float, ...]
    """Each in [0, 1]; they sum to 1."""
    model: str
    """Name of the model that computed them."""
    calibrated: bool = False
    """Whether the probabilities were calibrated on speakers that the model was not trained on."""
    unsure_below: float = 0.0
    """Confidence below which the answer is marked `unsure`, in [0, 1]; at 1 every answer is."""
    warnings: tuple[str, ...] = ()
    """Sentences that say how the input differs from the training data."""
    notes: tuple[str, ...] = ()
    """Sentences that say how the input was read, such as which emotions a text denies."""
    known_from: int = 0
    """How many other recordings or segments of the same speaker the answer takes into account."""
    strength: float | None = None
    """How strongly an emotion that somebody asked for is meant, as in `very angry`; None if they did not say."""

    @classmethod
    def asked_for(cls, mood: Mood, by: str) -> EmotionScores:
        """Return a mood that somebody asked for, sure as it is.

        Args:
            mood: One of the eight emotions, or a custom one.
            by: Where it was asked for.
        """
        return cls((mood.word,), (1.0,), by, strength=mood.strength)

    def __post_init__(self) -> None:
        if len(self.labels) != len(self.probabilities) or not self.labels:
            raise ValueError("EmotionScores needs as many probabilities as labels, and at least one.")

    @cached_property
    def top(self) -> str:
        """The most likely emotion."""
        return self.labels[int(np.argmax(self.probabilities))]

    @property
    def confidence(self) -> float:
        """Probability of the most likely emotion."""
        return max(self.probabilities)

    @property
    def unsure(self) -> bool:
        """Whether the confidence is too low to rely on."""
        return self.confidence < self.unsure_below or self.unsure_below >= 1

    @property
    def dimensions(self) -> dict[str, float]:
        """Valence, arousal and dominance, each in [-1, 1], as `pipeline.core.dimensions` maps the probabilities."""
        return dimensions_of(self.labels, self.probabilities)

    def ranked(self) -> list[tuple[str, float]]:
        """Return (emotion, probability), the most likely first."""
        return sorted(zip(self.labels, self.probabilities, strict=True), key=lambda pair: -pair[1])

    def to_dict(self) -> dict[str, Any]:
        """Return the scores in the form that `recognize --json` prints."""
        probabilities = plain(dict(zip(self.labels, self.probabilities, strict=True)))
        return {
            "emotion": self.top,
            "confidence": round(self.confidence, 4),
            "unsure": self.unsure,
            "probabilities": probabilities,
            # Of the rounded numbers, so that what is read back gives the same.
            "dimensions": plain(dimensions_of(self.labels, tuple(probabilities.values()))),
            "warnings": list(self.warnings),
            "model": self.model,
            "calibrated": self.calibrated,
            "unsure_below": self.unsure_below,
            "notes": list(self.notes),
            "known_from": self.known_from,
        } | ({} if self.strength is None else {"strength": self.strength})

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> EmotionScores:
        """Read what `to_dict` wrote."""
        return cls(
            labels=tuple(values["probabilities"]),
            probabilities=tuple(values["probabilities"].values()),
            model=values["model"],
            calibrated=values["calibrated"],
            unsure_below=values["unsure_below"],
            warnings=tuple(values["warnings"]),
            notes=tuple(values.get("notes", ())),
            known_from=values.get("known_from", 0),
            strength=values.get("strength"),
        )


@dataclass(frozen=True)
class Word(Plain):
    """One word and when it is spoken."""

    text: str
    """The word with its case and punctuation."""
    start: float
    """Seconds from the start of the recording."""
    end: float
    """Seconds from the start of the recording."""
    confidence: float | None = None
    """Confidence of the transcriber, in [0, 1]; None if the engine gives none."""
    read_as: str | None = None
    """The words that a voice spoke for it, if they are not those of the text: `fifty` for `50`; None otherwise."""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields, ready for JSON; `read_as` only where there is one."""
        values = super().to_dict()
        return values if self.read_as is not None else {name: values[name] for name in values if name != "read_as"}

    def shifted(self, seconds: float) -> Word:
        """Return the word moved in time."""
        return dataclasses.replace(self, start=self.start + seconds, end=self.end + seconds)

    def within(self, seconds: float) -> Word:
        """Return the word with its times limited to a sound of that length."""
        return dataclasses.replace(self, start=min(self.start, seconds), end=min(self.end, seconds))

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Word:
        """Read what `to_dict` wrote."""
        return cls(**values)


@dataclass(frozen=True)
class Segment(Plain):
    """One segment of a recording: what was said between two pauses, or a part of that."""

    start: float
    """Seconds from the start of the recording."""
    end: float
    """Seconds from the start of the recording."""
    text: str
    """What was said."""
    words: tuple[Word, ...] = ()
    """The words of the text, in order."""
    emotion: EmotionScores | None = None
    """How it was said, if the segment was judged on its own."""
    speaker: str | None = None
    """Who said it, if speakers were told apart."""
    confidence: float | None = None
    """Geometric mean of the confidence of the words, in [0, 1]; None if the engine gives none."""
    language: str | None = None
    """ISO 639-1 code of the language of the text; None if the engine gives none."""
    language_confidence: float | None = None
    """Probability that this language was spoken, in [0, 1]; None if the engine gives none."""
    language_heard: str | None = None
    """ISO 639-1 code of the language that was spoken instead, as far as the engine can tell; None if it hears none."""
    engine: str | None = None
    """Name of the engine whose text this is, if several heard the segment."""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields, the longest ones last; those that few engines give only where there is something."""
        values = super().to_dict()
        for name in ("language_heard", "engine"):
            if values[name] is None:
                del values[name]
        return values | {name: values.pop(name) for name in ("emotion", "words")}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Segment:
        """Read what `to_dict` wrote."""
        words = tuple(map(Word.from_dict, values["words"]))
        emotion = EmotionScores.from_dict(values["emotion"]) if values["emotion"] else None
        return cls(**cls.known(values) | {"words": words, "emotion": emotion})


@dataclass(frozen=True)
class Turn:
    """A stretch of a recording in which one person speaks."""

    start: float
    """Seconds from the start of the recording."""
    end: float
    """Seconds from the start of the recording."""
    speaker: str
    """Who speaks: `speaker 1` is whoever speaks first."""


@dataclass(frozen=True, eq=False)
class Speech:
    """Synthetic speech and what is known about it."""

    audio: Audio
    """The sound, at the engine's own rate."""
    text: str
    """The text that is spoken."""
    emotion: str
    """The emotion or mood of the speech."""
    voice: str
    """The voice that speaks."""
    engine: str
    """Name of the engine that made it."""
    words: tuple[Word, ...] = ()
    """The words with their times in the sound, if the engine knows them."""
    notes: tuple[str, ...] = ()
    """Sentences that the person should read, such as how a custom mood was understood."""

    def to_dict(self) -> dict[str, Any]:
        """Return everything except the sound."""
        return {
            "text": self.text,
            "emotion": self.emotion,
            "voice": self.voice,
            "engine": self.engine,
            "duration": round(self.audio.duration, 3),
            "words": plain(self.words),
            "notes": list(self.notes),
        }
