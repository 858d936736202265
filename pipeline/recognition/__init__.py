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
    "Listener",
    "Recogniser",
]

COMPARISON: Final = "comparison"
"""Capability: can hear how a voice departs from its own neutral speech."""
EXPLANATION: Final = "explanation"
"""Capability: can tell which seconds and which frequencies moved the answer."""
SPEAKER: Final = "speaker"
"""Capability: can be told who speaks, and learn that from recordings."""
TIMELINE: Final = "timeline"
"""Capability: can hear a recording part by part, and tell how the emotion goes through it."""


class Recogniser(Protocol):
    """Tells how something was said."""

    name: str
    """Name of the model."""

    def recognise(self, audio: Audio, *, activity: SpeechActivity | None = None) -> EmotionScores:
        """Return the probability of every emotion.

        Args:
            audio: Mono, 16 kHz, of any length.
            activity: How likely somebody speaks, through the sound; found out by default.

        Raises:
            NoSpeech: There is nothing in the sound to judge.
        """
        ...


class Listener(Protocol):
    """Hears one recording part by part."""

    def add(self, audio: Audio, activity: SpeechActivity | None = None) -> None:
        """Hear the next part."""
        ...

    def scores(self) -> EmotionScores:
        """Return how likely each emotion is over all that was heard."""
        ...

    def timeline(self) -> Timeline:
        """Return how the emotion goes through all that was heard."""
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

    def listen(
        self, *, speaker: SpeakerProfile | None = None, timeline: bool = False, length: float = ..., hop: float = ...
    ) -> Listener:
        """As `SpeechRecogniser.listen`; needs `TIMELINE`."""
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
            "beside it read speech of LibriSpeech (CC BY 4.0).",
            weights="checkpoints/cnn1d, part of this project",
            packages=("onnxruntime",),
            capabilities=frozenset({COMPARISON, EXPLANATION, SPEAKER, TIMELINE}),
        ),
    ),
    folder=SPEECH,
)
"""What can tell an emotion from speech, the most wanted first."""
