"""A whole sound transcribed, as the chain does it: segment by segment."""

from __future__ import annotations

from pipeline.audio.speech_segments import speech_segments
from pipeline.core.values import Audio, Segment
from pipeline.transcription import Transcriber


def transcribed(engine: Transcriber, audio: Audio, **options: str) -> tuple[Segment, ...]:
    """Return what an engine understands of the speech segments of a sound: mono, 16 kHz, of any length."""
    found = (engine.transcribe(segment, **options) for segment in speech_segments(audio))
    return tuple(segment for segment in found if segment)
