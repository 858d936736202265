"""What rooms, microphones and lines do to a voice, done on purpose.

A model that trains on such copies holds where the corpus's studio ends.
The copies are made before conditioning, so that finding speech in noise is trained as it is served.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from pipeline.core.values import Samples
from pipeline.recognition.speech.conditioning import speed_changed
from pipeline.recognition.speech.features.moonshine import SAMPLE_RATE

__all__ = ["add_noise", "augmented", "band_limited", "equalised", "reverberated"]

_NYQUIST: Final = SAMPLE_RATE / 2
"""Hertz of the highest frequency that the sound can hold."""


def augmented(samples: Samples, random: Generator) -> Samples:
    """Return a copy of a clip as another room, microphone or line could have given it.

    Speed changes by up to 12 % in half of the copies; half are reverberated, half equalised,
    a third limited in band, two thirds get noise at 5 to 30 dB below the speech.

    Args:
        samples: float32 (time,) at 16 kHz.
        random: Source of all chance; the same state gives the same copy.
    """
    if random.random() < 0.5:
        samples = speed_changed(samples, float(random.uniform(0.88, 1.12)))
    if random.random() < 0.5:
        samples = reverberated(samples, random, seconds=float(random.uniform(0.1, 0.6)))
    if random.random() < 0.5:
        samples = equalised(samples, random, decibels=6.0)
    if random.random() < 0.33:
        samples = band_limited(samples, low=float(random.uniform(20, 350)), high=float(random.uniform(3000, 7500)))
    if random.random() < 0.67:
        tilt = float(random.uniform(-2.0, 0.5))
        samples = add_noise(samples, random, decibels=float(random.uniform(5, 30)), tilt=tilt)
    return samples


def reverberated(samples: Samples, random: Generator, seconds: float) -> Samples:
    """Return the clip in a room: noise that decays by 60 dB in `seconds`, behind the direct sound.

    The direct sound stays 0 to 12 dB above the room.
    """
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    room = random.standard_normal(len(time)) * 10 ** (-3 * time / seconds)
    room[: round(0.002 * SAMPLE_RATE)] = 0
    room *= 10 ** (-random.uniform(0, 12) / 20) / np.sqrt(np.sum(room**2))
    room[0] = 1
    points = 1 << (len(samples) + len(room)).bit_length()
    wet = np.fft.irfft(np.fft.rfft(samples, points) * np.fft.rfft(room, points), points)
    return wet[: len(samples)].astype(np.float32)


def equalised(samples: Samples, random: Generator, decibels: float) -> Samples:
    """Return the clip through a microphone whose response bends smoothly by up to `decibels` either way."""
    knots = np.array([0, 125, 250, 500, 1000, 2000, 4000, _NYQUIST])
    gains = random.uniform(-decibels, decibels, len(knots))
    return _filtered(samples, lambda frequency: 10 ** (np.interp(frequency, knots, gains) / 20))


def band_limited(samples: Samples, low: float, high: float) -> Samples:
    """Return the clip with what lies outside two frequencies in hertz cut by fourth-order slopes."""

    def response(frequency: NDArray[np.float64]) -> NDArray[np.float64]:
        ratio = np.maximum(frequency, 1e-3)
        gain: NDArray[np.float64] = 1 / np.sqrt((1 + (low / ratio) ** 8) * (1 + (ratio / high) ** 16))
        return gain

    return _filtered(samples, response)


def add_noise(samples: Samples, random: Generator, decibels: float, tilt: float = 0.0) -> Samples:
    """Return the clip with noise under it.

    Args:
        samples: float32 (time,) at 16 kHz.
        random: Source of chance.
        decibels: Power of the whole clip over that of the noise.
        tilt: Exponent of the noise's power over frequency: 0 white, -1 pink, -2 brown.
    """
    noise = _filtered(
        random.standard_normal(len(samples)).astype(np.float32),
        lambda frequency: np.maximum(frequency, 50) ** (tilt / 2),
    )
    power, noise_power = (float(np.mean(np.square(part, dtype=np.float64))) for part in (samples, noise))
    if not noise_power:
        return samples
    return samples + noise * np.float32(np.sqrt(power / noise_power) * 10 ** (-decibels / 20))


def _filtered(samples: Samples, response: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> Samples:
    points = len(samples) + SAMPLE_RATE // 8
    gain = response(np.asarray(np.fft.rfftfreq(points, 1 / SAMPLE_RATE), np.float64))
    filtered = np.fft.irfft(np.fft.rfft(samples, points) * gain, points)
    return filtered[: len(samples)].astype(np.float32)
