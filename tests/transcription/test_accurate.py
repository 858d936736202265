"""Two engines hear a segment: Moonshine as it is, and Whisper's whole path on models that say what they are told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.audio.speech_segments import speech_segments
from pipeline.core.errors import EngineMissing
from pipeline.core.values import Audio, Segment
from pipeline.transcription import TRANSCRIBERS

pytest.importorskip("faster_whisper", reason="the extra whisper is not installed")

from pipeline.transcription.accurate import AccurateTranscriber
from pipeline.transcription.moonshine import MoonshineTranscriber
from pipeline.transcription.whisper import WhisperTranscriber
from tests.transcription.tiny_whisper import write_scripted
from tests.transcription.whole_sounds import transcribed

SAID = "My brother bought a new car last week."
OTHER = "Kids are talking by the door."
CHINESE = "今日很冷。"
CASES = {
    "Whisper is surer": ({"text": OTHER, "language": "en"}, "", OTHER, "whisper"),
    "Moonshine is surer": ({"text": OTHER, "language": "en", "certainty": 7.0}, "", SAID, "moonshine"),
    "English is asked for": ({"text": OTHER, "language": "en"}, "en-GB", OTHER, "whisper"),
    "another language is heard": ({"text": CHINESE, "language": "zh"}, "auto", CHINESE, "whisper"),
    "another is asked for": ({"text": CHINESE, "language": "zh", "certainty": 7.0}, "zh", CHINESE, "whisper"),
}


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Callable[[dict[str, Any]], Path]:
    """Write a model once for all cases that want it."""
    written: dict[str, Path] = {}

    def model(settings: dict[str, Any]) -> Path:
        key = json.dumps(settings)
        if key not in written:
            written[key] = write_scripted(tmp_path_factory.mktemp("whisper"), **settings)
        return written[key]

    return model


@pytest.mark.parametrize("case", CASES)
def test_the_surer_text_is_kept(case: str, models: Callable, engine: MoonshineTranscriber, say: Callable) -> None:
    settings, language, text, who = CASES[case]
    thorough = WhisperTranscriber("whisper:base", models(settings), 1, language=language)
    both = AccurateTranscriber(engine, thorough, language)
    (segment,) = transcribed(both, say(SAID)[0])
    assert segment.text.strip(".") == text.strip(".") or segment.text == text
    assert segment.engine is not None
    assert segment.engine.startswith(who)
    assert Segment.from_dict(segment.to_dict()).engine == segment.engine
    assert all(segment.start <= word.start <= word.end <= segment.end for word in segment.words)


def test_words_that_nobody_said_need_both(models: Callable, engine: MoonshineTranscriber, say: Callable) -> None:
    class Deaf:
        name = "moonshine:tiny"

        def transcribe(self, segment: Any, *, hotwords: str = "") -> None:
            return None

    (speech,) = speech_segments(say(SAID)[0])
    for language, text, kept in (("en", OTHER, False), ("zh", CHINESE, True)):
        thorough = WhisperTranscriber("whisper:base", models({"text": text, "language": language}), 1)
        found = AccurateTranscriber(Deaf(), thorough).transcribe(speech)  # type: ignore[arg-type]
        assert (found is not None) is kept
    thorough = WhisperTranscriber("whisper:base", models({"text": "... !", "language": "en"}), 1)
    assert AccurateTranscriber(engine, thorough).transcribe(speech) is None
    silence = Audio(np.zeros(32_000, np.float32), 16_000)
    assert transcribed(AccurateTranscriber(engine, thorough), silence) == ()


def test_a_growing_text_is_moonshines(models: Callable, engine: MoonshineTranscriber, say: Callable) -> None:
    (speech,) = speech_segments(say(SAID)[0])
    thorough = WhisperTranscriber("whisper:base", models({"text": OTHER, "language": "en"}), 1)
    assert AccurateTranscriber(engine, thorough).partial(speech).startswith("My brother")
    assert AccurateTranscriber(engine, thorough, "zh").partial(speech) == ""


def test_it_is_taken_only_when_asked_for(
    models: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, say: Callable
) -> None:
    monkeypatch.setenv("RESAY_HOME", str(tmp_path))
    with pytest.raises(EngineMissing, match="models pull whisper-base"):
        TRANSCRIBERS.choose("accurate")
    folder = tmp_path / "weights" / "whisper-base"
    folder.parent.mkdir()
    folder.symlink_to(models({"text": OTHER, "language": "en"}))
    (folder / "weights.json").write_text("{}")
    assert TRANSCRIBERS.choose("auto").name == "moonshine"
    assert TRANSCRIBERS.choose("auto", "auto").name == "whisper"
    engine = TRANSCRIBERS.create(TRANSCRIBERS.choose("accurate"), threads=1, device="cpu", language="auto")
    assert transcribed(engine, say(SAID)[0])[0].engine == "whisper:base"
