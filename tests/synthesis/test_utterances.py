"""Lines are joined with their pauses, or in their places."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.core.emotions import Mood
from pipeline.core.values import Audio, Speech, Word
from pipeline.synthesis.utterances import Line, joined, merged

RATE = 16_000


def line(start: float, end: float, text: str = "Well.", mood: str = "happy", voice: str = "youngwoman") -> Line:
    return Line(text, Mood(mood), voice, start, end)


def spoken(line: Line, seconds: float) -> tuple[Line, Speech]:
    samples = 0.3 * np.sin(np.arange(round(seconds * RATE)) / 8).astype(np.float32)
    words = (Word(line.text, 0.1 * seconds, 0.9 * seconds),)
    return line, Speech(Audio(samples, RATE), line.text, line.mood.word, line.voice, "engine", words, ("a note",))


def sounding(audio: Audio, start: float, end: float) -> float:
    part = audio.slice(start, end).samples
    return float(np.sqrt(np.mean(part**2))) if len(part) else 0.0


def test_pauses_are_kept() -> None:
    take = joined([spoken(line(1, 2), 0.5), spoken(line(2.7, 4, mood="sad"), 0.8), spoken(line(3.5, 5), 0.4)])
    audio = take.speech.audio
    assert audio.duration == pytest.approx(0.5 + 0.7 + 0.8 + 0.4)
    assert sounding(audio, 0.55, 1.15) == 0
    assert sounding(audio, 1.2, 2.0) > 0.1
    assert [round(segment.start, 2) for segment in take.segments] == [0.05, 1.28, 2.04]
    assert [segment.emotion.top for segment in take.segments] == ["happy", "sad", "happy"]
    assert take.speech.words == tuple(word for segment in take.segments for word in segment.words)
    assert (take.speech.emotion, take.speech.voice, take.speech.notes) == ("happy, sad", "youngwoman", ("a note",))
    assert (take.overflow, take.overflowing) == (0, 0)


@pytest.mark.parametrize(
    ("place", "seconds", "length"),
    [(1.0, 1.0, 1.0), (1.0, 1.2, 1.0), (1.0, 0.9, 1.0), (1.0, 2.0, 1.6), (1.0, 0.5, 0.625)],
)
def test_a_line_is_fitted_to_its_place_within_limits(place, seconds, length) -> None:
    take = joined([spoken(line(0.5, 0.5 + place), seconds)], keep_timing=True, duration=5.0)
    (segment,) = take.segments
    assert segment.start == pytest.approx(0.5 + 0.1 * length, abs=0.001)
    assert segment.end == pytest.approx(0.5 + 0.9 * length, abs=0.001)
    assert sounding(take.speech.audio, 0, 0.5) == 0
    assert sounding(take.speech.audio, 0.5 + length + 0.001, 5) == 0
    assert take.speech.audio.duration == pytest.approx(5.0, abs=0.001)
    assert take.overflow == 0


def test_what_does_not_fit_is_reported_and_nothing_overlaps() -> None:
    lines = [line(0, 1), line(1.1, 2), line(4, 5)]
    take = joined([spoken(lines[0], 2.5), spoken(lines[1], 0.9), spoken(lines[2], 1)], keep_timing=True, duration=5)
    assert take.overflow == pytest.approx(0.9, abs=0.01)
    assert take.overflowing == 1
    assert take.segments[2].start == pytest.approx(4.1, abs=0.01)
    assert all(first.end <= second.start for first, second in zip(take.segments, take.segments[1:], strict=False))


def test_the_last_line_may_run_past_the_end() -> None:
    take = joined([spoken(line(0, 1), 3)], keep_timing=True, duration=1.0)
    assert take.overflow == pytest.approx(1.4, abs=0.01)
    assert take.overflowing == 0


def test_lines_of_one_breath_are_said_together() -> None:
    lines = [
        line(0, 1, "One"),
        line(1.1, 2, "two."),
        line(2.1, 3, "Three.", mood="sad"),
        line(4, 5, "Four.", mood="sad"),
        line(5.1, 6, "Five.", mood="sad", voice="youngman"),
    ]
    assert [(one.text, one.start, one.end) for one in merged(lines)] == [
        ("One two.", 0, 2),
        ("Three.", 2.1, 3),
        ("Four.", 4, 5),
        ("Five.", 5.1, 6),
    ]
