"""Any checkpoint of speech on ONNX Runtime, whatever it hears, and nothing that trained it is imported."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.activity import SpeechActivity
from pipeline.core.values import Audio, EmotionScores, Samples
from pipeline.recognition.checkpoint import read_card
from pipeline.recognition.speech.conditioning import at_speed, whole
from pipeline.recognition.speech.features import FEATURES, load_features
from pipeline.recognition.speech.recogniser import SpeechRecogniser
from pipeline.recognition.speech.speaker import SpeakerProfile

__all__ = ["FeatureRecogniser", "load_checkpoint"]

WAVEFORM: Final = "waveform"
"""Input of a graph that hears sound; every other input is the name of features."""


class FeatureRecogniser(SpeechRecogniser):
    """Tells the emotion of speech from features that are computed outside of its graph, whose inputs are their names.

    A model of the usual recipe, which leaves level and silence in, hears a recording as a whole and as it is.

    Args:
        folder: A checkpoint, as `detect.py train` writes it.
        threads: Computing threads; 0 leaves the choice to ONNX Runtime.

    Raises:
        WeightsMissing: The folder holds no checkpoint.
        EngineMissing: The package that computes its features is not installed.
    """

    def __init__(self, folder: Path, *, threads: int = 0) -> None:
        super().__init__(folder, threads=threads)
        self._inputs = [entry.name for entry in self._session.get_inputs()]
        self._features = {name: load_features(name, threads or 1) for name in self._inputs if name != WAVEFORM}
        self._conditioned = all(features.conditioned for features in self._features.values())
        self.capabilities = frozenset({"explanation", "timeline"} if self._conditioned else ())

    def recognise(
        self, audio: Audio, *, activity: SpeechActivity | None = None, speaker: SpeakerProfile | None = None
    ) -> EmotionScores:
        """As `SpeechRecogniser.recognise`."""
        scores = super().recognise(audio, activity=activity, speaker=speaker)
        if self._conditioned:
            return scores
        # The phrases told whether anybody speaks, and what is unusual; the answer is that to the whole.
        found = self.probabilities(whole(audio, levelled=False).samples)
        return dataclasses.replace(scores, probabilities=tuple(found.tolist()))

    def _heard(
        self, outputs: Sequence[str], samples: Samples, speaker: SpeakerProfile | None = None
    ) -> list[NDArray[np.float64]]:
        runs = [self._session.run(list(outputs), self._fed(at_speed(samples, speed))) for speed in self.card.speeds]
        return [np.mean([run[index][0] for run in runs], axis=0, dtype=np.float64) for index in range(len(outputs))]

    def _fed(self, samples: Samples) -> dict[str, NDArray[np.float32]]:
        """Return what the graph takes, of a phrase at the speed at which it is heard."""
        fed = {name: samples[np.newaxis] for name in self._inputs if name == WAVEFORM}
        for name, features in self._features.items():
            # As the store keeps them for training.
            fed[name] = features(samples).astype(features.precision).astype(np.float32)[np.newaxis]
        return fed


def load_checkpoint(folder: Path, *, threads: int = 0) -> SpeechRecogniser:
    """Return what judges with a checkpoint of speech.

    Args:
        folder: A checkpoint, as `detect.py train` writes it.
        threads: Computing threads; 0 leaves the choice to ONNX Runtime.

    Raises:
        WeightsMissing: The folder holds no checkpoint.
        EngineMissing: The package that computes its features is not installed.
    """
    features = read_card(folder).features
    if any(spec.graph and spec.name == features for spec in FEATURES):
        return SpeechRecogniser(folder, threads=threads)
    return FeatureRecogniser(folder, threads=threads)
