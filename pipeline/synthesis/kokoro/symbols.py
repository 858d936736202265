"""The symbols that Kokoro reads, letters of the IPA and some of its own, and their numbers.

`symbols.json` is the `vocab` in the `config.json` of Kokoro-82M v1.0.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["MOST_SYMBOLS", "PAUSES", "Script", "token_ids"]

MOST_SYMBOLS: Final = 510
"""Symbols of a sentence at most: the encoder knows 512 places, and a pad takes the first and the last."""
PAUSES: Final = frozenset(" ,.!?")
"""Symbols that no word owns."""


@dataclass(frozen=True)
class Script:
    """One sentence, ready to be spoken."""

    symbols: str
    """What Kokoro reads, without the pads at both ends."""
    word: tuple[int, ...]
    """Which token of the sentence each symbol belongs to; -1 for a pause."""


def token_ids(symbols: str) -> NDArray[np.int64]:
    """Return the numbers of symbols with a pad at both ends, int64 (1, symbols + 2).

    Raises:
        KeyError: There is no such symbol.
    """
    numbers = _numbers()
    return np.array([[0, *(numbers[symbol] for symbol in symbols), 0]], np.int64)


@cache
def _numbers() -> dict[str, int]:
    numbers: dict[str, int] = json.loads(files(__package__).joinpath("symbols.json").read_text(encoding="utf-8"))
    return numbers
