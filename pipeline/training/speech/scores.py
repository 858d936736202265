"""What a model reached on clips that it has not heard."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.core.emotions import EMOTIONS
from pipeline.recognition.calibration import (
    cross_fitted,
    expected_calibration_error,
    fitted_temperature,
    softmax,
    unsure_threshold,
)
from pipeline.training.corpora import Recording
from pipeline.training.metrics import confusion, f1, recalls, shares
from pipeline.training.splits import described

__all__ = ["Scores", "bootstrapped", "scored"]


@dataclass(frozen=True)
class Scores:
    """What a model reached; shares and errors in [0, 1]."""

    protocol: str
    """How clips were parted, in words."""
    clips: int
    """Clips that were judged."""
    speakers: int
    seeds: tuple[int, ...]
    accuracy: float
    """Mean over the seeds."""
    accuracy_by_seed: tuple[float, ...]
    accuracy_by_fold: tuple[float, ...]
    """Mean over the seeds."""
    accuracy_spread: float
    """Standard deviation over all folds and seeds."""
    accuracy_interval: tuple[float, float]
    """95 % interval of the accuracy, by bootstrap over the speakers."""
    accuracy_by_sex: dict[str, float]
    accuracy_by_intensity: dict[str, float]
    unweighted_average_recall: float
    """Mean over the emotions of the share that was found (UAR)."""
    unweighted_average_recall_interval: tuple[float, float]
    """95 % interval, by bootstrap over the speakers."""
    macro_f1: float
    recall: dict[str, float]
    """Share of each emotion's clips that was found."""
    confusion: tuple[tuple[int, ...], ...]
    """Clips of the first seed: rows are the true emotions, columns the answers."""
    calibration_error: float
    """Expected calibration error of the raw probabilities."""
    calibration_error_calibrated: float
    """The same with temperatures fitted on the other folds."""
    temperature: float
    """Fitted on all folds and seeds: what the shipped model divides its logits by."""
    unsure_below: float
    """Calibrated confidence under which fewer than half of the answers are right."""
    surest_accuracy: float
    """Accuracy on the 60 % of clips with the highest calibrated confidence."""
    training_seconds: float = 0.0
    """Mean processor time of one training, with one thread as long as it takes; 0 where nothing was trained."""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields, numbers rounded to four places."""
        values: dict[str, Any] = json.loads(json.dumps(asdict(self)), parse_float=lambda text: round(float(text), 4))
        return values


def scored(
    logits: NDArray[np.floating],
    labels: NDArray[np.integer],
    folds: NDArray[np.integer],
    recordings: Sequence[Recording],
    seeds: Sequence[int],
    protocol: str = "",
) -> Scores:
    """Score held-out logits.

    Args:
        logits: (seeds, clips, labels), each clip judged without its speaker; those in fold -1 are not looked at.
        labels: (clips,).
        folds: (clips,) or (seeds, clips).
        recordings: The clips.
        seeds: One per first axis of the logits.
        protocol: How clips were parted, in words.
    """
    folds = np.broadcast_to(folds, logits.shape[:2])
    judged = folds >= 0
    answers = np.where(judged, np.nan_to_num(logits, nan=-np.inf).argmax(axis=2), -1)
    right = (answers == labels) & judged
    every = np.broadcast_to(labels, judged.shape)
    confusions = np.array(
        [confusion(labels[seen], answers[number][seen], len(EMOTIONS)) for number, seen in enumerate(judged)]
    )
    found_by_label, harmonic = recalls(confusions), f1(confusions)
    parts = [(logits[number][seen], labels[seen]) for number, seen in enumerate(judged)]
    raw = [expected_calibration_error(softmax(values), wanted) for values, wanted in parts]
    calibrated = [
        cross_fitted(values, wanted, _calibration_folds(folds[number][judged[number]]))
        for number, (values, wanted) in enumerate(parts)
    ]
    after = [expected_calibration_error(found, part[1]) for found, part in zip(calibrated, parts, strict=True)]
    pooled = np.concatenate(calibrated)
    surest = np.argsort(-pooled.max(axis=1))[: round(0.6 * len(pooled))]
    numbers = sorted(set(folds[judged].tolist()))

    def by(names: Sequence[str]) -> dict[str, float]:
        chosen = {name: judged & np.array([entry == name for entry in names]) for name in sorted(set(names)) if name}
        return {name: float(right[seen].mean()) for name, seen in chosen.items() if seen.any()}

    present = [index for index in range(len(EMOTIONS)) if (every[judged] == index).any()]
    speakers = np.array([recording.speaker for recording in recordings])
    accuracy, recall = bootstrapped(right, judged, labels, speakers)
    return Scores(
        protocol=protocol or described("folds", len(numbers)),
        clips=int(judged[0].sum()),
        speakers=len(set(speakers[judged.any(axis=0)].tolist())),
        seeds=tuple(seeds),
        accuracy=float(np.mean([right[number][seen].mean() for number, seen in enumerate(judged)])),
        accuracy_by_seed=tuple(float(right[number][seen].mean()) for number, seen in enumerate(judged)),
        accuracy_by_fold=tuple(float(right[folds == fold].mean()) for fold in numbers),
        accuracy_spread=float(
            np.std([row[place == fold].mean() for row, place in zip(right, folds, strict=True) for fold in numbers])
        ),
        accuracy_interval=accuracy,
        accuracy_by_sex=by([recording.sex for recording in recordings]),
        accuracy_by_intensity=by([recording.intensity for recording in recordings]),
        unweighted_average_recall=float(found_by_label[:, present].mean()),
        unweighted_average_recall_interval=recall,
        macro_f1=float(harmonic[:, present].mean()),
        recall={EMOTIONS[index]: float(found_by_label[:, index].mean()) for index in present},
        confusion=tuple(tuple(row) for row in confusions[0].tolist()),
        calibration_error=float(np.mean(raw)),
        calibration_error_calibrated=float(np.mean(after)),
        temperature=fitted_temperature(np.concatenate([values for values, _ in parts]), every[judged]),
        unsure_below=unsure_threshold(pooled, every[judged]),
        surest_accuracy=float((pooled.argmax(axis=1) == every[judged])[surest].mean()),
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


def _calibration_folds(folds: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return the folds of a cross-fit; where only one part is judged, its clips are dealt to five."""
    return np.asarray(folds if len(np.unique(folds)) > 1 else np.arange(len(folds)) % 5, np.int64)
