"""Recordings as they are and as a vocoder says them again in other voices: what a judge of synthetic speech hears."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.core import paths
from pipeline.core.errors import UsageError
from pipeline.core.files import atomic, named_if_damaged
from pipeline.core.values import Audio
from pipeline.recognition.speech.conditioning import phrases, whole
from pipeline.recognition.speech.features.moonshine import LAYER_SIZE, LAYERS, MoonshineLayers
from pipeline.training.corpora import Recording
from pipeline.training.corpora.recordings import numbers_of
from pipeline.training.graphs import VARIANCE_FLOOR

__all__ = ["CACHE", "RECORDED", "SIZE", "Renditions", "Vectors", "heard"]

CACHE: Final = paths.cache("judge")
"""Where statistics are kept unless a person says otherwise."""

RECORDED: Final = "recorded"
"""What the rendition that is the recording itself is called."""

SIZE: Final = 2 * len(LAYERS) * LAYER_SIZE
"""Numbers in the statistics of a clip."""

Vectors = NDArray[np.float32]
"""Statistics of the encoder's layers over a clip: (..., size)."""

_VERSION: Final = 3
"""To be raised when the statistics change."""


@dataclass(frozen=True, eq=False)
class Renditions:
    """Recordings, each heard in several ways."""

    recordings: tuple[Recording, ...]
    names: tuple[str, ...]
    """What the ways are called: `recorded`, then voices."""
    statistics: Vectors
    """Mean and deviation over time of the encoder's layers: (recordings, ways, size)."""

    @property
    def labels(self) -> NDArray[np.int64]:
        """Number of the emotion of each recording, (recordings,)."""
        return numbers_of(self.recordings)

    def part(self, chosen: NDArray[np.bool_]) -> Renditions:
        """Return some of the recordings."""
        kept = tuple(recording for recording, one in zip(self.recordings, chosen, strict=True) if one)
        return dataclasses.replace(self, recordings=kept, statistics=self.statistics[chosen])

    def departures(self, *, single: bool = False) -> Vectors:
        """Return how each clip departs from neutral clips of its speaker in the same way, (recordings, ways, size).

        A neutral clip is compared with the speaker's others.

        Args:
            single: Whether one neutral clip is known, of the same sentence where there is one, instead of all.

        Raises:
            UsageError: A speaker has fewer than two neutral clips.
        """
        found = np.empty_like(self.statistics)
        sentences = [recording.sentence for recording in self.recordings]
        for own in self._by_speaker():
            neutral = [index for index in own if self.recordings[index].emotion == "neutral"]
            if len(neutral) < 2:
                raise UsageError(
                    f"{self.recordings[own[0]].speaker} has fewer than two neutral recordings.",
                    hint="A judge learns from speakers whose neutral speech is known.",
                )
            for index in own:
                others = sorted(
                    (other for other in neutral if other != index),
                    key=lambda other: sentences[other] != sentences[index],
                )
                found[index] = self.statistics[index] - self.statistics[others[: 1 if single else None]].mean(axis=0)
        return found

    def _by_speaker(self) -> Iterator[list[int]]:
        speakers = [recording.speaker for recording in self.recordings]
        for speaker in dict.fromkeys(speakers):
            yield [index for index, name in enumerate(speakers) if name == speaker]


def heard(
    recordings: Sequence[Recording],
    render: Callable[[Recording], Mapping[str, Audio]],
    key: Callable[[Recording], str],
    *,
    cache: Path = CACHE,
    threads: int = 1,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Renditions:
    """Hear recordings in several ways; what was heard once is kept.

    Args:
        recordings: The recordings.
        render: Gives a recording in every way, by name; the same names for all.
        key: Says how `render` makes them, so that other ways are not taken for these.
        cache: Folder of what was heard.
        threads: Computing threads.
        progress: Told how many of how many are done.

    Raises:
        UnreadableAudio: A recording cannot be read.
    """
    layers = MoonshineLayers(threads)
    names: tuple[str, ...] = ()
    rows: list[Vectors] = []
    for done, recording in enumerate(recordings):
        progress(done, len(recordings))
        content = hashlib.sha256(recording.path.read_bytes()).hexdigest()
        kept = cache / f"{hashlib.sha256(f'{_VERSION} {content} {key(recording)}'.encode()).hexdigest()}.npz"
        if not kept.exists():
            found = {name: _statistics(layers, audio) for name, audio in render(recording).items()}
            with atomic(kept) as temporary, temporary.open("wb") as file:
                np.savez(file, allow_pickle=False, **found)
        with named_if_damaged(kept), np.load(kept, allow_pickle=False) as stored:
            names = tuple(stored.files)
            rows.append(np.stack([stored[name] for name in names]))
    progress(len(recordings), len(recordings))
    return Renditions(tuple(recordings), names, np.stack(rows))


def _statistics(layers: MoonshineLayers, audio: Audio) -> Vectors:
    """Return what the graph of a judge takes of a clip, (size,): that of the phrase with most speech."""
    phrase = max(phrases(audio), key=lambda phrase: phrase.speech, default=None) or whole(audio)
    frames = layers(phrase.samples)
    return np.concatenate([frames.mean(axis=0), np.sqrt(frames.var(axis=0) + VARIANCE_FLOOR)])
