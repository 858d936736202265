"""Acting by ear: a voice tries small moves of what it has practised, and keeps what is heard as it is meant.

Practice (`fitting`) brings the statistics of a voice's sentences to those of actors. Ears hear more than statistics,
and what is clear to them may sound unnatural, so that the voice then rehearses each emotion before both: judges that
learned emotions from actors (`ears`) and a model of what listeners call natural. Moves are tried by the evolution
strategy with an adapted covariance matrix (Hansen 2016, "The CMA evolution strategy: a tutorial"), which needs no
slopes and bears the noise of few sentences.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Self

import numpy as np
from pydantic import Field, model_validator

from pipeline.audio import SAMPLE_RATE, resampled
from pipeline.audio.writing import finished
from pipeline.core.options import Options
from pipeline.core.values import Audio
from pipeline.core.voices import VOICE_PRESETS
from pipeline.recognition.naturalness import NaturalnessJudge
from pipeline.synthesis.acting import Actor, Plan
from pipeline.synthesis.prosody import Floats
from pipeline.synthesis.prosody.changes import NEUTRAL, EmotionChange
from pipeline.training.acting.ears import ACTED, Judge, heard

__all__ = ["Rehearsal", "rehearsed"]

_MOVES: Final = {
    "shift": 2.0,
    "range": 0.25,
    "slope": 1.5,
    "final": 2.0,
    "tempo": 0.1,
    "dynamics": 0.15,
    "arch": 1.5,
    "tremor": 0.15,
    "swell": 1.5,
    "roughness": 0.1,
    "breath": 2.0,
    "formants": 0.03,
}
"""What may be moved, and one step of it: about a third of what tells one emotion from another."""
_NEVER_NEGATIVE: Final = ("tremor", "roughness")
"""What a voice cannot have less than none of."""
_TEMPO: Final = (-0.35, 0.5)
"""Natural logarithms of the least and greatest ratio of durations that words bear."""
_SPECTRUM: Final = 0.3
"""Natural logarithm of the factor on all of the changed spectrum that is one step."""
_VOICED_WAVES: Final = 6
"""Cosines over the bands by which the spectrum of voiced sounds is moved."""
_VOICED_DECIBEL: Final = 2.5
"""dB of one step of them."""
_UNVOICED_WAVES: Final = 3
"""Likewise of sounds without voice, which hold little of an emotion."""
_UNVOICED_DECIBEL: Final = 2.0
"""dB of one step of them."""
_FIRST_STEP: Final = 0.5
"""Deviation, in steps, of the first tries."""
_SURE: Final = 0.85
"""Probability from which a judge need not hear more."""
_DEAF: Final = 0.02
"""Probability below which all is the same: one deaf judge shall not decide."""
_CHECKED: Final = 8
"""Sentences on which what was found must be worth more than what was practised."""
_FAR: Final = 0.01
"""Price of a step away from what was practised, squared."""


class Rehearsal(Options):
    """How a voice rehearses before ears."""

    rounds: int = Field(default=0, ge=0)
    """How often moves are tried; 0 leaves what was practised."""
    tries: int = Field(default=10, ge=4)
    """Moves of a round."""
    sentences: tuple[str, ...] = ()
    """What is rehearsed; each round takes two of them."""
    natural: float = Field(default=3.75, ge=1, le=5)
    """Opinion of listeners above which a sound is natural enough."""
    price: float = Field(default=0.8, ge=0)
    """What a point of it below costs, in natural logarithms of the probability of the emotion."""
    weights: dict[str, float] = Field(default_factory=dict)
    """Ear to its weight; 1 if it is not named."""
    seed: int = 0
    """Of the tries and the choice of sentences."""

    @model_validator(mode="after")
    def _with_sentences(self) -> Self:
        if self.rounds and not self.sentences:
            raise ValueError("a rehearsal needs sentences")
        return self


def rehearsed(
    changes: Mapping[tuple[str, str], EmotionChange],
    voice: Actor,
    judges: Sequence[Judge],
    naturalness: NaturalnessJudge,
    settings: Rehearsal,
    progress: Callable[[int, int], None],
) -> dict[tuple[str, str], EmotionChange]:
    """Return emotions as they are after rehearsals in the presets of each sex.

    Args:
        changes: Emotion and sex to the change.
        voice: An engine with the four presets.
        judges: Who hears emotions.
        naturalness: Who hears whether a sound is natural.
        settings: How.
        progress: Told how many of how many (emotion, sex) are done.
    """
    stages = {sex: _Stage(voice, sex, judges, naturalness, settings) for sex in {sex for _, sex in changes}}
    found: dict[tuple[str, str], EmotionChange] = {}
    for (emotion, sex), change in changes.items():
        progress(len(found), len(changes))
        found[emotion, sex] = _improved(change, emotion, stages[sex], settings)
    progress(len(changes), len(changes))
    return found


def _improved(change: EmotionChange, emotion: str, stage: _Stage, settings: Rehearsal) -> EmotionChange:
    import cma

    chance = np.random.default_rng(settings.seed)
    size = len(_MOVES) + 1 + _VOICED_WAVES + _UNVOICED_WAVES
    # The library takes a seed of 0 for none.
    options = {"popsize": settings.tries, "seed": settings.seed + 1, "verbose": -9}
    strategy: Any = cma.CMAEvolutionStrategy(np.zeros(size), _FIRST_STEP, options)
    for _ in range(settings.rounds):
        tries = strategy.ask()
        chosen = chance.choice(len(settings.sentences), min(2, len(settings.sentences)), replace=False).tolist()
        costs = [_FAR * float(moves @ moves) - stage.worth(_moved(change, moves), emotion, chosen) for moves in tries]
        strategy.tell(tries, costs)
    found = _moved(change, np.asarray(strategy.mean))
    # Two sentences a round may have flattered it.
    checked = range(min(_CHECKED, len(settings.sentences)))
    return max(found, change, key=lambda each: stage.worth(each, emotion, checked))


class _Stage:
    """Where the presets of a sex say sentences before judges."""

    def __init__(
        self, voice: Actor, sex: str, judges: Sequence[Judge], naturalness: NaturalnessJudge, settings: Rehearsal
    ) -> None:
        self._judges = judges
        self._naturalness = naturalness
        self._settings = settings
        self._weights = [settings.weights.get(judge.name, 1.0) for judge in judges]
        names = [preset.name for preset in voice.voices() if preset.sex == sex and preset.name in VOICE_PRESETS]
        self._plans = {name: [next(voice.plans(text, name)) for text in settings.sentences] for name in names}
        self._neutral: dict[tuple[str, str], Floats] = {}
        for name, plans in self._plans.items():
            clips = [heard(_said(plan, NEUTRAL)) for plan in plans]
            for judge in judges:
                rows = np.stack([judge.features(clip) for clip in clips])
                self._neutral[judge.name, name] = judge.reference(rows)

    def worth(self, change: EmotionChange, emotion: str, chosen: Sequence[int]) -> float:
        """Return how surely an emotion is heard, as a mean natural logarithm, less what is unnatural in it."""
        place = ACTED.index(emotion)
        sure: list[list[float]] = []
        missing: list[float] = []
        for name, plans in self._plans.items():
            natural: list[float] = []
            for index in chosen:
                audio = _said(plans[index], change)
                natural.append(self._naturalness.score(resampled(audio, SAMPLE_RATE)))
                clip = heard(audio)
                scores = [
                    judge.scores((judge.features(clip) - self._neutral[judge.name, name])[None])[0, place]
                    for judge in self._judges
                ]
                sure.append([float(np.log(min(score, _SURE) + _DEAF)) for score in scores])
            # One voice that sounds natural does not make good for another.
            missing.append(max(0.0, self._settings.natural - float(np.mean(natural))))
        heard_as = float(np.average(np.mean(sure, axis=0), weights=self._weights))
        return heard_as - self._settings.price * float(np.mean(missing))


def _said(plan: Plan, change: EmotionChange) -> Audio:
    return finished(plan.render(plan.prosody.apply(change), change))


def _moved(change: EmotionChange, steps: Floats) -> EmotionChange:
    """Return a change so many steps away, (22,): single numbers, all of its spectrum, and slow waves over the bands."""
    values = {
        name: getattr(change, name) + step * unit for (name, unit), step in zip(_MOVES.items(), steps, strict=False)
    }
    values |= {name: max(values[name], 0.0) for name in _NEVER_NEGATIVE}
    values["tempo"] = float(np.clip(values["tempo"], *_TEMPO))
    whole, waves = steps[len(_MOVES)], steps[len(_MOVES) + 1 :]
    cosines = np.cos(
        np.pi
        * np.arange(1, _VOICED_WAVES + 1)[:, None]
        * (np.arange(change.spectrum.shape[1]) + 0.5)
        / change.spectrum.shape[1]
    )
    voiced = _VOICED_DECIBEL * waves[:_VOICED_WAVES] @ cosines
    unvoiced = _UNVOICED_DECIBEL * waves[_VOICED_WAVES:] @ cosines[:_UNVOICED_WAVES]
    spectrum = change.spectrum * np.exp(_SPECTRUM * whole) + np.stack([voiced, voiced, unvoiced])
    return dataclasses.replace(change, **values, spectrum=spectrum.astype(np.float32))
