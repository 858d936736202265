"""Finds the voices in a recording by hierarchical clustering with average linkage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["grouped", "same_voice", "unit", "voices"]

Vectors = NDArray[np.float32]
Groups = NDArray[np.intp]

# Chosen on conversations of RAVDESS's actors, and checked on LibriSpeech's readers; see `benchmarks/speakers.py`.
_ALIKE: Final = 0.18
"""Mean cosine similarity of the stretches of two groups from which on they are one voice."""

_SAME: Final = 0.4
"""Cosine similarity of the means of two voices from which on they are one; means are more reliable than stretches."""

_LEAST: Final = 3.0
"""Seconds that a voice must speak; a group with less is not a voice."""


def voices(vectors: Vectors, seconds: NDArray[np.floating], *, count: int = 0) -> Vectors:
    """Return the mean direction of each voice.

    The two groups of stretches that are most similar on average are merged repeatedly
    (Sokal and Michener, "A statistical method for evaluating systematic relationships", 1958),
    until no two groups are similar, or until there are as many voices as asked for.
    A group that speaks for less than three seconds is not a voice, unless it is the only one.

    Args:
        vectors: Embedding of each stretch of speech, of length 1, float32 (stretches, size), at least one.
        seconds: Length of each stretch, (stretches,).
        count: Number of voices; 0 estimates it. Fewer are found if there are fewer stretches.

    Returns:
        float32 (voices, size), each of length 1, at least one, in order of their speaking time.
    """
    groups = _counted(vectors, seconds, count) if count else _apart(vectors)
    spoken = np.bincount(groups, seconds)
    order = np.argsort(-spoken, kind="stable")
    kept = order[:count] if count else order[spoken[order] >= min(_LEAST, spoken.max())]
    sums = [vectors[groups == group].sum(axis=0) for group in kept]
    return unit(np.stack(sums if count else _distinct(sums)))


def same_voice(voice: NDArray[np.float32], known: Sequence[NDArray[np.float32]]) -> int | None:
    """Return the place of the known voice that one is most like; None if it is like none of them.

    Args:
        voice: Embedding of some seconds of speech, of length 1, (size,).
        known: Of each known voice an embedding or the sum of several, (size,).
    """
    alike = [float(voice @ other) / float(np.linalg.norm(other)) for other in known]
    return int(np.argmax(alike)) if alike and max(alike) >= _SAME else None


def grouped(vectors: Vectors) -> Groups:
    """Return the group of each recording, (recordings,), so that those of one voice are in one group.

    Args:
        vectors: Embedding of each recording, of length 1, float32 (recordings, size), at least one.
    """
    return next(groups for groups, likeness in _joinings(vectors) if likeness < _SAME)


def unit(vectors: NDArray[np.floating]) -> Vectors:
    """Return vectors, (vectors, size), scaled to length 1."""
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def _apart(vectors: Vectors) -> Groups:
    """Return the group of each vector once no two groups are similar."""
    return next(groups for groups, likeness in _joinings(vectors) if likeness < _ALIKE)


def _counted(vectors: Vectors, seconds: NDArray[np.floating], count: int) -> Groups:
    """Return the group of each vector once there are as many groups as asked for.

    Groups that are too short to be voices do not count, as long as there are enough others:
    otherwise a cough could take the place of a voice.
    """
    plain = chosen = np.arange(len(vectors))
    for groups, _ in _joinings(vectors):
        if (np.bincount(groups, seconds) >= _LEAST).sum() >= count:
            chosen = groups
        if groups.max() + 1 == count:
            plain = groups
    return plain if chosen.max() + 1 == len(vectors) else chosen


def _joinings(vectors: Vectors) -> Iterator[tuple[Groups, float]]:
    """Yield the groups before each merge with the similarity of the next two; finally a single group."""
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
    """Merge voices with similar means; each voice is the sum of its vectors."""
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
