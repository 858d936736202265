"""Features of a whole corpus, computed ahead of training."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.recognition.speech.features import load_features
from pipeline.training.corpora import Recording
from pipeline.training.speech.feature_store import CACHE, FeatureStore, StoredClips

__all__ = ["Preprocessed", "preprocess"]


@dataclass(frozen=True)
class Preprocessed:
    """What came of it."""

    features: str
    """Name of the features."""
    recordings: int
    versions: int
    """Recordings and their augmented copies; a copy in which no speech is found is none."""
    computed: int
    """Versions that the cache lacked."""
    bytes: int
    """Size of the features of all versions."""
    seconds: float
    """Time that it took."""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields, seconds rounded to hundredths."""
        return asdict(self) | {"seconds": round(self.seconds, 2)}


def preprocess(
    recordings: Sequence[Recording],
    features: str,
    copies: int = 0,
    speeds: Sequence[float] = (1.0,),
    *,
    reading: Sequence[Recording] = (),
    cache: Path = CACHE,
    threads: int = 1,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Preprocessed:
    """Compute the features that the cache lacks; what an interrupted call computed is there.

    Args:
        recordings: The recordings.
        features: Name of the features.
        copies: Augmented copies of every recording.
        speeds: Speeds at which every recording is heard.
        reading: Recordings of read speech that stand beside them; these have no copies.
        cache: Folder of the cache.
        threads: Computing threads, where the features can use more than one.
        progress: Called after every recording with how many of how many are done.

    Raises:
        UnknownName: There are no such features.
        EngineMissing: A package that they need is not installed.
        UnreadableAudio: A recording cannot be read.
        OutputError: The cache cannot be written.
    """
    begun = time.monotonic()
    store = FeatureStore(load_features(features, threads), cache)
    total = len(recordings) + len(reading)
    versions = size = 0
    for before, heard, augmented in ((0, recordings, copies), (len(recordings), reading, 0)):
        for done, clip in enumerate(StoredClips(store, heard, augmented, speeds), start=before + 1):
            versions += len(clip)
            size += sum(version.nbytes for version in clip)
            progress(done, total)
    return Preprocessed(
        features=store.features.name,
        recordings=total,
        versions=versions,
        computed=store.computed,
        bytes=size,
        seconds=time.monotonic() - begun,
    )
