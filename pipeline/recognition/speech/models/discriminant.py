"""Fisher's linear discriminant in closed form, for many more numbers than examples."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["linear_discriminant"]


def linear_discriminant(
    values: NDArray[np.float32], labels: NDArray[np.integer], classes: int, ridge: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the weights and the bias of a linear discriminant with a shrunk covariance.

    Classes are taken as equally likely and of one covariance, which is shrunk towards a multiple of the identity
    (Fisher, 1936; Friedman, 1989).
    The covariance of thousands of numbers is never made: by Woodbury's identity a system
    of the size of the examples is solved instead.

    Args:
        values: float32, shape (examples, size), of comparable scale.
        labels: Class of each example, shape (examples,); every class occurs.
        classes: How many classes there are.
        ridge: What is added to the diagonal of the covariance, as a share of its trace; above 0.

    Returns:
        Weights (size, classes) and bias (classes,): `values @ weights + bias` are logits.
    """
    means = np.stack([values[labels == label].mean(axis=0) for label in range(classes)])
    centre = means.mean(axis=0)
    means -= centre
    within = values - centre - means[labels]
    gram = (within @ within.T).astype(np.float64)
    examples = len(values)
    added = ridge * np.trace(gram) / examples
    solved = np.linalg.solve(gram + examples * added * np.eye(examples), (within @ means.T).astype(np.float64))
    weights = (means.T - within.T @ solved.astype(np.float32)) / np.float32(added)
    bias = -0.5 * np.einsum("cs,sc->c", means, weights) - centre @ weights
    return weights, bias.astype(np.float32)
