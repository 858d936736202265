"""Speech segments: a recording cut at its long pauses; all analysis works on these segments."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.activity import FRAME_SAMPLES, FRAME_SECONDS, SpeechActivity, SpeechRuns, detect_speech
from pipeline.audio.resampling import SAMPLE_RATE
from pipeline.core.values import Audio, Samples

__all__ = [
    "LONGEST",
    "PADDING",
    "PAUSE",
    "SegmentCutter",
    "SpeechSegment",
    "cut_channels",
    "cut_segments",
    "speech_segments",
]

PAUSE: Final = 0.8
"""Seconds of silence that end a segment."""

PADDING: Final = 0.7
"""Seconds of the recording kept around the speech of a segment; less than a pause, so segments stay apart."""

LONGEST: Final = 30.0
"""Seconds of the longest segment: the longest clips that speech recognisers are trained on."""

_THRESHOLD: Final = 0.2
"""Probability at which speech begins. The detector scores screams low: at the usual threshold of 0.4 it misses 1 % of
acted clips, at this one 0.3 %."""

_BREATH: Final = 0.2
"""Seconds of silence that end a stretch of speech; a shorter gap is a closure or a breath."""

_SLACK: Final = 0.1
"""Seconds at the edges of a recording that join the nearest segment instead of being cut off; set by hand."""

Span = tuple[float, float]
"""Start and end in seconds from the start of the recording."""


@dataclass(frozen=True, eq=False)
class SpeechSegment:
    """A stretch of speech with a little sound around it; times in seconds from the start of the recording."""

    audio: Audio
    """The sound: mono, 16 kHz, at most `LONGEST` seconds, at the level of the recording."""
    start: float
    """Start of the speech."""
    end: float
    """End of the speech."""
    heard_from: float
    """Start of `audio`, not after `start`."""
    activity: SpeechActivity
    """How likely somebody speaks at each moment of `audio`."""
    speaker: str | None = None
    """Who speaks, if each speaker has a channel; None if that is not known."""

    @property
    def heard_to(self) -> float:
        """End of `audio`, not before `end`."""
        return self.heard_from + self.audio.duration

    @property
    def is_speech(self) -> bool:
        """Whether it is likelier speech than not."""
        return self.speech.likelihood >= 0.5

    @property
    def speech(self) -> SpeechActivity:
        """The activity from `start` to `end`."""
        return self.activity.slice(self.start - self.heard_from, self.end - self.heard_from)


def speech_segments(audio: Audio) -> Iterator[SpeechSegment]:
    """Yield the speech segments of a sound in memory, in order of time: mono, 16 kHz, of any length."""
    return cut_segments([(audio, detect_speech(audio))])


def cut_segments(parts: Iterable[tuple[Audio, SpeechActivity]]) -> Iterator[SpeechSegment]:
    """Yield the speech segments of a recording in order of time, each as soon as its end is known.

    Args:
        parts: The recording and its speech activity in consecutive parts, as `parts_with_activity` yields them;
            no more than a part and a segment are kept in memory.
    """
    cutter = SegmentCutter()
    for audio, activity in parts:
        yield from cutter.add(audio.samples, activity.probability)
    yield from cutter.end()


def cut_channels(parts: Iterable[Sequence[tuple[Audio, SpeechActivity]]]) -> Iterator[SpeechSegment]:
    """Yield the speech segments of the channels of a recording, each with its channel as its speaker.

    Segments come part by part, in order of time within a part.

    Args:
        parts: Each channel of the recording in consecutive parts, as `channels_with_activity` yields them.
    """
    cutters: list[SegmentCutter] = []
    found = False

    def named(cuts: Iterable[list[SpeechSegment]]) -> list[SpeechSegment]:
        nonlocal found
        cut = [
            dataclasses.replace(segment, speaker=f"speaker {number}")
            for number, segments in enumerate(cuts, start=1)
            for segment in segments
        ]
        found = found or any(segment.is_speech for segment in cut)
        # What is hardly speech in a channel, such as crosstalk, is left out once somebody has spoken in one.
        return sorted((each for each in cut if each.is_speech or not found), key=lambda each: each.start)

    for part in parts:
        cutters = cutters or [SegmentCutter() for _ in part]
        heard = zip(cutters, part, strict=True)
        yield from named([cutter.add(audio.samples, activity.probability) for cutter, (audio, activity) in heard])
    yield from named([cutter.end() for cutter in cutters])


class SegmentCutter:
    """Cuts a recording into speech segments while it comes in, with the same result however it is split into chunks.

    A segment ends at a pause of `PAUSE` seconds.
    A segment that would be longer than `LONGEST` is cut in the later half of that time:
    at its widest pause, or else where it is least like speech.
    The sound of a segment does not depend on its place in the recording, nor on when it is cut out.
    A short recording without detected speech is one segment, for the detector misses screams;
    a silent one has no segments.
    """

    def __init__(self) -> None:
        self._runs = SpeechRuns(threshold=_THRESHOLD, minimum_silence=_BREATH)
        self._held = np.zeros(0, np.float32)
        self._probability = np.zeros(0, np.float32)
        self._first_frame = 0
        self._cut_at = -math.inf
        self._found = False

    @property
    def pending(self) -> SpeechSegment | None:
        """The current segment, as far as it goes; None while nobody speaks."""
        group = self._group(self._spans())
        if not group:
            return None
        return self._segment(group[0][0], group[-1][1], self._heard_from(group[0]), self._end)

    def add(self, samples: Samples, probability: NDArray[np.float32]) -> list[SpeechSegment]:
        """Add the next sound and return the segments that are now over, at the latest `PAUSE` seconds after their end.

        Args:
            samples: float32 (time,) at 16 kHz, a whole number of frames unless it is the last sound.
            probability: float32 (frames,), how likely somebody speaks in each frame.

        Raises:
            ValueError: There are more or fewer probabilities than frames: they are of another sound.
        """
        if len(probability) != math.ceil(len(samples) / FRAME_SAMPLES):
            raise ValueError(f"{len(probability)} probabilities do not fit {len(samples)} samples at 16 kHz.")
        self._held = np.concatenate([self._held, samples])
        self._probability = np.concatenate([self._probability, probability])
        self._runs.add(probability)
        return self._cut_out(ended=False)

    def end(self) -> list[SpeechSegment]:
        """Return the segments that are left."""
        self._runs.close()
        cuts = self._cut_out(ended=True)
        if not self._found and self._end <= LONGEST and self._held.any():
            return [SpeechSegment(Audio(self._held, SAMPLE_RATE), 0.0, self._end, 0.0, self._activity)]
        return cuts

    @property
    def _end(self) -> float:
        """Seconds of the recording so far."""
        return self._first_frame * FRAME_SECONDS + len(self._held) / SAMPLE_RATE

    @property
    def _activity(self) -> SpeechActivity:
        """Speech activity of the sound that is kept."""
        return SpeechActivity(self._probability, len(self._held) / SAMPLE_RATE)

    def _cut_out(self, *, ended: bool) -> list[SpeechSegment]:
        cuts = list(self._cuts(ended=ended))
        self._found = self._found or bool(cuts)
        self._forget()
        return cuts

    def _cuts(self, *, ended: bool) -> Iterator[SpeechSegment]:
        while group := self._group(spans := self._spans()):
            start, spoken_to = self._heard_from(group[0]), group[-1][1]
            silent_to = self._runs.first * FRAME_SECONDS if self._runs.first is not None else self._end
            over = ended or len(group) < len(spans) or silent_to - spoken_to >= PAUSE
            end = self._heard_to(spoken_to, ended=ended) if over else spoken_to
            if end - start > LONGEST:
                cut = self._cut(group, start)
                before = [span for span in group if span[0] < cut]
                yield self._segment(before[0][0], min(before[-1][1], cut), start, cut)
                self._runs.forget(cut)
                self._cut_at = cut
            elif over:
                yield self._segment(group[0][0], spoken_to, start, end)
                self._runs.forget(spoken_to + FRAME_SECONDS)
                self._cut_at = -math.inf
            else:
                return

    def _spans(self) -> list[Span]:
        """Return the stretches of speech that are not in a segment yet, including the current one."""
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
        """Return the time in seconds at which to cut a segment from `start` that would be too long."""
        earliest, latest = start + LONGEST / 2, start + LONGEST
        pauses = [(after[0] - before[1], (before[1] + after[0]) / 2) for before, after in pairwise(spans)]
        within = [(length, middle) for length, middle in pauses if earliest <= middle <= latest]
        if within:
            return max(within)[1]
        first, last = (math.ceil(time / FRAME_SECONDS) for time in (earliest, min(latest, spans[-1][1])))
        between = self._probability[first - self._first_frame : last - self._first_frame]
        return (first + int(np.argmin(between)) + 0.5) * FRAME_SECONDS

    def _segment(self, start: float, end: float, heard_from: float, heard_to: float) -> SpeechSegment:
        offset = self._first_frame * FRAME_SECONDS
        first, last = heard_from - offset, heard_to - offset
        audio = Audio(self._held, SAMPLE_RATE).slice(first, last)
        return SpeechSegment(audio, start, end, heard_from, self._activity.slice(first, last))

    def _forget(self) -> None:
        """Drop the sound that no segment will need."""
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
