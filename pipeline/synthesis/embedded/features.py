"""What the network says: a few numbers per frame, from which WORLD makes speech.

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

from pipeline.core.values import Samples
from pipeline.synthesis.prosody import Mask
from pipeline.synthesis.world.frames import DECIBEL, VocoderFrames

__all__ = ["BINS", "CARD", "COEFFICIENTS", "FRAME", "MODEL", "SAMPLE_RATE", "decode"]

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

BINS: Final = 513
"""Bins of the spectral envelope from 0 to 12 kHz, as CheapTrick gives them at 24 kHz."""


def decode(cepstrum: Samples, log_f0: Samples, voiced: Mask) -> VocoderFrames:
    """Return the parameters of WORLD, one frame for each.

    Args:
        cepstrum: (frames, 50).
        log_f0: Natural logarithm of F0 in Hz, (frames,).
        voiced: (frames,).
    """
    return VocoderFrames(
        f0=np.where(voiced, np.exp(log_f0), 0.0).astype(np.float64),
        envelope=cepstrum @ _basis(),
        breath=np.zeros(len(log_f0)),
        sample_rate=SAMPLE_RATE,
    )


@cache
def _basis() -> Samples:
    """Return what each coefficient adds to the envelope, dB, (50, 513): decoding is linear in the logarithm."""
    import pyworld

    units = np.eye(COEFFICIENTS)
    envelope: NDArray[np.float64] = pyworld.decode_spectral_envelope(units, SAMPLE_RATE, 2 * (BINS - 1))
    basis: Samples = (DECIBEL * np.log(envelope)).astype(np.float32)
    return basis
