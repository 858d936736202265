"""What the student learns to say: a recording as the numbers that the embedded voice speaks in."""

from __future__ import annotations

from typing import Final

import numpy as np

from pipeline.core.values import Audio, Samples
from pipeline.synthesis.embedded.features import BINS, COEFFICIENTS, FRAME, SAMPLE_RATE
from pipeline.synthesis.prosody import Mask
from pipeline.synthesis.world.analysis import held_f0
from pipeline.synthesis.world.frames import DECIBEL, FLOOR, VocoderFrames

__all__ = ["encode"]

_LOWEST: Final = 65.0
"""Hertz that no voice is looked for below."""
_HIGHEST: Final = 400.0
"""Hertz that no voice is looked for above: the teacher is a woman who reads neutrally."""
_NOISE: Final = 3e-5
"""Amplitude of the noise (-90 dBFS) that is added to a sound: silent too, and never zero."""
_HELD: Final = 2
"""Frames of 10 ms that F0 is held for at the edges of the voice."""
_DECIMATION: Final = 2
"""DIO looks for F0 at this share of the rate, which is faster and as exact."""


def encode(audio: Audio) -> tuple[Samples, Samples, Mask]:
    """Take a sentence apart.

    Args:
        audio: At 24 kHz.

    Returns:
        Mel-cepstrum float32 (frames, 50); logarithm of F0 in Hz, interpolated where there is no voice, float32
        (frames,); voicing bool (frames,).
    """
    import pyworld

    # Digital silence makes CheapTrick divide zero by zero, and would teach the student a range of 100 dB.
    # This noise is always the same.
    samples = audio.samples.astype(np.float64) + _NOISE * np.random.default_rng(0).standard_normal(len(audio.samples))
    coarse, times = pyworld.dio(
        samples, SAMPLE_RATE, f0_floor=_LOWEST, f0_ceil=_HIGHEST, frame_period=FRAME * 1000, speed=_DECIMATION
    )
    f0 = pyworld.stonemask(samples, coarse, times, SAMPLE_RATE)
    envelope = pyworld.cheaptrick(samples, f0, times, SAMPLE_RATE, fft_size=2 * (BINS - 1))
    frames = VocoderFrames(
        f0=f0,
        envelope=(DECIBEL * np.log(envelope + FLOOR)).astype(np.float32),
        breath=np.zeros(len(f0)),
        sample_rate=SAMPLE_RATE,
    )
    f0 = held_f0(frames, _HELD)
    voiced = f0 > 0
    coded = pyworld.code_spectral_envelope(envelope + FLOOR, SAMPLE_RATE, COEFFICIENTS)
    places = np.flatnonzero(voiced)
    log_f0 = np.interp(np.arange(len(f0)), places, np.log(f0[places])) if len(places) else np.zeros(len(f0))
    return coded.astype(np.float32), log_f0.astype(np.float32), voiced
