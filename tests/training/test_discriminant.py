"""The closed-form discriminant: what it separates, and what it never answers."""

import numpy as np
import pytest

from pipeline.training.speech.models.discriminant import linear_discriminant


@pytest.mark.parametrize("shown", [(0, 1, 2, 3), (1, 3), (2, 0)], ids=["all", "two of four", "two others"])
@pytest.mark.parametrize("each", [12, 200], ids=["fewer examples than numbers", "more"])
def test_classes_are_told_apart_and_those_without_examples_are_never_answered(shown, each):
    random = np.random.default_rng(0)
    centres = random.standard_normal((4, 300)).astype(np.float32)
    labels = np.array(shown * each)
    values = centres[labels] + random.standard_normal((len(labels), 300)).astype(np.float32)
    weights, bias = linear_discriminant(values, labels, 4, 1e-3)
    unseen = np.repeat(shown, 30)
    answers = (
        (centres[unseen] + random.standard_normal((len(unseen), 300)).astype(np.float32)) @ weights + bias
    ).argmax(1)
    assert (weights.shape, bias.shape) == ((300, 4), (4,))
    assert np.mean(answers == unseen) > 0.95
    assert set(answers.tolist()) <= set(shown)


def test_both_ways_to_solve_it_agree():
    random = np.random.default_rng(1)
    labels = np.arange(60) % 3
    values = (random.standard_normal((3, 59))[labels] + random.standard_normal((60, 59))).astype(np.float32)
    few, _ = linear_discriminant(values, labels, 3, 1e-2)
    # Two numbers that are always nought make the system of the examples the smaller one, and change nothing else.
    more, _ = linear_discriminant(np.pad(values, ((0, 0), (0, 2))), labels, 3, 1e-2)
    np.testing.assert_allclose(more[:59], few, rtol=2e-3, atol=2e-3)
