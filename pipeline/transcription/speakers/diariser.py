"""The turns of the speakers: voices of short stretches of speech, clustered, then followed through the recording.

In conversations made of LibriSpeech's readers (`benchmarks/speakers.py --seeds 8`) the wrong speaker is named for this
share of the time, where the number of speakers (2, 3, 4) is given and where it has to be found out:
turns of whole clips 0.0, 0.0, 2.5 % and 0.0, 1.4, 3.9 %; of 2 to 6 s 0.1, 0.3, 2.3 % and 2.5, 2.8, 4.8 %;
of 1 to 3 s with hardly a pause between 5, 15, 12 % and 7, 17, 16 %. Two voices at once are heard as one.
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
"""Seconds that a voice is heard for: longer ones tell voices better apart, and miss short turns."""

_HOP: Final = 0.5
"""Seconds from one window to the next."""

_MOST: Final = 1000
"""Stretches that are clustered; of a longer recording, every second, third …"""

# Chosen on conversations of RAVDESS's actors, and seen to serve LibriSpeech's readers; see `benchmarks/speakers.py`.
_SHARPNESS: Final = 5.0
"""Factor on the cosine between a stretch and a voice before costs are taken off."""
_CHANGE: Final = 0.5
"""Cost of a change of speaker in running speech."""
_CHANGE_AT_PAUSE: Final = 0.2
"""Cost of a change of speaker at a pause, where people take turns."""
_REFINEMENTS: Final = 2
"""How often the voices are learned anew from what was given to them; more changed nothing."""

_THRESHOLD: Final = 0.3
"""Probability at which speech begins: a missed turn costs more than a bit of noise in one."""
_BREATH: Final = 0.2
"""Seconds of silence that end a stretch; speakers change at short pauses."""
_PADDING: Final = 0.05
"""Seconds of sound around a stretch."""
_JOINED: Final = 1.5
"""Seconds; a shorter silence between stretches of one speaker belongs to the turn."""


def create() -> XVectorDiariser:
    """Return the embedded diariser."""
    return XVectorDiariser()


@dataclass(frozen=True)
class _Stretch:
    """Half a second of speech; times in seconds from the start of the recording."""

    start: float
    end: float
    voice: NDArray[np.float32]
    """Of what is around it, (512,)."""
    after_pause: bool
    """Whether there is a pause before it."""


class XVectorDiariser:
    """Tells speakers apart, of any language; may be used from several threads at once."""

    name: Final = "x-vector"

    def listen(self) -> XVectorDiarisation:
        """Begin to hear a recording."""
        return XVectorDiarisation()


class XVectorDiarisation:
    """Hears one recording part by part, and holds the voices of its stretches of speech."""

    def __init__(self) -> None:
        self._stretches: list[_Stretch] = []
        self._begin = 0.0

    def add(self, audio: Audio, activity: SpeechActivity) -> None:
        """Hear the next part.

        Args:
            audio: Mono, 16 kHz, of any length.
            activity: How likely somebody speaks, through the part.

        Raises:
            WeightsMissing: The installed moonshine-voice does not hold the network.
        """
        self._stretches += _stretches(audio, activity, self._begin)
        self._begin += audio.duration

    def turns(self, speakers: int = 0) -> tuple[Turn, ...]:
        """Return who speaks when, in order of time; none if nobody spoke.

        Args:
            speakers: How many there are; 0 finds out.
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
    """Yield the speech of a part that begins at a time in seconds."""
    for start, end in activity.spans(threshold=_THRESHOLD, minimum_silence=_BREATH, padding=_PADDING):
        edges = np.linspace(start, end, max(1, round((end - start) / _HOP)) + 1).tolist()
        for first, last in pairwise(edges):
            voice = embedding(_around((first + last) / 2, start, end, audio))
            yield _Stretch(begin + first, begin + last, voice, after_pause=first == start)


def _around(middle: float, start: float, end: float, audio: Audio) -> Samples:
    """Return the window about a time: within the speech from `start` to `end`, unless that is too short."""
    first = middle - _WINDOW / 2
    if end - start >= _WINDOW:
        first = min(max(first, start), end - _WINDOW)
    samples = audio.slice(first, first + _WINDOW).samples
    return np.pad(samples, (0, max(0, round(SHORTEST * audio.sample_rate) - len(samples))))


def _followed(
    vectors: NDArray[np.float32], found: NDArray[np.float32], after_pause: Sequence[bool]
) -> NDArray[np.intp]:
    """Return which voice each stretch has, (stretches,): the likeliest way through, where a change costs.

    A change at a pause costs less. Each voice is then learnt anew from the stretches that were given to it.
    """
    costs = np.where(after_pause, _CHANGE_AT_PAUSE, _CHANGE)
    for _ in range(_REFINEMENTS):
        path = _likeliest(vectors @ found.T * _SHARPNESS, costs)
        learnt = [vectors[path == voice].sum(axis=0) for voice in range(len(found))]
        found = unit(np.stack([new if new.any() else old for new, old in zip(learnt, found, strict=True)]))
    return path


def _likeliest(scores: NDArray[np.float32], costs: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the path of the highest sum of scores less the costs of its changes (Viterbi, 1967).

    Args:
        scores: (time, states).
        costs: Of a change of the state before each time, (time,).

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
    """Return the turns, the speakers numbered in the order in which they are first heard."""
    names: dict[int, str] = {}
    turns: list[Turn] = []
    for stretch, voice in zip(stretches, path.tolist(), strict=True):
        speaker = names.setdefault(voice, f"speaker {len(names) + 1}")
        if turns and turns[-1].speaker == speaker and stretch.start - turns[-1].end < _JOINED:
            turns[-1] = Turn(turns[-1].start, stretch.end, speaker)
        else:
            turns.append(Turn(stretch.start, stretch.end, speaker))
    return tuple(turns)
