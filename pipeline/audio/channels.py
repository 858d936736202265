"""The channels of a recording: mixed to one, or each for itself, and what a comparison of them tells."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.core.values import Audio, Samples

__all__ = ["ChannelComparison", "ChannelMix", "regrouped", "without_copies", "without_crosstalk"]

_SECOND_KEPT: Final = 0.9
"""Factor per second on what was measured before, so that the last ten seconds count most; set by hand."""

_CANCELLED: Final = 0.5
"""Share of the energy of the loudest channel alone under which a mix has lost it to the others.
Channels that have nothing in common leave it whole; a pair of equal level falls below at a correlation of -0.75."""

_GONE: Final = 0.2
"""The same share within a short piece, from which on nothing before it matters: a pair of equal level falls below
at a correlation of -0.9."""

_WHOLE: Final = 0.9
"""The same share from which on a short piece has lost nothing in the mix, whatever was before it."""

_PIECE: Final = 0.25
"""Seconds of such a piece, so that a part that cancels is not lost beside one that does not; set by hand."""

_FADE: Final = 0.005
"""Seconds from the mix to a channel alone and back, so that nothing clicks."""

_EQUAL: Final = 0.9
"""Share of the energy of the loudest channel from which on another one is as loud; set by hand."""

_FAINT: Final = 1e-8
"""Energy (-80 dBFS) under which there is nothing to lose."""

_FRAME: Final = 0.05
"""Seconds over which the channels are compared: less than a syllable."""

_ACTIVE: Final = 1e-3
"""Energy (-30 dB) of a frame relative to the loudest one, above which somebody speaks in it; set by hand."""

_LOUDER: Final = 10.0
"""Factor of energy (10 dB) by which one channel dominates another; what the weaker one holds then leaked into it.
Set by hand: telephones leak at -20 dB and less."""

_APART: Final = 0.6
"""Share of the active frames, dominated by either channel, from which on each channel holds a speaker of its own.
In calls made of LibriSpeech it is 0.85 to 1 with crosstalk of -12 dB or less and noise of -50 dBFS,
0.16 at -10 dB, and 0 at -8 dB, as in an interview in stereo; noise of -40 dBFS hides calls (0.4 to 0.5)."""

_LEAST: Final = 1.0
"""Seconds that each of the two channels has to dominate."""

_SAME: Final = 0.98
"""Correlation, of either sign, from which on two channels hold the same sound."""

_AROUND: Final = 9
"""Frames (0.45 s) over which leaking is judged, so that it does not follow the gaps between sounds; set by hand."""


def regrouped(blocks: Iterable[Samples], frames: int) -> Iterator[Samples]:
    """Yield the same sound in blocks of at least that many frames; the last one of each number of channels is shorter.

    Args:
        blocks: Consecutive, each (frames, channels).
        frames: Least length of a block.
    """
    held: list[Samples] = []
    count = 0
    for block in blocks:
        if held and held[-1].shape[1] != block.shape[1]:
            yield np.concatenate(held)
            held, count = [], 0
        held.append(block)
        count += len(block)
        if count >= frames:
            yield np.concatenate(held)
            held, count = [], 0
    if held:
        yield np.concatenate(held)


class ChannelMix:
    """Averages the channels of a stream; where they cancel each other out, it takes the loudest one instead.

    Args:
        sample_rate: Hertz.
    """

    def __init__(self, sample_rate: int) -> None:
        self.alone: int | None = None
        """The channel, counted from 0, that was taken alone; None if that was never needed."""
        self.throughout = True
        """Whether it was taken wherever there was sound."""
        self._rate = sample_rate
        self._mix = 0.0
        self._own = np.zeros(0)
        self._loudest = 0.0
        self._share = 0.0

    def __call__(self, block: Samples) -> Samples:
        """Return the next block, (frames, channels), as one channel, (frames,).

        Args:
            block: Best a second, so that there is something to measure. The number of channels may change.
        """
        mix: Samples = block.mean(axis=1)
        channels = block.shape[1]
        if not len(block):
            return mix
        if len(self._own) != channels:
            self._mix, self._own, self._share = 0.0, np.zeros(channels), 0.0
            self.alone = self.alone if (self.alone or 0) < channels else None
        kept = _SECOND_KEPT ** (len(block) / self._rate)
        products = block.T @ block
        self._mix = kept * self._mix + float(products.sum()) / channels**2
        self._own = kept * self._own + products.diagonal()
        lost = self._left(self._mix, self._own) < _CANCELLED and self._own.max() >= _FAINT * len(block)
        size = max(1, round(_PIECE * self._rate))
        for begin in range(0, len(block), size):
            piece = slice(begin, begin + size)
            self._settle(block[piece], mix[piece], lost)
        return mix

    def _settle(self, block: Samples, mix: Samples, lost: bool) -> None:
        """Put a channel in the place of the mix of a piece, if the piece is lost in it, or has no say and all is."""
        products = block.T @ block
        own = products.diagonal()
        energy = float(own.max()) / len(block)
        self._loudest = max(self._loudest, energy)
        heard = energy > max(_FAINT, _ACTIVE * self._loudest)
        if heard:
            share = self._left(float(products.sum()) / block.shape[1] ** 2, own)
            lost = share < _GONE or (lost and share < _WHOLE)
        if lost and self.alone is None:
            # The first of those that are equally loud.
            self.alone = int(np.argmax(self._own >= _EQUAL * self._own.max()))
        self.throughout &= lost or not heard
        if lost or self._share:
            fade = round(_FADE * self._rate)
            weight: Samples = np.full(len(block), float(lost), np.float32)
            if self._share != lost:
                weight[:fade] = np.linspace(self._share, lost, fade, dtype=np.float32)[: len(block)]
            mix += weight * (block[:, self.alone] - mix)
        self._share = float(lost)

    @staticmethod
    def _left(mix: float, own: NDArray[np.floating]) -> float:
        """Return what is left in a mix of the energy that the loudest channel alone gives it."""
        return mix * len(own) ** 2 / max(float(own.max()), 1e-30)


class ChannelComparison:
    """Compares the two channels of a stream while it goes by.

    Args:
        sample_rate: Hertz.
    """

    def __init__(self, sample_rate: int) -> None:
        self._frame = max(1, round(_FRAME * sample_rate))
        self._loudest = 0.0
        self._active = 0
        self._dominated = np.zeros(2, np.int64)
        self._products = np.zeros((2, 2))

    def add(self, block: Samples) -> None:
        """Add the next block, (frames, channels); other numbers of channels than two are not compared."""
        if block.shape[1] != 2:
            return
        self._products += block.T @ block
        whole = len(block) // self._frame * self._frame
        framed = block[:whole].reshape(-1, self._frame, 2)
        energy = np.einsum("ftc,ftc->fc", framed, framed) / self._frame
        if not len(energy):
            return
        louder = energy.max(axis=1)
        self._loudest = max(self._loudest, float(louder.max()))
        active = louder > max(_FAINT, _ACTIVE * self._loudest)
        self._active += int(active.sum())
        self._dominated += (energy > _LOUDER * energy[:, ::-1])[active].sum(axis=0)

    @property
    def apart(self) -> bool:
        """Whether each channel holds a speaker of its own, as in a recorded call."""
        return self.may_be_apart and self.dominated > _APART

    @property
    def may_be_apart(self) -> bool:
        """Whether each channel is much louder than the other now and then: each may hold a speaker of its own."""
        return bool(self._dominated.min() * _FRAME >= _LEAST)

    @property
    def dominated(self) -> float:
        """Share of the frames with sound in which one channel is much louder than the other, in [0, 1]."""
        return float(self._dominated.sum()) / max(1, self._active)

    @property
    def same(self) -> bool:
        """Whether both channels hold the same sound, at whatever level, also with the opposite sign."""
        return _alike(self._products)


def without_crosstalk(channels: Sequence[Audio]) -> tuple[Audio, ...]:
    """Return channels in which nothing is heard while another channel is so much louder that it leaked from there.

    Args:
        channels: One stretch of time of each channel, mono, all of one length and rate.
    """
    if len(channels) == 1:
        return tuple(channels)
    size = max(1, round(_FRAME * channels[0].sample_rate))
    count = math.ceil(len(channels[0].samples) / size)
    energy = np.stack([_energy(audio.samples, size, count) for audio in channels])
    heard = energy * _LOUDER >= energy.max(axis=0)
    # The gain moves from the middle of a frame to that of the next one, so that nothing clicks.
    middles, moments = (np.arange(count) + 0.5) * size, np.arange(len(channels[0].samples))
    return tuple(
        Audio(audio.samples * np.interp(moments, middles, own).astype(np.float32), audio.sample_rate)
        for audio, own in zip(channels, heard, strict=True)
    )


def without_copies(channels: Sequence[Audio]) -> tuple[Audio, ...]:
    """Return channels of which one is heard where several hold the same sound: the louder one, or else the first.

    Args:
        channels: As `without_crosstalk`.
    """
    kept = list(channels)
    for one, other in itertools.combinations(range(len(channels)), 2):
        both = np.stack([channels[one].samples, channels[other].samples])
        products = both @ both.T
        if _alike(products):
            silent = one if products[0, 0] < _EQUAL * products[1, 1] else other
            kept[silent] = Audio(np.zeros_like(both[0]), channels[silent].sample_rate)
    return tuple(kept)


def _alike(products: NDArray[np.floating]) -> bool:
    """Return whether two channels hold the same sound by their products, (2, 2)."""
    energies = float(products[0, 0]) * float(products[1, 1])
    return energies > 0 and abs(float(products[0, 1])) / energies**0.5 > _SAME


def _energy(samples: Samples, size: int, count: int) -> Samples:
    """Return the energy of each frame, (count,), averaged with its neighbours."""
    framed = np.pad(samples, (0, count * size - len(samples))).reshape(count, size)
    around = np.convolve(np.square(framed).mean(axis=1), np.full(_AROUND, np.float32(1 / _AROUND)), "full")
    averaged: Samples = around[_AROUND // 2 :][:count]
    return averaged
