"""What a model reached on what it was not trained on, speech or text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.recognition.calibration import (
    cross_fitted,
    expected_calibration_error,
    fitted_temperature,
    low_confidence_threshold,
    softmax,
)
from pipeline.training.metrics import confusion, f1, recalls

__all__ = ["Judged", "Scores", "by_emotion", "measures", "shared"]


@dataclass(frozen=True, kw_only=True)
class Scores:
    """What a model reached; shares and errors in [0, 1], means over the seeds."""

    protocol: str
    """How clips or texts were split, in words."""
    seeds: tuple[int, ...]
    accuracy: float
    accuracy_by_seed: tuple[float, ...]
    unweighted_average_recall: float
    """Mean over the emotions of the share that was found (UAR)."""
    macro_f1: float
    """Mean over the emotions of the harmonic mean of precision and recall."""
    macro_f1_by_seed: tuple[float, ...]
    recall: dict[str, float]
    """Share of each emotion's clips or texts that was found."""
    f1: dict[str, float]
    confusion: tuple[tuple[int, ...], ...]
    """Clips or texts of the first seed: rows are the true emotions, columns the answers."""
    calibration_error: float
    """Expected calibration error of the raw probabilities."""
    calibration_error_calibrated: float
    """The same, the temperature of each fold fitted on the others."""
    temperature: float
    """Fitted on all folds and seeds: what the shipped model divides its logits by."""
    unsure_below: float
    """Calibrated confidence under which fewer than half of the answers are right."""
    training_seconds: float = 0.0
    """Mean processor time of one training, with one thread as long as it takes; 0 where nothing was trained."""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields, numbers rounded to four places."""
        values: dict[str, Any] = json.loads(json.dumps(asdict(self)), parse_float=lambda text: round(float(text), 4))
        return values


@dataclass(frozen=True, eq=False)
class Judged:
    """What a model answered with one seed to what it was not trained on."""

    logits: NDArray[np.floating]
    """(items, labels)."""
    true: NDArray[np.integer]
    """(items,), the number of each item's emotion."""
    folds: NDArray[np.integer]
    """(items,), the parts of the cross-fit."""

    def calibrated(self) -> NDArray[np.float64]:
        """Return probabilities (items, labels), the temperature of each fold fitted on the others."""
        return cross_fitted(self.logits, self.true, self.folds)


def shared(
    judged: Sequence[Judged], calibrated: Sequence[NDArray[np.floating]], labels: Sequence[str], present: Sequence[int]
) -> dict[str, Any]:
    """Return the fields of `Scores` that are computed alike for speech and text.

    Args:
        judged: One per seed.
        calibrated: What `Judged.calibrated` returns for each.
        labels: The emotions.
        present: Numbers of those that there are items of.
    """
    answers = [part.logits.argmax(axis=1) for part in judged]
    parts = list(zip(judged, answers, strict=True))
    confusions = np.array([confusion(part.true, answer, len(labels)) for part, answer in parts])
    found, harmonic = recalls(confusions), f1(confusions)
    accuracies = tuple(float((answer == part.true).mean()) for part, answer in parts)
    true = np.concatenate([part.true for part in judged])
    raw = [expected_calibration_error(softmax(part.logits), part.true) for part in judged]
    after = [expected_calibration_error(own, part.true) for own, part in zip(calibrated, judged, strict=True)]
    return {
        "accuracy": float(np.mean(accuracies)),
        "accuracy_by_seed": accuracies,
        "unweighted_average_recall": float(found[:, present].mean()),
        "macro_f1": float(harmonic[:, present].mean()),
        "macro_f1_by_seed": tuple(harmonic[:, present].mean(axis=1).tolist()),
        "recall": {labels[index]: float(found[:, index].mean()) for index in present},
        "f1": {labels[index]: float(harmonic[:, index].mean()) for index in present},
        "confusion": tuple(tuple(row) for row in confusions[0].tolist()),
        "calibration_error": float(np.mean(raw)),
        "calibration_error_calibrated": float(np.mean(after)),
        "temperature": fitted_temperature(np.concatenate([part.logits for part in judged]), true),
        "unsure_below": low_confidence_threshold(np.concatenate(calibrated), true),
    }


def measures(scores: dict[str, Any]) -> list[tuple[str, str]]:
    """Return measures and their values for people, from `Scores.to_dict()` of speech or of text."""

    def with_interval(name: str, form: str) -> str:
        low_to_high = scores.get(f"{name}_interval")
        interval = f" (95 %: {low_to_high[0]:{form}} to {low_to_high[1]:{form}})" if low_to_high else ""
        return f"{scores[name]:{form}}{interval}"

    def each(values: Sequence[float], form: str) -> str:
        return ", ".join(f"{value:{form}}" for value in values)

    lines = [
        ("accuracy", with_interval("accuracy", ".1%")),
        ("accuracy by seed", each(scores["accuracy_by_seed"], ".1%")),
    ]
    if "accuracy_by_fold" in scores:
        spread = f"; standard deviation {scores['accuracy_spread']:.1%}"
        lines.append(("accuracy by fold", each(scores["accuracy_by_fold"], ".1%") + spread))
    lines += [
        ("unweighted average recall", with_interval("unweighted_average_recall", ".1%")),
        ("macro F1", with_interval("macro_f1", ".3f")),
    ]
    if "macro_f1_by_seed" in scores:
        lines.append(("macro F1 by seed", each(scores["macro_f1_by_seed"], ".3f")))
    if "several_macro_f1" in scores:
        lines.append(("macro F1, multi-label, cross-fitted thresholds", f"{scores['several_macro_f1']:.3f}"))
    lines += [
        ("expected calibration error, raw", f"{scores['calibration_error']:.3f}"),
        ("the same after cross-fitted temperature", f"{scores['calibration_error_calibrated']:.3f}"),
    ]
    if "surest_accuracy" in scores:
        lines.append(("accuracy on the 60 % that it is surest of", f"{scores['surest_accuracy']:.1%}"))
    for part, what in (("sex", "speakers"), ("intensity", "intensity")):
        found = scores.get(f"accuracy_by_{part}", {})
        lines += [(f"accuracy, {name} {what}", f"{value:.1%}") for name, value in found.items()]
    if scores["training_seconds"]:
        lines.append(("processor seconds of one training", f"{scores['training_seconds']:.0f}"))
    return lines


def by_emotion(scores: dict[str, Any]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return head and rows of a table of the emotions: share that was found, F1, and the threshold of a text model."""
    columns = {"found": ("recall", ".1%"), "F1": ("f1", ".3f"), "threshold": ("thresholds", ".2f")}
    known = {title: (scores[name], form) for title, (name, form) in columns.items() if name in scores}
    rows = [(name, *(f"{values[name]:{form}}" for values, form in known.values())) for name in scores["recall"]]
    return ("emotion", *known), rows
