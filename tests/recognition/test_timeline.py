"""The emotion through a recording: how it is cut, and when the label changes."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.core.timeline import Timeline, Window
from pipeline.core.values import Audio, EmotionScores
from pipeline.recognition.speech.timeline import Windows

RATE = 16000
LABELS = ("calm", "angry")


def cut(seconds, parts=1, judge=lambda audio: np.array([0.9, 0.1]), **settings):
    """Return the windows of silence that a judge is told to hear something in."""
    windows = Windows(judge, LABELS, **settings)
    pieces = np.array_split(np.zeros(round(seconds * RATE), np.float32), parts)
    return [window for piece in pieces for window in windows.add(Audio(piece, RATE))] + windows.end()


def answers(*angry):
    """Return a judge that gives these probabilities of anger in turn; None where nobody speaks."""
    turn = iter(angry)

    def judge(audio):
        value = next(turn)
        return None if value is None else np.array([1 - value, value])

    return judge


@pytest.mark.parametrize(
    ("seconds", "spans"),
    [
        (0.5, [(0, 0.5)]),
        (3.0, [(0, 3)]),
        (3.4, [(0, 3), (1, 3.4)]),
        (5.0, [(0, 3), (1, 4), (2, 5)]),
        (0.0, []),
    ],
)
def test_windows_cover_all_sound_and_none_is_needless(seconds, spans):
    assert [(window.start, window.end) for window in cut(seconds)] == spans


@pytest.mark.parametrize("parts", [2, 7, 50])
def test_where_a_recording_is_cut_into_parts_does_not_matter(parts):
    def judge(audio):
        share = len(audio.samples) % 97 / 97
        return np.array([share, 1 - share])

    assert cut(11.3, parts, judge) == cut(11.3, 1, judge)


def test_length_and_hop_are_free():
    assert [window.start for window in cut(2.0, length=1.0, hop=0.5)] == [0, 0.5, 1]


def test_windows_judge_the_sound_that_they_name():
    samples = np.arange(5 * RATE, dtype=np.float32)
    heard = []
    windows = Windows(lambda audio: heard.append(audio.samples[0]) or np.array([1.0, 0.0]), LABELS)
    found = windows.add(Audio(samples, RATE)) + windows.end()
    assert heard == [window.start * RATE for window in found]


@pytest.mark.parametrize(
    ("angry", "labels"),
    [
        ((0.2, 0.55, 0.2, 0.2), "cccc"),
        ((0.2, 0.9, 0.2), "cac"),
        ((0.4, 0.55, 0.55, 0.4, 0.4), "ccaac"),
        ((0.45, 0.55, 0.45, 0.55), "cccc"),
        ((0.2, None, 0.55), "c a"),
    ],
    ids=["a slight lead", "a clear lead", "two in a row", "flicker", "after a pause"],
)
def test_the_label_does_not_flicker(angry, labels):
    found = cut(2 + len(angry), judge=answers(*angry))
    shown = {round(window.start): window.emotion[0] for window in found}
    assert "".join(shown.get(second, " ") for second in range(len(angry))) == labels


def test_stretches_join_windows_and_do_not_overlap():
    windows = cut(8, judge=answers(0.1, 0.1, 0.9, 0.9, None, None))
    timeline = Timeline(EmotionScores(LABELS, (0.5, 0.5), "none"), tuple(windows))
    assert [(part.start, part.end, part.emotion) for part in timeline.stretches()] == [(0, 3, "calm"), (3, 6, "angry")]
    assert timeline.stretches()[0].probabilities["calm"] == pytest.approx(0.9)


def test_what_json_shows():
    assert Window(0.0, 3.00004, "calm", {"calm": 0.123456}).to_dict() == {
        "start": 0.0,
        "end": 3.0,
        "emotion": "calm",
        "probabilities": {"calm": 0.1235},
    }
