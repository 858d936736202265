"""What the student learns to say: a few numbers per frame, from which WORLD makes speech.

Mel-cepstrum of the spectral envelope (CheapTrick), logarithm of F0 (DIO and StoneMask), voicing.
Morise, Yokomori and Ozawa (2016), "WORLD: a vocoder-based high-quality speech synthesis system for real-time
applications"; Morise, Miyashita and Ozawa (2017), "Low-dimensional representation of spectral envelope without
deterioration for full-band speech analysis/synthesis system".
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.core.values import Audio, Samples
from pipeline.synthesis.world.vocoder import Spoken, mended

__all__ = ["CARD", "COEFFICIENTS", "FRAME", "MODEL", "SAMPLE_RATE", "decoded", "encoded"]

CARD: Final = "card.json"
"""File of a voice's folder that says what it is."""
MODEL: Final = "voice.onnx"
"""File of a voice's folder that holds the network."""
SAMPLE_RATE: Final = 24_000
"""Hertz of the sound."""
FRAME: Final = 0.01
"""Seconds from frame to frame."""
COEFFICIENTS: Final = 50
"""Numbers that describe the spectral envelope of a frame."""

_BINS: Final = 513
_LOWEST: Final = 65.0
_HIGHEST: Final = 400.0
_MENDED: Final = 2
_DECIMATION: Final = 2
_DECIBEL: Final = 10 / np.log(10)
_FLOOR: Final = 1e-12


def encoded(audio: Audio) -> tuple[Samples, Samples, NDArray[np.bool_]]:
    """Take a sentence apart.

    Args:
        audio: At 24 kHz.

    Returns:
        Mel-cepstrum float32 (frames, 50); logarithm of F0 in Hz, interpolated where there is no voice, float32
        (frames,); voicing bool (frames,).
    """
    import pyworld

    # Digital silence makes CheapTrick divide zero by zero, and would teach the student a range of 100 dB.
    # Noise at -90 dBFS is silent too, and always the same.
    noise = np.random.default_rng(0).standard_normal(len(audio.samples)) * 3e-5
    samples = audio.samples.astype(np.float64) + noise
    coarse, times = pyworld.dio(
        samples, SAMPLE_RATE, f0_floor=_LOWEST, f0_ceil=_HIGHEST, frame_period=FRAME * 1000, speed=_DECIMATION
    )
    pitch = pyworld.stonemask(samples, coarse, times, SAMPLE_RATE)
    envelope = pyworld.cheaptrick(samples, pitch, times, SAMPLE_RATE, fft_size=2 * (_BINS - 1))
    spoken = Spoken(
        pitch=pitch,
        envelope=(_DECIBEL * np.log(envelope + _FLOOR)).astype(np.float32),
        breath=np.zeros(len(pitch)),
        sample_rate=SAMPLE_RATE,
    )
    pitch = mended(spoken, _MENDED)
    voiced = pitch > 0
    coded = pyworld.code_spectral_envelope(envelope + _FLOOR, SAMPLE_RATE, COEFFICIENTS)
    places = np.flatnonzero(voiced)
    melody = np.interp(np.arange(len(pitch)), places, np.log(pitch[places])) if len(places) else np.zeros(len(pitch))
    return coded.astype(np.float32), melody.astype(np.float32), voiced


def decoded(cepstrum: Samples, melody: Samples, voiced: NDArray[np.bool_]) -> Spoken:
    """Return the parameters of WORLD for what `encoded` gave; one frame for each.

    Args:
        cepstrum: (frames, 50).
        melody: Logarithm of F0 in Hz, (frames,).
        voiced: (frames,).
    """
    return Spoken(
        pitch=np.where(voiced, np.exp(melody), 0.0).astype(np.float64),
        envelope=cepstrum @ _basis(),
        breath=np.zeros(len(melody)),
        sample_rate=SAMPLE_RATE,
    )


@cache
def _basis() -> Samples:
    """Return what each coefficient adds to the envelope, dB, (50, 513): decoding is linear in the logarithm."""
    import pyworld

    units = np.eye(COEFFICIENTS)
    envelope: NDArray[np.float64] = pyworld.decode_spectral_envelope(units, SAMPLE_RATE, 2 * (_BINS - 1))
    basis: Samples = (_DECIBEL * np.log(envelope)).astype(np.float32)
    return basis
