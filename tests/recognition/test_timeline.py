"""The emotion through a recording: how it is cut, and when the label changes."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.audio.activity import FRAME_SAMPLES, SpeechActivity
from pipeline.core.timeline import Timeline, Window
from pipeline.core.values import Audio, EmotionScores
from pipeline.recognition.speech.timeline import Windows

RATE = 16000
LABELS = ("calm", "angry")


def heard(samples):
    """Return a sound and its activity."""
    audio = Audio(np.asarray(samples, np.float32), RATE)
    frames = -(-len(samples) // FRAME_SAMPLES)
    return audio, SpeechActivity(np.zeros(frames, np.float32), audio.duration)


def cut(seconds, parts=1, judge=lambda audio, activity: np.array([0.9, 0.1]), **settings):
    """Return the windows of silence that a judge is told to hear something in; all parts but the last hold frames."""
    windows = Windows(judge, LABELS, **settings)
    samples = np.zeros(round(seconds * RATE), np.float32)
    step = max(1, len(samples) // FRAME_SAMPLES // parts) * FRAME_SAMPLES
    pieces = np.split(samples, range(step, step * parts, step)) if parts > 1 else [samples]
    return [window for piece in pieces for window in windows.add(*heard(piece))] + windows.end()


def answers(*angry):
    """Return a judge that gives these probabilities of anger in turn; None where nobody speaks."""
    turn = iter(angry)

    def judge(audio, activity):
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
    def judge(audio, activity):
        share = len(audio.samples) % 97 / 97
        return np.array([share, 1 - share])

    assert cut(11.3, parts, judge) == cut(11.3, 1, judge)


def test_length_and_hop_are_free():
    assert [window.start for window in cut(2.0, length=1.0, hop=0.5)] == [0, 0.5, 1]


@pytest.mark.parametrize("parts", [1, 4])
def test_windows_judge_the_sound_that_they_name(parts):
    samples = np.arange(160 * FRAME_SAMPLES, dtype=np.float32)
    frames = np.arange(160, dtype=np.float32)
    first, active = [], []

    def judge(audio, activity):
        first.append(audio.samples[0])
        # The frames that touch the window, and how long before it the first of them begins.
        active.append(activity.probability[0] * FRAME_SAMPLES / RATE - activity.offset)
        assert activity.duration == pytest.approx(audio.duration)
        assert len(activity.probability) * FRAME_SAMPLES >= len(audio.samples)
        return np.array([1.0, 0.0])

    windows = Windows(judge, LABELS)
    found = []
    for sound, numbers in zip(np.split(samples, parts), np.split(frames, parts), strict=True):
        audio = Audio(sound, RATE)
        found += windows.add(audio, SpeechActivity(numbers, audio.duration))
    found += windows.end()
    assert len(found) == 4
    assert first == [window.start * RATE for window in found]
    assert active == pytest.approx([window.start for window in found])


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
        "dimensions": {"valence": 0.0839, "arousal": -0.0568, "dominance": 0.0074},
    }
