"""What a model reached on clips that it has not heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pipeline.core.emotions import EMOTIONS
from pipeline.training.corpora import Recording
from pipeline.training.metrics import shares
from pipeline.training.scores import Judged, Scores, shared
from pipeline.training.splits import described

__all__ = ["SpeechScores", "bootstrapped", "calibration_folds", "scored"]

_SUREST: Final = 0.6
"""Share of the clips on which a model that may decline is judged."""

_FOLDS: Final = 5
"""Parts of a cross-fit where one part alone is judged, as many as the usual folds."""


@dataclass(frozen=True, kw_only=True)
class SpeechScores(Scores):
    """What a model of speech reached on clips that it has not heard."""

    clips: int
    """Clips that were judged."""
    speakers: int
    accuracy_by_fold: tuple[float, ...]
    """Mean over the seeds."""
    accuracy_spread: float
    """Standard deviation over all folds and seeds."""
    accuracy_interval: tuple[float, float]
    """95 % interval of the accuracy, by bootstrap over the speakers."""
    accuracy_by_sex: dict[str, float]
    accuracy_by_intensity: dict[str, float]
    unweighted_average_recall_interval: tuple[float, float]
    """95 % interval, by bootstrap over the speakers."""
    surest_accuracy: float
    """Accuracy on the 60 % of clips with the highest calibrated confidence."""
    known_gain: float = 0.0
    """How much surer answers are of a speaker who is known, as `speaker.sharpness` takes it; fitted where there are
    several corpora."""
    corpora: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Where there are several: each corpus to what models reach on it that heard nothing of it, as `left_out` says."""


def scored(
    logits: NDArray[np.floating],
    labels: NDArray[np.integer],
    folds: NDArray[np.integer],
    recordings: Sequence[Recording],
    seeds: Sequence[int],
    protocol: str = "",
) -> SpeechScores:
    """Score held-out logits.

    Args:
        logits: (seeds, clips, labels), each clip judged without its speaker; those in fold -1 are not looked at.
        labels: (clips,).
        folds: (clips,) or (seeds, clips).
        recordings: The clips.
        seeds: One per first axis of the logits.
        protocol: How clips were split, in words.
    """
    folds = np.broadcast_to(folds, logits.shape[:2])
    judged = folds >= 0
    answers = np.where(judged, np.nan_to_num(logits, nan=-np.inf).argmax(axis=2), -1)
    right = (answers == labels) & judged
    every = np.broadcast_to(labels, judged.shape)[judged]
    seen = [
        Judged(logits[number][own], labels[own], calibration_folds(folds[number][own]))
        for number, own in enumerate(judged)
    ]
    calibrated = [part.calibrated() for part in seen]
    pooled = np.concatenate(calibrated)
    surest = np.argsort(-pooled.max(axis=1))[: round(_SUREST * len(pooled))]
    numbers = sorted(set(folds[judged].tolist()))

    def by(names: Sequence[str]) -> dict[str, float]:
        chosen = {name: judged & np.array([entry == name for entry in names]) for name in sorted(set(names)) if name}
        return {name: float(right[own].mean()) for name, own in chosen.items() if own.any()}

    speakers = np.array([recording.speaker for recording in recordings])
    accuracy, recall = bootstrapped(right, judged, labels, speakers)
    return SpeechScores(
        **shared(seen, calibrated, EMOTIONS, [index for index in range(len(EMOTIONS)) if (every == index).any()]),
        protocol=protocol or described("folds", len(numbers)),
        seeds=tuple(seeds),
        clips=int(judged[0].sum()),
        speakers=len(set(speakers[judged.any(axis=0)].tolist())),
        accuracy_by_fold=tuple(float(right[folds == fold].mean()) for fold in numbers),
        accuracy_spread=float(
            np.std([row[place == fold].mean() for row, place in zip(right, folds, strict=True) for fold in numbers])
        ),
        accuracy_interval=accuracy,
        accuracy_by_sex=by([recording.sex for recording in recordings]),
        accuracy_by_intensity=by([recording.intensity for recording in recordings]),
        unweighted_average_recall_interval=recall,
        surest_accuracy=float((pooled.argmax(axis=1) == every)[surest].mean()),
    )


def bootstrapped(
    right: NDArray[np.bool_],
    judged: NDArray[np.bool_],
    labels: NDArray[np.integer],
    speakers: NDArray[np.str_],
    draws: int = 1000,
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return 95 % intervals of accuracy and unweighted average recall.

    Speakers are drawn with replacement, all clips of each together:
    clips of one voice resemble each other, so drawing clips would promise too much.

    Args:
        right: (seeds, clips).
        judged: (seeds, clips), the clips that count.
        labels: (clips,).
        speakers: (clips,).
        draws: How many times.
    """
    names = np.unique(speakers)
    belongs = (speakers == names[:, None]).astype(np.float64)
    shown = np.eye(len(EMOTIONS))[labels]
    hits = np.einsum("nc,c,cl->nl", belongs, right.sum(axis=0), shown)
    clips = np.einsum("nc,c,cl->nl", belongs, judged.sum(axis=0), shown)
    weights = np.random.default_rng(0).multinomial(len(names), np.full(len(names), 1 / len(names)), draws)
    found, wanted = weights @ hits, weights @ clips
    accuracy = shares(found.sum(axis=1), wanted.sum(axis=1))
    recall = shares(found, wanted).sum(axis=1) / np.maximum((wanted > 0).sum(axis=1), 1)
    low, high = (tuple(np.percentile(values, [2.5, 97.5]).tolist()) for values in (accuracy, recall))
    return low, high


def calibration_folds(folds: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return the folds of a cross-fit; where only one part is judged, its clips are dealt to five."""
    return np.asarray(folds if len(np.unique(folds)) > 1 else np.arange(len(folds)) % _FOLDS, np.int64)
