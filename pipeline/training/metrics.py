"""Counts of right and wrong answers, and the shares that are made of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["confusion", "f1", "recalls", "shares"]


def confusion(true: NDArray[np.integer], answers: NDArray[np.integer], labels: int) -> NDArray[np.int64]:
    """Return how often each label was answered for each, (true, answered).

    Args:
        true: (items,), the number of each item's true label.
        answers: (items,).
        labels: How many there are.
    """
    table = np.zeros((labels, labels), np.int64)
    np.add.at(table, (true, answers), 1)
    return table


def recalls(confusions: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return the share of each label that was found, (tables, labels), of confusions (tables, labels, labels)."""
    return shares(_right(confusions), confusions.sum(axis=2))


def f1(confusions: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return the harmonic mean of precision and recall, (tables, labels), of confusions (tables, labels, labels)."""
    return shares(2 * _right(confusions), confusions.sum(axis=1) + confusions.sum(axis=2))


def shares(part: NDArray[Any], whole: NDArray[Any]) -> NDArray[np.float64]:
    """Return one array divided by another, 0 where the other is 0."""
    found: NDArray[np.float64] = np.divide(part, whole, out=np.zeros(np.shape(part)), where=whole > 0)
    return found


def _right(confusions: NDArray[np.integer]) -> NDArray[np.integer]:
    return np.diagonal(confusions, axis1=1, axis2=2)
