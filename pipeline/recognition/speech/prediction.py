"""Any checkpoint on ONNX Runtime: the graph's inputs say what it hears, and nothing that trained it is imported."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.resampling import resampled
from pipeline.core.errors import NoSpeech
from pipeline.core.onnx_sessions import open_graph
from pipeline.core.values import Audio, EmotionScores, Samples
from pipeline.recognition.calibration import softmax
from pipeline.recognition.speech.checkpoint import MODEL, read_card
from pipeline.recognition.speech.conditioning import at_speed, phrases, whole
from pipeline.recognition.speech.features import FEATURES, load_features
from pipeline.recognition.speech.features.moonshine import SAMPLE_RATE
from pipeline.recognition.speech.input_quality import Conditions
from pipeline.recognition.speech.recogniser import SpeechRecogniser

__all__ = ["Predictor", "load_checkpoint"]

WAVEFORM: Final = "waveform"
"""Input of a graph that hears sound; every other input is the name of features."""


class Predictor:
    """A checkpoint that tells the emotion of speech.

    Args:
        folder: A checkpoint, as `detect.py train` writes it.
        threads: Computing threads; 0 leaves the choice to ONNX Runtime.

    Raises:
        WeightsMissing: The folder holds no checkpoint.
        EngineMissing: The package that computes its features is not installed.
    """

    def __init__(self, folder: Path, *, threads: int = 0) -> None:
        self.card = read_card(folder)
        self.name = self.card.name
        self._session = open_graph(folder / MODEL, threads=threads)
        self._inputs = [entry.name for entry in self._session.get_inputs()]
        self._features = {name: load_features(name, threads or 1) for name in self._inputs if name != WAVEFORM}

    def recognise(self, audio: Audio) -> EmotionScores:
        """Return the probability of every emotion.

        A long recording is judged phrase by phrase, each weighing as much as it holds speech.

        Args:
            audio: Mono, of any rate, level and length.

        Raises:
            NoSpeech: Nobody speaks in it.
        """
        audio = resampled(audio, SAMPLE_RATE)
        total, conditions = np.zeros(len(self.card.labels)), Conditions()
        for number, phrase in enumerate(phrases(audio)):
            if self.conditioned or not number:
                total += phrase.speech * self.probabilities(phrase.samples, audio)
            conditions.add(phrase)
        if not total.any():
            raise NoSpeech(
                "No speech was found in the recording.", hint="Is it silent, only noise or music, or cut too short?"
            )
        return EmotionScores(
            labels=self.card.labels,
            probabilities=tuple((total / total.sum()).tolist()),
            model=self.name,
            calibrated=self.card.calibrated,
            unsure_below=self.card.unsure_below,
            warnings=conditions.warnings(audio.duration),
        )

    @property
    def conditioned(self) -> bool:
        """Whether phrases are heard; otherwise the recording as a whole and as it is."""
        return all(features.conditioned for features in self._features.values())

    def probabilities(self, samples: Samples, recording: Audio | None = None) -> NDArray[np.float64]:
        """Return the probabilities, (labels,), of one phrase.

        Args:
            samples: The conditioned phrase, float32 (time,) at 16 kHz.
            recording: Where it comes from, for features of whole recordings; the phrase itself by default.
        """
        recording = recording or Audio(samples, SAMPLE_RATE)
        logits = [self._logits(samples, recording, speed) for speed in self.card.speeds]
        return softmax(np.mean(logits, axis=0), self.card.temperature)

    def _logits(self, samples: Samples, recording: Audio, speed: float) -> NDArray[np.float32]:
        fed = {}
        for name in self._inputs:
            if name == WAVEFORM:
                fed[name] = at_speed(samples, speed)[np.newaxis]
                continue
            features = self._features[name]
            heard = samples if features.conditioned else whole(recording, levelled=False).samples
            # As the store keeps them for training.
            fed[name] = features(at_speed(heard, speed)).astype(features.precision).astype(np.float32)[np.newaxis]
        return np.asarray(self._session.run(["logits"], fed)[0][0])


def load_checkpoint(folder: Path, *, threads: int = 0) -> SpeechRecogniser | Predictor:
    """Return what judges with a checkpoint: the recogniser where its graph hears sound alone.

    Args:
        folder: A checkpoint, as `detect.py train` writes it.
        threads: Computing threads; 0 leaves the choice to ONNX Runtime.

    Raises:
        WeightsMissing: The folder holds no checkpoint.
        EngineMissing: The package that computes its features is not installed.
    """
    features = read_card(folder).features
    if any(spec.ships and spec.name == features for spec in FEATURES):
        return SpeechRecogniser(folder, threads=threads)
    return Predictor(folder, threads=threads)
