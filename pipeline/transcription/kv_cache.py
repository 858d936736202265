"""The key-value cache of a decoder during beam search, for one or more versions of a sound."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pipeline.transcription.search import log_softmax

__all__ = ["JointDecoding", "KVCache"]

_START: Final = 1
"""Number of the token that every text begins with, in Moonshine's vocabulary."""

_AHEAD: Final = 8
"""Tokens of a draft that are read in one step where a text comes back to it, which takes a third more time than one;
it is looked for among as many. Set by hand."""


class KVCache:
    """Keys and values that a decoder keeps for the beams of one sound.

    Keys and values of attention have the shape (beams, heads, time, size).

    Args:
        decoder: Session of the decoder.
        encoded: Output of the encoder, shape (1, frames, size).
        draft: Tokens with which the text probably begins. They are read in one step; as far as a single beam then
            follows them, it takes no step of its own. Where it leaves them and comes back, the next few are read in
            one step again.
    """

    def __init__(self, decoder: Any, encoded: NDArray[np.float32], draft: Sequence[int] = ()) -> None:
        self._decoder = decoder
        self._encoded = encoded
        heads = {port.name: port.shape for port in decoder.get_inputs() if port.name.startswith("past_key_values")}
        empty = {name: np.zeros((1, shape[1], 0, shape[3]), np.float32) for name, shape in heads.items()}
        unused = {
            name: np.zeros((1, shape[1], encoded.shape[1], shape[3]), np.float32)
            for name, shape in heads.items()
            if ".encoder." in name
        }
        self._draft, self._place = tuple(draft), 0
        self._ahead, self._followed, self._before = self._draft, 0, 0
        logits, self._past = self._run(np.array([[_START, *draft]], np.int64), empty | unused, cached=False)
        self._after: NDArray[np.float32] | None = logits
        self._encoder_states = {name: self._past.pop(name) for name in unused}
        self.first: NDArray[np.float32] = log_softmax(logits[:, 0])[0]

    def advance(self, tokens: NDArray[np.int64], parents: NDArray[np.int64]) -> NDArray[np.float32]:
        """Extend the beams, as `search.Advance` describes."""
        if self._after is not None:
            if [*tokens] == [*self._ahead[self._followed : self._followed + 1]]:
                self._followed += 1
                return log_softmax(self._after[:, self._followed])
            # The text leaves the draft here: what comes later in it does not count.
            kept = self._before + self._followed + 1
            self._past = {name: value[:, :, :kept] for name, value in self._past.items()}
            self._place += self._followed
            self._after, self._before = None, kept
        ahead = self._again(int(tokens[0])) if len(tokens) == 1 else ()
        past = {name: value[parents] for name, value in self._past.items()}
        # The encoder's keys and values are the same for all beams; the network takes them once.
        heard = np.hstack([tokens[:, np.newaxis], np.tile(np.array(ahead, np.int64), (len(tokens), 1))])
        logits, self._past = self._run(heard, past | self._encoder_states, cached=True)
        if ahead:
            self._after, self._ahead, self._followed = logits, ahead, 0
        else:
            self._before += 1
        return log_softmax(logits[:, 0])

    def _again(self, token: int) -> tuple[int, ...]:
        """Return how the draft goes on after a token, if it has that where the text left it or soon after."""
        near = self._draft[self._place : self._place + _AHEAD]
        if token not in near:
            return ()
        self._place += near.index(token) + 1
        return self._draft[self._place : self._place + _AHEAD]

    def _run(
        self, tokens: NDArray[np.int64], past: dict[str, NDArray[np.float32]], *, cached: bool
    ) -> tuple[NDArray[np.float32], dict[str, NDArray[np.float32]]]:
        # The encoder's keys and values never change; returning them each time would be most of the work.
        names = [name for name in past if not (cached and ".encoder." in name)]
        wanted = ["logits", *(name.replace("past_key_values", "present") for name in names)]
        # A mask of one sample means that the whole sound counts: the network expands it over time.
        logits, *present = self._decoder.run(
            wanted,
            past
            | {
                "input_ids": tokens,
                "encoder_hidden_states": self._encoded,
                "encoder_attention_mask": np.ones((len(tokens), 1), np.int64),
                "use_cache_branch": np.array([cached]),
            },
        )
        return logits, dict(zip(names, present, strict=True))


class JointDecoding:
    """Decodes one text from several versions of a sound, token by token, by their mean log probabilities.

    Args:
        caches: One per version, at least one.
    """

    def __init__(self, caches: Sequence[KVCache]) -> None:
        self._caches = caches
        self.first: NDArray[np.float32] = np.mean([cache.first for cache in caches], axis=0)

    def advance(self, tokens: NDArray[np.int64], parents: NDArray[np.int64]) -> NDArray[np.float32]:
        """Extend the beams of all versions, as `search.Advance` describes."""
        together: NDArray[np.float32] = np.mean([each.advance(tokens, parents) for each in self._caches], axis=0)
        return together
