"""Utterances are joined with their pauses, or in their places."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.core.emotions import Mood
from pipeline.core.values import Audio, Speech, Word
from pipeline.synthesis.utterances import Utterance, joined, merged

RATE = 16_000


def utterance(
    start: float, end: float, text: str = "Well.", mood: str = "happy", voice: str = "youngwoman"
) -> Utterance:
    return Utterance(text, Mood(mood), voice, start, end)


def spoken(utterance: Utterance, seconds: float) -> tuple[Utterance, Speech]:
    samples = 0.3 * np.sin(np.arange(round(seconds * RATE)) / 8).astype(np.float32)
    words = (Word(utterance.text, 0.1 * seconds, 0.9 * seconds),)
    return utterance, Speech(
        Audio(samples, RATE), utterance.text, utterance.mood.word, utterance.voice, "engine", words, ("a note",)
    )


def sounding(audio: Audio, start: float, end: float) -> float:
    part = audio.slice(start, end).samples
    return float(np.sqrt(np.mean(part**2))) if len(part) else 0.0


def test_pauses_are_kept() -> None:
    rendition = joined(
        [spoken(utterance(1, 2), 0.5), spoken(utterance(2.7, 4, mood="sad"), 0.8), spoken(utterance(3.5, 5), 0.4)]
    )
    audio = rendition.speech.audio
    assert audio.duration == pytest.approx(0.5 + 0.7 + 0.8 + 0.4)
    assert sounding(audio, 0.55, 1.15) == 0
    assert sounding(audio, 1.2, 2.0) > 0.1
    assert [round(segment.start, 2) for segment in rendition.segments] == [0.05, 1.28, 2.04]
    assert [segment.emotion.top for segment in rendition.segments] == ["happy", "sad", "happy"]
    assert rendition.speech.words == tuple(word for segment in rendition.segments for word in segment.words)
    assert (rendition.speech.emotion, rendition.speech.voice, rendition.speech.notes) == (
        "happy, sad",
        "youngwoman",
        ("a note",),
    )
    assert (rendition.overflow, rendition.overflowing) == (0, 0)


@pytest.mark.parametrize(
    ("place", "seconds", "length"),
    [(1.0, 1.0, 1.0), (1.0, 1.2, 1.0), (1.0, 0.9, 1.0), (1.0, 2.0, 1.6), (1.0, 0.5, 0.625)],
)
def test_a_line_is_fitted_to_its_place_within_limits(place, seconds, length) -> None:
    rendition = joined([spoken(utterance(0.5, 0.5 + place), seconds)], keep_timing=True, duration=5.0)
    (segment,) = rendition.segments
    assert segment.start == pytest.approx(0.5 + 0.1 * length, abs=0.001)
    assert segment.end == pytest.approx(0.5 + 0.9 * length, abs=0.001)
    assert sounding(rendition.speech.audio, 0, 0.5) == 0
    assert sounding(rendition.speech.audio, 0.5 + length + 0.001, 5) == 0
    assert rendition.speech.audio.duration == pytest.approx(5.0, abs=0.001)
    assert rendition.overflow == 0


def test_what_does_not_fit_is_reported_and_nothing_overlaps() -> None:
    utterances = [utterance(0, 1), utterance(1.1, 2), utterance(4, 5)]
    rendition = joined(
        [spoken(utterances[0], 2.5), spoken(utterances[1], 0.9), spoken(utterances[2], 1)], keep_timing=True, duration=5
    )
    assert rendition.overflow == pytest.approx(0.9, abs=0.01)
    assert rendition.overflowing == 1
    assert rendition.segments[2].start == pytest.approx(4.1, abs=0.01)
    assert all(
        first.end <= second.start for first, second in zip(rendition.segments, rendition.segments[1:], strict=False)
    )


def test_the_last_line_may_run_past_the_end() -> None:
    rendition = joined([spoken(utterance(0, 1), 3)], keep_timing=True, duration=1.0)
    assert rendition.overflow == pytest.approx(1.4, abs=0.01)
    assert rendition.overflowing == 0


def test_lines_of_one_breath_are_said_together() -> None:
    utterances = [
        utterance(0, 1, "One"),
        utterance(1.1, 2, "two."),
        utterance(2.1, 3, "Three.", mood="sad"),
        utterance(4, 5, "Four.", mood="sad"),
        utterance(5.1, 6, "Five.", mood="sad", voice="youngman"),
    ]
    assert [(one.text, one.start, one.end) for one in merged(utterances)] == [
        ("One two.", 0, 2),
        ("Three.", 2.1, 3),
        ("Four.", 4, 5),
        ("Five.", 5.1, 6),
    ]
