"""A recording is decoded once and searched for speech once, whatever is asked about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import soundfile

from pipeline import VoicePipeline
from pipeline.audio import activity, decoding
from pipeline.chain.engines import Engines
from pipeline.core.settings import Settings

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "recording.wav"


@pytest.fixture(scope="module")
def engines() -> Engines:
    """The engines that are installed with the project, loaded once."""
    return Engines(Settings(tts="embedded", threads=1))


@pytest.fixture
def pipeline(engines: Engines, tmp_path: Path) -> VoicePipeline:
    return VoicePipeline(Settings(tts="embedded", threads=1, output=tmp_path / "output"), engines=engines)


@pytest.fixture(scope="module")
def sentences(say: Callable, tmp_path_factory: pytest.TempPathFactory, joined: Callable) -> Path:
    """A recording of two sentences, each long enough for an emotion of its own."""
    audio = joined(
        say("My brother bought a new car last week.")[0],
        say("Kids are talking by the door of the old house.")[0],
        pause=0.5,
    )
    path = tmp_path_factory.mktemp("said") / "two.wav"
    soundfile.write(path, audio.samples, audio.sample_rate)
    return path


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count searches for speech and openings of recordings."""
    count: Counter[str] = Counter()
    open_stream = decoding.open_stream

    class Detector(activity.SpeechDetector):
        def __init__(self) -> None:
            count["searches"] += 1
            super().__init__()

    def opened(*arguments: Any, **options: Any) -> Iterator[Any]:
        count["openings"] += 1
        return open_stream(*arguments, **options)

    monkeypatch.setattr(activity, "SpeechDetector", Detector)
    monkeypatch.setattr(decoding, "open_stream", opened)
    return count


@pytest.mark.parametrize("emotion", ["happy", "auto"])
@pytest.mark.parametrize("options", [{}, {"keep_timing": True}, {"copy_prosody": True}, {"emotion_from": "both"}])
def test_a_conversion_hears_a_recording_once(
    emotion: str, options: dict[str, Any], pipeline: VoicePipeline, counted: Counter[str]
) -> None:
    pipeline.convert(EXAMPLE, emotion, **options)
    assert counted == {"searches": 1, "openings": 1}


@pytest.mark.parametrize("options", [{}, {"speakers": 0}])
def test_sentences_with_their_own_emotions_are_heard_once(
    options: dict[str, Any], sentences: Path, pipeline: VoicePipeline, counted: Counter[str]
) -> None:
    conversion = pipeline.convert(sentences, "auto", **options)
    assert len(conversion.spoken.segments) == 2
    assert counted == {"searches": 1, "openings": 1}


@pytest.mark.parametrize("emotion", ["happy", "auto"])
def test_a_verified_conversion_hears_the_recording_and_the_result(
    emotion: str, sentences: Path, pipeline: VoicePipeline, counted: Counter[str]
) -> None:
    for recording in (EXAMPLE, sentences):
        counted.clear()
        assert pipeline.convert(recording, emotion, verify=True).verification
        assert counted == {"searches": 2, "openings": 1}


@pytest.mark.parametrize(
    "options", [{}, {"emotions": True}, {"speakers": 0}, {"timeline": True}, {"speakers": 2, "timeline": True}]
)
def test_a_transcript_hears_a_recording_once(
    options: dict[str, Any], sentences: Path, pipeline: VoicePipeline, counted: Counter[str]
) -> None:
    transcript = pipeline.transcribe(sentences, **options)
    assert transcript.segments
    assert bool(transcript.windows) is ("timeline" in options)
    assert all((segment.speaker is not None) is ("speakers" in options) for segment in transcript.segments)
    assert counted == {"searches": 1, "openings": 1}


@pytest.mark.parametrize("options", [{}, {"words": True}, {"explain": True}, {"timeline": True}])
def test_recognition_hears_a_recording_once(
    options: dict[str, Any], pipeline: VoicePipeline, counted: Counter[str]
) -> None:
    pipeline.recognise(EXAMPLE, **options)
    assert counted == {"searches": 1, "openings": 1}
