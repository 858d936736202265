"""Several hearings of one phrase that agree on one text."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.transcription.kv_cache import JointDecoding
from pipeline.transcription.search import beam_search, log_softmax

END = 0


class Hearing:
    """Says one token and then ends, by given probabilities of the token; it counts what it is asked."""

    def __init__(self, *probabilities: float) -> None:
        self.first = np.log(np.array([1e-6, *probabilities], np.float32))
        self.asked: list[tuple[list[int], list[int]]] = []

    def advance(self, tokens, parents):
        self.asked.append((list(tokens), list(parents)))
        ending = np.full((len(tokens), len(self.first)), -9.0, np.float32)
        ending[:, END] = 0.0
        return log_softmax(ending)


@pytest.mark.parametrize(
    ("hearings", "best"),
    [
        ([[0.6, 0.3, 0.1]], 1),
        ([[0.6, 0.3, 0.1], [0.3, 0.6, 0.1], [0.1, 0.8, 0.1]], 2),
        ([[0.60, 0.01, 0.39], [0.01, 0.60, 0.39]], 3),
    ],
    ids=["one alone", "most of them", "the one that nobody rules out"],
)
def test_they_write_what_is_likeliest_to_all(hearings: list[list[float]], best: int) -> None:
    singers = [Hearing(*probabilities) for probabilities in hearings]
    joint = JointDecoding(singers)
    (hypothesis, *_) = beam_search(joint.first, joint.advance, end=END, width=3, longest=4)
    assert hypothesis.tokens == (best,)
    assert all(singer.asked == singers[0].asked for singer in singers)
    assert len(singers[0].asked) >= 1
