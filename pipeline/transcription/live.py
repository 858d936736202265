"""Live transcription: partial hypotheses while somebody speaks, and final segments soon after each pause."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from pipeline.audio.activity import FRAME_SAMPLES, SpeechDetector, listening_gain
from pipeline.audio.resampling import SAMPLE_RATE
from pipeline.audio.speech_segments import SegmentCutter, SpeechSegment
from pipeline.core.errors import UsageError
from pipeline.core.values import Audio, Samples, Segment

__all__ = ["LiveSegment", "LiveTranscriber"]

_RECENT: Final = 10 * SAMPLE_RATE
"""Samples whose level is taken as that of the speaker, since the whole recording is not known yet; set by hand."""

_INTERVAL: Final = 0.5
"""Seconds of new speech after which a new partial hypothesis is made; set by hand."""

_SHARE: Final = 1 / 30
"""Share of a long segment that is new when it is heard again: then a second of sound costs no more late in a segment
than early. Set by hand."""

_BREATH: Final = 0.2
"""Seconds of silence after which the last words are heard, however few are new; set by hand."""


@dataclass(frozen=True)
class LiveSegment:
    """What is known so far of one segment."""

    number: int
    """Counts the segments from 1; a later one with the same number replaces the earlier one."""
    segment: Segment
    """What was said, with times in seconds from the start of the stream; without text if it was not speech after all.

    Only final segments are sure to have words with times.
    """
    final: bool
    """Whether the segment is finished."""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields, ready for JSON."""
        return {"number": self.number, "final": self.final} | self.segment.to_dict()


class LiveTranscriber:
    """Transcribes sound that comes in chunks of any size; one thread may feed it.

    A segment is final within a second after its pause begins.
    The segments are those of `audio.speech_segments`, and a final text is the transcript of the segment as a
    recording of its own; neither depends on the size of the chunks. No more than a segment (half a minute) is kept.

    A new partial hypothesis is made whenever the segment has grown by half a second, or by a thirtieth once it is long,
    and when the speaker takes breath; once per chunk at most: a caller that falls behind feeds larger chunks, and fewer
    hypotheses are made.

    Args:
        understand: Returns what was said in a finished segment; None if no words were recognised.
        partial: Returns the text so far of an unfinished segment; None for no partial hypotheses.
        finish: Returns a finished segment with what takes longer than its words; its text is told before.

    Example:
        >>> live = LiveTranscriber(understand)  # doctest: +SKIP
        >>> for chunk in microphone:  # doctest: +SKIP
        ...     for found in live.feed(chunk):
        ...         print(found.segment.text, "." if found.final else "…")
    """

    def __init__(
        self,
        understand: Callable[[SpeechSegment], Segment | None],
        partial: Callable[[SpeechSegment], str] | None,
        finish: Callable[[SpeechSegment, Segment], Segment] | None = None,
    ) -> None:
        self._understand = understand
        self._partial_text = partial
        self._finish = finish
        self._detector = SpeechDetector()
        self._cutter = SegmentCutter()
        self._waiting = np.zeros(0, np.float32)
        self._recent = np.zeros(0, np.float32)
        self._number = 1
        self._read_to = 0.0
        self._shown = ""
        self._closed = False

    def feed(self, samples: ArrayLike) -> tuple[LiveSegment, ...]:
        """Add the next sound, and return what is new: the finished segments, then the current one.

        Args:
            samples: float32 (time,) in [-1, 1] at 16 kHz, of any length.

        Raises:
            UsageError: The stream is closed, or the samples have more than one dimension.
        """
        return tuple(self.hear(samples))

    def hear(self, samples: ArrayLike) -> Iterator[LiveSegment]:
        """Add the next sound as `feed`, and yield each thing that is new as soon as it is known.

        All of it must be taken before the next sound is added.
        """
        if self._closed:
            raise UsageError("This live transcription is closed.", hint="Start another one.")
        chunk = np.asarray(samples, np.float32)
        if chunk.ndim != 1:
            raise UsageError(f"Live sound has the shape (time,), not {chunk.shape}.", hint="Mix it to one channel.")
        self._waiting = np.concatenate([self._waiting, np.nan_to_num(chunk, posinf=0.0, neginf=0.0)])
        whole = len(self._waiting) // FRAME_SAMPLES * FRAME_SAMPLES
        frames = self._waiting[:whole].reshape(-1, FRAME_SAMPLES)
        self._waiting = self._waiting[whole:]
        for frame in frames:
            yield from self._finals(self._cut(frame))
        if len(frames):
            yield from self._partial()

    def close(self) -> tuple[LiveSegment, ...]:
        """End the stream, and return the segments that were left; nothing if it is closed already."""
        return tuple(found for found in self.hear_last() if found.final)

    def hear_last(self) -> Iterator[LiveSegment]:
        """End the stream, and yield what is left, each thing as soon as it is known."""
        if not self._closed:
            self._closed = True
            yield from self._finals(self._cut(self._waiting) + self._cutter.end())

    def _cut(self, samples: Samples) -> list[SpeechSegment]:
        """Return the segments that the next sound finishes; their level is that of the last seconds."""
        self._recent = np.concatenate([self._recent, samples])[-_RECENT:]
        gain = np.float32(listening_gain(Audio(self._recent, SAMPLE_RATE)))
        return self._cutter.add(samples, self._detector(samples * gain))

    def _finals(self, ended: list[SpeechSegment]) -> Iterator[LiveSegment]:
        for speech in ended:
            segment = self._understand(speech)
            if segment and self._finish:
                if self._partial_text and segment.text != self._shown:
                    yield LiveSegment(self._number, segment, final=False)
                segment = self._finish(speech, segment)
            if segment is None and self._shown:
                segment = Segment(speech.start, speech.end, "")
            if segment is not None:
                yield LiveSegment(self._number, segment, final=True)
                self._number += 1
            self._shown = ""
            self._read_to = speech.heard_to

    def _partial(self) -> Iterator[LiveSegment]:
        if self._partial_text is None or (speech := self._cutter.pending) is None:
            return
        unread = speech.end - max(self._read_to, speech.start)
        interval = max(_INTERVAL, _SHARE * (speech.end - speech.start))
        breathes = speech.heard_to - speech.end >= _BREATH
        if unread <= 0 or (unread < interval and not breathes):
            return
        self._read_to = speech.end
        if text := self._partial_text(speech):
            self._shown = text
            yield LiveSegment(self._number, Segment(speech.start, speech.end, text), final=False)
