"""The key-value cache of a decoder that follows several texts at once, of one hearing of a segment or of several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pipeline.transcription.search import log_softmax

__all__ = ["JointDecoding", "KVCache"]

_START: Final = 1
"""Number of the token that every text begins with."""


class KVCache:
    """Keys and values that a decoder keeps for the beams of one segment.

    Keys and values of attention have the shape (beams, heads, time, size).

    Args:
        decoder: Session of the decoder.
        encoded: Output of the encoder, shape (1, frames, size).
    """

    def __init__(self, decoder: Any, encoded: NDArray[np.float32]) -> None:
        self._decoder = decoder
        self._encoded = encoded
        heads = {port.name: port.shape for port in decoder.get_inputs() if port.name.startswith("past_key_values")}
        empty = {name: np.zeros((1, shape[1], 0, shape[3]), np.float32) for name, shape in heads.items()}
        unused = {
            name: np.zeros((1, shape[1], encoded.shape[1], shape[3]), np.float32)
            for name, shape in heads.items()
            if ".encoder." in name
        }
        first, self._past = self._run(np.array([_START], np.int64), empty | unused, encoded, cached=False)
        self._heard = {name: self._past.pop(name) for name in unused}
        self.first: NDArray[np.float32] = first[0]

    def advance(self, tokens: NDArray[np.int64], parents: NDArray[np.int64]) -> NDArray[np.float32]:
        """Extend the beams, as `search.Advance` says."""
        past = {name: value[parents] for name, value in self._past.items()}
        # What was heard is the same for all beams, and the network takes it once for all of them.
        logits, self._past = self._run(tokens, past | self._heard, self._encoded, cached=True)
        return logits

    def _run(
        self,
        tokens: NDArray[np.int64],
        past: dict[str, NDArray[np.float32]],
        encoded: NDArray[np.float32],
        *,
        cached: bool,
    ) -> tuple[NDArray[np.float32], dict[str, NDArray[np.float32]]]:
        # What was heard stays as it is: to be given it again and again would be most of the work.
        names = [name for name in past if not (cached and ".encoder." in name)]
        wanted = ["logits", *(name.replace("past_key_values", "present") for name in names)]
        # A mask of one sample stands for "all of it was heard": the network spreads it over time.
        logits, *present = self._decoder.run(
            wanted,
            past
            | {
                "input_ids": tokens[:, np.newaxis],
                "encoder_hidden_states": encoded,
                "encoder_attention_mask": np.ones((len(tokens), 1), np.int64),
                "use_cache_branch": np.array([cached]),
            },
        )
        return log_softmax(logits[:, -1]), dict(zip(names, present, strict=True))


class JointDecoding:
    """Several hearings of one phrase that write one text together, token by token, by their mean log probabilities.

    Args:
        hearings: At least one.
    """

    def __init__(self, hearings: Sequence[KVCache]) -> None:
        self._hearings = hearings
        self.first: NDArray[np.float32] = np.mean([hearing.first for hearing in hearings], axis=0)

    def advance(self, tokens: NDArray[np.int64], parents: NDArray[np.int64]) -> NDArray[np.float32]:
        """Extend the beams of all hearings, as `search.Advance` says."""
        together: NDArray[np.float32] = np.mean([each.advance(tokens, parents) for each in self._hearings], axis=0)
        return together
