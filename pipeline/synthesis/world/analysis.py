"""From sound to the parameters of WORLD."""

from __future__ import annotations

import dataclasses
from typing import Final

import numpy as np

from pipeline.core.values import Audio, Samples, Word
from pipeline.synthesis.prosody import Floats
from pipeline.synthesis.world.frames import DECIBEL, FLOOR, PERIOD, VocoderFrames

__all__ = ["analyse", "estimate_f0", "held_f0", "never_silent", "spectral_envelope"]

_LOWEST: Final = 65.0
"""Hertz that no voice is looked for below: the deepest of men."""
_HIGHEST: Final = 600.0
"""Hertz that no voice is looked for above: a child's, or a woman's scream."""
_NOISE: Final = 3e-6
"""Amplitude of the noise (-110 dBFS) that is added to a sound: as silent as silence, and never zero."""
_SILENT: Final = 45.0
"""dB below the loudest frame from which the ends of a sentence are silent."""
_MARGIN: Final = 6
"""Frames of silence (30 ms) that are kept at both ends."""
_HELD: Final = 4
"""Frames (20 ms, two periods of a deep voice) that F0 is held for at the edges of the voice."""
_HELD_DEPTH: Final = 18.0
"""dB below the loudest frames from which a frame is too soft to be an onset without F0."""
_LOUDEST: Final = 97
"""Percentile of the level that counts as the loudest: single frames do not."""
_TONAL_HERTZ: Final = 1000.0
"""Hertz below which a tonal frame has more power than above, and a noisy one less."""


def analyse(audio: Audio, words: tuple[Word, ...] = (), *, rises: bool = False, trimmed: bool = True) -> VocoderFrames:
    """Take speech apart: DIO and StoneMask for F0, CheapTrick for the envelope.

    The noise in the voice is not measured: a fixed share by frequency sounds the same on synthetic voices.

    Args:
        audio: One voice without background.
        words: The words with their times.
        rises: Whether the voice should rise at the end and does not yet.
        trimmed: Whether silence at both ends is cut off, to 30 ms.
    """
    samples = never_silent(audio.samples)
    f0, times = _f0(samples, audio.sample_rate)
    frames = VocoderFrames(
        f0=f0,
        envelope=spectral_envelope(samples, f0, times, audio.sample_rate),
        breath=np.zeros(len(f0)),
        sample_rate=audio.sample_rate,
        words=words,
        rises=rises,
    )
    held = held_f0(frames)
    # Without its period a voiced frame is as loud as the pulses that a short window happens to hold.
    if len(late := np.flatnonzero((held > 0) & (f0 == 0))):
        frames.envelope[late] = spectral_envelope(samples, held[late], times[late], audio.sample_rate)
    frames = dataclasses.replace(frames, f0=held)
    if not trimmed:
        return frames
    loud = np.flatnonzero(frames.level > frames.level.max() - _SILENT)
    return frames.part(max(0, int(loud[0]) - _MARGIN), min(len(frames), int(loud[-1]) + 1 + _MARGIN))


def estimate_f0(audio: Audio) -> Floats:
    """Return the fundamental frequency alone, in Hz, float64 (frames,); 0 where there is no voice.

    Args:
        audio: One voice without background.
    """
    return _f0(audio.samples.astype(np.float64), audio.sample_rate)[0]


def held_f0(frames: VocoderFrames, count: int = _HELD) -> Floats:
    """Return F0, held for up to 20 ms into loud tonal frames at the edges of the voice.

    DIO hears a voice start a period late and stop a period early;
    the loud onset of a vowel would be spoken as a burst of noise.

    Args:
        frames: As they were analysed.
        count: How many frames to hold F0.
    """
    edge = np.searchsorted(frames.frequencies, _TONAL_HERTZ)
    low = frames.envelope[:, :edge].mean(axis=1)
    tonal = (low > frames.envelope[:, edge:].mean(axis=1)) & (
        frames.level > np.percentile(frames.level, _LOUDEST) - _HELD_DEPTH
    )
    f0 = frames.f0.copy()
    for _ in range(count):
        for neighbour in (np.append(f0[1:], 0.0), np.append(0.0, f0[:-1])):
            f0 = np.where((f0 == 0) & tonal, neighbour, f0)
    return f0


def never_silent(samples: Floats) -> Floats:
    """Return a sound, float64 (time,), with noise that nobody hears: digital silence makes CheapTrick divide by zero.

    The noise is always the same.
    """
    noisy: Floats = samples.astype(np.float64) + _NOISE * np.random.default_rng(0).standard_normal(len(samples))
    return noisy


def spectral_envelope(samples: Floats, f0: Floats, times: Floats, sample_rate: int) -> Samples:
    """Return the spectral envelope in dB at some times, (times, bins).

    A voice too deep for CheapTrick's window is heard as if it were just high enough: for CheapTrick it would be none.

    Args:
        samples: Float64 (time,), as `never_silent` returns it.
        f0: Fundamental frequency in Hz at each time; 0 where there is no voice.
        times: Seconds, evenly spaced.
        sample_rate: Hertz.
    """
    import pyworld

    lowest = pyworld.get_cheaptrick_f0_floor(sample_rate, pyworld.get_cheaptrick_fft_size(sample_rate))
    heard = np.where(f0 > 0, np.maximum(f0, lowest + 1), 0.0)
    envelope = pyworld.cheaptrick(samples, heard, times, sample_rate)
    decibels: Samples = (DECIBEL * np.log(envelope + FLOOR)).astype(np.float32)
    return decibels


def _f0(samples: Floats, sample_rate: int) -> tuple[Floats, Floats]:
    """Return the fundamental frequency in Hz, and the times of its frames in seconds."""
    import pyworld

    coarse, times = pyworld.dio(samples, sample_rate, f0_floor=_LOWEST, f0_ceil=_HIGHEST, frame_period=PERIOD * 1000)
    return pyworld.stonemask(samples, coarse, times, sample_rate), times
