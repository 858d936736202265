"""Acting learned from actors: the change in which a voice's sentences come out as the actors' did.

Where the rules begin is the mean departure of the actors from their own neutral (`measuring`). But a rule does not
always do to a synthetic voice what an actor did to his, and what tells emotions apart is small beside what they share.
So a voice practises: its sentences, acted and described by `functionals`, are brought to what actors' sentences are
described by, most of all in the directions that tell emotions apart (Fisher 1936, "The use of multiple measurements in
taxonomic problems"), and beyond, away from what all emotions have in common, as a caricature is clearer than
a photograph (Rhodes, Brennan and Carey 1987, "Identification and ratings of caricatures"). A price on each step away
from what was measured keeps the voice credible. No judge of emotion takes part.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from pipeline.synthesis.prosody import Floats
from pipeline.synthesis.prosody.changes import EmotionChange, mean
from pipeline.synthesis.world.frames import VocoderFrames
from pipeline.training.acting.functionals import functionals
from pipeline.training.acting.measuring import departure, measured

__all__ = ["Actors", "Reading", "fitted"]

_STEPS: Final = {
    "shift": 2.0,
    "range": 0.2,
    "slope": 1.5,
    "final": 2.0,
    "arch": 1.5,
    "dynamics": 0.12,
    "jitter": 0.1,
    "swell": 2.0,
    "formants": 0.04,
}
"""What may be moved, and what one step of it is; tempo and pauses stay as measured."""

_NEVER_NEGATIVE: Final = ("jitter",)
"""What cannot be less than nothing."""
_WAVES: Final = 8
"""Cosines that a row of the spectrum is moved by: as fine as formants are wide."""
_WAVE_STEP: Final = 1.5
"""dB of one step of a cosine."""
_FARTHEST: Final = 4.0
"""Steps that anything may be moved at most, so that the voice stays credible."""
_TRIED: Final = 0.5
"""Step by which a slope is measured: large enough that rounding does not matter, small enough for a straight line."""
_CLAMP: Final = 5.0
"""Deviations of the actors beyond which functionals are outliers."""


@dataclass(frozen=True, eq=False)
class Reading:
    """One reading of a sentence by an actor."""

    actor: str
    """Who reads."""
    sex: str
    """`female` or `male`."""
    sentence: str
    """What is read."""
    emotion: str
    """One of the eight."""
    strong: bool
    """Whether it is the stronger of the two intensities."""
    change: EmotionChange
    """As `measured` gives it."""
    functionals: Floats
    """As `functionals` gives them."""

    @classmethod
    def of(cls, frames: VocoderFrames, *, actor: str, sex: str, sentence: str, emotion: str, strong: bool) -> Reading:
        """Take the measures of a recording that was analysed."""
        return cls(actor, sex, sentence, emotion, strong, measured(frames), functionals(frames))


class Actors:
    """What actors do, as departures from their own neutral.

    Emotions that have no strong intensity (calm is given at both) are taken as they are.

    Args:
        readings: Of several actors of both sexes, each with neutral readings.
        shrinkage: Share of the identity in the covariance within an emotion, 0 to 1.
        rest: Weight of the directions that do not tell emotions apart.
    """

    def __init__(self, readings: Sequence[Reading], *, shrinkage: float, rest: float) -> None:
        self._readings = readings
        self._rest = rest
        own: dict[str, list[Floats]] = defaultdict(list)
        for reading in readings:
            if reading.emotion == "neutral":
                own[reading.actor].append(reading.functionals)
        neutral = {actor: np.mean(rows, axis=0) for actor, rows in own.items()}
        acted = [reading for reading in readings if reading.emotion != "neutral"]
        rows = np.stack([reading.functionals - neutral[reading.actor] for reading in acted])
        self.scale: Floats = rows.std(axis=0) + 1e-6
        rows = self.scaled(rows)
        self.emotions = tuple(dict.fromkeys(reading.emotion for reading in acted))

        def average(emotion: str, sex: str = "", *, strong: bool = False) -> Floats:
            rows_of = [
                row
                for row, reading in zip(rows, acted, strict=True)
                if reading.emotion == emotion and sex in ("", reading.sex) and (reading.strong or not strong)
            ]
            result: Floats = np.mean(rows_of, axis=0)
            return result

        self._means = {
            (emotion, sex): average(emotion, sex, strong=True)
            for emotion in self.emotions
            for sex in ("female", "male")
        }
        centres = {(emotion, sex): average(emotion, sex) for emotion in self.emotions for sex in ("female", "male")}
        within = np.stack([row - centres[each.emotion, each.sex] for row, each in zip(rows, acted, strict=True)])
        covariance = np.cov(within.T)
        covariance = (1 - shrinkage) * covariance + shrinkage * np.diag(covariance).mean() * np.eye(len(covariance))
        values, vectors = np.linalg.eigh(covariance)
        self._whitening = (vectors / np.sqrt(values)) @ vectors.T
        between = np.stack([average(emotion) for emotion in self.emotions])
        between = (between - between.mean(axis=0)) @ self._whitening
        self._telling = np.linalg.svd(between, full_matrices=False)[2][: len(self.emotions) - 1]

    def scaled(self, relative: Floats) -> Floats:
        """Return functionals minus those of neutral speech, in deviations of the actors."""
        values: Floats = np.clip(relative / self.scale, -_CLAMP, _CLAMP)
        return values

    def seen(self, scaled: Floats) -> Floats:
        """Return a vector in the directions that tell emotions apart, and, with less weight, in all others."""
        white = scaled @ self._whitening
        telling = white @ self._telling.T
        return np.concatenate([telling, self._rest * (white - telling @ self._telling)])

    def goal(self, emotion: str, sex: str, exaggeration: float) -> Floats:
        """Return where the sentences of an emotion should come out.

        Args:
            emotion: One of `emotions`.
            sex: Whose means to take.
            exaggeration: 0 for the actors' mean at strong intensity; above, as far again from the mean of all emotions.
        """
        own = self._means[emotion, sex]
        common = np.mean([self._means[each, sex] for each in self.emotions], axis=0)
        return self.seen(own + exaggeration * (own - common))

    def departure(self, emotion: str, sex: str) -> EmotionChange:
        """Return the median departure over actors and sentences, at strong intensity."""
        readings: dict[tuple[str, str], list[list[EmotionChange]]] = defaultdict(lambda: [[], []])
        for reading in self._readings:
            if reading.sex == sex and (reading.emotion == "neutral" or (reading.emotion == emotion and reading.strong)):
                readings[reading.actor, reading.sentence][reading.emotion == emotion].append(reading.change)
        departures = [departure(acted, neutral) for neutral, acted in readings.values() if neutral and acted]
        middle = {
            field.name: np.median([getattr(each, field.name) for each in departures], axis=0)
            for field in dataclasses.fields(EmotionChange)
        }
        return dataclasses.replace(mean(departures), **middle)


def fitted(
    start: EmotionChange, practise: Callable[[EmotionChange], Floats], goal: Floats, *, prior: float, rounds: int
) -> EmotionChange:
    """Return the change in which a voice's sentences come closest to a goal (Gauss-Newton with bounds).

    Args:
        start: The departure that was measured.
        practise: From a change to how the voice's sentences come out in it, as `Actors.seen` sees them.
        goal: Where they should come out, likewise.
        prior: Price of a step away from the start, squared.
        rounds: How many times the voice looks where to go; each takes some forty practices.
    """
    from scipy.optimize import least_squares

    size = len(_STEPS) + start.spectrum.shape[0] * _WAVES

    def residuals(steps: Floats) -> Floats:
        return np.concatenate([practise(_moved(start, steps)) - goal, np.sqrt(prior) * steps])

    def slopes(steps: Floats) -> Floats:
        here = residuals(steps)
        columns = [(residuals(steps + _TRIED * unit) - here) / _TRIED for unit in np.eye(size)]
        return np.stack(columns, axis=1)

    found = least_squares(
        residuals, np.zeros(size), jac=slopes, bounds=(-_FARTHEST, _FARTHEST), max_nfev=rounds + 1, x_scale=1.0
    )
    return _moved(start, found.x)


def _moved(start: EmotionChange, steps: Floats) -> EmotionChange:
    """Return a change so many steps away: single numbers, and slow waves over each row of the spectrum."""
    plain = {
        name: getattr(start, name) + step * size for (name, size), step in zip(_STEPS.items(), steps, strict=False)
    }
    for name in _NEVER_NEGATIVE:
        plain[name] = max(plain[name], 0.0)
    classes, bands = start.spectrum.shape
    waves = np.cos(np.pi * np.arange(1, _WAVES + 1)[:, None] * (np.arange(bands) + 0.5) / bands)
    moved = steps[len(_STEPS) :].reshape(classes, _WAVES) @ (_WAVE_STEP * waves)
    return dataclasses.replace(start, **plain, spectrum=(start.spectrum + moved).astype(np.float32))
