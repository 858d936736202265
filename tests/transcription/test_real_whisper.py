"""Whisper base with its real weights, out of the packages that hold them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline import VoicePipeline
from pipeline.core.errors import DownloadFailed
from pipeline.core.options import EngineSettings
from pipeline.transcription.scoring import word_errors
from pipeline.weights import CATALOGUE, installed
from pipeline.weights.pulling import pull

pytest.importorskip("faster_whisper", reason="the extra whisper is not installed")

pytestmark = pytest.mark.slow

CLIPS = {"SSB00090181": "那很不明智", "SSB00120415": "新闻上都在播呢", "SSB02670376": "我相信很好吃"}


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The weights that are there, or else those of the packages, with the digests of the catalogue."""
    with pytest.MonkeyPatch.context() as patch:
        if not installed("whisper-base"):
            patch.setenv("RESAY_HOME", str(tmp_path_factory.mktemp("home")))
            try:
                pull(CATALOGUE.find("whisper-base"), packages=True)
            except DownloadFailed as error:
                pytest.skip(f"the packages with Whisper's weights cannot be had: {error}")
        yield


def test_english_by_both(weights: None, say: Callable) -> None:
    said = "My brother bought a new car last week, and he likes it."
    transcript = VoicePipeline(EngineSettings(asr="accurate")).transcribe(say(said)[0])
    assert word_errors(said, transcript.text)[0] <= 1
    assert {segment.engine for segment in transcript.segments} <= {"moonshine:tiny", "whisper:base"}
    assert (transcript.language, transcript.notes) == ("en", ())


def test_mandarin_is_found_out_and_written_in_simplified_characters(weights: None, shared_data: Callable) -> None:
    pipeline = VoicePipeline(EngineSettings(asr="whisper:base"))
    wrong = said = 0
    for name, text in CLIPS.items():
        clip: Path = shared_data("aishell3") / f"{name}.flac"
        transcript = pipeline.transcribe(clip)
        assert (transcript.language, transcript.notes) == ("zh", ())
        errors = word_errors(text, transcript.text)
        wrong, said = wrong + errors[0], said + errors[1]
        doubted = pipeline.transcribe(clip, language="en")
        assert any("--language zh" in note for note in doubted.notes)
    assert wrong <= said / 4
