"""The language of a recording: asked for or found out, doubted, and spoken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline import VoicePipeline
from pipeline.core.errors import EngineMissing, UnknownName
from pipeline.core.options import EngineSettings
from pipeline.core.values import Audio

pytest.importorskip("faster_whisper", reason="the extra whisper is not installed")

from tests.transcription.tiny_whisper import write_scripted

TEXTS = {"zh": "今天頭髮很長。", "fr": "Il fait beau.", "en": "Kids are talking."}


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., VoicePipeline]:
    """A pipeline whose Whisper hears one language in everything."""
    root = tmp_path_factory.mktemp("whisper")
    folders = {code: write_scripted(root / code, text, language=code) for code, text in TEXTS.items()}
    made: dict[tuple[str, str], VoicePipeline] = {}

    def make(heard: str, tts: str = "auto") -> VoicePipeline:
        key = heard, tts
        if key not in made:
            made[key] = VoicePipeline(EngineSettings(asr=f"whisper:{folders[heard]}", tts=tts, threads=1))
        return made[key]

    return make


@pytest.fixture(scope="module")
def sound(say: Callable) -> Audio:
    audio: Audio = say("My brother bought a new car last week.")[0]
    return audio


@pytest.mark.parametrize(("asr", "language"), [("auto", "en"), ("moonshine", "en"), ("whisper", "auto")])
@pytest.mark.parametrize("asked", ["", "de"])
def test_an_engine_of_many_languages_finds_out_which(asr: str, language: str, asked: str) -> None:
    from pipeline.core.settings import Settings

    assert VoicePipeline(Settings(asr=asr, language=asked)).options.language == (asked or language)


@pytest.mark.parametrize(
    ("heard", "tts", "asked", "engine", "spoken"),
    [
        ("zh", "auto", "", "espeak", "zh"),
        ("zh", "espeak", "auto", "espeak", "zh"),
        ("zh", "auto", "zh", "espeak", "zh"),
        ("en", "auto", "", "embedded", "en"),
        ("fr", "resynthesis", "", "resynthesis", "fr"),
    ],
)
def test_what_was_heard_is_spoken_in_its_language(
    heard: str, tts: str, asked: str, engine: str, spoken: str, pipeline: Callable, sound: Audio, tmp_path: Path
) -> None:
    conversion = pipeline(heard, tts).convert(sound, "happy", output=tmp_path, language=asked or None)
    assert conversion.engines["synthesis"] == engine
    assert (conversion.heard.language, conversion.spoken.language) == (spoken, spoken)
    assert conversion.notes == tuple(note for note in conversion.notes if "unlikely" not in note)


@pytest.mark.parametrize(("tts", "error"), [("auto", EngineMissing), ("embedded", UnknownName)])
def test_a_language_that_nobody_here_speaks_is_named(
    tts: str, error: type[Exception], pipeline: Callable, sound: Audio, tmp_path: Path
) -> None:
    with pytest.raises(error, match="The recording is in the language 'fr'") as raised:
        pipeline("fr", tts).convert(sound, "happy", output=tmp_path)
    assert "--tts resynthesis" in str(raised.value)
    assert list(tmp_path.iterdir()) == []


def test_another_language_than_asked_for_is_named_with_the_cure(pipeline: Callable, sound: Audio) -> None:
    transcript = pipeline("zh").transcribe(sound, language="en")
    assert transcript.segments[0].language_heard == "zh"
    assert any("'zh'" in note and "--language zh" in note for note in transcript.notes)
    assert pipeline("zh").transcribe(sound).notes == ()


@pytest.mark.parametrize(("script", "text"), [("simplified", "今天头发很长。"), ("traditional", "今天頭髮很長。")])
def test_chinese_is_written_as_asked(script: str, text: str, pipeline: Callable, sound: Audio) -> None:
    transcript = pipeline("zh").transcribe(sound, script=script)
    assert transcript.text == text
    assert "".join(word.text for word in transcript.words) == text
