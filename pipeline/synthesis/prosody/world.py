"""Speech as the parameters of WORLD: pitch, spectral envelope, breath. What the rules change before there is sound.

Morise, Yokomori and Ozawa (2016), "WORLD: a vocoder-based high-quality speech synthesis system for real-time
applications".
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.core.values import Audio, Word

__all__ = ["PERIOD", "Floats", "Mask", "Spoken", "analyse", "mended", "render"]

Floats = NDArray[np.floating]
Mask = NDArray[np.bool_]

PERIOD: Final = 0.005
"""Seconds from frame to frame."""

_LOWEST: Final = 65.0
_HIGHEST: Final = 600.0
_SILENT: Final = 45.0
_MARGIN: Final = 6
_MENDED: Final = 4
_MENDED_DEPTH: Final = 18.0
_TONAL_HERTZ: Final = 1000.0
_FLOOR: Final = 1e-12
_DECIBEL: Final = 10 / np.log(10)

_BREATH_HERTZ: Final = (0.0, 1000.0, 12000.0)
_BREATH_DECIBEL: Final = (-60.0, -60.0, -8.0)


@dataclass(frozen=True, eq=False)
class Spoken:
    """A sentence as it is spoken, before it is sound."""

    pitch: Floats
    """Fundamental frequency in Hz, float64 (frames,); 0 where there is no voice."""
    envelope: Floats
    """Spectral envelope, float32 (frames, bins): power in dB from 0 Hz to half the sample rate."""
    breath: Floats
    """float64 (frames,): dB by which the noise in the voice is over its usual share."""
    sample_rate: int
    """Hertz."""
    words: tuple[Word, ...] = ()
    """The words with their times, in seconds from the first frame."""
    rises: bool = False
    """Whether the voice should rise at the end and does not yet."""

    def __len__(self) -> int:
        return len(self.pitch)

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self) * PERIOD

    @property
    def voiced(self) -> Mask:
        """Which frames have a voice, (frames,)."""
        return self.pitch > 0

    @cached_property
    def level(self) -> Floats:
        """Power of each frame in dB, (frames,)."""
        level: Floats = _DECIBEL * np.log(np.exp(self.envelope / _DECIBEL).mean(axis=1) + _FLOOR)
        return level

    @property
    def frequencies(self) -> Floats:
        """Hertz of the bins of the envelope, (bins,)."""
        return np.linspace(0, self.sample_rate / 2, self.envelope.shape[1])

    def part(self, first: int, last: int) -> Spoken:
        """Return some of the frames; the words move with them and are cut to them."""
        end = (last - first) * PERIOD
        words = tuple(
            dataclasses.replace(
                word,
                start=min(max(word.start - first * PERIOD, 0.0), end),
                end=min(max(word.end - first * PERIOD, 0.0), end),
            )
            for word in self.words
        )
        return dataclasses.replace(
            self,
            pitch=self.pitch[first:last],
            envelope=self.envelope[first:last],
            breath=self.breath[first:last],
            words=words,
        )


def analyse(audio: Audio, words: tuple[Word, ...] = (), *, rises: bool = False) -> Spoken:
    """Take speech apart: DIO and StoneMask for the pitch, CheapTrick for the envelope.

    Silence at both ends is cut off, to 30 ms.
    The noise in the voice is not measured: a fixed share by frequency sounds the same on synthetic voices.

    Args:
        audio: One voice without background.
        words: The words with their times.
        rises: Whether the voice should rise at the end and does not yet.
    """
    import pyworld

    # Digital silence makes CheapTrick divide zero by zero; noise at -110 dBFS is as silent and always the same.
    noise = np.random.default_rng(0).standard_normal(len(audio.samples)) * 3e-6
    samples = audio.samples.astype(np.float64) + noise
    coarse, times = pyworld.dio(
        samples, audio.sample_rate, f0_floor=_LOWEST, f0_ceil=_HIGHEST, frame_period=PERIOD * 1000
    )
    pitch = pyworld.stonemask(samples, coarse, times, audio.sample_rate)
    envelope = pyworld.cheaptrick(samples, pitch, times, audio.sample_rate)
    spoken = Spoken(
        pitch=pitch,
        envelope=(_DECIBEL * np.log(envelope + _FLOOR)).astype(np.float32),
        breath=np.zeros(len(pitch)),
        sample_rate=audio.sample_rate,
        words=words,
        rises=rises,
    )
    spoken = dataclasses.replace(spoken, pitch=mended(spoken))
    loud = np.flatnonzero(spoken.level > spoken.level.max() - _SILENT)
    return spoken.part(max(0, int(loud[0]) - _MARGIN), min(len(spoken), int(loud[-1]) + 1 + _MARGIN))


def render(spoken: Spoken) -> Audio:
    """Make sound of the parameters."""
    import pyworld

    if not len(spoken):
        return Audio(np.zeros(0, np.float32), spoken.sample_rate)
    usual = np.interp(spoken.frequencies, _BREATH_HERTZ, _BREATH_DECIBEL)
    noise = 10 ** (np.minimum(usual + spoken.breath[:, None], 0.0) / 20)
    noise[~spoken.voiced] = 1.0
    samples = pyworld.synthesize(
        np.ascontiguousarray(spoken.pitch, dtype=np.float64),
        np.exp(spoken.envelope.astype(np.float64) / _DECIBEL),
        noise,
        spoken.sample_rate,
        PERIOD * 1000,
    )
    return Audio(samples.astype(np.float32), spoken.sample_rate)


def mended(spoken: Spoken, frames: int = _MENDED) -> Floats:
    """Return the pitch, held for up to 20 ms into loud tonal frames at the edges of the voice.

    DIO hears a voice start a period late and stop a period early;
    the loud onset of a vowel would be spoken as a burst of noise.

    Args:
        spoken: As it was analysed.
        frames: How many frames to hold the pitch.
    """
    edge = np.searchsorted(spoken.frequencies, _TONAL_HERTZ)
    low = spoken.envelope[:, :edge].mean(axis=1)
    tonal = (low > spoken.envelope[:, edge:].mean(axis=1)) & (
        spoken.level > np.percentile(spoken.level, 97) - _MENDED_DEPTH
    )
    pitch = spoken.pitch.copy()
    for _ in range(frames):
        for neighbour in (np.append(pitch[1:], 0.0), np.append(0.0, pitch[:-1])):
            pitch = np.where((pitch == 0) & tonal, neighbour, pitch)
    return pitch
