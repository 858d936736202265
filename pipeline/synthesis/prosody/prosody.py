"""Prosody: how a sentence is spoken, apart from the voice that speaks it.

Every voice has one, whatever makes its sound. A voice that plans gives it before there is sound;
a foreign sound is analysed first (`pipeline.synthesis.world`). Emotions are applied here and nowhere else.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.core.values import Word
from pipeline.synthesis.prosody import Floats, Mask
from pipeline.synthesis.prosody.changes import ProsodyChange
from pipeline.synthesis.prosody.durations import apply_durations
from pipeline.synthesis.prosody.energy import apply_energy
from pipeline.synthesis.prosody.f0 import Register, apply_f0

__all__ = ["Phone", "Prosody", "at", "f0_at"]


@dataclass(frozen=True)
class Phone:
    """One sound of speech, or a pause."""

    name: str
    """As the voice calls it."""
    seconds: float
    """How long it lasts."""
    word: int
    """Which of the words it belongs to; -1 for a pause."""


@dataclass(frozen=True, eq=False)
class Prosody:
    """How one sentence is spoken."""

    f0: Floats
    """Fundamental frequency in Hz, (frames,); 0 where there is no voice."""
    energy: Floats
    """Power in dB, (frames,)."""
    register: Register
    """Where the voice speaks."""
    period: float
    """Seconds from frame to frame."""
    words: tuple[Word, ...] = ()
    """The words with their times, in seconds from the first frame."""
    phones: tuple[Phone, ...] = ()
    """The phones from the first frame to the last; none if a foreign sound was analysed."""
    rises: bool = False
    """Whether the voice should rise at the end and does not yet."""
    warp: Floats | None = None
    """Where in the sentence as it was planned each frame lies, in frames, (frames,); None if no frame has moved."""

    def __len__(self) -> int:
        return len(self.f0)

    @property
    def voiced(self) -> Mask:
        """Which frames have a voice, (frames,)."""
        return self.f0 > 0

    @property
    def source(self) -> Floats:
        """Where in the sentence as it was planned each frame lies, in frames, float64 (frames,)."""
        return np.arange(len(self), dtype=float) if self.warp is None else self.warp

    def apply(self, change: ProsodyChange, strength: float = 1.0) -> Prosody:
        """Return the sentence as it is spoken with a change.

        Loudness comes first, then the duration of each phone and pause, then F0 at the new times.

        Args:
            change: Of an emotion, or a mixture of them.
            strength: 0 changes nothing, 1 all of it, 2 twice that.
        """
        change = change.scaled(strength)
        louder = dataclasses.replace(self, energy=apply_energy(self.energy, self.voiced, change, self.period))
        lasting = apply_durations(louder.energy, louder.voiced, change, self.period)
        timed = louder if lasting is None else louder.stretched(lasting)
        return dataclasses.replace(timed, f0=apply_f0(timed.f0, change, self.register, self.period, rises=self.rises))

    def stretched(self, lasting: Floats) -> Prosody:
        """Return the sentence with each frame lasting so many frames; phones and words move with them.

        Args:
            lasting: Above 0, (frames,).
        """
        ends = np.cumsum(lasting)
        source = np.interp(np.arange(round(ends[-1])) + 0.5, ends - lasting / 2, np.arange(len(self)))
        edges, times = np.arange(len(self) + 1) * self.period, np.concatenate([[0.0], ends]) * self.period

        def moved(seconds: Floats | Sequence[float]) -> list[float]:
            return [float(time) for time in np.interp(seconds, edges, times)]

        spans = [moved([word.start, word.end]) for word in self.words]
        phones = np.diff(moved(np.cumsum([0.0, *(phone.seconds for phone in self.phones)])))
        return dataclasses.replace(
            self,
            f0=f0_at(self.f0, source),
            energy=at(self.energy, source),
            warp=source if self.warp is None else at(self.warp, source),
            words=tuple(
                dataclasses.replace(word, start=start, end=end)
                for word, (start, end) in zip(self.words, spans, strict=True)
            ),
            phones=tuple(
                dataclasses.replace(phone, seconds=float(seconds))
                for phone, seconds in zip(self.phones, phones, strict=True)
            ),
        )


def at(values: Floats, source: Floats) -> Floats:
    """Return values of frames between the frames.

    Args:
        values: (frames,) or (frames, bins).
        source: Where, in frames, each in [0, frames - 1], (times,).
    """
    low, high, share = _neighbours(source, len(values))
    share = share.astype(values.dtype).reshape(-1, *(1,) * (values.ndim - 1))
    between: Floats = (1 - share) * values[low] + share * values[high]
    return between


def f0_at(f0: Floats, source: Floats) -> Floats:
    """Return F0 between the frames, in Hz; where only one neighbour has a voice, the nearer one decides.

    Args:
        f0: (frames,); 0 where there is no voice.
        source: As `at`.
    """
    low, high, share = _neighbours(source, len(f0))
    both = (f0[low] > 0) & (f0[high] > 0)
    return np.where(both, (1 - share) * f0[low] + share * f0[high], f0[np.where(share < 0.5, low, high)])


def _neighbours(source: Floats, frames: int) -> tuple[np.ndarray, np.ndarray, Floats]:
    """Return the frames before and after each place, and the share of the latter."""
    low = np.floor(source).astype(int)
    return low, np.minimum(low + 1, frames - 1), source - low
