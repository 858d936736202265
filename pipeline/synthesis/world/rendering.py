"""From the parameters of WORLD to sound."""

from __future__ import annotations

from typing import Final

import numpy as np

from pipeline.core.values import Audio
from pipeline.synthesis.prosody import Floats
from pipeline.synthesis.world.frames import DECIBEL, FLOOR, PERIOD, VocoderFrames

__all__ = ["frames_rough_gain", "noise_share", "render", "rough_gain"]

_FLUTTER: Final = (30.0, 80.0)
"""Hertz between which a flutter is heard as rough, and as a scream (Arnal et al. 2015)."""
_MOST_FLUTTER: Final = 2.0
"""Standard deviations that the flutter is cut at, so that no period of the voice is lost."""
_BREATH_HERTZ: Final = (0.0, 1000.0, 12000.0)
"""Hertz at which the usual share of noise is known."""
_BREATH_DECIBEL: Final = (-60.0, -60.0, -8.0)
"""dB of noise below the voice there: none below 1 kHz, more and more above, as in a modal voice."""


def render(frames: VocoderFrames) -> Audio:
    """Make sound of the parameters."""
    import pyworld

    if not len(frames):
        return Audio(np.zeros(0, np.float32), frames.sample_rate)
    noise = np.sqrt(noise_share(frames, frames.breath))
    noise[~frames.voiced] = 1.0
    samples = pyworld.synthesize(
        np.ascontiguousarray(frames.f0, dtype=np.float64),
        np.exp(np.ascontiguousarray(frames.envelope, dtype=np.float64) / DECIBEL),
        noise,
        frames.sample_rate,
        PERIOD * 1000,
    )
    if frames.roughness > 0:
        samples *= frames_rough_gain(frames, len(samples))
    return Audio(samples.astype(np.float32), frames.sample_rate)


def noise_share(frames: VocoderFrames, breath: Floats) -> Floats:
    """Return the share of noise in the power of a voice, (frames, bins).

    Args:
        frames: The voice.
        breath: dB beyond the usual share, (frames,).
    """
    usual = np.interp(frames.frequencies, _BREATH_HERTZ, _BREATH_DECIBEL)
    return 10 ** (np.minimum(usual + breath[:, None], 0.0) / 10)


def frames_rough_gain(frames: VocoderFrames, length: int) -> Floats:
    """Return `rough_gain` for the roughness of a voice, (length,)."""
    times = np.arange(length) / (PERIOD * frames.sample_rate)
    places = np.arange(len(frames))
    f0, voiced = (np.interp(times, places, each) for each in (frames.f0, frames.voiced.astype(float)))
    return rough_gain(f0, frames.roughness * voiced, frames.sample_rate)


def rough_gain(f0: Floats, depth: Floats, sample_rate: int) -> Floats:
    """Return the gain of each sample that makes a voice rough, (samples,).

    Vocal folds under high pressure swing differently from period to period: half of the depth is a subharmonic at half
    of F0, half is a flutter of 30 to 80 Hz, where a voice is heard as a scream (Arnal et al. 2015, "Human screams
    occupy a privileged niche in the communication soundscape"). Only the voice is rough; the power is kept.

    Args:
        f0: Hertz at each sample.
        depth: 0 to 1 at each sample; 0 where there is no voice.
        sample_rate: Hertz.
    """
    length = len(f0)
    subharmonic = np.cos(np.pi * np.cumsum(f0) / sample_rate)
    size = 1 << (length - 1).bit_length()
    noise = np.fft.rfft(np.random.default_rng(length).standard_normal(size))
    hertz = np.fft.rfftfreq(size, 1 / sample_rate)
    flutter = np.fft.irfft(noise * ((hertz > _FLUTTER[0]) & (hertz < _FLUTTER[1])))[:length]
    flutter = np.clip(flutter / max(float(flutter.std()), FLOOR), -_MOST_FLUTTER, _MOST_FLUTTER) / np.sqrt(2)
    gain: Floats = (1 + depth * (subharmonic + flutter) / 2) / np.sqrt(1 + depth**2 / 4)
    return np.maximum(gain, 0.0)
