"""Statistics over the frames of librosa's features: one vector per clip.

McFee et al., librosa: Audio and Music Signal Analysis in Python, SciPy 2015.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.core.values import Samples
from pipeline.recognition.speech.features.moonshine import SAMPLE_RATE

__all__ = ["Statistics"]

_WINDOW: Final = 1024
"""Samples per frame: 64 ms; set by hand."""

_HOP: Final = 256
"""Samples from one frame to the next: 16 ms, a quarter of a frame."""

_COEFFICIENTS: Final = 40
"""Number of MFCC; set by hand."""

_BANDS: Final = 128
"""Number of mel bands: librosa's default."""

_CHROMA: Final = 12
"""Number of pitch classes: the semitones of an octave."""


class Statistics:
    """Mean and standard deviation over time.

    The means come first, then the deviations, each of
    40 MFCC, their deltas, 12 chroma, 128 mel bands in dB, the zero-crossing rate and the RMS.

    Args:
        threads: Not used: librosa computes with one.

    Raises:
        ImportError: The package `librosa` is not installed.
    """

    name: Final = "librosa-statistics"
    size: Final = 2 * (2 * _COEFFICIENTS + _CHROMA + _BANDS + 2)
    precision: Final = np.float32
    conditioned: Final = True

    def __init__(self, threads: int = 1) -> None:
        import librosa

        self._librosa = librosa

    def __call__(self, samples: Samples) -> NDArray[np.float32]:
        """Return float32 (1, 444) of a conditioned clip at 16 kHz."""
        measure = self._librosa.feature
        magnitude = np.abs(self._librosa.stft(samples, n_fft=_WINDOW, hop_length=_HOP))
        mel = self._librosa.power_to_db(
            measure.melspectrogram(S=magnitude**2, sr=SAMPLE_RATE, n_mels=_BANDS), amin=1e-10, top_db=80.0
        )
        coefficients = measure.mfcc(S=mel, n_mfcc=_COEFFICIENTS)
        tracks = np.concatenate(
            [
                coefficients,
                measure.delta(coefficients, mode="nearest"),
                # Estimating the tuning of an instrument would make clips differ by chance.
                measure.chroma_stft(S=magnitude**2, sr=SAMPLE_RATE, n_fft=_WINDOW, n_chroma=_CHROMA, tuning=0.0),
                mel,
                measure.zero_crossing_rate(samples, frame_length=_WINDOW, hop_length=_HOP),
                measure.rms(S=magnitude, frame_length=_WINDOW, hop_length=_HOP),
            ]
        )
        return np.concatenate([tracks.mean(axis=1), tracks.std(axis=1)]).astype(np.float32)[np.newaxis]
