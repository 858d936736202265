"""Copies are what they say they are, and the same seed gives the same copy."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.recognition.speech.conditioning import speed_changed
from pipeline.training.speech.augmentation import add_noise, augmented, band_limited, equalised, reverberated


def power(samples: np.ndarray) -> float:
    return float(np.mean(np.square(samples, dtype=np.float64)))


def band_power(samples: np.ndarray, low: float, high: float) -> float:
    spectrum = np.abs(np.fft.rfft(samples)) ** 2
    frequency = np.fft.rfftfreq(len(samples), 1 / 16000)
    return float(spectrum[(frequency >= low) & (frequency < high)].sum())


def test_a_seed_decides_on_the_copy(speech):
    copies = [augmented(speech.samples, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(copies[0], copies[1])
    assert len(copies[0]) != len(copies[2]) or not np.allclose(copies[0], copies[2])


@pytest.mark.parametrize("seed", range(12))
def test_copies_are_sound(speech, seed):
    copy = augmented(speech.samples, np.random.default_rng(seed))
    assert copy.dtype == np.float32
    assert np.isfinite(copy).all()
    assert 0.8 < len(copy) / len(speech.samples) < 1.25
    assert power(copy) > 0


@pytest.mark.parametrize("decibels", [5, 20])
@pytest.mark.parametrize("tilt", [0.0, -2.0])
def test_noise_is_as_loud_as_asked(speech, decibels, tilt):
    noisy = add_noise(speech.samples, np.random.default_rng(0), decibels, tilt)
    measured = 10 * np.log10(power(speech.samples) / power(noisy - speech.samples))
    assert measured == pytest.approx(decibels, abs=0.2)


def test_a_limited_band_holds_nothing_outside(speech):
    noise = np.random.default_rng(0).standard_normal(32000).astype(np.float32)
    limited = band_limited(noise, low=300, high=3400)
    assert band_power(limited, 500, 3000) == pytest.approx(band_power(noise, 500, 3000), rel=0.2)
    assert band_power(limited, 5000, 8000) < 0.01 * band_power(noise, 5000, 8000)
    assert band_power(limited, 10, 100) < 0.01 * band_power(noise, 10, 100)


def test_speed_moves_length_and_pitch():
    tone = np.sin(2 * np.pi * 400 * np.arange(16000) / 16000).astype(np.float32)
    fast = speed_changed(tone, 1.1)
    peak = np.argmax(np.abs(np.fft.rfft(fast))) * 16000 / len(fast)
    assert len(fast) == pytest.approx(16000 / 1.1, abs=2)
    assert peak == pytest.approx(440, abs=3)


def test_a_room_keeps_the_direct_sound_first():
    click = np.zeros(16000, np.float32)
    click[100] = 1
    wet = reverberated(click, np.random.default_rng(0), seconds=0.3)
    assert np.argmax(np.abs(wet)) == 100
    assert not wet[:100].any() or np.abs(wet[:100]).max() < 1e-6
    assert 0.03 < power(wet[132:]) / power(wet[100:101] / 16000**0.5) * len(wet[132:]) / 16000 < 1.1


def test_an_equaliser_stays_within_its_bend(speech):
    noise = np.random.default_rng(0).standard_normal(64000).astype(np.float32)
    bent = equalised(noise, np.random.default_rng(3), decibels=6.0)
    gains = [
        10 * np.log10(band_power(bent, low, low + 500) / band_power(noise, low, low + 500))
        for low in range(0, 8000, 500)
    ]
    assert max(np.abs(gains)) < 6.5
    assert np.ptp(gains) > 1
