"""Whole phrases: a recording cut at its long pauses, so that a recogniser hears each phrase in one piece."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from pipeline.audio.activity import FRAME_SAMPLES, FRAME_SECONDS, SpeechDetector
from pipeline.audio.loudness import LISTENING_LEVEL, level
from pipeline.audio.resampling import SAMPLE_RATE
from pipeline.core.values import Audio, Samples

__all__ = ["LONGEST", "PADDING", "PAUSE", "Phrase", "PhraseCutter", "cut_phrases", "listening_gain", "phrases"]

PAUSE: Final = 0.8
"""Seconds of silence that end a phrase."""

PADDING: Final = 0.7
"""Seconds of the recording to hear before and after the speech of a phrase; less than a pause, so no other is heard."""

LONGEST: Final = 30.0
"""Seconds to hear at once: as much as recognisers of English are trained on."""

# Screams are hardly speech to the detector: at its own threshold it misses 1 % of acted clips, at this one 0.3 %.
_THRESHOLD: Final = 0.2
_HYSTERESIS: Final = 0.15
_BREATH: Final = round(0.2 / FRAME_SECONDS)
_SYLLABLE: Final = 0.1 / FRAME_SECONDS
_SLACK: Final = 0.1
# Samples that the detector hears at once, of which several copies are made.
_BLOCK: Final = round(LONGEST * SAMPLE_RATE)

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
    """Yield the phrases of a recording in order of time, by the rules of `PhraseCutter`.

    Args:
        audio: Mono, 16 kHz, of any length.
    """
    for phrase, _ in cut_phrases([audio]):
        yield phrase


def cut_phrases(parts: Iterable[Audio]) -> Iterator[tuple[Phrase, Audio]]:
    """Yield each phrase of a recording with the sound to hear of it, as soon as its end is certain.

    Every part is brought to one level for the detector, which misses quiet speech,
    so parts had better last minutes.

    Args:
        parts: The recording, mono, 16 kHz, in consecutive parts; no more than a part and a phrase are held.
    """
    cutter = PhraseCutter()
    for part in parts:
        gain = listening_gain(part)
        for start in range(0, len(part.samples), _BLOCK):
            yield from cutter.add(part.samples[start : start + _BLOCK], gain)
    yield from cutter.end()


def listening_gain(audio: Audio) -> float:
    """Return the factor that brings a sound to the level at which the detector listens; 1 for digital silence."""
    decibel = LISTENING_LEVEL - level(audio.samples)
    return 10 ** (decibel / 20) if math.isfinite(decibel) else 1.0


class PhraseCutter:
    """Cuts a recording into phrases while it comes in; what comes out does not depend on how it was parted.

    A phrase ends at a pause of `PAUSE`.
    One that would be heard for longer than `LONGEST` is cut in the later half of that:
    at its widest pause, or else where it is least like speech.
    What is heard of a phrase is the same wherever in a recording it stands, and when it is cut out.
    A short recording in which the detector finds no speech is one phrase that is not sure; a silent one has none.
    """

    def __init__(self) -> None:
        self._detector = SpeechDetector()
        self._runs = _Runs()
        self._waiting: list[Samples] = []
        self._held = np.zeros(0, np.float32)
        self._probability = np.zeros(0, np.float32)
        self._first_frame = 0
        self._cut_at = -math.inf
        self._found = False

    @property
    def pending(self) -> tuple[Phrase, Audio] | None:
        """The phrase that is not over yet, as far as it is known, with its sound; None while nobody speaks."""
        group = self._group(self._spans())
        if not group:
            return None
        start = self._heard_from(group[0])
        return Phrase(group[0][0], group[-1][1], start, self._end), self._sound(start, self._end)

    def add(self, samples: Samples, gain: float = 1.0) -> list[tuple[Phrase, Audio]]:
        """Return the phrases whose end the next sound makes certain, at the latest `PAUSE` after it.

        Args:
            samples: float32, shape (time,), at 16 kHz.
            gain: Factor with which the detector is to hear them; what is returned is as loud as the recording.
        """
        self._waiting.append(samples)
        if sum(map(len, self._waiting)) < FRAME_SAMPLES:
            return []
        waiting = np.concatenate(self._waiting)
        whole = len(waiting) // FRAME_SAMPLES * FRAME_SAMPLES
        self._waiting = [waiting[whole:]]
        return self._heard(waiting[:whole], gain, ended=False)

    def end(self, gain: float = 1.0) -> list[tuple[Phrase, Audio]]:
        """Return the phrases that are left.

        Args:
            gain: Factor with which the detector is to hear the last samples that were added.
        """
        cuts = self._heard(np.concatenate([np.zeros(0, np.float32), *self._waiting]), gain, ended=True)
        if not self._found and self._end <= LONGEST and self._held.any():
            return [(Phrase(0.0, self._end, 0.0, self._end, sure=False), Audio(self._held, SAMPLE_RATE))]
        return cuts

    @property
    def _end(self) -> float:
        """Seconds of the recording that the detector has heard."""
        return self._first_frame * FRAME_SECONDS + len(self._held) / SAMPLE_RATE

    def _heard(self, samples: Samples, gain: float, *, ended: bool) -> list[tuple[Phrase, Audio]]:
        probability = self._detector(samples * np.float32(gain))
        self._held = np.concatenate([self._held, samples])
        self._probability = np.concatenate([self._probability, probability])
        for value in probability:
            self._runs.add(float(value))
        if ended:
            self._runs.close()
        cuts = list(self._cuts(ended=ended))
        self._found = self._found or bool(cuts)
        self._forget()
        return cuts

    def _cuts(self, *, ended: bool) -> Iterator[tuple[Phrase, Audio]]:
        while group := self._group(spans := self._spans()):
            start, spoken_to = self._heard_from(group[0]), group[-1][1]
            silent_to = self._runs.first * FRAME_SECONDS if self._runs.first is not None else self._end
            over = ended or len(group) < len(spans) or silent_to - spoken_to >= PAUSE
            end = self._heard_to(spoken_to, ended=ended) if over else spoken_to
            if end - start > LONGEST:
                cut = self._cut(group, start)
                before = [span for span in group if span[0] < cut]
                yield Phrase(before[0][0], min(before[-1][1], cut), start, cut), self._sound(start, cut)
                self._runs.forget(cut)
                self._cut_at = cut
            elif over:
                yield Phrase(group[0][0], spoken_to, start, end), self._sound(start, end)
                self._runs.forget(spoken_to + FRAME_SECONDS)
                self._cut_at = -math.inf
            else:
                return

    def _spans(self) -> list[Span]:
        """Return the stretches of speech of which no phrase was made; one that goes on counts as far as it is known."""
        return [
            (max(first * FRAME_SECONDS, self._cut_at), min(last * FRAME_SECONDS, self._end))
            for first, last in self._runs.known()
        ]

    @staticmethod
    def _group(spans: Sequence[Span]) -> list[Span]:
        """Return the first spans up to a pause."""
        group = list(spans[:1])
        for before, after in pairwise(spans):
            if after[0] - before[1] >= PAUSE:
                break
            group.append(after)
        return group

    def _heard_from(self, first: Span) -> float:
        if self._cut_at > -math.inf:
            return self._cut_at
        start = first[0] - PADDING
        return start if start >= _SLACK else 0.0

    def _heard_to(self, spoken_to: float, *, ended: bool) -> float:
        end = spoken_to + PADDING
        return self._end if ended and end > self._end - _SLACK else end

    def _cut(self, spans: Sequence[Span], start: float) -> float:
        """Return where to end what is heard from `start` on and would be too long, in seconds."""
        earliest, latest = start + LONGEST / 2, start + LONGEST
        pauses = [(after[0] - before[1], (before[1] + after[0]) / 2) for before, after in pairwise(spans)]
        within = [(length, middle) for length, middle in pauses if earliest <= middle <= latest]
        if within:
            return max(within)[1]
        first, last = (math.ceil(time / FRAME_SECONDS) for time in (earliest, min(latest, spans[-1][1])))
        between = self._probability[first - self._first_frame : last - self._first_frame]
        return (first + int(np.argmin(between)) + 0.5) * FRAME_SECONDS

    def _sound(self, start: float, end: float) -> Audio:
        offset = self._first_frame * FRAME_SECONDS
        return Audio(self._held, SAMPLE_RATE).slice(start - offset, end - offset)

    def _forget(self) -> None:
        """Drop the sound that no phrase will need."""
        if not self._found and self._end <= LONGEST:
            return
        spans = self._spans()
        needed = self._heard_from(spans[0]) if spans else self._end - PADDING
        if self._runs.first is not None:
            needed = min(needed, self._runs.first * FRAME_SECONDS - PADDING)
        frames = max(0, math.floor(needed / FRAME_SECONDS) - self._first_frame)
        self._first_frame += frames
        self._held = self._held[frames * FRAME_SAMPLES :]
        self._probability = self._probability[frames:]


class _Runs:
    """Stretches of speech in a stream of probabilities, in frames: each from its first to the one after its last."""

    def __init__(self) -> None:
        self.first: int | None = None
        """First frame of the stretch that goes on, however short it is."""
        self._last = 0
        self._frame = 0
        self._closed: list[tuple[int, int]] = []

    def add(self, probability: float) -> None:
        """Take the probability of speech in the next frame."""
        if self.first is None and probability >= _THRESHOLD:
            self.first = self._frame
        self._frame += 1
        if self.first is None:
            return
        if probability >= _THRESHOLD - _HYSTERESIS:
            self._last = self._frame
        elif self._frame - self._last >= _BREATH:
            self.close()

    def close(self) -> None:
        """End the stretch that goes on."""
        self._closed = self.known()
        self.first = None

    def known(self) -> list[tuple[int, int]]:
        """Return the stretches that are long enough to be speech; the last may go on."""
        if self.first is None or self._last - self.first < _SYLLABLE:
            return self._closed
        return [*self._closed, (self.first, self._last)]

    def forget(self, seconds: float) -> None:
        """Drop the stretches that end until then."""
        self._closed = [run for run in self._closed if run[1] * FRAME_SECONDS > seconds]
