"""Emotion recognition. Importing this package imports nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from pipeline.core.engines import EngineSpec, Registry
from pipeline.recognition.own_checkpoints import SPEECH

if TYPE_CHECKING:
    from pipeline.audio.activity import SpeechActivity
    from pipeline.core.values import Audio, EmotionScores

__all__ = ["COMPARISON", "EXPLANATION", "RECOGNISERS", "SPEAKER", "TIMELINE", "TOGETHER", "Recogniser"]

COMPARISON: Final = "comparison"
"""Capability: `score_against_neutral` compares a voice with its own neutral speech.

The methods of the capabilities are those of `pipeline.recognition.speech.recogniser.SpeechRecogniser`."""
EXPLANATION: Final = "explanation"
"""Capability: `explain` says which seconds and which frequencies decided the answer."""
SPEAKER: Final = "speaker"
"""Capability: `recognise` takes a speaker profile, and `profile` makes one from recordings."""
TIMELINE: Final = "timeline"
"""Capability: `stream` takes a recording part by part, and says how the emotion changes through it."""
TOGETHER: Final = "together"
"""Capability: `judge_together` judges answers of one speaker again, each knowing the others."""


class Recogniser(Protocol):
    """Recognises the emotion of a voice."""

    name: str
    """Name of the model."""

    def recognise(self, audio: Audio, *, activity: SpeechActivity | None = None) -> EmotionScores:
        """Return the probability of every emotion.

        Args:
            audio: Mono, 16 kHz, of any length.
            activity: How likely somebody speaks at each moment of the sound; detected by default.

        Raises:
            NoSpeech: There is no speech in the sound to judge.
        """
        ...


RECOGNISERS: Registry[Recogniser] = Registry(
    "recognition",
    "--model",
    (
        EngineSpec(
            name="cnn1d",
            module="pipeline.recognition.speech.recogniser",
            description="1-D convolution network and a discriminant over the encoders of Moonshine and Whisper and an "
            "x-vector, trained on RAVDESS, nEMO and TESS.",
            languages=(),
            licence="MIT code and encoders; weights trained on RAVDESS and nEMO (CC BY-NC-SA 4.0) and TESS "
            "(CC BY-NC-ND 4.0): non-commercial; also on read speech of LibriSpeech (CC BY 4.0).",
            weights="checkpoints/cnn1d, part of this project",
            packages=("onnxruntime",),
            capabilities=frozenset({COMPARISON, EXPLANATION, SPEAKER, TIMELINE, TOGETHER}),
        ),
    ),
    folder=SPEECH,
)
"""Engines that recognise the emotion of a voice, the preferred one first."""
