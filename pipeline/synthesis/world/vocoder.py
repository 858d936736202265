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

from pipeline.core.values import Audio, Samples, Word

__all__ = ["PERIOD", "Floats", "Mask", "Spoken", "analyse", "melody", "mended", "render"]

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

_FLUTTER: Final = (30.0, 80.0)
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
    roughness: float = 0.0
    """Depth, 0 to 1, to which every other period of the voice is weaker and its strength flutters."""

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


def analyse(audio: Audio, words: tuple[Word, ...] = (), *, rises: bool = False, trimmed: bool = True) -> Spoken:
    """Take speech apart: DIO and StoneMask for the pitch, CheapTrick for the envelope.

    The noise in the voice is not measured: a fixed share by frequency sounds the same on synthetic voices.

    Args:
        audio: One voice without background.
        words: The words with their times.
        rises: Whether the voice should rise at the end and does not yet.
        trimmed: Whether silence at both ends is cut off, to 30 ms.
    """
    # Digital silence makes CheapTrick divide zero by zero; noise at -110 dBFS is as silent and always the same.
    noise = np.random.default_rng(0).standard_normal(len(audio.samples)) * 3e-6
    samples = audio.samples.astype(np.float64) + noise
    pitch, times = _pitch(samples, audio.sample_rate)
    spoken = Spoken(
        pitch=pitch,
        envelope=_envelope(samples, pitch, times, audio.sample_rate),
        breath=np.zeros(len(pitch)),
        sample_rate=audio.sample_rate,
        words=words,
        rises=rises,
    )
    held = mended(spoken)
    # Without its period a voiced frame is as loud as the pulses that a short window happens to hold.
    if len(late := np.flatnonzero((held > 0) & (pitch == 0))):
        spoken.envelope[late] = _envelope(samples, held[late], times[late], audio.sample_rate)
    spoken = dataclasses.replace(spoken, pitch=held)
    if not trimmed:
        return spoken
    loud = np.flatnonzero(spoken.level > spoken.level.max() - _SILENT)
    return spoken.part(max(0, int(loud[0]) - _MARGIN), min(len(spoken), int(loud[-1]) + 1 + _MARGIN))


def melody(audio: Audio) -> Floats:
    """Return the fundamental frequency alone, in Hz, float64 (frames,); 0 where there is no voice.

    Args:
        audio: One voice without background.
    """
    return _pitch(audio.samples.astype(np.float64), audio.sample_rate)[0]


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
        np.exp(np.ascontiguousarray(spoken.envelope, dtype=np.float64) / _DECIBEL),
        noise,
        spoken.sample_rate,
        PERIOD * 1000,
    )
    if spoken.roughness > 0:
        samples *= _rough(spoken, len(samples))
    return Audio(samples.astype(np.float32), spoken.sample_rate)


def _rough(spoken: Spoken, length: int) -> Floats:
    """Return the gain of each sample that makes a voice rough, (length,).

    Vocal folds under high pressure swing differently from period to period: half of the depth is a subharmonic at half
    the pitch, half is a flutter of 30 to 80 Hz, where a voice is heard as a scream (Arnal et al. 2015, "Human screams
    occupy a privileged niche in the communication soundscape"). Only the voice is rough; the power is kept.
    """
    frames = np.arange(length) / (PERIOD * spoken.sample_rate)
    pitch = np.interp(frames, np.arange(len(spoken)), spoken.pitch)
    depth = spoken.roughness * np.interp(frames, np.arange(len(spoken)), spoken.voiced.astype(float))
    subharmonic = np.cos(np.pi * np.cumsum(pitch) / spoken.sample_rate)
    size = 1 << (length - 1).bit_length()
    noise = np.fft.rfft(np.random.default_rng(length).standard_normal(size))
    hertz = np.fft.rfftfreq(size, 1 / spoken.sample_rate)
    flutter = np.fft.irfft(noise * ((hertz > _FLUTTER[0]) & (hertz < _FLUTTER[1])))[:length]
    flutter = np.clip(flutter / max(float(flutter.std()), _FLOOR), -2, 2) / np.sqrt(2)
    gain: Floats = (1 + depth * (subharmonic + flutter) / 2) / np.sqrt(1 + depth**2 / 4)
    return np.maximum(gain, 0.0)


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


def _pitch(samples: Floats, sample_rate: int) -> tuple[Floats, Floats]:
    """Return the fundamental frequency in Hz, and the times of its frames in seconds."""
    import pyworld

    coarse, times = pyworld.dio(samples, sample_rate, f0_floor=_LOWEST, f0_ceil=_HIGHEST, frame_period=PERIOD * 1000)
    return pyworld.stonemask(samples, coarse, times, sample_rate), times


def _envelope(samples: Floats, pitch: Floats, times: Floats, sample_rate: int) -> Samples:
    """Return the spectral envelope in dB at some times, (times, bins).

    A voice too deep for CheapTrick's window is heard as if it were just high enough: for CheapTrick it would be none.
    """
    import pyworld

    lowest = pyworld.get_cheaptrick_f0_floor(sample_rate, pyworld.get_cheaptrick_fft_size(sample_rate))
    heard = np.where(pitch > 0, np.maximum(pitch, lowest + 1), 0.0)
    envelope = pyworld.cheaptrick(samples, heard, times, sample_rate)
    decibels: Samples = (_DECIBEL * np.log(envelope + _FLOOR)).astype(np.float32)
    return decibels
