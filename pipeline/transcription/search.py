"""Beam search: the likeliest token sequences of a network that predicts one token after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Advance", "Hypothesis", "Prefer", "beam_search", "log_softmax"]

Logits = NDArray[np.float32]

Advance = Callable[[NDArray[np.int64], NDArray[np.int64]], Logits]
"""Extends the beams: (token of each beam, previous beam that each one continues) to logits (beams, vocabulary).

Token and parent have the shape (beams,).
"""

Prefer = Callable[[tuple[int, ...]], NDArray[np.float32]]
"""Returns the bonus of a sequence, in nats, for each next token: tokens so far to an array (vocabulary,)."""

_CANDIDATES: Final = 2
"""Continuations per beam that are considered: each beam can end only once, so enough remain to fill all beams."""


@dataclass(frozen=True)
class Hypothesis:
    """One possible text of a sound."""

    tokens: tuple[int, ...]
    """Without the end token."""
    log_probabilities: tuple[float, ...]
    """Natural logarithm of the probability of each token given those before it; the last one is the end token."""

    bonus: float = 0.0
    """Bonus for expected words, in nats."""

    @property
    def score(self) -> float:
        """Mean log probability of a token."""
        return sum(self.log_probabilities) / len(self.log_probabilities)

    @property
    def rank(self) -> float:
        """The score with the bonus, by which hypotheses are ranked; a mean, so that long ones are not disadvantaged."""
        return self.score + self.bonus / len(self.log_probabilities)


def beam_search(
    first: Logits, advance: Advance, *, end: int, width: int, longest: int, prefer: Prefer | None = None
) -> list[Hypothesis]:
    """Return the best finished hypotheses, the best one first.

    Args:
        first: Logits of the first token, shape (vocabulary,).
        advance: Extends the beams by one token each.
        end: The token that ends a sequence.
        width: Hypotheses to follow; the search ends when that many are finished. 1 is greedy search.
        longest: Tokens after which the search stops.
        prefer: Adds a bonus to hypotheses that are expected.

    Returns:
        At least one and at most `2 * width` hypotheses.
    """
    beams = [Hypothesis((), ())]
    finished: list[Hypothesis] = []
    gains = log_softmax(first[np.newaxis])
    while True:
        totals = gains + np.array([[sum(beam.log_probabilities)] for beam in beams], np.float32)
        bonuses = np.stack([prefer(beam.tokens) for beam in beams]) if prefer else None
        if bonuses is not None:
            totals += bonuses
        extended: list[Hypothesis] = []
        parents: list[int] = []
        for flat in _largest(totals.ravel(), _CANDIDATES * width):
            parent, token = divmod(int(flat), totals.shape[1])
            log_probabilities = (*beams[parent].log_probabilities, float(gains[parent, token]))
            bonus = 0.0 if bonuses is None else float(bonuses[parent, token])
            if token == end:
                finished.append(Hypothesis(beams[parent].tokens, log_probabilities, bonus))
            else:
                extended.append(Hypothesis((*beams[parent].tokens, token), log_probabilities, bonus))
                parents.append(parent)
            if len(extended) == width:
                break
        beams = extended
        if len(finished) >= width or len(beams[0].tokens) >= longest:
            return sorted(finished or beams, key=lambda hypothesis: -hypothesis.rank)
        last = np.array([beam.tokens[-1] for beam in beams], np.int64)
        gains = log_softmax(advance(last, np.array(parents, np.int64)))


def _largest(values: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """Return the indices of the largest values, the largest first."""
    count = min(count, len(values))
    indices = np.argpartition(values, -count)[-count:]
    return indices[np.argsort(-values[indices], kind="stable")]


def log_softmax(logits: Logits) -> Logits:
    """Return natural logarithms of the probabilities that scores stand for, row by row."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    normalised: Logits = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return normalised
