"""Calibration of probabilities: temperature scaling, and measures of its success.

Guo et al., On Calibration of Modern Neural Networks, 2017 (arXiv:1706.04599).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["cross_fitted", "expected_calibration_error", "fitted_temperature", "low_confidence_threshold", "softmax"]

_TEMPERATURES: Final = np.geomspace(0.2, 20.0, 300)
"""Temperatures that are tried, without a unit: a step is 1.6 %, the range is far wider than needed; set by hand."""


def softmax(logits: NDArray[np.floating], temperature: float = 1.0) -> NDArray[np.float64]:
    """Return probabilities, (clips, labels), of logits divided by a temperature."""
    scaled = np.asarray(logits, np.float64) / temperature
    raised = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    probabilities: NDArray[np.float64] = raised / raised.sum(axis=-1, keepdims=True)
    return probabilities


def fitted_temperature(logits: NDArray[np.floating], labels: NDArray[np.integer]) -> float:
    """Return the temperature that makes the true labels most likely.

    Args:
        logits: (clips, labels), of clips that the model was not trained on.
        labels: (clips,), the number of each clip's true label.
    """
    rows = np.arange(len(labels))
    losses = [-np.log(softmax(logits, temperature)[rows, labels] + 1e-12).mean() for temperature in _TEMPERATURES]
    return float(_TEMPERATURES[int(np.argmin(losses))])


def cross_fitted(
    logits: NDArray[np.floating], labels: NDArray[np.integer], folds: NDArray[np.integer]
) -> NDArray[np.float64]:
    """Return calibrated probabilities, each fold's with the temperature fitted on the other folds.

    Args:
        logits: (clips, labels), each clip judged by a model that was not trained on its speaker.
        labels: (clips,).
        folds: (clips,), the fold that each clip belongs to.
    """
    probabilities = np.empty(logits.shape, np.float64)
    for fold in np.unique(folds):
        held = folds == fold
        probabilities[held] = softmax(logits[held], fitted_temperature(logits[~held], labels[~held]))
    return probabilities


def expected_calibration_error(
    probabilities: NDArray[np.floating], labels: NDArray[np.integer], bins: int = 15
) -> float:
    """Return the mean difference between confidence and accuracy over equally wide bins of confidence, in [0, 1]."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    places = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [abs(confidence[places == place].sum() - right[places == place].sum()) for place in range(bins)]
    return float(sum(gaps) / len(labels))


def low_confidence_threshold(
    probabilities: NDArray[np.floating], labels: NDArray[np.integer], wanted: float = 0.5
) -> float:
    """Return the confidence below which answers are right less often than `wanted`.

    Args:
        probabilities: (clips, labels), calibrated.
        labels: (clips,).
        wanted: Share of right answers to reach, in [0, 1].

    Returns:
        A confidence in steps of 0.01; 0 if even the answers of lowest confidence are right often enough.
    """
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    for threshold in np.arange(0.99, 0.0, -0.01):
        below = confidence < threshold
        if below.any() and right[below].mean() < wanted:
            return round(float(threshold), 2)
    return 0.0
