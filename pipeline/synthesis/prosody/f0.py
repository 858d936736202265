"""The contour of F0: level, range, declination, final movement and trembling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from pipeline.synthesis.prosody import Floats
from pipeline.synthesis.prosody.changes import ProsodyChange

__all__ = ["FINAL_SECONDS", "KNEE", "SEMITONES", "Register", "apply_f0", "movement"]

SEMITONES: Final = 12.0
"""Semitones of an octave."""
FINAL_SECONDS: Final = 0.3
"""Seconds of voice at the end of a sentence in which the final movement lies."""
_SLOPE_SECONDS: Final = 2.0
"""Seconds of the sentences that the declination was measured on; longer ones are tilted by no more in all."""
_RAMP: Final = 0.75
"""Share of a ramp that `movement` finds in it: from the mean of its first quarter to that of its last."""
_QUESTION: Final = 4.0
"""Semitones by which a question without question word moves up at its end, at least, in any emotion."""
_USUAL_FALL: Final = -2.0
"""Semitones by which the actors fell at the end of neutral sentences (median)."""
_TREMOR_HERTZ: Final = 5.5
"""Hertz of a trembling voice: between the 4 and 8 Hz of vibrato and tremor."""
KNEE: Final = 4.0
"""Semitones below the highest F0 at which compression begins, and below the floor that are never reached."""
_HIGHEST: Final = 2.6
"""Ratio of the highest F0 of a voice to its usual one, if it is not known: as far as a man's preset goes."""
_LOWEST: Final = 55.0
"""Hertz that no voice goes below, half an octave under the deepest preset: lower is creak."""


@dataclass(frozen=True)
class Register:
    """Where a voice speaks."""

    usual: float
    """Usual fundamental frequency in Hz."""
    highest: float
    """Hertz that no F0 passes."""
    rise: float = 1.0
    """Share of an emotion's change of level that the voice follows: a voice that is high already rises less."""

    @classmethod
    def around(cls, usual: float, highest: float = 0.0) -> Register:
        """Return the register of a voice that is known by its usual F0 alone.

        Args:
            usual: Hertz.
            highest: Hertz that the voice is known to reach.
        """
        return cls(usual, max(_HIGHEST * usual, highest))


def apply_f0(f0: Floats, change: ProsodyChange, register: Register, period: float, *, rises: bool = False) -> Floats:
    """Return another contour, (frames,).

    All is done in semitones about the voice's usual F0; the range widens about the sentence's straight line.
    The declination was measured on sentences of two seconds, and no sentence is tilted by more than it would be there.
    The final movement was measured from the first to the last quarter of the last 300 ms, which is 0.75 of a ramp;
    if it rises, a voice that falls deeper than the actors did in neutral speech (2 semitones) makes that good first.
    Above the highest F0 less four semitones the contour is compressed, so that no voice squeaks. So it is below the
    lowest of the sentence itself: a speaker raises the tops of a melody, and its floor stays (Ladd 2008, "Intonational
    phonology").

    Args:
        f0: Fundamental frequency in Hz, (frames,); 0 where there is no voice.
        change: What to change.
        register: Where the voice speaks; F0 comes close to its highest and never passes it.
        period: Seconds from frame to frame.
        rises: Whether the voice should rise at the end and does not yet.
    """
    voiced = np.flatnonzero(f0)
    if not len(voiced):
        return f0
    times = voiced * period
    contour = SEMITONES * np.log2(f0[voiced] / register.usual)
    offset = times - times.mean()
    floor = contour.min()
    line = contour.mean() + offset * (contour @ offset) / max(offset @ offset, period)
    contour = line + (contour - line) * np.exp(change.range) + change.shift * register.rise

    seconds = times[-1] - times[0]
    contour += change.slope * offset * min(1.0, _SLOPE_SECONDS / max(seconds, period))

    ending = times > times[-1] - FINAL_SECONDS
    final = max(change.final, _QUESTION) if rises else change.final
    if final > 0:
        final += min(1.0, final / _QUESTION) * max(0.0, _USUAL_FALL - movement(contour[ending]))
    contour[ending] += final / _RAMP * (1 - (times[-1] - times[ending]) / FINAL_SECONDS)
    contour += change.arch * (1 / 3 - np.square(2 * (times - times[0]) / max(seconds, period) - 1))
    contour += change.tremor * np.sqrt(2) * np.sin(2 * np.pi * _TREMOR_HERTZ * times)
    contour += max(change.jitter, 0.0) * np.random.default_rng(len(f0)).standard_normal(len(contour))

    knee = SEMITONES * np.log2(register.highest / register.usual) - KNEE
    contour = np.where(contour > knee, knee + KNEE * np.tanh((contour - knee) / KNEE), contour)
    contour = np.where(contour < floor, floor - KNEE * np.tanh((floor - contour) / KNEE), contour)
    changed = np.zeros(len(f0))
    changed[voiced] = np.maximum(register.usual * 2 ** (contour / SEMITONES), _LOWEST)
    return changed


def movement(contour: Floats) -> float:
    """Return the mean of the last quarter minus the mean of the first, in semitones."""
    quarter = max(1, len(contour) // 4)
    return float(contour[-quarter:].mean() - contour[:quarter].mean())
