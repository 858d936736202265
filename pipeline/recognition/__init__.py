"""Emotion recognition. Importing this package imports nothing heavy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, Protocol

from pipeline.core.engines import EngineSpec, Registry
from pipeline.recognition.own_checkpoints import SPEECH

if TYPE_CHECKING:
    from pipeline.audio.activity import SpeechActivity
    from pipeline.core.explanation import Explanation
    from pipeline.core.timeline import Timeline
    from pipeline.core.values import Audio, EmotionScores
    from pipeline.recognition.speech.speaker import SpeakerProfile

__all__ = [
    "COMPARISON",
    "EXPLANATION",
    "RECOGNISERS",
    "SPEAKER",
    "TIMELINE",
    "DetailedRecogniser",
    "Recogniser",
    "RecognitionStream",
]

COMPARISON: Final = "comparison"
"""Capability: can compare a voice with its own neutral speech."""
EXPLANATION: Final = "explanation"
"""Capability: can say which seconds and which frequencies decided the answer."""
SPEAKER: Final = "speaker"
"""Capability: can use a speaker profile, and make one from recordings."""
TIMELINE: Final = "timeline"
"""Capability: can take a recording part by part, and say how the emotion changes through it."""


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


class RecognitionStream(Protocol):
    """The analysis of one recording that comes part by part."""

    def add(self, audio: Audio, activity: SpeechActivity | None = None) -> None:
        """Add the next part."""
        ...

    def scores(self) -> EmotionScores:
        """Return how likely each emotion is over all parts."""
        ...

    def timeline(self) -> Timeline:
        """Return how the emotion changes through all parts."""
        ...


class DetailedRecogniser(Protocol):
    """What a recogniser with every capability offers; `SpeechRecogniser` documents the methods."""

    name: str
    """Name of the model."""

    def recognise(
        self, audio: Audio, *, activity: SpeechActivity | None = None, speaker: SpeakerProfile | None = None
    ) -> EmotionScores:
        """As `SpeechRecogniser.recognise`; needs `SPEAKER` if a speaker is given."""
        ...

    def score_against_neutral(self, audio: Audio, neutral: Audio) -> EmotionScores:
        """As `SpeechRecogniser.score_against_neutral`; needs `COMPARISON`."""
        ...

    def stream(
        self, *, speaker: SpeakerProfile | None = None, timeline: bool = False, length: float = ..., hop: float = ...
    ) -> RecognitionStream:
        """As `SpeechRecogniser.stream`; needs `TIMELINE`."""
        ...

    def explain(
        self, audio: Audio, *, activity: SpeechActivity | None = None, speaker: SpeakerProfile | None = None
    ) -> Explanation:
        """As `SpeechRecogniser.explain`; needs `EXPLANATION`."""
        ...

    def profile(self, recordings: Iterable[Audio]) -> SpeakerProfile:
        """As `SpeechRecogniser.profile`; needs `SPEAKER`."""
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
            "also on read speech of LibriSpeech (CC BY 4.0).",
            weights="checkpoints/cnn1d, part of this project",
            packages=("onnxruntime",),
            capabilities=frozenset({COMPARISON, EXPLANATION, SPEAKER, TIMELINE}),
        ),
    ),
    folder=SPEECH,
)
"""Engines that recognise the emotion of a voice, the preferred one first."""
