"""What the small decoder makes: for each short window a filter on the voice's source, and one on noise.

As the two are known apart, a change of timbre is a sum of logarithms: nothing is estimated from a finished sound.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.core.values import Samples
from pipeline.synthesis.prosody import Floats, Mask
from pipeline.synthesis.prosody.changes import TimbreChange
from pipeline.synthesis.world.frames import DECIBEL, FLOOR
from pipeline.synthesis.world.timbre import frame_classes, spectral_gains, warped

__all__ = ["Filters", "Spectra"]

Spectra = NDArray[np.complex64]
"""Short-time spectra, complex (windows, bins)."""

_LEAST: Final = -14.0
"""Logarithm of the least gain: silence."""
_MOST: Final = 4.0
"""Logarithm of the greatest gain."""
_FOLLOWS: Final = 0.5
"""Share of a change of the spectrum that the noise in a voice follows: a choice, between an emotion that is heard and
sound that stays natural."""


@dataclass(frozen=True, eq=False)
class Filters:
    """Filters of the windows of a sentence, each float32 (windows, bins)."""

    voice: Floats
    """Natural logarithm of the gain on the source."""
    phase: Floats
    """Radians by which the source is turned."""
    noise: Floats
    """Natural logarithm of the gain on noise of power 1."""

    @classmethod
    def of(cls, values: Samples) -> Filters:
        """Return filters as the network gives them, (windows, 3, bins)."""
        voice, phase, noise = np.moveaxis(values, 1, 0)
        return cls(np.clip(voice, _LEAST, _MOST), phase, np.clip(noise, _LEAST, _MOST))

    def spectra(self, source: Spectra, noise: Spectra) -> Spectra:
        """Return what comes out of the filters."""
        filtered: Spectra = source * np.exp(self.voice + 1j * self.phase) + noise * np.exp(self.noise)
        return filtered

    def changed(
        self, timbre: TimbreChange, source: Spectra, noise: Spectra, voiced: Mask, frequencies: Floats, period: float
    ) -> Filters:
        """Return the filters of another voice quality; the power of each window is kept.

        Args:
            timbre: What to change; roughness is a matter of the source.
            source: What the filters will be given.
            noise: Likewise.
            voiced: Which windows have a voice, (windows,).
            frequencies: Hertz of the bins as they will be heard.
            period: Seconds from window to window as they will be heard.
        """
        if not (timbre.breath or timbre.formants or np.any(timbre.spectrum)) or not voiced.any():
            return self
        powers = np.abs(source) ** 2, np.abs(noise) ** 2

        def level(filters: Filters) -> Floats:
            power = powers[0] * np.exp(2 * filters.voice) + powers[1] * np.exp(2 * filters.noise)
            decibels: Floats = DECIBEL * np.log(power.mean(axis=1) + FLOOR)
            return decibels

        before = level(self)
        moved = self._with_formants(float(np.exp(timbre.formants)), voiced)
        gains = spectral_gains(timbre, frequencies) / (2 * DECIBEL)
        classes = frame_classes(before, voiced, period)
        # Noise in a voice that is raised as the voice is would be heard as hiss.
        within, breath = classes * (_FOLLOWS, _FOLLOWS, 1.0), timbre.breath / (2 * DECIBEL)
        noisier = within @ gains + breath * (1 - classes[:, -1:])
        changed = dataclasses.replace(moved, voice=moved.voice + classes @ gains, noise=moved.noise + noisier)
        correction = ((before - level(changed)) / (2 * DECIBEL))[:, None]
        return dataclasses.replace(changed, voice=changed.voice + correction, noise=changed.noise + correction)

    def _with_formants(self, ratio: float, voiced: Mask) -> Filters:
        """Return the filters with the formants of voiced windows moved by a ratio."""
        if ratio == 1:
            return self
        share = voiced[:, None].astype(np.float32)
        voice, noise = ((1 - share) * each + share * warped(each, ratio) for each in (self.voice, self.noise))
        return dataclasses.replace(self, voice=voice, noise=noise)
