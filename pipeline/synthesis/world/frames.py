"""Speech as the parameters of WORLD: F0, spectral envelope, breath. What a prosody is played on.

Morise, Yokomori and Ozawa (2016), "WORLD: a vocoder-based high-quality speech synthesis system for real-time
applications".
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from pipeline.core.values import Word
from pipeline.synthesis.prosody import Floats, Mask
from pipeline.synthesis.prosody.f0 import Register
from pipeline.synthesis.prosody.prosody import Phone, Prosody, at

__all__ = ["AFTER", "BEFORE", "DECIBEL", "FLOOR", "PERIOD", "VocoderFrames"]

PERIOD: Final = 0.005
"""Seconds from frame to frame."""
DECIBEL: Final = 10 / np.log(10)
"""dB of a power that is e times as large."""
FLOOR: Final = 1e-12
"""Power that silence is taken for: the logarithm of zero is not a number."""
BEFORE: Final = 0.03
"""Seconds that are kept before the first sound of a sentence: the onset of a plosive begins early."""
AFTER: Final = 0.06
"""Seconds that are kept after its last sound, in which it dies away."""


@dataclass(frozen=True, eq=False)
class VocoderFrames:
    """A sentence as it is spoken, before it is sound."""

    f0: Floats
    """Fundamental frequency in Hz, float64 (frames,); 0 where there is no voice."""
    envelope: Floats
    """Spectral envelope, float32 (frames, bins): power in dB from 0 Hz to half the sample rate."""
    breath: Floats
    """float64 (frames,): dB by which the noise in the voice is over its usual share."""
    sample_rate: int
    """Hertz."""
    words: tuple[Word, ...] = ()
    """The words with their times, in seconds from the first frame."""
    phones: tuple[Phone, ...] = ()
    """The phones from the first frame to the last, if the voice knows them."""
    rises: bool = False
    """Whether the voice should rise at the end and does not yet."""
    roughness: float = 0.0
    """Depth, 0 to 1, to which every other period of the voice is weaker and its strength flutters."""

    def __len__(self) -> int:
        return len(self.f0)

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self) * PERIOD

    @property
    def voiced(self) -> Mask:
        """Which frames have a voice, (frames,)."""
        return self.f0 > 0

    @cached_property
    def level(self) -> Floats:
        """Power of each frame in dB, (frames,)."""
        level: Floats = DECIBEL * np.log(np.exp(self.envelope / DECIBEL).mean(axis=1) + FLOOR)
        return level

    @property
    def frequencies(self) -> Floats:
        """Hertz of the bins of the envelope, (bins,)."""
        return np.linspace(0, self.sample_rate / 2, self.envelope.shape[1])

    def prosody(self, register: Register) -> Prosody:
        """Return the prosody of the sentence.

        Args:
            register: Where the voice speaks.
        """
        return Prosody(self.f0, self.level, register, PERIOD, self.words, self.phones, self.rises)

    def spoken_as(self, planned: Prosody, acted: Prosody) -> VocoderFrames:
        """Return the sentence as its prosody has become; the timbre stays.

        Args:
            planned: The prosody of the sentence as it is.
            acted: What has become of it.
        """
        source = acted.source
        gain = (acted.energy - at(planned.energy, source)).astype(np.float32)
        return dataclasses.replace(
            self,
            f0=acted.f0,
            envelope=at(self.envelope, source) + gain[:, None],
            breath=self.breath[np.floor(source + 0.5).astype(int)],
            words=acted.words,
            phones=acted.phones,
        )

    def part(self, first: int, last: int) -> VocoderFrames:
        """Return some of the frames; words and phones move with them and are cut to them."""
        end = (last - first) * PERIOD

        def cut(seconds: float) -> float:
            return min(max(seconds - first * PERIOD, 0.0), end)

        edges = np.cumsum([0.0, *(phone.seconds for phone in self.phones)])
        return dataclasses.replace(
            self,
            f0=self.f0[first:last],
            envelope=self.envelope[first:last],
            breath=self.breath[first:last],
            words=tuple(dataclasses.replace(word, start=cut(word.start), end=cut(word.end)) for word in self.words),
            phones=tuple(
                dataclasses.replace(phone, seconds=cut(stop) - cut(start))
                for phone, start, stop in zip(self.phones, edges[:-1], edges[1:], strict=True)
            ),
        )

    def trimmed(self, start: float, end: float) -> VocoderFrames:
        """Return the sentence with 30 ms before its first sound and 60 ms after its last.

        Args:
            start: Seconds at which the first sound begins.
            end: Seconds at which the last ends.
        """
        return self.part(max(0, round((start - BEFORE) / PERIOD)), min(len(self), round((end + AFTER) / PERIOD)))
