"""What a text model reached on texts that it was not trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.recognition.text.recogniser import Answers
from pipeline.training.metrics import confusion, f1, shares
from pipeline.training.scores import Judged, Scores, shared

__all__ = ["TextScores", "fitted_thresholds", "scored_texts"]

_THRESHOLDS: Final = np.arange(0.05, 0.96, 0.01)
"""Probabilities that are tried; finer steps would fit chance."""
_PARTS: Final = 5
"""Parts of a cross-fit."""


@dataclass(frozen=True, kw_only=True)
class TextScores(Scores):
    """What a text model reached on texts that it was not trained on."""

    texts: int
    """Texts of one emotion, which all but `several_macro_f1` are about."""
    macro_f1_interval: tuple[float, float]
    """95 % interval, by bootstrap over the texts of the first seed."""
    several_texts: int
    """All texts, the multi-label ones with them."""
    several_macro_f1: float
    """Of the multi-label answers, with the thresholds of each fifth of the texts fitted on the others."""
    thresholds: dict[str, float]
    """Fitted on all texts and seeds: what the shipped model holds."""


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
        protocol: How texts were split, in words.
        training_seconds: Mean processor time of one training.
    """
    present = wanted.sum(axis=0) > 0
    one = wanted.sum(axis=1) == 1
    true = wanted[one].argmax(axis=1)
    judged = [Judged(answer.logits[one], true, np.arange(len(true)) % _PARTS) for answer in answers]
    multi_label = [_sigmoid(answer.multi_label) for answer in answers]
    thresholds = fitted_thresholds(np.concatenate(multi_label), np.concatenate([wanted] * len(answers)))
    return TextScores(
        **shared(judged, [part.calibrated() for part in judged], labels, np.flatnonzero(present).tolist()),
        protocol=protocol,
        seeds=tuple(seeds),
        texts=int(one.sum()),
        macro_f1_interval=_interval(true, judged[0].logits.argmax(axis=1), present),
        several_texts=len(wanted),
        several_macro_f1=float(np.mean([_multi_label_f1(found, wanted)[present].mean() for found in multi_label])),
        thresholds=dict(zip(labels, thresholds.tolist(), strict=True)),
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


def _multi_label_f1(probabilities: NDArray[np.floating], wanted: NDArray[np.floating]) -> NDArray[np.float64]:
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
