"""Measures how loud a sound is, and brings it to a given loudness.

There are two measures for two purposes.
The level of active speech (RMS over the frames that hold speech) is cheap and does not depend on the pauses.
Recognisers get their input at one such level, so that the gain of the microphone does not matter.
Loudness in LUFS (ITU-R BS.1770-4) is what a human ear and a broadcaster compare. Results are written at one loudness.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.long_sounds import blocks, gathered
from pipeline.core.values import Audio, Samples

__all__ = ["LISTENING_LEVEL", "SPEAKING_LOUDNESS", "level", "limited", "loudness", "normalised", "to_loudness"]

LISTENING_LEVEL: Final = -23.0
"""dBFS RMS of active speech that recognisers are given."""

SPEAKING_LOUDNESS: Final = -23.0
"""LUFS of what is written: the target of EBU R 128."""

_FRAME: Final = 512
"""Samples per frame of the speech level: 32 ms at 16 kHz, as in the speech detector."""

_CLICK_FRAMES: Final = 3
"""Loudest frames that count no more than the next one, so that a click does not set the level; set by hand."""

_ACTIVE_RANGE: Final = 15.0
"""Decibels below the loud frames down to which a frame counts as speech; set by hand."""

_BLOCK_HOPS: Final = 4
"""Hops per gating block: 400 ms with 75 % overlap (BS.1770-4)."""

_HOP_SECONDS: Final = 0.1
"""Seconds from one gating block to the next (BS.1770-4)."""

_ABSOLUTE_GATE: Final = -70.0
"""LUFS below which a block does not count (BS.1770-4)."""

_RELATIVE_GATE: Final = -10.0
"""LU below the mean of the other blocks under which a block does not count (BS.1770-4)."""

_RING_SECONDS: Final = 0.4
"""Seconds of preceding sound per part: the slowest pole of the filter, at 38 Hz, has faded out after that."""

_LIMITER_SECONDS: Final = 0.005
"""Seconds per gain of the limiter: about one period of a voice, so that a single pulse is turned down; set by hand."""

_MOST_LIMITED: Final = 8.0
"""Decibels that the limiter takes off a peak at most; set by hand."""

_ROUNDS: Final = 3
"""Passes of the limiter: each makes the sound a little quieter, which the next makes up for; set by hand."""


def level(samples: Samples) -> float:
    """Return the RMS of the speech in a sound, without the pauses.

    The measure follows every gain exactly: 20 dB more in, 20 dB more out.
    A click of up to three frames (96 ms at 16 kHz) does not count.

    Args:
        samples: float32 (time,).

    Returns:
        dBFS, where 0 is an RMS of 1; minus infinity for digital silence and for no samples.
    """
    power = _frame_power(samples)
    if len(power) > 2 * _CLICK_FRAMES:
        power = np.minimum(power, np.partition(power, -_CLICK_FRAMES - 1)[-_CLICK_FRAMES - 1])
    if not power.any():
        return -math.inf
    loud = power[power >= power.mean()].mean()
    active = power[power >= loud * 10 ** (-_ACTIVE_RANGE / 10)]
    return _decibel(float(active.mean()))


def normalised(audio: Audio, dbfs: float = LISTENING_LEVEL) -> Audio:
    """Return the sound with its active speech at a level, or quieter if a peak would pass full scale.

    Args:
        audio: Any sound; digital silence comes back as it is.
        dbfs: Wanted level, as `level` measures it.
    """
    return _amplified(audio, dbfs - level(audio.samples), ceiling=0.0)


def loudness(audio: Audio) -> float:
    """Return the integrated loudness of a mono sound after ITU-R BS.1770-4.

    K-weighting, blocks of 400 ms with 75 % overlap, gates at -70 LUFS and 10 LU under the mean.
    A sound shorter than a block is measured whole.

    Args:
        audio: Any sound.

    Returns:
        LUFS; minus infinity if every block is below the absolute gate.
    """
    hop = round(_HOP_SECONDS * audio.sample_rate)
    length = len(audio.samples)
    if not length:
        return -math.inf
    if length < _BLOCK_HOPS * hop:
        power = np.array([np.square(next(_weighted(audio, length))).mean()])
    else:
        parts = (part[: len(part) // hop * hop].reshape(-1, hop) for part in _weighted(audio, hop * 100))
        hops = np.concatenate([np.square(part).mean(axis=1) for part in parts])
        power = np.convolve(hops, np.full(_BLOCK_HOPS, 1 / _BLOCK_HOPS), mode="valid")
    power = power[power > 10 ** ((_ABSOLUTE_GATE + 0.691) / 10)]
    if not len(power):
        return -math.inf
    power = power[power > power.mean() * 10 ** (_RELATIVE_GATE / 10)]
    return -0.691 + _decibel(float(power.mean()))


def to_loudness(audio: Audio, lufs: float = SPEAKING_LOUDNESS, *, ceiling: float = -1.0) -> Audio:
    """Return the sound at a loudness, or quieter if a peak would pass the ceiling, so that nothing ever clips.

    Args:
        audio: Any sound; silence comes back as it is.
        lufs: Wanted integrated loudness.
        ceiling: dBFS of the highest sample; one below full scale leaves room for the peaks between samples.
    """
    return _amplified(audio, lufs - loudness(audio), ceiling=ceiling)


def limited(audio: Audio, lufs: float = SPEAKING_LOUDNESS, *, ceiling: float = -1.0) -> Audio:
    """Return the sound at a loudness, with the peaks that would pass the ceiling turned down for some milliseconds.

    Otherwise speech with sharp pulses would have to stay below that loudness as a whole.
    Peaks more than 8 dB over the ceiling make the whole quieter, as in `to_loudness`.

    Args:
        audio: Any sound; silence comes back as it is.
        lufs: Wanted integrated loudness.
        ceiling: dBFS that no sample passes.
    """
    for _ in range(_ROUNDS):
        # The limiter makes the whole a little quieter, so the loudness is set again.
        audio = _turned_down(to_loudness(audio, lufs, ceiling=ceiling + _MOST_LIMITED), ceiling)
    return audio


def _turned_down(audio: Audio, ceiling: float) -> Audio:
    """Return the sound with a gain that keeps every 5 ms below the ceiling, interpolated between them."""
    size = max(1, round(_LIMITER_SECONDS * audio.sample_rate))
    blocks = -(-len(audio.samples) // size)
    padded = np.zeros(blocks * size, np.float32)
    padded[: len(audio.samples)] = np.abs(audio.samples)
    allowed = np.minimum(1.0, 10 ** (ceiling / 20) / np.maximum(padded.reshape(blocks, size).max(axis=1), 1e-9))
    if not blocks or allowed.min() == 1:
        return audio
    # The smallest gain of a block and its neighbours also holds everywhere between their middles.
    least = np.lib.stride_tricks.sliding_window_view(np.pad(allowed, 1, mode="edge"), 3).min(axis=1)
    gain = np.interp(np.arange(len(audio.samples)), (np.arange(blocks) + 0.5) * size, least)
    return Audio(audio.samples * gain.astype(np.float32), audio.sample_rate)


def _frame_power(samples: Samples) -> NDArray[np.float64]:
    whole = len(samples) // _FRAME * _FRAME
    frames = samples[:whole].reshape(-1, _FRAME)
    power = np.einsum("ij,ij->i", frames, frames).astype(np.float64) / _FRAME
    rest = samples[whole:]
    return np.append(power, np.mean(np.square(rest, dtype=np.float64))) if len(rest) else power


def _amplified(audio: Audio, gain: float, ceiling: float) -> Audio:
    if not math.isfinite(gain):
        return audio
    peak = max(float(max(block.max(), -block.min())) for block in blocks(audio.samples))
    factor = np.float32(min(10 ** (gain / 20), 10 ** (ceiling / 20) / peak))
    return Audio(gathered(block * factor for block in blocks(audio.samples)), audio.sample_rate)


def _weighted(audio: Audio, size: int) -> Iterator[NDArray[np.float64]]:
    """Yield the K-weighted sound in parts of `size` samples, the last one shorter.

    The filter is applied in the frequency domain. Each part is computed with the sound before it,
    long enough for the slowest pole (38 Hz) to fade out, so that nothing wraps around.
    """
    history = round(_RING_SECONDS * audio.sample_rate)
    points = size + history
    response = _k_weighting(np.arange(points // 2 + 1) * (audio.sample_rate / points))
    before = np.zeros(0, np.float32)
    for part in blocks(audio.samples, size):
        block = np.concatenate([np.zeros(history - len(before)), before, part])
        spectrum = np.fft.rfft(block, points) * response
        yield np.fft.irfft(spectrum, points)[history : history + len(part)]
        before = np.concatenate([before, part])[-history:]


def _k_weighting(frequencies: NDArray[np.floating[Any]]) -> NDArray[np.complex128]:
    """Return the response of the two filters of BS.1770-4, annex 1, tables 1 and 2.

    The tables are for 48 kHz; as a response over frequency they serve every rate.

    Args:
        frequencies: Hertz.
    """
    delay = np.exp(-2j * np.pi * np.minimum(frequencies, 24_000) / 48_000)
    shelf = (1.53512485958697 - 2.69169618940638 * delay + 1.19839281085285 * delay**2) / (
        1 - 1.69065929318241 * delay + 0.73248077421585 * delay**2
    )
    high_pass = (1 - delay) ** 2 / (1 - 1.99004745483398 * delay + 0.99007225036621 * delay**2)
    return np.asarray(shelf * high_pass)


def _decibel(power: float) -> float:
    return 10 * math.log10(power) if power > 0 else -math.inf
