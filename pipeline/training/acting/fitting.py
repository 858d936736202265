"""Acting learned from actors: the change in which a voice's sentences come out as the actors' did.

Where the rules begin is the mean departure of the actors from their own neutral (`measuring`). But a rule does not
always do to a synthetic voice what an actor did to his, and what tells emotions apart is small beside what they share.
So a voice practises: its sentences, acted and described by `functionals`, are brought to what actors' sentences are
described by, most of all in the directions that tell emotions apart (Fisher 1936, "The use of multiple measurements in
taxonomic problems"), and beyond, away from what all emotions have in common, as a caricature is clearer than
a photograph (Rhodes, Brennan and Carey 1987, "Identification and ratings of caricatures"). A price on each step away
from what was measured keeps the voice credible. No judge of emotion takes part; `rehearsing` follows with some.
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

__all__ = ["SEXES", "Actors", "Reading", "fitted", "slopes_about"]

SEXES: Final = ("female", "male")
"""Women and men, who act differently."""

_STEPS: Final = {
    "shift": 2.0,
    "range": 0.2,
    "slope": 1.5,
    "final": 2.0,
    "arch": 1.5,
    "dynamics": 0.12,
    "swell": 2.0,
    "formants": 0.04,
}
"""What may be moved, and what one step of it is; tempo and pauses stay as measured, and jitter is never searched for:
F0 that strays from frame to frame is heard as a fault."""
_WAVES: Final = 8
"""Cosines that a row of the spectrum is moved by: as fine as formants are wide."""
_WAVE_STEP: Final = 1.5
"""dB of one step of a cosine."""
_FARTHEST: Final = 4.0
"""Steps that anything may be moved at most, so that the voice stays credible."""
_SETTLED: Final = 0.01
"""Steps from where a search need not go on: nobody hears them."""
_TRIED: Final = 0.5
"""Step by which a slope is measured: large enough that rounding does not matter, small enough for a straight line."""
_EFFORT: Final = {"shift": 0.3, "range": 0.3, "formants": 1.0}
"""What a step costs in naturalness, beside those that cost nothing: a choice. Without its changed spectrum a model of
naturalness rates an acted voice a third of a point higher, without its moved F0 no higher (67 clips)."""
_WAVE_EFFORT: Final = 0.5
"""What a step of a cosine costs, likewise."""
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

        self._means = {(emotion, sex): average(emotion, sex, strong=True) for emotion in self.emotions for sex in SEXES}
        centres = {(emotion, sex): average(emotion, sex) for emotion in self.emotions for sex in SEXES}
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


def slopes_about(change: EmotionChange, practise: Callable[[EmotionChange], Floats]) -> Floats:
    """Return how much each step of a change moves what is seen of the voice's sentences, (seen, steps).

    Measured once about what emotions have in common, where it serves as a beginning for all of them.

    Args:
        change: The middle of the emotions.
        practise: As `fitted` takes it.
    """
    here = practise(change)
    columns = [(practise(_moved(change, _TRIED * unit)) - here) / _TRIED for unit in np.eye(_size(change))]
    return np.stack(columns, axis=1)


def fitted(
    start: EmotionChange,
    practise: Callable[[EmotionChange], Floats],
    goal: Floats,
    slopes: Floats,
    *,
    prior: float,
    effort: float,
    rounds: int,
) -> EmotionChange:
    """Return the change in which a voice's sentences come closest to a goal, of those that the search tried.

    Each round takes the best step that the slopes promise within bounds, and then mends the slopes by what came of it
    (Broyden 1965, "A class of methods for solving nonlinear simultaneous equations"): one practice a round. A step
    that is worse than it promised halves how far the next may go.

    Args:
        start: The departure that was measured.
        practise: From a change to how the voice's sentences come out in it, as `Actors.seen` sees them.
        goal: Where they should come out, likewise.
        slopes: As `slopes_about` returns them.
        prior: Price of a step away from the start, squared.
        effort: Price of a step away from neutral, squared, weighted by what it costs in naturalness.
        rounds: Steps to take, one at least.
    """
    from scipy.optimize import lsq_linear

    size = _size(start)
    tiring, tired = np.sqrt(effort) * _efforts(start)[0], np.sqrt(effort) * _efforts(start)[1]

    def price(seen: Floats, steps: Floats) -> float:
        missed = seen - goal
        return float(missed @ missed + prior * steps @ steps + np.sum((tired + tiring * steps) ** 2))

    here, seen = np.zeros(size), practise(start)
    best, reach = price(seen, here), _FARTHEST
    for _ in range(rounds):
        rows = np.vstack([slopes, np.sqrt(prior) * np.eye(size), np.diag(tiring)])
        wanted = np.concatenate([goal - seen + slopes @ here, np.zeros(size), -tired])
        bounds = np.maximum(here - reach, -_FARTHEST), np.minimum(here + reach, _FARTHEST)
        there = lsq_linear(rows, wanted, bounds=bounds).x
        step = there - here
        if (length := float(step @ step)) < _SETTLED**2:
            break
        came = practise(_moved(start, there))
        slopes = slopes + np.outer(came - seen - slopes @ step, step) / length
        if (cost := price(came, there)) < best:
            best, here, seen = cost, there, came
        else:
            reach = float(np.abs(step).max()) / 2
    return _moved(start, here)


def _size(change: EmotionChange) -> int:
    """Return how many steps move a change."""
    return len(_STEPS) + len(change.spectrum) * _WAVES


def _efforts(start: EmotionChange) -> tuple[Floats, Floats]:
    """Return what a step costs in naturalness, and where the start lies in such steps from neutral, each (steps,)."""
    classes, bands = start.spectrum.shape
    waves = _waves(bands)
    spectrum = start.spectrum @ waves.T / (np.square(waves).sum(axis=1) * _WAVE_STEP)
    plain = np.array([getattr(start, name) / size for name, size in _STEPS.items()])
    price = np.array([_EFFORT.get(name, 0.0) for name in _STEPS] + [_WAVE_EFFORT] * (classes * _WAVES))
    return price, price * np.concatenate([plain, spectrum.ravel()])


def _waves(bands: int) -> Floats:
    """Return the cosines over the bands by which a row of the spectrum is moved, (waves, bands)."""
    waves: Floats = np.cos(np.pi * np.arange(1, _WAVES + 1)[:, None] * (np.arange(bands) + 0.5) / bands)
    return waves


def _moved(start: EmotionChange, steps: Floats) -> EmotionChange:
    """Return a change so many steps away: single numbers, and slow waves over each row of the spectrum."""
    plain = {
        name: getattr(start, name) + step * size for (name, size), step in zip(_STEPS.items(), steps, strict=False)
    }
    classes, bands = start.spectrum.shape
    moved = steps[len(_STEPS) :].reshape(classes, _WAVES) @ (_WAVE_STEP * _waves(bands))
    return dataclasses.replace(start, **plain, spectrum=(start.spectrum + moved).astype(np.float32))
