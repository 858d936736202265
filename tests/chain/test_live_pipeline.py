"""Live transcription and speakers through the Python API."""

from __future__ import annotations

from pathlib import Path

from pipeline import VoicePipeline
from pipeline.audio.speech_segments import SpeechSegment
from pipeline.core.settings import Settings
from pipeline.core.values import Segment

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "recording.wav"


class Echo:
    """Says how it was asked."""

    name = "echo"

    def transcribe(self, segment: SpeechSegment, *, hotwords: str = "") -> Segment:
        return Segment(segment.start, segment.end, f"hotwords: {hotwords}")


def test_the_pipeline_hears_live_with_its_engine_and_its_hotwords() -> None:
    pipeline = VoicePipeline(Settings(hotwords="Resay"), transcriber=Echo())
    live = pipeline.live(partials=False)
    found = [*live.feed(pipeline.read(EXAMPLE).samples), *live.close()]
    assert [(phrase.segment.text, phrase.final) for phrase in found] == [("hotwords: Resay", True)]


def test_speakers_are_told_apart_only_when_asked() -> None:
    pipeline = VoicePipeline(Settings(), transcriber=Echo())
    speakers = [
        {segment.speaker for segment in pipeline.transcribe(EXAMPLE, speakers=count).segments} for count in (None, 0)
    ]
    assert speakers == [{None}, {"speaker 1"}]


def test_live_captions_tell_the_emotion_of_each_segment() -> None:
    pipeline = VoicePipeline(Settings(), transcriber=Echo())
    live = pipeline.live(partials=False, emotions=True)
    (found,) = [*live.feed(pipeline.read(EXAMPLE).samples), *live.close()]
    (offline,) = pipeline.transcribe(EXAMPLE, emotions=True).segments
    assert found.segment.emotion.top == offline.emotion.top
