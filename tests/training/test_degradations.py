"""What is done to sound to measure robustness."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.training.speech.degradations import DEGRADATIONS


def level(samples) -> float:
    return 10 * np.log10(np.mean(np.square(samples, dtype=np.float64)))


def aligned(first, second) -> float:
    """Return the largest correlation of two clips within 60 ms of shift."""
    spectrum = np.fft.rfft(first, 2 * len(first)) * np.conj(np.fft.rfft(second, 2 * len(first)))
    correlation = np.fft.irfft(spectrum)
    near = np.concatenate([correlation[:960], correlation[-960:]])
    return float(near.max() / (np.linalg.norm(first) * np.linalg.norm(second)))


@pytest.mark.parametrize("name", DEGRADATIONS)
def test_each_keeps_the_voice_in_it(name, speech):
    degraded = DEGRADATIONS[name](speech.samples, np.random.default_rng(0))
    assert degraded.dtype == np.float32
    assert np.isfinite(degraded).all()
    start = 32000 if "silence" in name else 0
    heard = degraded[start : start + len(speech.samples)]
    assert len(heard) == len(speech.samples)
    assert aligned(heard, speech.samples) > (0.5 if "room" in name or "telephone" in name else 0.8)
    if name != "as it is":
        assert len(degraded) != len(speech.samples) or not np.array_equal(degraded, speech.samples)


@pytest.mark.parametrize(("name", "decibels"), [("gain -20 dB", -20), ("gain +20 dB", 20)])
def test_gain_is_what_it_says(name, decibels, speech):
    degraded = DEGRADATIONS[name](speech.samples, np.random.default_rng(0))
    assert level(degraded) - level(speech.samples) == pytest.approx(decibels, abs=0.01)


@pytest.mark.parametrize("decibels", [20, 10, 5])
def test_noise_is_as_far_below_as_it_says(decibels, speech):
    degraded = DEGRADATIONS[f"pink noise, {decibels} dB SNR"](speech.samples, np.random.default_rng(0))
    assert level(speech.samples) - level(degraded - speech.samples) == pytest.approx(decibels, abs=0.1)
