"""From readings of actors to `emotions.json`: what `detect.py train --config configs/acting.yaml` does."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from pydantic import Field, field_validator

from pipeline.core.emotions import EMOTIONS
from pipeline.core.files import atomic
from pipeline.core.options import Options
from pipeline.synthesis.prosody import Floats
from pipeline.synthesis.prosody.changes import FRAME_CLASSES, NEUTRAL, RATIOS, EmotionChange, band_centres
from pipeline.synthesis.prosody.presets import PRESETS, VoicePreset
from pipeline.synthesis.sentences import sentences
from pipeline.synthesis.world.frames import VocoderFrames
from pipeline.synthesis.world.speaker import WorldSpeaker, act
from pipeline.synthesis.world.timbre import to_preset
from pipeline.training.acting.fitting import Actors, Reading, fitted
from pipeline.training.acting.functionals import functionals

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
    "embedded voice's own sentences come out as the actors' did: python detect.py train --config "
    "configs/acting.yaml --data RAVDESS, settings as given."
)
"""What the table of emotions is."""


class ActingSettings(Options):
    """How acting is learned: `configs/acting.yaml`."""

    exaggeration: float = Field(2.0, ge=0)
    """How far beyond the actors' mean, away from the mean of all emotions; 1 is as far again."""
    prior: float = Field(0.5, gt=0)
    """Price of a step away from what was measured."""
    rest: float = Field(0.3, ge=0)
    """Weight of the directions that do not tell emotions apart."""
    shrinkage: float = Field(0.3, gt=0, le=1)
    """Share of the identity in the covariance within an emotion."""
    rounds: int = Field(2, ge=1)
    """How often the search looks where to go."""
    strength: float = Field(0.9, gt=0, le=2)
    """How much of what was learned is spoken at strength 1: words must stay right."""
    sentences: tuple[str, ...] = ("The old bridge was built by hand.", "Nobody knew when the lights went out.")
    """What the voice practises with."""
    by_rule: dict[str, dict[str, float]] = Field(default_factory=dict)
    """Emotion to fields of `EmotionChange` that are added to what was learned: what functionals do not hear."""

    @field_validator("by_rule")
    @classmethod
    def _known(cls, rules: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
        names = {field.name for field in dataclasses.fields(EmotionChange)} - {"spectrum"}
        for emotion, rule in rules.items():
            if unknown := sorted(set(rule) - names) or [emotion] * (emotion not in EMOTIONS):
                raise ValueError(f"there is no '{unknown[0]}'")
        return rules


def learned(
    readings: Sequence[Reading], speaker: WorldSpeaker, settings: ActingSettings, progress: Callable[[int, int], None]
) -> dict[tuple[str, str], EmotionChange]:
    """Let a voice practise every emotion in the presets of each sex.

    Args:
        readings: Of several actors of both sexes.
        speaker: The neutral speaker.
        settings: How.
        progress: Told how many of how many (emotion, sex) are done.

    Returns:
        Emotion and sex to the change.
    """
    actors = Actors(readings, shrinkage=settings.shrinkage, rest=settings.rest)
    lines = [speaker.frames(sentence) for text in settings.sentences for sentence in sentences(text, han=speaker.han)]
    wanted = [(emotion, sex) for sex in ("female", "male") for emotion in actors.emotions]
    changes = {}
    for done, (emotion, sex) in enumerate(wanted):
        progress(done, len(wanted))
        practise = _Practice(actors, speaker, lines, sex)
        change = fitted(
            actors.departure(emotion, sex),
            practise,
            actors.goal(emotion, sex, settings.exaggeration),
            prior=settings.prior,
            rounds=settings.rounds,
        )
        change = change.scaled(settings.strength)
        added = {name: getattr(change, name) + value for name, value in settings.by_rule.get(emotion, {}).items()}
        changes[emotion, sex] = dataclasses.replace(change, **added)
    progress(len(wanted), len(wanted))
    return changes


class _Practice:
    """Says the practice sentences in the presets of a sex, and tells how far they come out from neutral."""

    def __init__(self, actors: Actors, speaker: WorldSpeaker, lines: Sequence[VocoderFrames], sex: str) -> None:
        self._actors = actors
        self._lines: dict[str, list[VocoderFrames]] = {}
        self._neutral: dict[str, Floats] = {}
        self._presets = [preset for preset in PRESETS.values() if preset.voice.sex == sex]
        for preset in self._presets:
            own = [to_preset(line, preset, usual_f0=speaker.usual_f0, formants=speaker.formants) for line in lines]
            self._lines[preset.voice.name] = own
            self._neutral[preset.voice.name] = np.mean(
                [functionals(act(line, NEUTRAL, preset.register)) for line in own], axis=0
            )

    def __call__(self, change: EmotionChange) -> Floats:
        rows = [row for preset in self._presets for row in self._relative(change, preset)]
        mean: Floats = np.mean(rows, axis=0)
        return self._actors.seen(mean)

    def _relative(self, change: EmotionChange, preset: VoicePreset) -> Iterator[Floats]:
        for line in self._lines[preset.voice.name]:
            yield self._actors.scaled(
                functionals(act(line, change, preset.register)) - self._neutral[preset.voice.name]
            )


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
