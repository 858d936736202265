"""From readings of actors to `emotions.json`: what `detect.py train --config configs/acting.yaml` does."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from pydantic import Field, field_validator

from pipeline.audio import SAMPLE_RATE, resampled
from pipeline.core.emotions import EMOTIONS
from pipeline.core.files import atomic
from pipeline.core.options import Options
from pipeline.core.voices import VOICE_PRESETS
from pipeline.synthesis.acting import Actor, Plan
from pipeline.synthesis.prosody import Floats
from pipeline.synthesis.prosody.changes import FRAME_CLASSES, NEUTRAL, RATIOS, EmotionChange, band_centres, mean
from pipeline.synthesis.world.analysis import analyse
from pipeline.training.acting.fitting import SEXES, Actors, Reading, fitted, slopes_about
from pipeline.training.acting.functionals import functionals
from pipeline.training.acting.rehearsing import Rehearsal

__all__ = ["ActingSettings", "learned", "source", "write_emotions"]

_DATA: Final = (
    "Learned from the speech recordings of RAVDESS, actors {}: Livingstone and Russo (2018), 'The Ryerson Audio-Visual "
    "Database of Emotional Speech and Song', PLoS ONE 13(5): e0196391. No audio is kept."
)
"""Where learned numbers come from."""
_LICENCE: Final = (
    "CC BY-NC-SA 4.0, as the recordings: these numbers may be shared and changed for purposes that are not commercial, "
    "with the name of the source and under the same licence."
)
"""Under which licence they are."""
_WHAT: Final = (
    "The median change from the same actor's neutral reading of the same sentence, strong intensity, moved until the "
    "embedded voice's own sentences come out as the actors' did, and rehearsed before judges of emotion and of "
    "naturalness: python detect.py train --config configs/acting.yaml --data RAVDESS, settings as given."
)
"""What the table of emotions is."""


class ActingSettings(Options):
    """How acting is learned: `configs/acting.yaml`."""

    exaggeration: float = Field(2.0, ge=0)
    """How far beyond the actors' mean, away from the mean of all emotions; 1 is as far again."""
    prior: float = Field(0.5, gt=0)
    """Price of a step away from what was measured."""
    effort: float = Field(0.5, ge=0)
    """Price of a step away from neutral, where a step costs naturalness."""
    rest: float = Field(0.3, ge=0)
    """Weight of the directions that do not tell emotions apart."""
    shrinkage: float = Field(0.3, gt=0, le=1)
    """Share of the identity in the covariance within an emotion."""
    rounds: int = Field(4, ge=1)
    """Steps of the search for each emotion."""
    strength: float = Field(0.9, gt=0, le=2)
    """How much of what was learned is spoken at strength 1: words must stay right."""
    sentences: tuple[str, ...] = ("The old bridge was built by hand.", "Nobody knew when the lights went out.")
    """What the voice practises with."""
    by_rule: dict[str, dict[str, float]] = Field(default_factory=dict)
    """Emotion to fields of `EmotionChange` that are added to what was learned: what functionals do not hear."""

    rehearsal: Rehearsal = Rehearsal()
    """How what was practised is rehearsed before ears."""

    @field_validator("by_rule")
    @classmethod
    def _known(cls, rules: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
        names = {field.name for field in dataclasses.fields(EmotionChange)} - {"spectrum"}
        for emotion, rule in rules.items():
            if unknown := sorted(set(rule) - names) or [emotion] * (emotion not in EMOTIONS):
                raise ValueError(f"there is no '{unknown[0]}'")
        return rules


def learned(
    readings: Sequence[Reading], voice: Actor, settings: ActingSettings, progress: Callable[[int, int], None]
) -> dict[tuple[str, str], EmotionChange]:
    """Let a voice practise every emotion in the presets of each sex.

    Args:
        readings: Of several actors of both sexes.
        voice: An engine with the four presets.
        settings: How.
        progress: Told how many of how many (emotion, sex) are done.

    Returns:
        Emotion and sex to the change.
    """
    actors = Actors(readings, shrinkage=settings.shrinkage, rest=settings.rest)
    changes: dict[tuple[str, str], EmotionChange] = {}
    wanted = len(SEXES) * len(actors.emotions)
    for sex in SEXES:
        practise = _Practice(actors, voice, settings.sentences, sex)
        departures = {emotion: actors.departure(emotion, sex) for emotion in actors.emotions}
        slopes = slopes_about(mean(list(departures.values())), practise)
        for emotion, departure in departures.items():
            progress(len(changes), wanted)
            goal = actors.goal(emotion, sex, settings.exaggeration)
            change = fitted(
                departure, practise, goal, slopes,
                prior=settings.prior, effort=settings.effort, rounds=settings.rounds,
            ).scaled(settings.strength)  # fmt: skip
            added = {name: getattr(change, name) + value for name, value in settings.by_rule.get(emotion, {}).items()}
            changes[emotion, sex] = dataclasses.replace(change, **added)
    progress(wanted, wanted)
    return changes


class _Practice:
    """Says the practice sentences in the presets of a sex, and tells how far they come out from neutral."""

    def __init__(self, actors: Actors, voice: Actor, texts: Sequence[str], sex: str) -> None:
        self._actors = actors
        names = [preset.name for preset in voice.voices() if preset.sex == sex and preset.name in VOICE_PRESETS]
        self._plans = {name: [plan for text in texts for plan in voice.plans(text, name)] for name in names}
        self._neutral = {
            name: np.mean([_described(plan, NEUTRAL) for plan in plans], axis=0) for name, plans in self._plans.items()
        }

    def __call__(self, change: EmotionChange) -> Floats:
        rows = [
            self._actors.scaled(_described(plan, change) - self._neutral[name])
            for name, plans in self._plans.items()
            for plan in plans
        ]
        middle: Floats = np.mean(rows, axis=0)
        return self._actors.seen(middle)


def _described(plan: Plan, change: EmotionChange) -> Floats:
    """Return the functionals of a sentence that is acted, heard at the rate at which actors are."""
    audio = plan.render(plan.prosody.apply(change), change)
    return functionals(analyse(resampled(audio, SAMPLE_RATE)))


def write_emotions(
    path: Path, changes: Mapping[tuple[str, str], EmotionChange], settings: ActingSettings, actors: Sequence[str]
) -> None:
    """Write the table that `changes` reads; it appears complete or not at all."""
    emotions: dict[str, dict[str, Any]] = {}
    for (emotion, sex), change in changes.items():
        emotions.setdefault(emotion, {})[sex] = _numbers(change)
    document = {
        "_source": source(_WHAT, actors) | {"settings": settings.model_dump(mode="json")},
        "band_centres": [round(float(band), 1) for band in band_centres()],
        "emotions": emotions,
    }
    text = json.dumps(document, indent=1)
    # One row of numbers on one line.
    for row in {json.dumps(row) for sexes in emotions.values() for each in sexes.values() for row in each.values()}:
        if row.startswith("["):
            text = text.replace(json.dumps(json.loads(row), indent=1).replace("\n", "\n    "), row)
    with atomic(path) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")


def source(what: str, actors: Sequence[str]) -> dict[str, str]:
    """Return where learned numbers come from and under which licence they are.

    Args:
        what: What they are.
        actors: Numbers of the actors.
    """
    return {"data": _DATA.format(", ".join(actors)), "licence": _LICENCE, "what": what}


def _numbers(change: EmotionChange) -> dict[str, Any]:
    numbers: dict[str, Any] = {}
    for field in dataclasses.fields(change):
        value = getattr(change, field.name)
        if field.name == "spectrum":
            rows = zip(FRAME_CLASSES, value, strict=True)
            numbers |= {name: [round(float(number), 2) for number in row] for name, row in rows}
        else:
            numbers[field.name] = round(math.exp(value) if field.name in RATIOS else float(value), 3)
    return numbers
