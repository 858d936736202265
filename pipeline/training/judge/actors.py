"""The judge of synthetic speech from the recordings of RAVDESS's actors, as they are and in other voices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from pipeline.audio import read_audio
from pipeline.core.values import Audio
from pipeline.recognition.checkpoint import Card
from pipeline.synthesis.prosody.presets import PRESETS
from pipeline.synthesis.world.analysis import analyse, estimate_f0
from pipeline.synthesis.world.rendering import render
from pipeline.synthesis.world.timbre import to_preset
from pipeline.training.checkpoints import ENCODER_LICENCE
from pipeline.training.checks import require_folders, require_neutral
from pipeline.training.corpora import CORPORA, Recording
from pipeline.training.judge.revoiced_copies import CACHE, RECORDED, heard
from pipeline.training.judge.training import JudgeSettings, train_judge
from pipeline.training.libraries import require_modules
from pipeline.training.runs import Progress
from pipeline.training.splits import speaker_folds

__all__ = ["train_on_actors"]

_FORMANTS: Final = {"female": 1.0, "male": 0.87}
"""How much higher than an average woman's the formants are, of people of each sex."""

_RATE: Final = 24_000
"""Hertz of what the vocoder says again, as of all speech that is synthesised here."""


def train_on_actors(
    settings: JudgeSettings,
    data: Path,
    output: Path,
    *,
    cache: Path = CACHE,
    progress: Progress = lambda step, done, total, values: None,
) -> Card:
    """Train the judge on actors, as they were recorded and as a vocoder moves their voices.

    Args:
        settings: How.
        data: Folder of RAVDESS.
        output: Folder of the checkpoint.
        cache: Folder of what was heard already.
        progress: Told after every recording and training.

    Raises:
        UsageError: The corpus is not in `data`, or has too few speakers or neutral recordings.
        EngineMissing: A package for training is not installed.
        OutputError: The folder cannot be written.
    """
    require_modules(("onnx",), "train")
    require_folders(output=output, cache=cache)
    corpus = CORPORA.find("ravdess")
    recordings = corpus.read(data)
    speaker_folds([recording.speaker for recording in recordings], settings.folds, "folds in the settings")
    require_neutral(recordings, 2)
    voices = _Voices(recordings)
    renditions = heard(
        recordings,
        voices.render,
        voices.key,
        cache=cache,
        progress=lambda done, total: progress("listening", done, total, {}),
    )
    return train_judge(
        renditions,
        settings,
        output,
        data={"corpora": [corpus.name], "citation": corpus.citation},
        licences={
            "encoder": ENCODER_LICENCE,
            f"recordings ({corpus.name})": corpus.licence,
            "weights of the discriminant": corpus.weights,
        },
        progress=lambda done, total: progress("training", done, total, {}),
    )


class _Voices:
    """Says recordings again in the four voice presets: another level of F0 and another vocal tract, nothing else.

    Args:
        recordings: Several of each speaker, some of them neutral.
    """

    def __init__(self, recordings: Sequence[Recording]) -> None:
        found = defaultdict(list)
        for clip in recordings:
            if clip.emotion == "neutral":
                f0 = estimate_f0(read_audio(clip.path, sample_rate=_RATE))
                found[clip.speaker].append(float(np.median(f0[f0 > 0])))
        self._pitch = {speaker: round(float(np.median(own)), 1) for speaker, own in found.items()}

    def key(self, clip: Recording) -> str:
        """Return what the renditions of a recording depend on."""
        return f"{self._pitch[clip.speaker]} {_FORMANTS[clip.sex]} {list(PRESETS.values())}"

    def render(self, clip: Recording) -> Mapping[str, Audio]:
        """Return a recording as it is and in the four voice presets."""
        own, formants = self._pitch[clip.speaker], _FORMANTS[clip.sex]
        frames = analyse(read_audio(clip.path, sample_rate=_RATE))
        moved = {
            name: render(to_preset(frames, preset, usual_f0=own, formants=formants)) for name, preset in PRESETS.items()
        }
        return {RECORDED: read_audio(clip.path), **moved}
