"""How an unknown English word is pronounced: a small recurrent network from letters to phonemes.

A GRU encoder reads the letters, a GRU decoder writes the phonemes (Cho et al., 2014);
in NumPy, since a word takes a millisecond.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["LETTERS", "PHONEMES", "G2pNetwork", "g2p_network"]

LETTERS: Final = ("<pad>", "<unk>", "</s>", *"abcdefghijklmnopqrstuvwxyz")
"""Input symbols; the position is the number that the network reads."""

_VOWELS: Final = "AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW".split()
_CONSONANTS: Final = "B CH D DH F G HH JH K L M N NG P R S SH T TH V W Y Z ZH".split()

PHONEMES: Final = (
    "<pad>",
    "<unk>",
    "<s>",
    "</s>",
    *sorted([*(vowel + stress for vowel in _VOWELS for stress in "012"), *_CONSONANTS, "UW"]),
)
"""Output symbols: ARPAbet with stress, in alphabetical order."""

_NETWORK: Final = Path(__file__).parent / "tables" / "g2p.npz"

_LONGEST: Final = 20
"""No word has more phonemes than this."""

Array = npt.NDArray[np.float32]


class G2pNetwork:
    """Letters to phonemes.

    Args:
        weights: Arrays `enc_emb (29, E)`, `dec_emb (74, E)`, `fc_w (74, H)`, `fc_b (74,)`,
            and `{enc,dec}_{w,b}_{ih,hh}` in PyTorch's GRU layout with H units.
    """

    def __init__(self, weights: dict[str, Array]) -> None:
        self._weights = weights

    def pronounce(self, word: str) -> list[str]:
        """Return the phonemes of one word.

        Args:
            word: Letters; those outside a-z count as unknown.
        """
        weights = self._weights
        state = np.zeros(weights["enc_w_hh"].shape[1], np.float32)
        for letter in (*word, "</s>"):
            number = LETTERS.index(letter) if letter in LETTERS else 1
            state = self._step("enc", weights["enc_emb"][number], state)
        phonemes: list[str] = []
        previous = PHONEMES.index("<s>")
        for _ in range(_LONGEST):
            state = self._step("dec", weights["dec_emb"][previous], state)
            previous = int(np.argmax(weights["fc_w"] @ state + weights["fc_b"]))
            if PHONEMES[previous] == "</s>":
                break
            phonemes.append(PHONEMES[previous])
        return [phoneme for phoneme in phonemes if phoneme[0] != "<"]

    def _step(self, side: str, symbol: Array, state: Array) -> Array:
        """Move one GRU cell on by one symbol."""
        weights = self._weights
        from_symbol = np.split(weights[f"{side}_w_ih"] @ symbol + weights[f"{side}_b_ih"], 3)
        from_state = np.split(weights[f"{side}_w_hh"] @ state + weights[f"{side}_b_hh"], 3)
        reset = 1 / (1 + np.exp(-(from_symbol[0] + from_state[0])))
        update = 1 / (1 + np.exp(-(from_symbol[1] + from_state[1])))
        candidate = np.tanh(from_symbol[2] + reset * from_state[2])
        return np.asarray((1 - update) * candidate + update * state, dtype=np.float32)


@functools.cache
def g2p_network(path: Path = _NETWORK) -> G2pNetwork:
    """Load a network.

    Args:
        path: Its weights; by default those that come with the package, which `emotivoice.training.g2p` trained.
    """
    with np.load(path, allow_pickle=False) as archive:
        return G2pNetwork({key: archive[key].astype(np.float32) for key in archive.files})
