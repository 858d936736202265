"""Beam search, on a language whose probabilities are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.transcription.search import beam_search

END, A, B = 0, 1, 2

# After nothing, A is a little likelier than B; but what follows A is uncertain, and what follows B is sure.
PROBABILITIES = {
    (): [0.02, 0.5, 0.48],
    (A,): [0.34, 0.33, 0.33],
    (B,): [0.98, 0.01, 0.01],
}
UNCERTAIN = [0.34, 0.33, 0.33]


class Language:
    """Remembers the beams that it was asked to extend."""

    def __init__(self) -> None:
        self.beams: list[tuple[int, ...]] = [()]

    def advance(self, tokens: NDArray[np.int64], parents: NDArray[np.int64]) -> NDArray[np.float32]:
        """Extend the beams, as `search.Advance` says."""
        self.beams = [(*self.beams[parent], int(token)) for token, parent in zip(tokens, parents, strict=True)]
        return np.log(np.array([PROBABILITIES.get(beam, UNCERTAIN) for beam in self.beams], np.float32))


def search(width: int, longest: int = 5) -> list[tuple[int, ...]]:
    first = np.log(np.array(PROBABILITIES[()], np.float32))
    return [found.tokens for found in beam_search(first, Language().advance, end=END, width=width, longest=longest)]


def test_greedy_search_takes_the_likeliest_token() -> None:
    assert search(width=1)[0][0] == A


def test_a_wider_search_finds_the_likelier_text() -> None:
    assert search(width=2)[0] == (B,)


def test_hypotheses_are_different_and_ordered() -> None:
    first = np.log(np.array(PROBABILITIES[()], np.float32))
    found = beam_search(first, Language().advance, end=END, width=3, longest=5)
    assert len({hypothesis.tokens for hypothesis in found}) == len(found) > 1
    assert [hypothesis.score for hypothesis in found] == sorted((h.score for h in found), reverse=True)


def test_log_probabilities_are_those_of_the_language_whatever_the_scale_of_the_logits() -> None:
    first = np.log(np.array(PROBABILITIES[()], np.float32)) + 7
    best = beam_search(first, Language().advance, end=END, width=2, longest=5)[0]
    assert best.log_probabilities == pytest.approx([math.log(0.48), math.log(0.98)], abs=1e-5)


def test_a_text_that_never_ends_is_cut() -> None:
    def endless(tokens: NDArray[np.int64], parents: NDArray[np.int64]) -> NDArray[np.float32]:
        return np.tile(np.array([-1e9, 1, 0], np.float32), (len(tokens), 1))

    found = beam_search(np.array([-1e9, 1, 0], np.float32), endless, end=END, width=2, longest=7)
    assert found[0].tokens == (A,) * 7
