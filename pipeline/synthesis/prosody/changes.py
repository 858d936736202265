"""The manner of speaking: by how much a voice departs from its own neutral, and the numbers of each emotion.

The numbers are learnt from actors (`emotions.json` says whose, how and under which licence; `fitting` how a voice
practises until it comes out as they did), not from what a judge liked.
They agree with the literature in direction: Banse and Scherer (1996), "Acoustic profiles in vocal emotion expression";
Juslin and Laukka (2003), "Communication of emotions in vocal expression and music performance".
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np

from pipeline.core.values import Samples

__all__ = ["FRAME_CLASSES", "NEUTRAL", "RATIOS", "Manner", "bands", "manner_of", "mean"]

_BANDS: Final = 40
FRAME_CLASSES: Final = ("vowel", "consonant", "unvoiced")
RATIOS: Final = ("range", "tempo", "dynamics")


def _flat() -> Samples:
    return np.zeros((len(FRAME_CLASSES), _BANDS), np.float32)


@dataclass(frozen=True, eq=False)
class Manner:
    """A departure from neutral speech. Every field is 0 in neutral speech, so manners can be scaled and mixed."""

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
    """Semitones RMS by which the pitch strays from one frame to the next."""
    swell: float = 0.0
    """dB per second by which the voice grows louder."""
    roughness: float = 0.0
    """Depth, 0 to 1, to which every other period of the voice is weaker and its strength flutters."""
    breath: float = 0.0
    """dB of noise in the voice."""
    formants: float = 0.0
    """Natural logarithm of the ratio of the formants of voiced sounds: lips spread (above 0) or rounded."""
    timbre: Samples = dataclasses.field(default_factory=_flat)
    """dB of the spectral envelope, (3 classes: vowel, quieter voiced, unvoiced; 40 bands)."""

    def scaled(self, strength: float) -> Manner:
        """Return the manner, more (above 1) or less of it."""
        return _mixed([(strength, self)])

    def minus(self, other: Manner) -> Manner:
        """Return what this manner has beyond another."""
        return _mixed([(1.0, self), (-1.0, other)])


NEUTRAL: Final = Manner()


def manner_of(weights: Mapping[str, float], sex: str, strength: float = 1.0) -> Manner:
    """Return how a mixture of emotions is spoken.

    Args:
        weights: Emotion to its share; the shares sum to 1, neutral counting as nothing to change.
        sex: `female` or `male`: whose departures to take.
        strength: 0 is neutral, 1 as learnt from actors.
    """
    table = _table()
    return _mixed(
        [(share * strength, table[emotion, sex]) for emotion, share in weights.items() if emotion != "neutral"]
    )


def mean(manners: Sequence[Manner]) -> Manner:
    """Return the mean of manners, one at least."""
    return _mixed([(1 / len(manners), manner) for manner in manners])


@cache
def bands() -> Samples:
    """Return the centres of the bands of `Manner.timbre` in Hz, (40,)."""
    return np.asarray(_data()["band_centres"], np.float32)


def _mixed(parts: list[tuple[float, Manner]]) -> Manner:
    values = {
        entry.name: sum((share * getattr(manner, entry.name) for share, manner in parts), getattr(NEUTRAL, entry.name))
        for entry in dataclasses.fields(Manner)
    }
    return Manner(**values)


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(files(__package__).joinpath("emotions.json").read_text(encoding="utf-8"))
    return data


@cache
def _table() -> dict[tuple[str, str], Manner]:
    return {
        (emotion, sex): _read(numbers)
        for emotion, sexes in _data()["emotions"].items()
        for sex, numbers in sexes.items()
    }


def _read(numbers: dict[str, Any]) -> Manner:
    timbre = np.array([numbers[name] for name in FRAME_CLASSES], np.float32)
    plain = {
        name: math.log(value) if name in RATIOS else float(value)
        for name, value in numbers.items()
        if name not in FRAME_CLASSES
    }
    return Manner(**plain, timbre=timbre)
