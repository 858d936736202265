"""Voice quality: the shape of the spectrum, the breath in the voice and the dynamics of its level."""

from __future__ import annotations

import dataclasses
from typing import Final

import numpy as np

from pipeline.synthesis.prosody.changes import Manner, bands
from pipeline.synthesis.world.vocoder import PERIOD, Floats, Spoken

__all__ = ["coloured", "frame_classes", "stretched"]

_VOWEL_DEPTH: Final = 15.0
_BLEND: Final = 9
_MOST_DECIBEL: Final = 12.0
_MOST_DYNAMICS: Final = 6.0
_MOST_ROUGHNESS: Final = 0.8
_SWELL_SECONDS: Final = 2.0


def coloured(spoken: Spoken, manner: Manner) -> Spoken:
    """Return the sentence with another voice quality.

    The measured difference of the spectral envelope is added by class of frame: vowels (voiced, within 15 dB of the
    loudest), other voiced frames, the rest. Classes fade into each other over 45 ms.
    The power of each frame is kept, then moved away from the mean of the voiced frames by the dynamics.
    """
    voiced = spoken.voiced
    if not voiced.any():
        return spoken
    level = spoken.level
    spoken = _smiled(spoken, float(np.exp(manner.formants)))
    colour = np.clip(manner.timbre, -_MOST_DECIBEL, _MOST_DECIBEL)
    colours = np.array([np.interp(spoken.frequencies, bands(), row) for row in colour], np.float32)
    envelope = spoken.envelope + frame_classes(spoken) @ colours

    distance = level - level[voiced].mean()
    gain = np.clip((np.exp(manner.dynamics) - 1) * distance, -_MOST_DYNAMICS, _MOST_DYNAMICS)
    seconds = PERIOD * (np.arange(len(spoken)) - len(spoken) / 2)
    gain += manner.swell * seconds * min(1.0, _SWELL_SECONDS / spoken.duration)
    changed = dataclasses.replace(spoken, envelope=envelope)
    correction = (level - changed.level + gain).astype(np.float32)
    return dataclasses.replace(
        spoken,
        envelope=envelope + correction[:, None],
        breath=spoken.breath + manner.breath,
        roughness=float(np.clip(spoken.roughness + manner.roughness, 0.0, _MOST_ROUGHNESS)),
    )


def stretched(spoken: Spoken, ratio: float) -> Spoken:
    """Return the sentence as a vocal tract of another length says it.

    All formants move by one ratio, as in a tube of another length (Fant 1960, "Acoustic Theory of Speech Production").

    Args:
        spoken: The sentence.
        ratio: By how much the formants are higher: above 1 is a shorter tract.
    """
    if ratio == 1:
        return spoken
    source = np.minimum(np.arange(spoken.envelope.shape[1]) / ratio, spoken.envelope.shape[1] - 1)
    low = np.minimum(source.astype(int), spoken.envelope.shape[1] - 2)
    share = (source - low).astype(np.float32)
    envelope = (1 - share) * spoken.envelope[:, low] + share * spoken.envelope[:, low + 1]
    return dataclasses.replace(spoken, envelope=envelope)


def _smiled(spoken: Spoken, ratio: float) -> Spoken:
    """Return the sentence with the formants of its voiced sounds moved by a ratio, and its consonants as they were."""
    if ratio == 1:
        return spoken
    share = np.convolve(spoken.voiced, np.ones(_BLEND) / _BLEND, "same").astype(np.float32)[:, None]
    moved = stretched(spoken, ratio).envelope
    return dataclasses.replace(spoken, envelope=(1 - share) * spoken.envelope + share * moved)


def frame_classes(spoken: Spoken) -> Floats:
    """Return how far each frame is of each class of `Manner.timbre`: float32 (frames, 3), rows sum to 1."""
    loud = spoken.level > np.percentile(spoken.level, 97) - _VOWEL_DEPTH
    kinds = np.stack([spoken.voiced & loud, spoken.voiced & ~loud, ~spoken.voiced])
    kernel = np.ones(_BLEND)
    blended = np.stack([np.convolve(kind, kernel)[_BLEND // 2 : _BLEND // 2 + len(spoken)] for kind in kinds])
    weights: Floats = (blended / blended.sum(axis=0)).T.astype(np.float32)
    return weights
