"""Loudness agrees with the standard, levels follow every gain, and nothing clips."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.audio import level, limited, loudness, normalised, to_loudness
from pipeline.core.values import Audio


@pytest.mark.parametrize("rate", [16_000, 22_050, 44_100, 48_000])
@pytest.mark.parametrize(("peak", "lufs"), [(1.0, -3.01), (10 ** (-20 / 20), -23.01)])
def test_the_reference_tone_of_the_standard(rate, peak, lufs, tone) -> None:
    assert loudness(Audio(tone(20, rate, 997.0, peak), rate)) == pytest.approx(lufs, abs=0.02)


@pytest.mark.parametrize("rate", [16_000, 48_000, 96_000])
@pytest.mark.parametrize(("hertz", "lufs"), [(38, -15.73), (100, -10.86), (997, -9.04), (2000, -6.66), (7000, -5.69)])
def test_the_weighting_is_that_of_the_standard_at_every_rate(rate, hertz, lufs, tone) -> None:
    # What FFmpeg's filter ebur128 says of the same tones at 48 kHz.
    assert loudness(Audio(tone(5, rate, hertz), rate)) == pytest.approx(lufs, abs=0.02)


def test_the_gates_leave_pauses_out(tone) -> None:
    speech = tone(10, hertz=997.0)
    with_pauses = np.concatenate([speech, np.zeros(480_000, np.float32), 0.02 * speech])
    assert loudness(Audio(with_pauses, 48_000)) == pytest.approx(loudness(Audio(speech, 48_000)), abs=0.15)


def test_long_sounds_are_filtered_without_seams(tone) -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, 16_000 * 25).astype(np.float32)
    whole = loudness(Audio(noise, 16_000))
    assert loudness(Audio(np.roll(noise, 12_345), 16_000)) == pytest.approx(whole, abs=0.01)
    assert loudness(Audio(np.tile(noise, 2), 16_000)) == pytest.approx(whole, abs=0.01)


@pytest.mark.parametrize("seconds", [0.0, 0.00003, 0.05, 0.39])
def test_short_sounds_are_measured_whole(seconds, tone) -> None:
    found = loudness(Audio(tone(seconds, hertz=997.0), 48_000))
    assert found == -math.inf if seconds < 0.001 else found == pytest.approx(-9.03, abs=0.5)


def test_silence_has_no_loudness_and_comes_back() -> None:
    silence = Audio(np.zeros(16_000, np.float32), 16_000)
    assert loudness(silence) == level(silence.samples) == -math.inf
    assert to_loudness(silence) is silence
    assert normalised(silence) is silence
    nothing = Audio(np.zeros(0, np.float32), 16_000)
    assert to_loudness(nothing) is normalised(nothing) is nothing


def test_level_is_that_of_the_speech_alone(vowels) -> None:
    speech = vowels(2.0, level=0.1)
    alone = level(speech)
    assert alone == pytest.approx(-20, abs=1.5)
    assert level(np.concatenate([np.zeros(64_000, np.float32), speech])) == pytest.approx(alone, abs=0.5)
    assert level(np.full(16_000, 1.0, np.float32)) == pytest.approx(0)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(gain=st.floats(-60, 20))
def test_level_and_loudness_follow_every_gain(gain) -> None:
    sound = np.random.default_rng(4).normal(0, 0.05, 32_000).astype(np.float32)
    louder = sound * np.float32(10 ** (gain / 20))
    assert level(louder) - level(sound) == pytest.approx(gain, abs=1e-3)
    if gain > -30:
        assert loudness(Audio(louder, 16_000)) - loudness(Audio(sound, 16_000)) == pytest.approx(gain, abs=1e-3)
    np.testing.assert_allclose(
        normalised(Audio(louder, 16_000)).samples, normalised(Audio(sound, 16_000)).samples, atol=1e-4
    )


@pytest.mark.parametrize("gain", [-60, -30, 0, 20])
def test_speech_comes_to_the_loudness_asked_for(gain, vowels) -> None:
    speech = Audio(vowels(3.0, 22_050, level=0.05 * 10 ** (gain / 20)), 22_050)
    if loudness(speech) == -math.inf:
        assert to_loudness(speech) is speech
        return
    result = to_loudness(speech)
    assert loudness(result) == pytest.approx(-23, abs=0.05)
    assert np.abs(result.samples).max() <= 10 ** (-1 / 20) + 1e-6
    assert level(normalised(speech, -26).samples) == pytest.approx(-26, abs=0.01)


def test_the_peak_limits_the_gain(vowels) -> None:
    speech = vowels(3.0, level=0.01)
    speech[100] = 0.5
    result = to_loudness(Audio(speech, 16_000), -10)
    assert np.abs(result.samples).max() == pytest.approx(10 ** (-1 / 20), abs=1e-5)
    assert np.abs(normalised(Audio(speech, 16_000), 0).samples).max() == pytest.approx(1.0, abs=1e-5)


def pulses(rate: int) -> Audio:
    """Noise with a sharp pulse ten times a second."""
    samples = 0.1 * np.random.default_rng(0).standard_normal(2 * rate)
    samples[:: rate // 10] += 0.8
    return Audio(samples.astype(np.float32), rate)


@pytest.mark.parametrize("rate", [16_000, 24_000, 48_000])
def test_sharp_peaks_are_turned_down_and_the_loudness_is_reached(rate) -> None:
    sound = pulses(rate)
    assert loudness(to_loudness(sound, -12.0)) < -13
    result = limited(sound, -12.0)
    assert loudness(result) == pytest.approx(-12, abs=0.5)
    assert np.abs(result.samples).max() <= 10 ** (-1 / 20) + 1e-6
    assert result.samples.dtype == np.float32


def test_a_sound_within_the_ceiling_is_only_amplified(tone) -> None:
    sound = Audio(tone(1, 24_000, 300.0), 24_000)
    np.testing.assert_allclose(limited(sound, -30).samples, to_loudness(sound, -30).samples, rtol=1e-4, atol=1e-7)


def test_one_click_does_not_become_the_measure_of_all() -> None:
    click = np.zeros(24_000, np.float32)
    click[12_000] = 1.0
    result = limited(Audio(click, 24_000))
    assert np.abs(result.samples).max() <= 10 ** (-1 / 20) + 1e-6
    for still in (np.zeros(1000, np.float32), np.zeros(0, np.float32)):
        assert not limited(Audio(still, 24_000)).samples.any()
