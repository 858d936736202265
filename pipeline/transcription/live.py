"""Speech to text while it is spoken: phrases that grow, and are final soon after their pause."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike

from pipeline.audio.activity import FRAME_SAMPLES
from pipeline.audio.resampling import SAMPLE_RATE
from pipeline.audio.speech_segments import Phrase, PhraseCutter, listening_gain
from pipeline.core.engines import Transcriber
from pipeline.core.errors import UsageError
from pipeline.core.values import Audio, Samples, Segment

__all__ = ["Drafter", "LiveSegment", "LiveTranscriber"]

_RECENT: Final = 10 * SAMPLE_RATE
"""Samples whose level is that of the speaker: what is to come cannot be asked."""

_SOONEST: Final = 0.8
"""Seconds of new speech before what is being said is read again; in a pause nothing new is said."""

_GROWTH: Final = 0.25
"""The same as a share of the phrase, so that a long one is not read over and over."""


@dataclass(frozen=True)
class LiveSegment:
    """What is known so far of one phrase."""

    number: int
    """Counts the phrases from 1; what comes later with the same number takes the place of what came before."""
    segment: Segment
    """What was said, with times in seconds from the start of the stream; without text where it was nothing after all.

    Single words are certain to be there only in what is final.
    """
    final: bool
    """Whether nothing more comes of this phrase."""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields, ready for JSON."""
        return {"number": self.number, "final": self.final} | self.segment.to_dict()


@runtime_checkable
class Drafter(Protocol):
    """A transcriber that can also read a phrase that goes on, for less than one that has ended."""

    def draft(self, audio: Audio, *, hint: str = "") -> str:
        """Return what is said so far; empty where nothing is understood.

        Args:
            audio: Mono, 16 kHz, up to 30 s: speech and little around it.
            hint: Names and words to expect, separated by commas.
        """
        ...


class LiveTranscriber:
    """Takes sound as it comes, in chunks of any size, and gives phrases; one thread may feed it.

    A phrase is final within a second of where its pause begins.
    The phrases are those of `segmentation`, and a final text is what the engine makes of the phrase as a recording
    of its own; neither depends on the size of the chunks. No more than a phrase, half a minute, is held.

    While a phrase goes on, it is read again whenever it has grown by a quarter, at most once per chunk,
    and with less care where the engine is a `Drafter`:
    whoever cannot keep up hands over larger chunks, and fewer readings are made.

    Args:
        transcriber: Reads the phrases.
        hint: Names and words to expect, separated by commas, where the engine can use them.
        partials: Whether phrases are read before they end.

    Example:
        >>> live = LiveTranscriber(transcriber)  # doctest: +SKIP
        >>> for chunk in microphone:  # doctest: +SKIP
        ...     for phrase in live.feed(chunk):
        ...         print(phrase.segment.text, "." if phrase.final else "…")
    """

    def __init__(self, transcriber: Transcriber, *, hint: str = "", partials: bool = True) -> None:
        self._transcriber = transcriber
        self._options = {"hint": hint} if hint else {}
        self._partials = partials
        self._cutter = PhraseCutter()
        self._waiting = np.zeros(0, np.float32)
        self._recent = np.zeros(0, np.float32)
        self._number = 1
        self._read_to = 0.0
        self._shown = False
        self._closed = False

    def feed(self, samples: ArrayLike) -> tuple[LiveSegment, ...]:
        """Hear the next sound, and return what is new: the phrases that ended, then the one that goes on.

        Args:
            samples: float32 (time,) in [-1, 1] at 16 kHz, of any length.

        Raises:
            UsageError: The stream is closed, or the samples are not one row.
        """
        if self._closed:
            raise UsageError("This live transcription is closed.", hint="Begin another one.")
        chunk = np.asarray(samples, np.float32)
        if chunk.ndim != 1:
            raise UsageError(f"Live sound has the shape (time,), not {chunk.shape}.", hint="Mix it to one channel.")
        self._waiting = np.concatenate([self._waiting, np.nan_to_num(chunk, posinf=0.0, neginf=0.0)])
        whole = len(self._waiting) // FRAME_SAMPLES * FRAME_SAMPLES
        frames = self._waiting[:whole].reshape(-1, FRAME_SAMPLES)
        self._waiting = self._waiting[whole:]
        ended = [final for frame in frames for final in self._finals(self._cutter.add(frame, self._gain(frame)))]
        return (*ended, *self._partial()) if len(frames) else ()

    def close(self) -> tuple[LiveSegment, ...]:
        """End the stream, and return what was still to come of it; nothing where it is closed already."""
        if self._closed:
            return ()
        self._closed = True
        gain = self._gain(self._waiting)
        last = self._cutter.add(self._waiting, gain) + self._cutter.end(gain)
        return tuple(self._finals(last))

    def _gain(self, samples: Samples) -> float:
        """Return the gain for the next sound: that of the last seconds, which it becomes a part of."""
        self._recent = np.concatenate([self._recent, samples])[-_RECENT:]
        return listening_gain(Audio(self._recent, SAMPLE_RATE))

    def _finals(self, phrases: list[tuple[Phrase, Audio]]) -> Iterator[LiveSegment]:
        for phrase, audio in phrases:
            segments = self._read(phrase, audio)
            if not segments and self._shown:
                segments = [Segment(phrase.start, phrase.end, "")]
            for segment in segments:
                yield LiveSegment(self._number, segment, final=True)
                self._number += 1
            self._shown = False
            self._read_to = phrase.heard_to

    def _partial(self) -> Iterator[LiveSegment]:
        pending = self._cutter.pending if self._partials else None
        if pending is None:
            return
        phrase, audio = pending
        unread = phrase.end - max(self._read_to, phrase.start)
        if unread < max(_SOONEST, _GROWTH * audio.duration):
            return
        self._read_to = phrase.end
        segment = self._drafted(phrase, audio)
        if segment:
            self._shown = True
            yield LiveSegment(self._number, segment, final=False)

    def _drafted(self, phrase: Phrase, audio: Audio) -> Segment | None:
        """Return what is said in a phrase so far."""
        if isinstance(self._transcriber, Drafter):
            text = self._transcriber.draft(audio, **self._options)
            return Segment(phrase.start, phrase.end, text) if text else None
        segments = self._read(phrase, audio)
        if not segments:
            return None
        text = " ".join(segment.text for segment in segments)
        words = tuple(word for segment in segments for word in segment.words)
        return dataclasses.replace(segments[0], end=segments[-1].end, text=text, words=words)

    def _read(self, phrase: Phrase, audio: Audio) -> list[Segment]:
        """Return what the engine makes of a phrase, with times in the stream."""
        begin = phrase.heard_from
        return [
            dataclasses.replace(
                segment,
                start=segment.start + begin,
                end=segment.end + begin,
                words=tuple(word.shifted(begin) for word in segment.words),
            )
            for segment in self._transcriber.transcribe(audio, **self._options)
        ]
