"""Live transcription and speakers through the Python API."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline import VoicePipeline
from pipeline.audio.speech_segments import SpeechSegment
from pipeline.chain.live import LiveSpeakers
from pipeline.core.errors import EngineFailed
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


class Unable:
    """Recognises no emotion."""

    name = "unable"

    def recognise(self, audio: object, *, activity: object = None) -> object:
        raise EngineFailed("The graph is broken.")


def test_live_captions_go_on_without_the_emotion_that_fails() -> None:
    problems: list[str] = []
    heard: list[tuple[float, str]] = []
    pipeline = VoicePipeline(Settings(hotwords="Resay"), transcriber=Echo(), recogniser=Unable())
    live = pipeline.live(
        partials=False,
        emotions=True,
        on_problem=lambda error: problems.append(str(error)),
        on_speech=lambda speech, segment: heard.append((speech.audio.duration, segment.text)),
    )
    (found,) = [*live.feed(pipeline.read(EXAMPLE).samples), *live.close()]
    assert (found.segment.text, found.segment.emotion) == ("hotwords: Resay", None)
    assert problems == ["The graph is broken."]
    assert heard[0][0] > 2
    assert heard[0][1] == found.segment.text
    strict = pipeline.live(partials=False, emotions=True)
    with pytest.raises(EngineFailed):
        [*strict.feed(pipeline.read(EXAMPLE).samples), *strict.close()]


def test_speakers_of_live_captions_are_told_apart(joined: Callable, make_vowels: Callable) -> None:
    """Segments of two voices, the second of which comes later."""
    pipeline = VoicePipeline(Settings(), transcriber=Echo())
    speakers = LiveSpeakers(pipeline.engines.diariser().stream(), 2)
    low, high = make_vowels(3.0, pitch=90.0, seed=1), make_vowels(3.0, pitch=260.0, seed=2)
    sound = joined(low, high, low, high, pause=1.5)
    live = pipeline.live(partials=False, on_speech=lambda speech, _: speakers.add(speech))
    found = [*live.feed(sound.samples), *live.close()]
    assert len(found) == 4
    first, second, third, fourth = speakers.speakers()
    assert first == third == "speaker 1"
    assert second == fourth == "speaker 2"
