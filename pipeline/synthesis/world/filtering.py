"""Voice quality as a filter on finished sound: gentler than taking the sound apart, as everything else in it stays."""

from __future__ import annotations

import dataclasses
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.core.values import Audio
from pipeline.synthesis.prosody import Floats
from pipeline.synthesis.prosody.changes import TimbreChange
from pipeline.synthesis.world.analysis import never_silent, spectral_envelope
from pipeline.synthesis.world.frames import DECIBEL, PERIOD, VocoderFrames
from pipeline.synthesis.world.rendering import frames_rough_gain, noise_share
from pipeline.synthesis.world.timbre import apply_timbre

__all__ = ["filtered"]

Spectra = NDArray[np.complexfloating]
"""Complex, (frames, bins)."""

_SHARE: Final = 0.7
"""Share of a change of the spectrum that is made: a choice, between an emotion that is heard and sound that stays
natural."""
_ROUGHNESS: Final = 0.5
"""Share of a change of roughness that is made: a choice, for the same reason."""


def filtered(audio: Audio, f0: Floats, change: TimbreChange) -> Audio:
    """Return speech with another voice quality.

    The spectral envelope is estimated where F0 is known; what `apply_timbre` would make of it is a gain for each
    frequency and frame, and the sound is filtered by that. Breath is noise of the voice's own colour.

    Args:
        audio: One voice without background.
        f0: Its fundamental frequency in Hz every 5 ms, (frames,); 0 where there is no voice.
        change: What to change.
    """
    if not _changes(change) or not (f0 > 0).any():
        return audio
    samples = never_silent(audio.samples)
    times = np.arange(len(f0)) * PERIOD
    frames = VocoderFrames(
        f0, spectral_envelope(samples, f0, times, audio.sample_rate), np.zeros(len(f0)), audio.sample_rate
    )
    gentle = dataclasses.replace(
        change, spectrum=_SHARE * change.spectrum, formants=_SHARE * change.formants,
        roughness=_ROUGHNESS * change.roughness,
    )  # fmt: skip
    changed = apply_timbre(frames, gentle)
    hop = round(PERIOD * audio.sample_rate)
    size = 2 * (frames.envelope.shape[1] - 1)
    spectra = _spectra(samples, len(frames), hop, size)
    spectra *= np.exp((changed.envelope - frames.envelope) / (2 * DECIBEL))
    if change.breath > 0:
        added = noise_share(frames, changed.breath) - noise_share(frames, frames.breath)
        noise = np.random.default_rng(len(samples)).standard_normal(len(samples))
        power = np.exp(changed.envelope / DECIBEL) * added * frames.voiced[:, None]
        spectra += np.sqrt(power) * _spectra(noise, len(frames), hop, size)
    sound = _joined(spectra, hop, len(samples))
    if changed.roughness > 0:
        sound *= frames_rough_gain(changed, len(sound))
    return Audio(sound.astype(np.float32), audio.sample_rate)


def _changes(change: TimbreChange) -> bool:
    return bool(change.roughness > 0 or change.breath > 0 or change.formants or np.any(change.spectrum))


def _spectra(samples: Floats, frames: int, hop: int, size: int) -> Spectra:
    """Return the short-time spectra around each frame, complex (frames, size / 2 + 1)."""
    padded = np.pad(samples, (size // 2, size + max(0, frames * hop - len(samples))))
    windows = np.lib.stride_tricks.sliding_window_view(padded, size)[: frames * hop : hop]
    return np.fft.rfft(windows * np.hanning(size), axis=1)


def _joined(spectra: Spectra, hop: int, length: int) -> Floats:
    """Return the sound whose short-time spectra are closest to those given, (length,)."""
    size = 2 * (spectra.shape[1] - 1)
    window = np.hanning(size)
    whole = size + (len(spectra) - 1) * hop
    sound, weight = np.zeros(whole), np.zeros(whole)
    for place, part in enumerate(np.fft.irfft(spectra, axis=1) * window):
        sound[place * hop : place * hop + size] += part
        weight[place * hop : place * hop + size] += window**2
    inside = slice(size // 2, size // 2 + length)
    sound, weight = (np.pad(each, (0, max(0, size // 2 + length - whole)))[inside] for each in (sound, weight))
    joined: Floats = sound / np.maximum(weight, weight.max() / 2)
    return joined
