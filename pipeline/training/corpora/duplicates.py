"""Recordings that are one and the same sound, whatever their files are called."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import numpy as np

from pipeline.audio.decoding import read_audio
from pipeline.training.corpora.recordings import Recording

__all__ = ["duplicates"]


def duplicates(
    recordings: Sequence[Recording], progress: Callable[[int, int], None] = lambda done, total: None
) -> tuple[tuple[Recording, ...], ...]:
    """Return the groups of recordings whose decoded samples are the same.

    Compared is the sound, rounded to 16 bits, not the file:
    a wav, its flac and a copy with other tags are one recording.
    A copy at another rate or gain, or from lossy compression, is another.
    What lies on both sides of a split, or in two corpora that are trained and tested on, is a leak.

    Args:
        recordings: Recordings of one corpus or of several.
        progress: Called after every recording with how many of how many are read.

    Returns:
        Groups of two or more, in the order of the recordings.

    Raises:
        UnreadableAudio: A recording cannot be read.
    """
    groups: dict[bytes, list[Recording]] = {}
    for number, recording in enumerate(recordings, start=1):
        samples = np.rint(read_audio(recording.path).samples * 32768).astype("<i4")
        groups.setdefault(hashlib.sha256(samples.tobytes()).digest(), []).append(recording)
        progress(number, len(recordings))
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)
