"""Drafts: the text of a moment ago, which spares a decoder most of its steps while a segment grows.

A growing text mostly begins as the last one did. `KVCache` reads all tokens of a draft in one step, which tells what
the network would have written after each, so those that it would have written again cost nothing more. A network that
computes in 8 bits rounds otherwise when it reads several tokens at once: four of ten growing texts of LibriSpeech
differ somewhere from those without a draft. Final texts have none.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from pipeline.core.values import Samples

__all__ = ["Drafts"]

_BEGINNING: Final = 16_000
"""Samples by which a sound that grows is known again: a second of it."""

_MOST: Final = 64
"""Sounds whose drafts are kept, more than anybody hears side by side; the oldest goes first. Set by hand."""


class Drafts:
    """The last texts of sounds that grow; may be used from several threads at once.

    A sound is known again by how it begins; what is taken for another one costs time alone.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[int, tuple[int, ...]] = OrderedDict()

    def of(self, samples: Samples) -> tuple[int, ...]:
        """Return the tokens that were last found in a shorter version of a sound; none if there was none.

        Args:
            samples: float32 (time,) at 16 kHz.
        """
        return self._kept.get(_key(samples), ())

    def keep(self, samples: Samples, tokens: Sequence[int]) -> None:
        """Keep the tokens that were found in a sound.

        Args:
            samples: As for `of`.
            tokens: Without the end token.
        """
        self._kept[_key(samples)] = tuple(tokens)
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)


def _key(samples: Samples) -> int:
    return hash(samples[:_BEGINNING].tobytes())
