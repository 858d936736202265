"""Fisher's linear discriminant in closed form, also for many more numbers than examples."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["linear_discriminant"]

_NEVER: Final = -100.0
"""Logit of a class that no example has."""


def linear_discriminant(
    values: NDArray[np.float32], labels: NDArray[np.integer], classes: int, ridge: float
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

    Returns:
        Weights (size, classes) and bias (classes,): `values @ weights + bias` are logits.
    """
    shown, numbers = np.unique(labels, return_inverse=True)
    means = np.stack([values[labels == label].mean(axis=0) for label in shown])
    centre = means.mean(axis=0)
    means -= centre
    within = values - centre - means[numbers]
    examples, size = values.shape
    added = ridge * float(np.square(within).sum(dtype=np.float64)) / examples
    if examples > size:
        covariance = (within.T @ within).astype(np.float64) / examples + added * np.eye(size)
        found = np.linalg.solve(covariance, means.T.astype(np.float64)).astype(np.float32)
    else:
        gram = (within @ within.T).astype(np.float64)
        solved = np.linalg.solve(gram + examples * added * np.eye(examples), (within @ means.T).astype(np.float64))
        found = (means.T - within.T @ solved.astype(np.float32)) / np.float32(added)
    weights = np.zeros((values.shape[1], classes), np.float32)
    bias = np.full(classes, _NEVER, np.float32)
    weights[:, shown] = found
    bias[shown] = -0.5 * np.einsum("cs,sc->c", means, found) - centre @ found
    return weights, bias
