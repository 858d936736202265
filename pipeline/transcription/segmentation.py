"""Whole phrases: a recording cut at its long pauses, so that a recogniser hears each phrase in one piece."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from pipeline.audio import speech_probability, speech_spans
from pipeline.audio.activity import FRAME_SECONDS
from pipeline.core.values import Audio

__all__ = ["LONGEST", "PADDING", "PAUSE", "Phrase", "phrases"]

PAUSE: Final = 0.8
"""Seconds of silence that end a phrase."""

PADDING: Final = 0.7
"""Seconds of the recording to hear before and after the speech of a phrase, or half of the pause if that is less."""

LONGEST: Final = 30.0
"""Seconds to hear at once: as much as recognisers of English are trained on."""

# Screams are hardly speech to the detector: at its own threshold it misses 1 % of acted clips, at this one 0.3 %.
_THRESHOLD: Final = 0.2
_BREATH: Final = 0.2
_SLACK: Final = 0.1

Span = tuple[float, float]


@dataclass(frozen=True)
class Phrase:
    """A stretch of speech, with a little of what is around it; times in seconds from the start of the recording."""

    start: float
    """Where the speech begins."""
    end: float
    """Where the speech ends."""
    heard_from: float
    """Where to begin to listen, not after `start`."""
    heard_to: float
    """Where to stop listening, not before `end`."""
    sure: bool = True
    """Whether the detector found speech; False: it did not, and what is understood had better be beyond doubt."""


def phrases(audio: Audio) -> Iterator[Phrase]:
    """Yield the phrases of a recording in order of time.

    A phrase ends at a pause of `PAUSE`.
    One that would be heard for longer than `LONGEST` is cut in the later half of that:
    at its widest pause, or else where it is least like speech.
    What is heard of a phrase is the same wherever in a recording it stands, and when it is cut out.
    A short recording in which the detector finds no speech is one phrase that is not sure; a silent one has none.

    Args:
        audio: Mono, 16 kHz, of any length.
    """
    spans = speech_spans(audio, threshold=_THRESHOLD, minimum_silence=_BREATH, padding=0.0)
    if not spans and audio.duration <= LONGEST and audio.samples.any():
        yield Phrase(0.0, audio.duration, 0.0, audio.duration, sure=False)
    groups = _groups(spans)
    for index, group in enumerate(groups):
        earliest = (groups[index - 1][-1][1] + group[0][0]) / 2 if index else 0.0
        latest = (group[-1][1] + groups[index + 1][0][0]) / 2 if index + 1 < len(groups) else audio.duration
        heard_from = max(earliest, group[0][0] - PADDING)
        heard_to = min(latest, group[-1][1] + PADDING)
        if heard_from < _SLACK:
            heard_from = 0.0
        if heard_to > audio.duration - _SLACK:
            heard_to = audio.duration
        while heard_to - heard_from > LONGEST:
            cut = _cut(audio, group, heard_from)
            before = [span for span in group if span[0] < cut]
            group = [(max(start, cut), end) for start, end in group if end > cut]
            yield Phrase(before[0][0], min(before[-1][1], cut), heard_from, cut)
            heard_from = cut
        yield Phrase(group[0][0], group[-1][1], heard_from, heard_to)


def _groups(spans: tuple[Span, ...]) -> list[list[Span]]:
    groups: list[list[Span]] = []
    for span in spans:
        if groups and span[0] - groups[-1][-1][1] < PAUSE:
            groups[-1].append(span)
        else:
            groups.append([span])
    return groups


def _cut(audio: Audio, spans: list[Span], start: float) -> float:
    """Return where to end what is heard from `start` on and would be too long, in seconds."""
    earliest, latest = start + LONGEST / 2, start + LONGEST
    pauses = [(after[0] - before[1], (before[1] + after[0]) / 2) for before, after in pairwise(spans)]
    within = [(length, middle) for length, middle in pauses if earliest <= middle <= latest]
    if within:
        return max(within)[1]
    frame = int(np.argmin(speech_probability(audio.slice(earliest, latest))))
    return earliest + (frame + 0.5) * FRAME_SECONDS
