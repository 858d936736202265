"""Voice quality inside WORLD: the shape of the spectrum, the length of the vocal tract, breath and roughness."""

from __future__ import annotations

import dataclasses
from typing import Final

import numpy as np

from pipeline.synthesis.prosody import Floats, Mask
from pipeline.synthesis.prosody.changes import TimbreChange, band_centres
from pipeline.synthesis.prosody.presets import VoicePreset
from pipeline.synthesis.world.frames import PERIOD, VocoderFrames

__all__ = ["apply_timbre", "frame_classes", "spectral_gains", "to_preset", "warped"]

_VOWEL_DEPTH: Final = 15.0
"""dB below the loudest frames within which a voiced frame is a vowel."""
_LOUDEST: Final = 97
"""Percentile of the level that counts as the loudest: single frames do not."""
_BLEND: Final = 0.045
"""Seconds over which one class of frames fades into the next, so that no step is heard."""
_MOST_DECIBEL: Final = 12.0
"""dB by which a band may be raised or lowered: beyond it noise is raised, or a formant lost."""
_MOST_ROUGHNESS: Final = 0.8
"""Greatest depth of roughness: at 1 every other period of the voice is lost."""


def apply_timbre(frames: VocoderFrames, change: TimbreChange) -> VocoderFrames:
    """Return the sentence with another voice quality.

    The measured difference of the spectral envelope is added by class of frame: vowels (voiced, within 15 dB of the
    loudest), other voiced frames, the rest. Classes fade into each other over 45 ms. The power of each frame is kept.
    """
    if not frames.voiced.any():
        return frames
    moved = _smiled(frames, float(np.exp(change.formants)))
    gains = spectral_gains(change, frames.frequencies)
    classes = frame_classes(moved.level, moved.voiced, PERIOD)
    changed = dataclasses.replace(moved, envelope=moved.envelope + classes @ gains)
    correction = (frames.level - changed.level).astype(np.float32)
    return dataclasses.replace(
        changed,
        envelope=changed.envelope + correction[:, None],
        breath=frames.breath + change.breath,
        roughness=float(np.clip(frames.roughness + change.roughness, 0.0, _MOST_ROUGHNESS)),
    )


def to_preset(frames: VocoderFrames, preset: VoicePreset, *, usual_f0: float, formants: float) -> VocoderFrames:
    """Return the sentence in a voice preset.

    Args:
        frames: The sentence as the neutral voice says it.
        preset: The preset.
        usual_f0: Usual fundamental frequency of the neutral voice in Hz.
        formants: How much higher than an average woman's the neutral voice's formants are.
    """
    f0 = np.zeros(len(frames))
    f0[frames.voiced] = preset.register.usual * (frames.f0[frames.voiced] / usual_f0) ** preset.range
    changed = dataclasses.replace(frames, f0=f0, breath=frames.breath + preset.breath)
    return dataclasses.replace(changed, envelope=warped(changed.envelope, preset.formants / formants))


def spectral_gains(change: TimbreChange, frequencies: Floats) -> Floats:
    """Return by how many dB the envelope of each class of frames changes, float32 (3, bins).

    Args:
        change: What to change.
        frequencies: Hertz of the bins.
    """
    spectrum = np.clip(change.spectrum, -_MOST_DECIBEL, _MOST_DECIBEL)
    gains: Floats = np.array([np.interp(frequencies, band_centres(), row) for row in spectrum], np.float32)
    return gains


def frame_classes(level: Floats, voiced: Mask, period: float) -> Floats:
    """Return how far each frame is of each class of `TimbreChange.spectrum`: float32 (frames, 3), rows sum to 1.

    Args:
        level: Power of each frame in dB.
        voiced: Which frames have a voice.
        period: Seconds from frame to frame.
    """
    loud = level > np.percentile(level, _LOUDEST) - _VOWEL_DEPTH
    kinds = np.stack([voiced & loud, voiced & ~loud, ~voiced])
    taps = max(1, round(_BLEND / period))
    blended = np.stack([np.convolve(kind, np.ones(taps))[taps // 2 : taps // 2 + len(level)] for kind in kinds])
    weights: Floats = (blended / blended.sum(axis=0)).T.astype(np.float32)
    return weights


def warped(envelope: Floats, ratio: float) -> Floats:
    """Return an envelope as a vocal tract of another length gives it.

    All formants move by one ratio, as in a tube of another length (Fant 1960, "Acoustic Theory of Speech Production").

    Args:
        envelope: (frames, bins).
        ratio: By how much the formants are higher: above 1 is a shorter tract.
    """
    if ratio == 1:
        return envelope
    bins = envelope.shape[1]
    source = np.minimum(np.arange(bins) / ratio, bins - 1)
    low = np.minimum(source.astype(int), bins - 2)
    share = (source - low).astype(np.float32)
    moved: Floats = (1 - share) * envelope[:, low] + share * envelope[:, low + 1]
    return moved


def _smiled(frames: VocoderFrames, ratio: float) -> VocoderFrames:
    """Return the sentence with the formants of its voiced sounds moved by a ratio, and its consonants as they were."""
    if ratio == 1:
        return frames
    taps = round(_BLEND / PERIOD)
    share = np.convolve(frames.voiced, np.ones(taps) / taps, "same").astype(np.float32)[:, None]
    moved = warped(frames.envelope, ratio)
    return dataclasses.replace(frames, envelope=(1 - share) * frames.envelope + share * moved)
