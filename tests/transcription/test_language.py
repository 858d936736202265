"""Whether it was English at all."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pipeline.audio import read_audio
from pipeline.core.values import Segment
from pipeline.transcription.language import language_note, likelihood_of_english
from pipeline.transcription.moonshine import MoonshineTranscriber
from tests.transcription.whole_sounds import transcribed


def segment(seconds: float, likelihood: float | None) -> Segment:
    return Segment(1.0, 1.0 + seconds, "so", language="en", language_confidence=likelihood)


@pytest.mark.parametrize(
    ("segments", "warned"),
    [
        ([], False),
        ([(2.0, None)], False),
        ([(2.0, 0.99)], False),
        ([(2.0, 0.01)], True),
        ([(9.0, 0.99), (1.0, 0.01)], False),
        ([(1.0, 0.99), (9.0, 0.01)], True),
        ([(3.0, None), (1.0, 0.01)], True),
        ([(1.0, 0.0), (1.0, 1.0)], False),
    ],
)
def test_most_of_the_speech_decides(segments, warned):
    assert bool(language_note([segment(*values) for values in segments])) is warned


def test_both_scores_count():
    assert likelihood_of_english(0.9, aligned=True) > 0.9
    assert likelihood_of_english(0.3, aligned=True) < 0.1
    assert likelihood_of_english(0.6, aligned=True) > likelihood_of_english(0.6, aligned=False)
    assert 0 <= likelihood_of_english(0.0, aligned=False) < 1e-6


@pytest.mark.parametrize("text", ["Kids are talking by the door.", "My brother bought a new car last week."])
def test_english_raises_no_doubt(text, say: Callable, engine: MoonshineTranscriber):
    segments = transcribed(engine, say(text)[0])
    assert language_note(segments) == ""
    (found,) = segments
    assert found.language == "en"
    assert 0.5 < found.language_confidence <= 1
    assert 0.5 < found.confidence <= 1


@pytest.mark.parametrize("clip", ["SSB00050112", "SSB00110401", "SSB00330433"])
def test_mandarin_is_warned_of(clip, shared_data: Callable, engine: MoonshineTranscriber):
    segments = transcribed(engine, read_audio(shared_data("aishell3") / f"{clip}.flac"))
    assert segments
    assert "unlikely" in language_note(segments)
