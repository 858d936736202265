"""The shipped emotion recogniser: a checkpoint on ONNX Runtime, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.resampling import resampled
from pipeline.core.errors import NoSpeech, WeightsMissing
from pipeline.core.places import bundled
from pipeline.core.values import Audio, EmotionScores, Samples
from pipeline.recognition.speech.checkpoints import MODEL, read_card
from pipeline.recognition.speech.features.conditioning import phrases
from pipeline.recognition.speech.features.moonshine import SAMPLE_RATE

__all__ = ["SpeechRecogniser", "create"]

_SHORT: Final = 0.5
_MOSTLY_SILENCE: Final = 0.1
_FULL_SCALE: Final = 0.999
_CLIPPED_SHARE: Final = 0.001


class SpeechRecogniser:
    """Tells the emotion of speech.

    Args:
        folder: A checkpoint, as `detect.py train` writes it.
        threads: Computing threads; 0 leaves the choice to ONNX Runtime.

    Raises:
        WeightsMissing: The folder holds no checkpoint.
    """

    def __init__(self, folder: Path, *, threads: int = 0) -> None:
        from onnxruntime import InferenceSession, SessionOptions

        self.card = read_card(folder)
        self.name = self.card.name
        model = folder / MODEL
        if not model.exists():
            raise WeightsMissing(f"{model} is missing.")
        options = SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self._session = InferenceSession(str(model), options, providers=["CPUExecutionProvider"])

    def recognise(self, audio: Audio) -> EmotionScores:
        """Return the probability of every emotion.

        A long recording is judged phrase by phrase, each weighing as much as it holds speech.

        Args:
            audio: Mono, of any rate, level and length.

        Raises:
            NoSpeech: Nobody speaks in it.
        """
        audio = resampled(audio, SAMPLE_RATE)
        total = np.zeros(len(self.card.labels))
        speech = 0.0
        for phrase in phrases(audio):
            total += phrase.speech * self.probabilities(phrase.samples)
            speech += phrase.speech
        if not speech:
            raise NoSpeech(
                "No speech was found in the recording.", hint="Is it silent, only noise or music, or cut too short?"
            )
        return EmotionScores(
            labels=self.card.labels,
            probabilities=tuple((total / total.sum()).tolist()),
            model=self.name,
            calibrated=self.card.calibrated,
            unsure_below=self.card.unsure_below,
            warnings=tuple(_warnings(audio, speech)),
        )

    def probabilities(self, samples: Samples) -> NDArray[np.float64]:
        """Return the probabilities, (labels,), of one conditioned phrase, float32 (time,) at 16 kHz."""
        return np.asarray(self._session.run(["probabilities"], {"waveform": samples[np.newaxis]})[0][0], np.float64)


def create(*, threads: int = 0, device: str = "auto", language: str = "") -> SpeechRecogniser:
    """Load the shipped checkpoint; it runs on the processor whatever device is asked for, and hears any language.

    Raises:
        WeightsMissing: This installation lacks the checkpoint.
    """
    return SpeechRecogniser(bundled("checkpoints", "cnn1d"), threads=threads)


def _warnings(audio: Audio, speech: float) -> list[str]:
    """Say in what the recording is unlike those that the model was trained on."""
    found = []
    if speech < _SHORT:
        found.append(f"Only {speech:.1f} s of speech: too short for a sure answer.")
    if speech < _MOSTLY_SILENCE * audio.duration:
        found.append(f"Only {speech / audio.duration:.0%} of the recording is speech.")
    peak = float(np.max(np.abs(audio.samples)))
    clipped = float(np.mean(np.abs(audio.samples) >= _FULL_SCALE * peak))
    if peak >= _FULL_SCALE and clipped > _CLIPPED_SHARE:
        found.append(f"The recording is clipped ({clipped:.1%} of its samples are at full scale).")
    return found
