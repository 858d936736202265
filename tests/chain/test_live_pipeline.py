"""Live transcription and speakers through the Python API."""

from __future__ import annotations

from pathlib import Path

from pipeline import VoicePipeline
from pipeline.core.settings import Settings
from pipeline.core.values import Audio, Segment

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "recording.wav"


class Echo:
    """Says how it was asked."""

    name = "echo"

    def transcribe(self, audio: Audio, *, hint: str = "") -> tuple[Segment, ...]:
        return (Segment(0.0, audio.duration, f"hint: {hint}"),)


def test_the_pipeline_hears_live_with_its_engine_and_its_hint() -> None:
    pipeline = VoicePipeline(Settings(hint="Resay"), transcriber=Echo())
    live = pipeline.live(partials=False)
    found = [*live.feed(pipeline.read(EXAMPLE).samples), *live.close()]
    assert [(phrase.segment.text, phrase.final) for phrase in found] == [("hint: Resay", True)]


def test_speakers_are_told_apart_only_when_asked() -> None:
    pipeline = VoicePipeline(Settings(), transcriber=Echo())
    speakers = [
        {segment.speaker for segment in pipeline.transcript(EXAMPLE, speakers=count).segments} for count in (None, 0)
    ]
    assert speakers == [{None}, {"speaker 1"}]
