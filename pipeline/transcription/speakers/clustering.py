"""How many voices there are, and what they are like: hierarchical clustering with average linkage."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["unit", "voices"]

Vectors = NDArray[np.float32]
Groups = NDArray[np.intp]

# Chosen on conversations of RAVDESS's actors, and seen to serve LibriSpeech's readers; see `benchmarks/speakers.py`.
_ALIKE: Final = 0.18
"""Mean cosine similarity of their stretches from which two groups are one voice."""

_SAME: Final = 0.4
"""Cosine similarity of their means from which two voices are one: means are surer than stretches."""

_LEAST: Final = 3.0
"""Seconds that a voice speaks."""


def voices(vectors: Vectors, seconds: NDArray[np.floating], *, count: int = 0) -> Vectors:
    """Return the mean direction of each voice.

    The two groups of stretches that are most alike on average are joined, again and again
    (Sokal and Michener, "A statistical method for evaluating systematic relationships", 1958),
    until no two groups are alike, or until there are as many voices as asked for.
    A group that speaks for less than three seconds is no voice where there are others.

    Args:
        vectors: Of each stretch of speech, each of length 1, float32 (stretches, size), at least one.
        seconds: Length of each stretch, (stretches,).
        count: Voices to find; 0 finds out how many there are. Fewer are found where there are not as many stretches.

    Returns:
        float32 (voices, size), each of length 1, at least one, the one that speaks most first.
    """
    groups = _counted(vectors, seconds, count) if count else _apart(vectors)
    spoken = np.bincount(groups, seconds)
    order = np.argsort(-spoken, kind="stable")
    kept = order[:count] if count else order[spoken[order] >= min(_LEAST, spoken.max())]
    sums = [vectors[groups == group].sum(axis=0) for group in kept]
    return unit(np.stack(sums if count else _distinct(sums)))


def unit(vectors: NDArray[np.floating]) -> Vectors:
    """Return vectors, (vectors, size), at length 1."""
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def _apart(vectors: Vectors) -> Groups:
    """Return the group of each vector when no two groups are alike any more."""
    return next(groups for groups, likeness in _joinings(vectors) if likeness < _ALIKE)


def _counted(vectors: Vectors, seconds: NDArray[np.floating], count: int) -> Groups:
    """Return the group of each vector when there were as many groups as asked for.

    Groups that are too short to be voices do not count, as long as there are enough that are not:
    a cough that is like nobody would take the place of a voice.
    """
    plain = chosen = np.arange(len(vectors))
    for groups, _ in _joinings(vectors):
        if (np.bincount(groups, seconds) >= _LEAST).sum() >= count:
            chosen = groups
        if groups.max() + 1 == count:
            plain = groups
    return plain if chosen.max() + 1 == len(vectors) else chosen


def _joinings(vectors: Vectors) -> Iterator[tuple[Groups, float]]:
    """Yield the groups before each joining, and how alike the two are that are joined next; at last a single one."""
    similarity = vectors @ vectors.T
    np.fill_diagonal(similarity, -np.inf)
    sizes = np.ones(len(vectors))
    groups = np.arange(len(vectors))
    for _ in range(len(vectors) - 1):
        kept, joined = divmod(int(similarity.argmax()), len(vectors))
        yield np.unique(groups, return_inverse=True)[1], float(similarity[kept, joined])
        mean = np.average(similarity[[kept, joined]], axis=0, weights=sizes[[kept, joined]])
        similarity[kept], similarity[:, kept] = mean, mean
        similarity[joined], similarity[:, joined] = -np.inf, -np.inf
        similarity[kept, kept] = -np.inf
        sizes[kept] += sizes[joined]
        groups[groups == joined] = kept
    yield np.zeros(len(vectors), np.intp), -np.inf


def _distinct(sums: list[Vectors]) -> list[Vectors]:
    """Join voices whose means are alike; each is the sum of its vectors."""
    while len(sums) > 1:
        means = unit(np.stack(sums))
        similarity = means @ means.T - 2 * np.eye(len(sums))
        first, second = divmod(int(similarity.argmax()), len(sums))
        if similarity[first, second] < _SAME:
            break
        sums = [vector for index, vector in enumerate(sums) if index not in (first, second)] + [
            sums[first] + sums[second]
        ]
    return sums
