"""Features of recordings and of their augmented copies, computed once and kept by content."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.decoding import read_audio
from pipeline.core import paths
from pipeline.core.files import named_if_damaged
from pipeline.core.values import Audio, Samples
from pipeline.recognition.speech.conditioning import at_speed, phrases, whole
from pipeline.recognition.speech.features import Features
from pipeline.recognition.speech.features.moonshine import SAMPLE_RATE
from pipeline.training.corpora import Recording
from pipeline.training.runs import write_array
from pipeline.training.speech.augmentation import augmented

__all__ = ["CACHE", "FeatureStore", "Frames", "StoredClips", "heard_part"]

Frames = NDArray[Any]
"""Features of one version of a clip: (frames, size), float16 or float32 as the features say; maybe a single frame."""

CACHE: Final = paths.cache("features")
"""Where features are kept unless a person says otherwise."""

_VERSION: Final = 3
"""To be raised when conditioning, augmentation or a shipped encoder changes."""


class FeatureStore:
    """Gives features, from the cache where they are there.

    Args:
        features: What to compute.
        cache: Folder of the cache.
    """

    def __init__(self, features: Features, cache: Path = CACHE) -> None:
        self.features = features
        self.cache = cache
        self.computed = 0
        """Versions that the cache lacked so far."""

    def versions(self, recording: Recording, copies: int = 0, speeds: Sequence[float] = (1.0,)) -> list[Frames]:
        """Return a recording's features at some speeds, and of its augmented copies, (frames, size) each.

        A copy in which no speech is found is left out.

        Args:
            recording: The recording.
            copies: How many augmented copies.
            speeds: Factors, 1 for the recording as it is; above it is faster, and pitch and formants go with it.

        Raises:
            UnreadableAudio: The recording cannot be read.
        """
        content = hashlib.sha256(recording.path.read_bytes()).hexdigest()
        samples = functools.cache(lambda: read_audio(recording.path).samples)
        clean = functools.cache(lambda: heard_part(samples(), self.features))

        def copied(copy: int) -> Samples:
            changed = augmented(samples(), np.random.default_rng([copy, int(content[:8], 16)]))
            return heard_part(changed, self.features, clean=False)

        heard = [self._version(content, clean, speed=speed) for speed in speeds]
        others = [self._version(content, functools.partial(copied, copy), copy=copy) for copy in range(1, copies + 1)]
        return [*heard, *(version for version in others if len(version))]

    def _version(self, content: str, sound: Callable[[], Samples], *, copy: int = 0, speed: float = 1.0) -> Frames:
        settings = f"{self.features.name} {_VERSION} {copy} {content}" + (f" {speed}" if speed != 1.0 else "")
        key = hashlib.sha256(settings.encode()).hexdigest()
        kept = self.cache / key[:2] / f"{key}.npy"
        if kept.exists():
            with named_if_damaged(kept):
                stored: Frames = np.load(kept, allow_pickle=False)
            return stored
        features, heard = self.features, sound()
        frames = features(at_speed(heard, speed)) if len(heard) else np.zeros((0, features.size))
        frames = frames.astype(features.precision)
        write_array(kept, frames)
        self.computed += 1
        return frames


def heard_part(samples: Samples, features: Features, *, clean: bool = True) -> Samples:
    """Return what features hear of a sound at 16 kHz: the phrase that holds most speech.

    Of a clean clip in which nobody speaks it is all the sound, of any other nothing.
    """
    audio = Audio(samples, SAMPLE_RATE)
    if not features.conditioned:
        return whole(audio, levelled=False).samples
    phrase = max(phrases(audio), key=lambda phrase: phrase.speech, default=whole(audio) if clean else None)
    return phrase.samples if phrase else samples[:0]


@dataclass(frozen=True)
class StoredClips:
    """The versions of many recordings, each read from the cache when its turn comes.

    Args:
        store: Where the features come from.
        recordings: The recordings.
        copies: Augmented copies of each.
        speeds: Speeds at which each is heard.
    """

    store: FeatureStore
    recordings: Sequence[Recording]
    copies: int = 0
    speeds: Sequence[float] = (1.0,)

    def __len__(self) -> int:
        return len(self.recordings)

    def __iter__(self) -> Iterator[list[Frames]]:
        return (self.store.versions(recording, self.copies, self.speeds) for recording in self.recordings)
