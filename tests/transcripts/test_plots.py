"""Pictures of recordings: drawn for whatever there is to draw, and refused in one line where they cannot be."""

from __future__ import annotations

import importlib.util
import struct
import sys

import numpy as np
import pytest

from pipeline.core.emotions import EMOTIONS
from pipeline.core.errors import EngineMissing, OutputError
from pipeline.core.explanation import Band, Explanation, Stretch
from pipeline.core.timeline import Timeline, Window
from pipeline.core.values import Audio, EmotionScores
from pipeline.transcripts.plots import COLOURS, check_plotting, draw, log_mel

RATE = 16000
needs_matplotlib = pytest.mark.skipif(importlib.util.find_spec("matplotlib") is None, reason="needs matplotlib")


def tone(seconds, frequency=1000.0):
    time = np.arange(round(seconds * RATE)) / RATE
    return Audio((0.3 * np.sin(2 * np.pi * frequency * time)).astype(np.float32), RATE)


def timeline(windows, labels=EMOTIONS):
    shares = np.arange(1.0, len(labels) + 1)
    shares /= shares.sum()
    probabilities = dict(zip(labels, shares.tolist(), strict=True))
    scores = EmotionScores(tuple(labels), tuple(shares.tolist()), "test", unsure_below=0.5)
    return Timeline(scores, tuple(Window(start, start + 3, labels[-1], probabilities) for start in windows))


EXPLANATION = Explanation(
    "surprised", 0.2, (Stretch(0, 0.5, 0.2), Stretch(0.5, 1, -0.1)), (Band(0, 1000, 0.1), Band(1000, 8000, -0.2))
)


def size(path):
    content = path.read_bytes()
    assert content.startswith(b"\x89PNG")
    return struct.unpack(">II", content[16:24])


@needs_matplotlib
@pytest.mark.parametrize(
    ("audio", "shown", "explanation"),
    [
        (tone(4), timeline([0, 1]), None),
        (tone(4), timeline([0, 1]), EXPLANATION),
        (tone(0.2), timeline([]), EXPLANATION),
        (tone(300), timeline([0, 1, 2, 200, 201]), None),
        (Audio(np.zeros(RATE, np.float32), RATE), timeline([0]), None),
        (Audio(tone(4).samples[::2], RATE // 2), timeline([0]), None),
        (tone(4), timeline([0], ["bored", "awake"]), None),
    ],
    ids=["plain", "explained", "without windows", "long", "silent", "8 kHz", "other labels"],
)
def test_a_picture_is_drawn(tmp_path, audio, shown, explanation):
    path = tmp_path / "new" / "picture.png"
    draw(path, audio, shown, [(0.1, 0.2)], explanation, title=r"a_$\name$.wav")
    width, height = size(path)
    assert width > 1000
    assert height > 500
    assert list(path.parent.iterdir()) == [path]


@needs_matplotlib
def test_a_picture_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError):
        draw(tmp_path / "file" / "picture.png", tone(1), timeline([0]), [])


def test_without_matplotlib_the_line_to_run_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(EngineMissing, match=r"pip install '\.\[plots\]'"):
        check_plotting()


@pytest.mark.parametrize(("frequency", "low", "high"), [(200, 3, 8), (1000, 19, 25), (5000, 49, 56)])
def test_a_tone_is_seen_at_its_height(frequency, low, high):
    decibels, top = log_mel(tone(2, frequency))
    assert top == 8000
    assert low <= np.median(decibels.argmax(axis=1)) <= high


@pytest.mark.parametrize("seconds", [0, 0.01, 3, 600])
def test_long_recordings_have_no_more_columns(seconds):
    decibels, _ = log_mel(tone(seconds))
    assert 1 <= len(decibels) <= 1201
    assert decibels.shape[1] == 64
    assert np.isfinite(decibels).all()


def test_every_emotion_has_a_colour_of_its_own():
    assert set(COLOURS) == set(EMOTIONS)
    assert len(set(COLOURS.values())) == len(EMOTIONS)
