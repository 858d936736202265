"""Tempo and pauses: how long each frame lasts."""

from __future__ import annotations

import dataclasses
import math
from typing import Final

import numpy as np

from pipeline.synthesis.prosody.changes import Manner
from pipeline.synthesis.world.vocoder import PERIOD, Floats, Mask, Spoken

__all__ = ["paced", "pauses", "stretched_in_time"]

_PAUSE_DEPTH: Final = 35.0
_PAUSE_FRAMES: Final = 20
_LONGEST_ADDED: Final = 0.4
_STIFFNESS: Final = 0.5


def paced(spoken: Spoken, manner: Manner) -> Spoken:
    """Return the sentence at another tempo, with longer pauses.

    Voiced sounds give way twice as much as the others, as in natural speech that slows down (Gay 1981).
    The pauses that a manner adds lengthen those that are there, by 0.4 s each at most;
    what finds no room there slows the speech instead, so that the duration comes out as measured on actors.
    The words' times follow.
    """
    if len(spoken) < 2 or not (manner.tempo or manner.pauses):
        return spoken
    pause = pauses(spoken)
    speech = int(np.count_nonzero(~pause))
    added = manner.pauses * len(spoken)
    room = min(max(added, 0.0), _LONGEST_ADDED / PERIOD * _runs(pause))
    tempo = math.exp(manner.tempo) + (added - room) / max(speech, 1)

    weight = np.where(spoken.voiced, 1.0, _STIFFNESS)
    weight /= weight[~pause].mean() if speech else 1.0
    lasting = np.maximum(1 + (tempo - 1) * weight, 0.2)
    lasting[pause] = tempo + room / max(int(np.count_nonzero(pause)), 1)
    return stretched_in_time(spoken, lasting)


def pauses(spoken: Spoken) -> Mask:
    """Return which frames belong to a pause inside the sentence, (frames,)."""
    quiet = (spoken.level < spoken.level.max() - _PAUSE_DEPTH) & ~spoken.voiced
    edges = np.flatnonzero(np.diff(np.concatenate([[False], quiet, [False]])))
    pause = np.zeros(len(spoken), bool)
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        if last - first >= _PAUSE_FRAMES and first > 0 and last < len(spoken):
            pause[first:last] = True
    return pause


def _runs(mask: Mask) -> int:
    return int(np.count_nonzero(np.diff(np.concatenate([[0], mask.astype(np.int8)])) == 1))


def stretched_in_time(spoken: Spoken, lasting: Floats) -> Spoken:
    """Return the sentence with each frame lasting so many frames, (frames,)."""
    ends = np.cumsum(lasting)
    centres = ends - lasting / 2
    source = np.interp(np.arange(round(ends[-1])) + 0.5, centres, np.arange(len(spoken)))
    low = np.floor(source).astype(int)
    high = np.minimum(low + 1, len(spoken) - 1)
    share = source - low
    nearest = np.where(share < 0.5, low, high)
    both = spoken.voiced[low] & spoken.voiced[high]
    pitch = np.where(both, (1 - share) * spoken.pitch[low] + share * spoken.pitch[high], spoken.pitch[nearest])
    mix = share[:, None].astype(np.float32)
    times = np.concatenate([[0.0], ends]) * PERIOD

    def moved(time: float) -> float:
        return float(np.interp(time, np.arange(len(spoken) + 1) * PERIOD, times))

    return dataclasses.replace(
        spoken,
        pitch=pitch,
        envelope=(1 - mix) * spoken.envelope[low] + mix * spoken.envelope[high],
        breath=spoken.breath[nearest],
        words=tuple(dataclasses.replace(word, start=moved(word.start), end=moved(word.end)) for word in spoken.words),
    )
