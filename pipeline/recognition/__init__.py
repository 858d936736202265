"""Emotion recognition. Importing this package imports nothing heavy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from pipeline.core.engines import EngineSpec, Recogniser, Registry

if TYPE_CHECKING:
    from pipeline.core.evidence import Explanation, Timeline
    from pipeline.core.values import Audio, EmotionScores
    from pipeline.recognition.speech.speaker import SpeakerProfile

__all__ = ["RECOGNISERS", "DetailedRecogniser"]


@runtime_checkable
class DetailedRecogniser(Protocol):
    """A recogniser that can also be told who speaks, and be asked when and why; its methods are documented there."""

    name: str
    """Name of the model."""

    def recognise(self, audio: Audio, *, speaker: SpeakerProfile | None = None) -> EmotionScores:
        """As `SpeechRecogniser.recognise`."""
        ...

    def timeline(
        self,
        audio: Audio | Iterable[Audio],
        *,
        speaker: SpeakerProfile | None = None,
        length: float = ...,
        hop: float = ...,
    ) -> Timeline:
        """As `SpeechRecogniser.timeline`."""
        ...

    def explain(self, audio: Audio, *, speaker: SpeakerProfile | None = None) -> Explanation:
        """As `SpeechRecogniser.explain`."""
        ...

    def phrases(self, audio: Audio) -> tuple[tuple[float, float], ...]:
        """As `SpeechRecogniser.phrases`."""
        ...

    def profile(self, recordings: Iterable[Audio]) -> SpeakerProfile:
        """As `SpeechRecogniser.profile`."""
        ...


RECOGNISERS: Registry[Recogniser] = Registry(
    "recognition",
    "--model",
    (
        EngineSpec(
            name="cnn1d",
            module="pipeline.recognition.speech.recogniser",
            description="1-D convolution network over Moonshine's encoder and an x-vector, trained on RAVDESS.",
            languages=(),
            licence="MIT code and encoders; weights trained on RAVDESS (CC BY-NC-SA 4.0): non-commercial; "
            "beside it read speech of LibriSpeech (CC BY 4.0).",
            weights="checkpoints/cnn1d, part of this project",
            packages=("onnxruntime",),
        ),
    ),
)
"""What can tell an emotion from speech, the most wanted first."""
