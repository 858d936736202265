"""What a decoded tone of 1000 Hz should be like."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.audio import SAMPLE_RATE as TARGET
from pipeline.core.values import Audio


def frequency_and_peak(audio: Audio) -> tuple[float, float]:
    """Return Hz and amplitude of a sine, its ends left out, where codecs and filters swing in."""
    middle = audio.samples[audio.sample_rate // 8 : -audio.sample_rate // 8]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle)), 1 << 17))
    return float(spectrum.argmax()) * audio.sample_rate / (1 << 17), float(np.sqrt(2 * np.mean(middle**2)))


def assert_tone(audio: Audio, seconds: float = 1.0, peak: float = 0.5, *, tolerance: float = 0.01) -> None:
    assert audio.sample_rate == TARGET
    assert audio.samples.dtype == np.float32
    assert audio.samples.ndim == 1
    hertz, found = frequency_and_peak(audio)
    assert hertz == pytest.approx(1000, abs=1)
    assert found == pytest.approx(peak, rel=tolerance)
    assert audio.duration == pytest.approx(seconds, abs=1 / TARGET)
