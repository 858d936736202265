"""What a text model reached on texts that it was not trained on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pipeline.recognition.calibration import (
    cross_fitted,
    expected_calibration_error,
    fitted_temperature,
    softmax,
    unsure_threshold,
)
from pipeline.recognition.text.recogniser import Answers
from pipeline.training.metrics import confusion, f1, recalls, shares

__all__ = ["TextScores", "fitted_thresholds", "scored_texts"]

_THRESHOLDS: Final = np.arange(0.05, 0.96, 0.01)
_PARTS: Final = 5
"""Parts of a cross-fit."""


@dataclass(frozen=True)
class TextScores:
    """What a model reached; shares and errors in [0, 1], means over the seeds.

    Names are those of the scores of speech where they mean the same.
    """

    protocol: str
    """How texts were parted, in words."""
    texts: int
    """Texts of one emotion, which all but `several_macro_f1` are about."""
    seeds: tuple[int, ...]
    accuracy: float
    accuracy_by_seed: tuple[float, ...]
    macro_f1: float
    """Mean over the emotions of the harmonic mean of precision and recall."""
    macro_f1_by_seed: tuple[float, ...]
    macro_f1_interval: tuple[float, float]
    """95 % interval, by bootstrap over the texts of the first seed."""
    f1: dict[str, float]
    unweighted_average_recall: float
    recall: dict[str, float]
    """Share of each emotion's texts that was found."""
    confusion: tuple[tuple[int, ...], ...]
    """Texts of the first seed: rows are the true emotions, columns the answers."""
    several_texts: int
    """All texts, those of several emotions with them."""
    several_macro_f1: float
    """With the thresholds of each fifth of the texts fitted on the others."""
    thresholds: dict[str, float]
    """Fitted on all texts and seeds: what the shipped model holds."""
    calibration_error: float
    """Expected calibration error of the raw probabilities."""
    calibration_error_calibrated: float
    """The same, the temperature of each fifth of the texts fitted on the others."""
    temperature: float
    """Fitted on all texts and seeds: what the shipped model divides its logits by."""
    unsure_below: float
    """Calibrated confidence under which fewer than half of the answers are right."""
    training_seconds: float = 0.0
    """Mean processor time of one training."""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields, numbers rounded to four places."""
        values: dict[str, Any] = json.loads(json.dumps(asdict(self)), parse_float=lambda text: round(float(text), 4))
        return values


def scored_texts(
    answers: Sequence[Answers],
    wanted: NDArray[np.floating],
    labels: Sequence[str],
    seeds: Sequence[int],
    protocol: str,
    training_seconds: float = 0.0,
) -> TextScores:
    """Score answers.

    Args:
        answers: One per seed, each of all texts, none of which its model was trained on.
        wanted: (texts, labels), 1 where a text has the emotion.
        labels: The emotions.
        seeds: One per entry of `answers`.
        protocol: How texts were parted, in words.
        training_seconds: Mean processor time of one training.
    """
    present = wanted.sum(axis=0) > 0
    one = wanted.sum(axis=1) == 1
    true = wanted[one].argmax(axis=1)
    parts = np.arange(len(true)) % _PARTS
    logits = [answer.logits[one] for answer in answers]
    confusions = np.array([confusion(true, found.argmax(axis=1), len(labels)) for found in logits])
    recall, harmonic = recalls(confusions), f1(confusions)
    calibrated = [cross_fitted(found, true, parts) for found in logits]
    every = np.concatenate([true] * len(answers))
    several = [_sigmoid(answer.several) for answer in answers]
    thresholds = fitted_thresholds(np.concatenate(several), np.concatenate([wanted] * len(answers)))
    return TextScores(
        protocol=protocol,
        texts=int(one.sum()),
        seeds=tuple(seeds),
        accuracy=float(np.mean([(found.argmax(axis=1) == true).mean() for found in logits])),
        accuracy_by_seed=tuple(float((found.argmax(axis=1) == true).mean()) for found in logits),
        macro_f1=float(harmonic[:, present].mean()),
        macro_f1_by_seed=tuple(harmonic[:, present].mean(axis=1).tolist()),
        macro_f1_interval=_interval(true, logits[0].argmax(axis=1), present),
        f1=dict(zip(labels, harmonic.mean(axis=0).tolist(), strict=True)),
        unweighted_average_recall=float(recall[:, present].mean()),
        recall=dict(zip(labels, recall.mean(axis=0).tolist(), strict=True)),
        confusion=tuple(tuple(row) for row in confusions[0].tolist()),
        several_texts=len(wanted),
        several_macro_f1=float(np.mean([_several_f1(found, wanted)[present].mean() for found in several])),
        thresholds=dict(zip(labels, thresholds.tolist(), strict=True)),
        calibration_error=float(np.mean([expected_calibration_error(softmax(found), true) for found in logits])),
        calibration_error_calibrated=float(np.mean([expected_calibration_error(found, true) for found in calibrated])),
        temperature=fitted_temperature(np.concatenate(logits), every),
        unsure_below=unsure_threshold(np.concatenate(calibrated), every),
        training_seconds=training_seconds,
    )


def fitted_thresholds(probabilities: NDArray[np.floating], wanted: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return for each emotion the probability from which on saying that it is there gives the best F1.

    Args:
        probabilities: (texts, labels).
        wanted: (texts, labels), 1 where a text has the emotion.
    """
    said = probabilities[None] >= _THRESHOLDS[:, None, None]
    right = (said * wanted).sum(axis=1)
    harmonic = shares(2 * right, said.sum(axis=1) + wanted.sum(axis=0))
    return np.asarray(_THRESHOLDS[harmonic.argmax(axis=0)].round(2))


def _several_f1(probabilities: NDArray[np.floating], wanted: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the F1 of each emotion, thresholds cross-fitted."""
    parts, said = np.arange(len(wanted)) % _PARTS, np.zeros(wanted.shape, bool)
    for part in range(_PARTS):
        held = parts == part
        said[held] = probabilities[held] >= fitted_thresholds(probabilities[~held], wanted[~held])
    return shares(2 * (said * wanted).sum(axis=0), said.sum(axis=0) + wanted.sum(axis=0))


def _interval(
    true: NDArray[np.integer], found: NDArray[np.integer], present: NDArray[np.bool_], draws: int = 1000
) -> tuple[float, float]:
    """Return the 95 % interval of macro F1 when texts are drawn with replacement."""
    counts = confusion(true, found, len(present)).ravel()
    drawn = np.random.default_rng(0).multinomial(counts.sum(), counts / counts.sum(), draws)
    values = f1(drawn.reshape(draws, len(present), len(present)))[:, present].mean(axis=1)
    low, high = np.percentile(values, [2.5, 97.5]).tolist()
    return low, high


def _sigmoid(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-np.asarray(logits, np.float64).clip(-60, 60))))
