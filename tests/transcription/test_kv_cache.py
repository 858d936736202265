"""Several hearings of one phrase that agree on one text, and texts that a draft begins."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from pipeline.transcription.kv_cache import JointDecoding, KVCache
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


class Reciter:
    """A decoder that recites 3 4 5 6 END by counting what it has read; keys and values are the tokens themselves."""

    def __init__(self) -> None:
        self.steps: list[list[int]] = []

    def get_inputs(self) -> list[Any]:
        names = ("past_key_values.0.decoder.key", "past_key_values.0.encoder.key")
        return [SimpleNamespace(name=name, shape=["batch", 1, "time", 1]) for name in names]

    def run(self, wanted: list[str], given: dict[str, Any]) -> list[np.ndarray]:
        self.steps.append(given["input_ids"].ravel().tolist())
        read = given["input_ids"][:, np.newaxis, :, np.newaxis].astype(np.float32)
        known = given["past_key_values.0.decoder.key"]
        past = np.concatenate([known, read], axis=2)
        assert known.ravel().tolist() == [1, 3, 4, 5, 6][: known.size]
        said = {1: 3, 3: 4, 4: 5, 5: 6}
        logits = np.full((1, read.shape[2], 8), -9.0, np.float32)
        for place, token in enumerate(given["input_ids"][0]):
            logits[0, place, said.get(int(token), END)] = 0.0
        return [{"logits": logits}.get(name, past) for name in wanted]


@pytest.mark.parametrize(
    ("draft", "steps"),
    [
        ((), [[1], [3], [4], [5], [6]]),
        ((3, 4), [[1, 3, 4], [5], [6]]),
        ((3, 4, 7, 7), [[1, 3, 4, 7, 7], [5], [6]]),
        ((7,), [[1, 7], [3], [4], [5], [6]]),
        ((3, 4, 5, 6), [[1, 3, 4, 5, 6]]),
        ((3, 4, 5, 6, 3, 4), [[1, 3, 4, 5, 6, 3, 4]]),
        ((3, 7, 5, 6), [[1, 3, 7, 5, 6], [4], [5, 6]]),
        ((3, 5, 6), [[1, 3, 5, 6], [4], [5, 6]]),
        ((7, 7, 3, 4, 7, 6), [[1, 7, 7, 3, 4, 7, 6], [3, 4, 7, 6], [5], [6]]),
    ],
    ids=["none", "shorter", "wrong at the end", "wrong", "whole", "longer", "other word", "a word less", "twice"],
)
def test_a_draft_spares_steps_and_changes_no_text(draft: tuple[int, ...], steps: list[list[int]]) -> None:
    reciter = Reciter()
    cache = KVCache(reciter, np.zeros((1, 2, 3), np.float32), draft)
    (hypothesis, *_) = beam_search(cache.first, cache.advance, end=END, width=1, longest=9)
    assert hypothesis.tokens == (3, 4, 5, 6)
    assert reciter.steps == steps
