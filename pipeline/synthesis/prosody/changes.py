"""What an emotion changes: by how much a voice departs from its own neutral, and the numbers of each emotion.

The numbers are learned from actors (`emotions.json` says whose, how and under which licence; how they were fitted is in
`pipeline.training.acting`), not from what a judge liked.
They agree with the literature in direction: Banse and Scherer (1996), "Acoustic profiles in vocal emotion expression";
Juslin and Laukka (2003), "Communication of emotions in vocal expression and music performance".
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, Self

import numpy as np

from pipeline.core.values import Samples

__all__ = [
    "FRAME_CLASSES",
    "NEUTRAL",
    "RATIOS",
    "EmotionChange",
    "ProsodyChange",
    "TimbreChange",
    "band_centres",
    "degree",
    "emotion_change",
    "mean",
]

_BANDS: Final = 40
"""How many bands the spectral envelope is described by, as `emotions.json` has them."""
FRAME_CLASSES: Final = ("vowel", "consonant", "unvoiced")
"""Kinds of frames whose spectrum changes apart from the others': loud voiced, quieter voiced, the rest."""
RATIOS: Final = ("range", "tempo", "dynamics")
"""Fields that `emotions.json` holds as ratios, and a change as their natural logarithm."""

_BEYOND: Final = 0.5
"""Share of a strength above 1 that is spoken: emotions are clearest at 1, and further out they become each other."""


def _flat() -> Samples:
    return np.zeros((len(FRAME_CLASSES), _BANDS), np.float32)


@dataclass(frozen=True, eq=False)
class _Change:
    """A departure from neutral speech. Every field is 0 in neutral speech, so changes can be scaled and mixed."""

    def scaled(self, strength: float) -> Self:
        """Return more (above 1) or less of the change."""
        return self.mixed([(strength, self)])

    def minus(self, other: Self) -> Self:
        """Return what this change has beyond another."""
        return self.mixed([(1.0, self), (-1.0, other)])

    @classmethod
    def mixed(cls, parts: Iterable[tuple[float, Self]]) -> Self:
        """Return the sum of changes, each with its share."""
        parts, neutral = list(parts), cls()
        names = [field.name for field in dataclasses.fields(cls)]
        return cls(**{
            name: sum((share * getattr(change, name) for share, change in parts), getattr(neutral, name))
            for name in names
        })  # fmt: skip


@dataclass(frozen=True, eq=False)
class ProsodyChange(_Change):
    """What changes in F0, durations and loudness."""

    shift: float = 0.0
    """Semitones by which the voice is higher."""
    range: float = 0.0
    """Natural logarithm of the ratio of the deviations of F0, in semitones, from its straight line."""
    slope: float = 0.0
    """Semitones per second by which the declination is less steep."""
    final: float = 0.0
    """Semitones by which the last 300 ms of voice move further up."""
    tempo: float = 0.0
    """Natural logarithm of the ratio of durations; above 0 is slower."""
    pauses: float = 0.0
    """Pause to add, as a share of the duration."""
    level: float = 0.0
    """dB by which the voice is louder."""
    dynamics: float = 0.0
    """Natural logarithm of the ratio of the deviations of the level in dB, over voiced frames."""
    arch: float = 0.0
    """Semitones by which the middle of the sentence is higher than its ends, beyond the straight line."""
    tremor: float = 0.0
    """Semitones RMS of trembling."""
    jitter: float = 0.0
    """Semitones RMS by which F0 strays from one frame to the next."""
    swell: float = 0.0
    """dB per second by which the voice grows louder."""


@dataclass(frozen=True, eq=False)
class TimbreChange(_Change):
    """What changes in the sound of the voice."""

    roughness: float = 0.0
    """Depth, 0 to 1, to which every other period of the voice is weaker and its strength flutters."""
    breath: float = 0.0
    """dB of noise in the voice."""
    formants: float = 0.0
    """Natural logarithm of the ratio of the formants of voiced sounds: lips spread (above 0) or rounded."""
    spectrum: Samples = dataclasses.field(default_factory=_flat)
    """dB of the spectral envelope, (3 classes: vowel, quieter voiced, unvoiced; 40 bands)."""


@dataclass(frozen=True, eq=False)
class EmotionChange(TimbreChange, ProsodyChange):
    """All that changes in an emotion."""


NEUTRAL: Final = EmotionChange()
"""Nothing changes."""


def emotion_change(weights: Mapping[str, float], sex: str) -> EmotionChange:
    """Return what changes in a mixture of emotions.

    Args:
        weights: Emotion to its share; the shares sum to 1, neutral counting as nothing to change.
        sex: `female` or `male`: whose departures to take.
    """
    table = _table()
    return EmotionChange.mixed(
        (share, table[emotion, sex]) for emotion, share in weights.items() if emotion != "neutral"
    )


def degree(strength: float) -> float:
    """Return how many times a change is spoken at a strength: as often up to 1, and half of what is asked beyond."""
    return min(strength, 1.0) + _BEYOND * max(strength - 1.0, 0.0)


def mean(changes: Sequence[EmotionChange]) -> EmotionChange:
    """Return the mean of changes, one at least."""
    return EmotionChange.mixed((1 / len(changes), change) for change in changes)


@cache
def band_centres() -> Samples:
    """Return the centres of the bands of `TimbreChange.spectrum` in Hz, (40,)."""
    return np.asarray(_data()["band_centres"], np.float32)


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(files(__package__).joinpath("emotions.json").read_text(encoding="utf-8"))
    return data


@cache
def _table() -> dict[tuple[str, str], EmotionChange]:
    return {
        (emotion, sex): _read(numbers)
        for emotion, sexes in _data()["emotions"].items()
        for sex, numbers in sexes.items()
    }


def _read(numbers: dict[str, Any]) -> EmotionChange:
    spectrum = np.array([numbers[name] for name in FRAME_CLASSES], np.float32)
    plain = {
        name: math.log(value) if name in RATIOS else float(value)
        for name, value in numbers.items()
        if name not in FRAME_CLASSES
    }
    return EmotionChange(**plain, spectrum=spectrum)
