"""Speaker diarisation: engines behind one protocol that find the turns of the speakers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from pipeline.core.engines import EngineSpec, Registry

if TYPE_CHECKING:
    from pipeline.audio.activity import SpeechActivity
    from pipeline.core.values import Audio, Turn

__all__ = ["DIARISERS", "Diarisation", "Diariser"]


class Diarisation(Protocol):
    """The diarisation of one recording that comes part by part."""

    def add(self, audio: Audio, activity: SpeechActivity) -> None:
        """Add the next part, mono, 16 kHz, of any length."""
        ...

    def turns(self, speakers: int = 0) -> tuple[Turn, ...]:
        """Return the turns of the speakers in order of time; none if nobody spoke.

        Args:
            speakers: Number of speakers; 0 estimates it.
        """
        ...


class Diariser(Protocol):
    """Finds out who speaks when."""

    name: str
    """Name of the engine."""

    def stream(self) -> Diarisation:
        """Start the diarisation of a recording."""
        ...


DIARISERS: Final[Registry[Diariser]] = Registry(
    "diarisation",
    "--diariser",
    (
        EngineSpec(
            name="x-vector",
            settings=(),
            module="pipeline.transcription.speakers.diariser",
            description="clustered x-vectors, embedded: any language, works without any download",
            languages=(),
            licence="MIT (code and weights)",
            weights="checkpoints/encoder, part of this project",
            packages=("onnxruntime",),
        ),
    ),
)
"""Engines that tell speakers apart, the preferred one first."""
