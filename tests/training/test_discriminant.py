"""The closed-form discriminant: what it separates, and what it never answers."""

import numpy as np
import pytest

from pipeline.training.speech.models.discriminant import additive_effects, linear_discriminant


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


def test_what_a_speaker_adds_is_found_though_speakers_lack_classes():
    random = np.random.default_rng(2)
    classes, voices = random.standard_normal((4, 30)), 3 * random.standard_normal((6, 30))
    has = {0: (0, 1, 2, 3), 1: (0, 1, 2, 3), 2: (0, 1), 3: (0, 2), 4: (1, 3), 5: (3,)}
    rows = [(voice, label) for voice, labels in has.items() for label in labels for _ in range(40)]
    groups, labels = np.array([f"speaker {voice}" for voice, _ in rows]), np.array([label for _, label in rows])
    clean = classes[labels] + voices[[voice for voice, _ in rows]]
    values = (clean + 0.1 * random.standard_normal(clean.shape)).astype(np.float32)
    plain = values - additive_effects(values, labels, groups)
    for label in range(4):
        own = plain[labels == label]
        assert np.abs(own - own.mean(axis=0)).max() < 0.8
    differences = plain[labels == 3].mean(axis=0) - plain[labels == 0].mean(axis=0)
    np.testing.assert_allclose(differences, classes[3] - classes[0], atol=0.15)


def test_classes_are_not_told_by_what_is_added_beside_them():
    random = np.random.default_rng(3)
    labels = np.arange(400) % 2
    values = random.standard_normal((400, 5)).astype(np.float32)
    values[:, 0] += 2 * labels
    values[:, 1] += 2 * labels
    beside = np.zeros((400, 5), np.float32)
    beside[:, 1] = 5 * random.standard_normal(400)
    plain, _ = linear_discriminant(values, labels, 2, 1e-3)
    warned, _ = linear_discriminant(values, labels, 2, 1e-3, beside=beside)
    trust = [abs(weights[1, 1] / weights[0, 1]) for weights in (plain, warned)]
    assert trust[0] > 0.7
    assert trust[1] < 0.2


def test_a_heavier_half_rules():
    random = np.random.default_rng(4)
    labels = np.tile([0, 1], 200)
    half = np.arange(400) < 200
    values = random.standard_normal((400, 2)).astype(np.float32)
    values[half, 0] += 3 * labels[half]
    values[~half, 1] += 3 * labels[~half]
    weights, _ = linear_discriminant(values, labels, 2, 1e-3, np.where(half, 50.0, 1.0))
    assert abs(weights[0, 1]) > 5 * abs(weights[1, 1])
