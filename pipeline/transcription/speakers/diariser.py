"""Diarisation: x-vectors of short stretches of speech are clustered, then followed through the recording.

In conversations made from LibriSpeech (`benchmarks/speakers.py --seeds 8`), the speaker is wrong for this share of the
time, first if the number of speakers (2, 3, 4) is given, then if it is estimated:
turns of whole clips 0.0, 0.0, 2.5 % and 0.0, 1.4, 3.9 %; of 2 to 6 s 0.1, 0.3, 2.3 % and 2.5, 2.8, 4.8 %;
of 1 to 3 s with hardly any pauses 5, 15, 12 % and 7, 17, 16 %. Two voices at the same time count as one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.activity import SpeechActivity
from pipeline.audio.speaker_embeddings import SHORTEST, embedding
from pipeline.core.values import Audio, Samples, Turn
from pipeline.transcription.speakers.clustering import unit, voices

__all__ = ["XVectorDiarisation", "XVectorDiariser", "create"]

_WINDOW: Final = 1.5
"""Seconds of sound per embedding: longer ones tell voices apart better, but miss short turns; set by hand."""

_HOP: Final = 0.5
"""Seconds from one window to the next; set by hand."""

_MOST: Final = 1000
"""Stretches that are clustered at most; of longer recordings every second, third … is used. Bounds time and memory."""

# Chosen on conversations of RAVDESS's actors, and checked on LibriSpeech's readers; see `benchmarks/speakers.py`.
_SHARPNESS: Final = 5.0
"""Factor on the cosine between a stretch and a voice, relative to the costs of changes."""
_CHANGE: Final = 0.5
"""Cost of a change of speaker within running speech."""
_CHANGE_AT_PAUSE: Final = 0.2
"""Cost of a change of speaker at a pause, where people take turns."""
_REFINEMENTS: Final = 2
"""Times that the voices are computed again from their stretches; more made no difference."""

_THRESHOLD: Final = 0.3
"""Probability at which speech begins: a missed turn is worse than some noise in a turn; set by hand."""
_BREATH: Final = 0.2
"""Seconds of silence that end a stretch, because speakers change at short pauses; set by hand."""
_PADDING: Final = 0.05
"""Seconds of sound kept around a stretch; set by hand."""
_JOINED: Final = 1.5
"""Seconds; a shorter silence between stretches of one speaker belongs to the turn; set by hand."""


def create() -> XVectorDiariser:
    """Return the embedded diariser."""
    return XVectorDiariser()


@dataclass(frozen=True)
class _Stretch:
    """Half a second of speech; times in seconds from the start of the recording."""

    start: float
    end: float
    voice: NDArray[np.float32]
    """Embedding of the window around it, (512,)."""
    after_pause: bool
    """Whether there is a pause before it."""


class XVectorDiariser:
    """Tells speakers of any language apart; may be used from several threads at once."""

    name: Final = "x-vector"

    def stream(self) -> XVectorDiarisation:
        """Start the diarisation of a recording."""
        return XVectorDiarisation()


class XVectorDiarisation:
    """The diarisation of one recording that comes part by part; it keeps the embeddings of its stretches of speech."""

    def __init__(self) -> None:
        self._stretches: list[_Stretch] = []
        self._begin = 0.0

    def add(self, audio: Audio, activity: SpeechActivity) -> None:
        """Add the next part.

        Args:
            audio: Mono, 16 kHz, of any length.
            activity: How likely somebody speaks at each moment of the part.

        Raises:
            WeightsMissing: This installation lacks the network.
        """
        self._stretches += _stretches(audio, activity, self._begin)
        self._begin += audio.duration

    def turns(self, speakers: int = 0) -> tuple[Turn, ...]:
        """Return who speaks when, in order of time; none if nobody spoke.

        Args:
            speakers: Number of speakers; 0 estimates it.
        """
        stretches = self._stretches
        if not stretches:
            return ()
        vectors = np.stack([stretch.voice for stretch in stretches])
        step = math.ceil(len(stretches) / _MOST)
        seconds = np.array([stretch.end - stretch.start for stretch in stretches[::step]]) * step
        found = voices(vectors[::step], seconds, count=speakers)
        return _joined(stretches, _followed(vectors, found, [stretch.after_pause for stretch in stretches]))


def _stretches(audio: Audio, activity: SpeechActivity, begin: float) -> Iterator[_Stretch]:
    """Yield the stretches of speech of a part that begins at `begin` seconds."""
    for start, end in activity.spans(threshold=_THRESHOLD, minimum_silence=_BREATH, padding=_PADDING):
        edges = np.linspace(start, end, max(1, round((end - start) / _HOP)) + 1).tolist()
        for first, last in pairwise(edges):
            voice = embedding(_around((first + last) / 2, start, end, audio))
            yield _Stretch(begin + first, begin + last, voice, after_pause=first == start)


def _around(middle: float, start: float, end: float, audio: Audio) -> Samples:
    """Return the window around a time, within the speech from `start` to `end` unless that is too short."""
    first = middle - _WINDOW / 2
    if end - start >= _WINDOW:
        first = min(max(first, start), end - _WINDOW)
    samples = audio.slice(first, first + _WINDOW).samples
    return np.pad(samples, (0, max(0, round(SHORTEST * audio.sample_rate) - len(samples))))


def _followed(
    vectors: NDArray[np.float32], found: NDArray[np.float32], after_pause: Sequence[bool]
) -> NDArray[np.intp]:
    """Return the voice of each stretch, (stretches,): the likeliest path, in which changes have a cost.

    A change at a pause costs less. Each voice is then computed again from its stretches.
    """
    costs = np.where(after_pause, _CHANGE_AT_PAUSE, _CHANGE)
    for _ in range(_REFINEMENTS):
        path = _likeliest(vectors @ found.T * _SHARPNESS, costs)
        sums = [vectors[path == voice].sum(axis=0) for voice in range(len(found))]
        found = unit(np.stack([new if new.any() else old for new, old in zip(sums, found, strict=True)]))
    return path


def _likeliest(scores: NDArray[np.float32], costs: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the path with the highest sum of scores minus the costs of its changes (Viterbi, 1967).

    Args:
        scores: (time, states).
        costs: Cost of a change of state before each time, (time,).

    Returns:
        The state at each time, (time,).
    """
    best = scores[0].astype(float)
    before = np.tile(np.arange(scores.shape[1]), (len(scores), 1))
    for time in range(1, len(scores)):
        changed = best.max() - costs[time]
        before[time, best < changed] = best.argmax()
        best = np.maximum(best, changed) + scores[time]
    path = np.empty(len(scores), np.intp)
    path[-1] = best.argmax()
    for time in range(len(scores) - 1, 0, -1):
        path[time - 1] = before[time, path[time]]
    return path


def _joined(stretches: Sequence[_Stretch], path: NDArray[np.intp]) -> tuple[Turn, ...]:
    """Return the turns; speakers are numbered in the order in which they begin."""
    names: dict[int, str] = {}
    turns: list[Turn] = []
    for stretch, voice in zip(stretches, path.tolist(), strict=True):
        speaker = names.setdefault(voice, f"speaker {len(names) + 1}")
        if turns and turns[-1].speaker == speaker and stretch.start - turns[-1].end < _JOINED:
            turns[-1] = Turn(turns[-1].start, stretch.end, speaker)
        else:
            turns.append(Turn(stretch.start, stretch.end, speaker))
    return tuple(turns)
