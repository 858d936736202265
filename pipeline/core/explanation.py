"""Which parts of a sound decided an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.core.values import Plain

__all__ = ["Band", "Explanation", "Stretch"]


@dataclass(frozen=True)
class Stretch(Plain):
    """Some seconds of a recording, and their influence on the answer."""

    start: float
    """Seconds from the start of the recording."""
    end: float
    """Seconds from the start of the recording."""
    influence: float
    """How much less likely the emotion is without them, in [-1, 1]; negative if they make it less likely."""


@dataclass(frozen=True)
class Band(Plain):
    """Some frequencies of a recording, and their influence on the answer."""

    low: float
    """Hertz."""
    high: float
    """Hertz."""
    influence: float
    """How much less likely the emotion is without them, in [-1, 1]; negative if they make it less likely."""


@dataclass(frozen=True)
class Explanation(Plain):
    """Which seconds and which frequencies decided an answer."""

    emotion: str
    """The emotion that is explained: the most likely one."""
    confidence: float
    """Its probability with nothing removed, in [0, 1]."""
    seconds: tuple[Stretch, ...]
    """All speech, in order of time."""
    frequencies: tuple[Band, ...]
    """All frequencies, from low to high."""

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Explanation:
        """Read what `to_dict` wrote."""
        seconds = tuple(Stretch(**stretch) for stretch in values["seconds"])
        frequencies = tuple(Band(**band) for band in values["frequencies"])
        return cls(values["emotion"], values["confidence"], seconds, frequencies)
