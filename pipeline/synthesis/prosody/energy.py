"""Loudness within a sentence: its dynamics, and how it grows or fades."""

from __future__ import annotations

from typing import Final

import numpy as np

from pipeline.synthesis.prosody import Floats, Mask
from pipeline.synthesis.prosody.changes import ProsodyChange

__all__ = ["apply_energy"]

_MOST_DYNAMICS: Final = 6.0
"""dB by which dynamics may move a frame: beyond it quiet consonants are lost."""
_SWELL_SECONDS: Final = 2.0
"""Seconds of the sentences that swelling was measured on; longer ones swell by no more in all."""


def apply_energy(energy: Floats, voiced: Mask, change: ProsodyChange, period: float) -> Floats:
    """Return the power of a sentence in dB, (frames,): moved away from the mean of its voiced frames, and swelling.

    Args:
        energy: Power in dB, (frames,).
        voiced: Which frames have a voice, (frames,).
        change: What to change.
        period: Seconds from frame to frame.
    """
    if not voiced.any():
        return energy
    distance = energy - energy[voiced].mean()
    gain = np.clip((np.exp(change.dynamics) - 1) * distance, -_MOST_DYNAMICS, _MOST_DYNAMICS)
    seconds = period * (np.arange(len(energy)) - len(energy) / 2)
    changed: Floats = energy + gain + change.swell * seconds * min(1.0, _SWELL_SECONDS / (len(energy) * period))
    return changed
