"""How sure a model may be of a speaker who is known: fitted on clips of speakers drawn as they may come.

A recording holds few clips of a speaker or many, of all emotions or of one mood. So some are drawn in each of these
ways, judged together, and the gain is found with which the answers are neither too sure nor too doubtful.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.recognition.calibration import softmax
from pipeline.recognition.speech.speaker import judged_together, sharpness

__all__ = ["DRAWS", "Clips", "drawn", "fitted_gain"]

DRAWS: Final[dict[str, tuple[int, int]]] = {
    "2 clips": (2, 0),
    "4 clips": (4, 0),
    "8 clips": (8, 0),
    "16 clips": (16, 0),
    "all clips": (0, 0),
    "4 of one emotion": (4, 1),
    "12 of one emotion": (12, 1),
    "12 of two emotions": (12, 2),
    "12, most of one emotion": (12, -1),
}
"""Name to how many clips are drawn, and from how many emotions: 0 for all, -1 for three quarters from one."""

_TIMES: Final = 30
"""Draws of a kind from each corpus, shared among its speakers, so that no corpus counts more; set by hand."""

_GAINS: Final = np.arange(0.0, 1.51, 0.05)
"""Gains that are tried, without a unit; the best lie about 0.5."""


@dataclass(frozen=True, eq=False)
class Clips:
    """What a model answered to clips of a corpus that it had not heard."""

    logits: NDArray[np.floating]
    """(clips, labels)."""
    labels: NDArray[np.integer]
    """(clips,)."""
    speakers: NDArray[np.str_]
    """(clips,)."""


def drawn(labels: NDArray[np.integer], count: int, kinds: int, random: np.random.Generator) -> NDArray[np.integer]:
    """Return places of some clips of one speaker.

    Args:
        labels: Number of the emotion of each clip.
        count: Clips to draw, as in `DRAWS`; there may be fewer.
        kinds: Emotions to draw from, as in `DRAWS`.
        random: Draws.
    """
    if not count:
        return np.arange(len(labels))
    present = np.unique(labels)
    if kinds < 0:
        own = labels == random.choice(present)
        most = random.permutation(np.flatnonzero(own))[: count * 3 // 4]
        return np.concatenate([most, random.permutation(np.flatnonzero(~own))[: count // 4]])
    chosen = random.choice(present, min(kinds, len(present)), replace=False) if kinds else present
    return random.permutation(np.flatnonzero(np.isin(labels, chosen)))[:count]


def fitted_gain(corpora: Sequence[Clips], temperature: float) -> float:
    """Return the gain with which answers for known speakers are best calibrated; corpora and draws count alike.

    The measure is the Brier score over the emotions that a corpus has: what it lacks is no mistake.

    Args:
        corpora: Clips that the models had not heard.
        temperature: Of the models.
    """
    losses = np.zeros(len(_GAINS))
    for clips in corpora:
        for draw in DRAWS.values():
            losses += _losses(clips, draw, temperature)
    return round(float(_GAINS[int(np.argmin(losses))]), 2)


def _losses(clips: Clips, draw: tuple[int, int], temperature: float) -> NDArray[np.float64]:
    """Return the Brier score of each gain over clips that are drawn in one way."""
    random, shared = np.random.default_rng(0), np.unique(clips.labels)
    people = np.unique(clips.speakers)
    total, count = np.zeros(len(_GAINS)), 0
    for person in people:
        mine = np.flatnonzero(clips.speakers == person)
        for _ in range(-(-_TIMES // len(people)) if draw[0] else 1):
            places = mine[drawn(clips.labels[mine], *draw, random)]
            logs = np.log(judged_together(softmax(clips.logits[places], temperature))[:, shared] + 1e-30)
            wanted = clips.labels[places][:, np.newaxis] == shared
            total += [np.sum((softmax(sharpness(len(places) - 1, gain) * logs) - wanted) ** 2) for gain in _GAINS]
            count += len(places)
    return total / count
