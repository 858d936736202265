"""Probabilities that mean what they say."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.recognition.calibration import (
    cross_fitted,
    expected_calibration_error,
    fitted_temperature,
    low_confidence_threshold,
    softmax,
)


def drawn(clips: int = 4000, labels: int = 8, seed: int = 0):
    """Return logits and labels drawn from them, so that the logits are calibrated as they are."""
    random = np.random.default_rng(seed)
    logits = 2 * random.standard_normal((clips, labels))
    chosen = [random.choice(labels, p=row) for row in softmax(logits)]
    return logits, np.array(chosen)


@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0])
def test_the_temperature_finds_by_how_much_logits_are_too_large(factor):
    logits, labels = drawn()
    assert fitted_temperature(factor * logits, labels) == pytest.approx(factor, rel=0.1)


def test_calibration_lowers_the_error_on_folds_it_was_not_fitted_on():
    logits, labels = drawn()
    folds = np.arange(len(labels)) % 5
    before = expected_calibration_error(softmax(3 * logits), labels)
    after = expected_calibration_error(cross_fitted(3 * logits, labels, folds), labels)
    assert before > 0.1
    assert after < 0.03


def test_the_error_of_sure_and_wrong_answers_is_one():
    probabilities = np.tile([1.0, 0.0], (10, 1))
    assert expected_calibration_error(probabilities, np.ones(10, int)) == 1.0
    assert expected_calibration_error(probabilities, np.zeros(10, int)) == 0.0


def test_below_the_threshold_answers_are_wrong_more_often_than_right():
    logits, labels = drawn()
    probabilities = softmax(logits)
    threshold = low_confidence_threshold(probabilities, labels)
    unsure = probabilities.max(axis=1) < threshold
    assert 0.3 < threshold < 0.9
    assert (probabilities.argmax(axis=1) == labels)[unsure].mean() < 0.5
