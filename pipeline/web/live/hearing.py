"""Hearing: the sound of a live session becomes segments, in the one thread that hears it."""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Iterator
from typing import Any

import numpy as np

from pipeline.audio.resampling import SAMPLE_RATE
from pipeline.audio.speech_segments import SpeechSegment
from pipeline.chain import VoicePipeline
from pipeline.core.failures import explained
from pipeline.core.values import Samples, Segment
from pipeline.synthesis.prosody_transfer import word_prosody
from pipeline.transcription.live import LiveSegment, LiveTranscriber

__all__ = ["Hearing"]


class Hearing:
    """Hears the sound of one session; times and numbers go on where the client ends a segment early.

    Args:
        pipeline: Its engines hear.
        options: Of the analysis.
        rate: Sample rate of the sound, in hertz.
        problems: Gets what fails, in words; the rest goes on.
        prosody: Whether to measure loudness and pitch of each word.
    """

    def __init__(
        self, pipeline: VoicePipeline, options: dict[str, Any], rate: int, problems: deque[str], *, prosody: bool
    ) -> None:
        self.said: deque[SpeechSegment] = deque()
        """The sound of segments whose speakers are not known yet, if speakers are told apart."""
        self.prosody: deque[list[dict[str, float | None]]] = deque()
        """Of the words of finished segments that were not told yet, if it is measured."""
        self.last = 0
        """Number of the last segment."""
        self._pipeline = pipeline
        self._options = options
        self._rate = rate
        self._problems = problems
        self._with_prosody = prosody
        self._transcriber: LiveTranscriber | None = None
        self._resampler: Any = None
        self._began = 0.0
        self._before = 0
        self._heard = 0

    def hear(self, data: bytes, *, is_last: bool) -> Iterator[LiveSegment]:
        """Yield what is new in sound, each thing as soon as it is known; after the last of it another one begins.

        Args:
            data: 16 bits, mono, little-endian.
            is_last: Whether the current segment ends with it.
        """
        if self._transcriber is None:
            self._transcriber = self._pipeline.live(
                on_problem=lambda error: self._problems.append(str(error)),
                on_speech=self._remember,
                **{name: value for name, value in self._options.items() if name != "speakers"},
            )
        transcriber, began, before = self._transcriber, self._began, self._before
        self._heard += len(data) // 2
        try:
            samples = self._resampled((np.frombuffer(data, "<i2") / 32768).astype(np.float32), is_last)
            for live in _all_of(transcriber, samples, is_last):
                self.last = max(self.last, before + live.number)
                yield LiveSegment(before + live.number, _shifted(live.segment, began), live.final)
        finally:
            # A segment that failed to end is over, too.
            if is_last:
                self._transcriber = self._resampler = None
                self._began = self._heard / self._rate
                self._before = self.last

    def _resampled(self, samples: Samples, is_last: bool) -> Samples:
        """Return sound at the rate of the recognisers."""
        if self._rate == SAMPLE_RATE:
            return samples
        import soxr

        if self._resampler is None:
            self._resampler = soxr.ResampleStream(self._rate, SAMPLE_RATE, 1, dtype="float32")
        resampled: Samples = self._resampler.resample_chunk(samples, last=is_last)
        return resampled

    def _remember(self, speech: SpeechSegment, segment: Segment) -> None:
        """Keep the sound of a segment until its speaker is known, if speakers are told apart, and measure its words."""
        if self._with_prosody and segment.text:
            try:
                self.prosody.append(_prosody_of(speech, segment))
            except Exception as error:  # Words go on without.
                self.prosody.append([])
                self._problems.append(str(explained(error, "The prosody of the words")))
        if "speakers" in self._options and segment.text:
            self.said.append(speech)


def _all_of(transcriber: LiveTranscriber, samples: Samples, is_last: bool) -> Iterator[LiveSegment]:
    yield from transcriber.hear(samples)
    if is_last:
        yield from transcriber.hear_last()


def _prosody_of(speech: SpeechSegment, segment: Segment) -> list[dict[str, float | None]]:
    """Return for each word of a segment its `loudness` (dB) and `pitch` (semitones), compared with the others."""
    words = word_prosody(speech.audio, [word.shifted(-speech.heard_from) for word in segment.words])
    return [
        {
            "loudness": round(word.decibel, 1),
            "pitch": None if word.contour is None else round(float(word.contour.mean()), 1),
        }
        for word in words
    ]


def _shifted(segment: Segment, seconds: float) -> Segment:
    """Return a segment moved in time."""
    if not seconds:
        return segment
    words = tuple(word.shifted(seconds) for word in segment.words)
    return dataclasses.replace(segment, start=segment.start + seconds, end=segment.end + seconds, words=words)
