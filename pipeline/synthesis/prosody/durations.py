"""Tempo and pauses: how long each frame lasts."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from pipeline.synthesis.prosody import Floats, Mask
from pipeline.synthesis.prosody.changes import ProsodyChange

__all__ = ["apply_durations", "find_pauses"]

_PAUSE_DEPTH: Final = 35.0
"""dB below the loudest frame from which a frame without voice is silent: softer than any consonant."""
_SHORTEST_PAUSE: Final = 0.1
"""Seconds of silence that are a pause: the closure of a stop is shorter."""
_LONGEST_ADDED: Final = 0.4
"""Seconds that may be added to one pause: a longer one ends the sentence."""
_STIFFNESS: Final = 0.5
"""Share of a vowel's change of duration that consonants without voice follow (Gay 1981)."""
_SHORTEST: Final = 0.2
"""Least share of its duration that a frame keeps."""


def apply_durations(energy: Floats, voiced: Mask, change: ProsodyChange, period: float) -> Floats | None:
    """Return how many frames each frame lasts, (frames,); None if nothing moves.

    Voiced sounds give way twice as much as the others, as in natural speech that slows down (Gay 1981).
    The pauses that a change adds lengthen those that are there, by 0.4 s each at most;
    what finds no room there slows the speech instead, so that the duration comes out as measured on actors.

    Args:
        energy: Power in dB, (frames,).
        voiced: Which frames have a voice, (frames,).
        change: What to change.
        period: Seconds from frame to frame.
    """
    if len(voiced) < 2 or not (change.tempo or change.pauses):
        return None
    pause = find_pauses(energy, voiced, period)
    speech = int(np.count_nonzero(~pause))
    added = change.pauses * len(voiced)
    runs = int(np.count_nonzero(np.diff(pause, prepend=False) & pause))
    room = min(max(added, 0.0), _LONGEST_ADDED / period * runs)
    tempo = math.exp(change.tempo) + (added - room) / max(speech, 1)

    weight = np.where(voiced, 1.0, _STIFFNESS)
    weight /= weight[~pause].mean() if speech else 1.0
    lasting: Floats = np.maximum(1 + (tempo - 1) * weight, _SHORTEST)
    lasting[pause] = tempo + room / max(int(np.count_nonzero(pause)), 1)
    return lasting


def find_pauses(energy: Floats, voiced: Mask, period: float) -> Mask:
    """Return which frames belong to a pause inside the sentence, (frames,); arguments as `apply_durations`."""
    quiet = (energy < energy.max() - _PAUSE_DEPTH) & ~voiced
    edges = np.flatnonzero(np.diff(np.concatenate([[False], quiet, [False]])))
    pause = np.zeros(len(energy), bool)
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        if last - first >= round(_SHORTEST_PAUSE / period) and first > 0 and last < len(energy):
            pause[first:last] = True
    return pause
