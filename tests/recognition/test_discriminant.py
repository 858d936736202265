"""The closed-form discriminant: what it separates, and what it never answers."""

import numpy as np
import pytest

from pipeline.recognition.speech.models.discriminant import linear_discriminant


@pytest.mark.parametrize("shown", [(0, 1, 2, 3), (1, 3), (2, 0)], ids=["all", "two of four", "two others"])
def test_classes_are_told_apart_and_those_without_examples_are_never_answered(shown):
    random = np.random.default_rng(0)
    centres = random.standard_normal((4, 300)).astype(np.float32)
    labels = np.array(shown * 12)
    values = centres[labels] + random.standard_normal((len(labels), 300)).astype(np.float32)
    weights, bias = linear_discriminant(values, labels, 4, 1e-3)
    unseen = np.repeat(shown, 30)
    answers = (
        (centres[unseen] + random.standard_normal((len(unseen), 300)).astype(np.float32)) @ weights + bias
    ).argmax(1)
    assert (weights.shape, bias.shape) == ((300, 4), (4,))
    assert np.mean(answers == unseen) > 0.95
    assert set(answers.tolist()) <= set(shown)
