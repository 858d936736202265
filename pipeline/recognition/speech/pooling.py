"""Pooling: the answers for the phrases of a recording as one answer, which is no surer than that they are speech."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.recognition.speech.conditioning import Phrase

__all__ = ["Pool"]


class Pool:
    """The mean over phrases, each weighted by its seconds and by how likely it is speech.

    A model of emotions answers to a siren too, and is as sure of it as of a voice. So what is not speech
    counts little beside speech, and on its own leaves every emotion as likely as the others.
    """

    def __init__(self) -> None:
        self._probabilities: NDArray[np.float64] | float = 0.0
        self._likelihood = 0.0
        self._weight = 0.0

    def __bool__(self) -> bool:
        """Return whether there is anything in it."""
        return self._weight > 0

    def add(self, phrase: Phrase, probabilities: NDArray[np.float64]) -> None:
        """Add a phrase and its probabilities, (labels,)."""
        self._probabilities = self._probabilities + phrase.weight * probabilities
        self._likelihood += phrase.weight * phrase.likelihood
        self._weight += phrase.weight

    @property
    def likelihood(self) -> float:
        """How likely it is that what was added is speech, in [0, 1]."""
        return self._likelihood / self._weight

    @property
    def answer(self) -> NDArray[np.float64]:
        """Probabilities, (labels,), that sum to 1."""
        return self.doubted(np.asarray(self._probabilities) / self._weight)

    def doubted(self, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probabilities of an emotion, (labels,), moved to equal ones where this is not likely speech."""
        return self.likelihood * probabilities + (1 - self.likelihood) / len(probabilities)
