"""Fisher's linear discriminant in closed form, also for many more numbers than examples."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["additive_effects", "linear_discriminant"]

_NEVER: Final = -100.0
"""Logit of a class that no example has."""

_ROUNDS: Final = 30
"""Times that the effects of classes and of groups are found in turn; they no longer change then."""


def linear_discriminant(
    values: NDArray[np.float32],
    labels: NDArray[np.integer],
    classes: int,
    ridge: float,
    weights: NDArray[np.floating] | None = None,
    beside: NDArray[np.float32] | None = None,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the weights and the bias of a linear discriminant with a shrunk covariance.

    Classes are taken as equally likely and of one covariance, which is shrunk towards a multiple of the identity
    (Fisher, 1936; Friedman, 1989).
    Where there are more numbers than examples their covariance is never made: by Woodbury's identity a system
    of the size of the examples is solved instead.

    Args:
        values: float32, shape (examples, size), of comparable scale.
        labels: Class of each example, shape (examples,); one that does not occur is never the answer.
        classes: How many classes there are.
        ridge: What is added to the diagonal of the covariance, as a share of its trace; above 0.
        weights: How much each example counts, (examples,); all the same by default.
        beside: What is added to each example beside its class, (examples, size): it is no part of the means, but of
            the covariance, so that classes are not told by it. Nothing by default.

    Returns:
        Weights (size, classes) and bias (classes,): `values @ weights + bias` are logits.
    """
    shown, numbers = np.unique(labels, return_inverse=True)
    counts = np.ones(len(values)) if weights is None else weights * (len(values) / weights.sum())
    means = np.stack(
        [np.average(values[labels == label], axis=0, weights=counts[labels == label]) for label in shown]
    ).astype(np.float32)
    centre = means.mean(axis=0)
    means -= centre
    within = values - centre - means[numbers]
    if beside is not None:
        within += beside
    within *= np.sqrt(counts)[:, np.newaxis].astype(np.float32)
    examples, size = values.shape
    added = ridge * float(np.square(within).sum(dtype=np.float64)) / examples
    if examples > size:
        covariance = (within.T @ within).astype(np.float64) / examples + added * np.eye(size)
        found = np.linalg.solve(covariance, means.T.astype(np.float64)).astype(np.float32)
    else:
        gram = (within @ within.T).astype(np.float64)
        solved = np.linalg.solve(gram + examples * added * np.eye(examples), (within @ means.T).astype(np.float64))
        found = (means.T - within.T @ solved.astype(np.float32)) / np.float32(added)
    slopes = np.zeros((values.shape[1], classes), np.float32)
    bias = np.full(classes, _NEVER, np.float32)
    slopes[:, shown] = found
    bias[shown] = -0.5 * np.einsum("cs,sc->c", means, found) - centre @ found
    return slopes, bias


def additive_effects(
    values: NDArray[np.float32], labels: NDArray[np.integer], groups: NDArray[np.str_]
) -> NDArray[np.float32]:
    """Return what each example's group adds to it, whatever the class, (examples, size).

    An example is taken as the sum of what its class, its group and itself give. Classes and groups are found in turn,
    by least squares over the means of each class in each group, so that a group that lacks classes, or has more
    examples of some, is not mistaken for them.

    Args:
        values: float32, shape (examples, size).
        labels: Class of each example, shape (examples,).
        groups: Group of each example, such as its speaker, shape (examples,).
    """
    names, places = np.unique(groups, return_inverse=True)
    shown, numbers = np.unique(labels, return_inverse=True)
    cells = np.zeros((len(names), len(shown), values.shape[1]))
    there = np.zeros((len(names), len(shown)))
    for place, number in {(int(place), int(number)) for place, number in zip(places, numbers, strict=True)}:
        cells[place, number] = values[(places == place) & (numbers == number)].mean(axis=0, dtype=np.float64)
        there[place, number] = 1.0
    added = np.zeros((len(names), values.shape[1]))
    for _ in range(_ROUNDS):
        rest = (cells - added[:, np.newaxis]) * there[..., np.newaxis]
        classes = rest.sum(axis=0) / there.sum(axis=0)[:, np.newaxis]
        rest = (cells - classes) * there[..., np.newaxis]
        added = rest.sum(axis=1) / there.sum(axis=1)[:, np.newaxis]
        added -= added.mean(axis=0)
    return added[places].astype(np.float32)
