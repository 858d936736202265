"""What was said in a recording of any length, and how: recognisers of words and of emotion, joined."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import BinaryIO, Final

from pipeline.audio import AudioLimits, read_parts, rereadable
from pipeline.core.engines import Recogniser, Transcriber
from pipeline.core.errors import NoSpeech, UsageError
from pipeline.core.evidence import Window
from pipeline.core.loading import lazily
from pipeline.core.settings import Settings
from pipeline.core.transcripts import Transcript, cut_by_emotion, language_of
from pipeline.core.values import Audio, Segment
from pipeline.recognition import DetailedRecogniser
from pipeline.transcription.language import language_note
from pipeline.transcription.speakers import DIARISERS
from pipeline.transcription.speakers.attribution import attributed
from pipeline.transcription.streaming import PART_SECONDS, HeardPhrase, heard_phrases

__all__ = ["Listener", "Source", "name_of"]

Source = str | Path | bytes | BinaryIO | Audio
"""What a stage takes: a path, the bytes of a file, an open file, or sound that was read before."""

_AT_ONCE: Final = 2
"""Phrases to hear side by side; more would each want their memory, and hardly be sooner."""


class Listener:
    """Hears recordings part by part, so that their length costs no memory.

    Args:
        settings: Limits, language and expected words.
        recogniser: Gives the engine that tells how something was said, when it is needed.
        transcriber: Gives the engine that tells what was said.
    """

    def __init__(
        self, settings: Settings, recogniser: Callable[[], Recogniser], transcriber: Callable[[], Transcriber]
    ) -> None:
        self._settings = settings
        self._recogniser = recogniser
        self._transcriber = transcriber
        # Voices are told apart in any language.
        self._diariser = lazily(DIARISERS, "auto", "", settings)

    def parts(self, source: Source) -> Iterator[Audio]:
        """Read a recording part by part, as mono sound at 16 kHz, within the limits for what holds only a part.

        Raises:
            UnreadableAudio: The source cannot be read, is too large or too long.
        """
        if isinstance(source, Audio):
            return iter([source])
        return read_parts(source, seconds=PART_SECONDS, limits=self._limits)

    def segments(self, audio: Audio) -> tuple[Segment, ...]:
        """Return the phrases of a sound, the same as `transcript` finds in it."""
        phrases = heard_phrases([audio], self._understood, workers=_workers())
        return tuple(segment for phrase in phrases for segment in phrase.segments)

    def transcript(
        self,
        source: Source,
        *,
        name: str = "",
        emotions: bool = False,
        timeline: bool = False,
        speakers: int | None = None,
        done: Sequence[HeardPhrase] = (),
        on_phrase: Callable[[HeardPhrase], None] = lambda phrase: None,
    ) -> Transcript:
        """Tell what was said in a recording of any length, in the same memory, with what there is to know about it.

        Args:
            source: The recording.
            name: What the result calls its source; the path by default.
            emotions: Whether to tell how each phrase was said.
            timeline: Whether to tell how the emotion goes through the recording, and cut the phrases where it changes.
            speakers: How many speakers to tell apart, cutting the phrases where they change; 0 finds out how many,
                None leaves them.
            done: The phrases of an earlier run that was interrupted; they are not heard again.
            on_phrase: Called with each phrase in order of time, as soon as it is understood.

        Raises:
            UnreadableAudio: The source cannot be read, is too large or too long.
            UsageError: The emotion model gives no timeline.
        """
        name = name or name_of(source)
        seconds = 0.0
        through = self._detailed().timeline if timeline else None

        def parts(given: Source) -> Iterator[Audio]:
            nonlocal seconds
            for part in self.parts(given):
                seconds += part.duration
                self._transcriber()  # Loads while the phrases are looked for.
                yield part

        def hear(sound: Audio) -> Iterator[Segment]:
            for segment in self._understood(sound):
                yield self._with_emotion(segment, sound) if emotions else segment

        with nullcontext(source) if isinstance(source, Audio) else rereadable(source, limits=self._limits) as given:
            phrases: list[HeardPhrase] = []
            for phrase in heard_phrases(parts(given), hear, done=done, workers=_workers()):
                on_phrase(phrase)
                phrases.append(phrase)
            segments = tuple(segment for phrase in phrases for segment in phrase.segments)
            note = language_note(segments) if segments else f"Nothing was heard in {name}."
            if speakers is not None and segments:
                segments = attributed(segments, self._diariser().turns(self.parts(given), speakers=speakers))
            windows: tuple[Window, ...] = ()
            if through and segments:
                with suppress(NoSpeech):
                    emotion = through(self.parts(given))
                    segments, windows = cut_by_emotion(segments, emotion), emotion.windows
        return Transcript(
            source=name,
            duration=seconds,
            language=language_of(segments, self._settings.language),
            engine=self._transcriber().name,
            segments=segments,
            notes=(note,) if note else (),
            windows=windows,
        )

    @property
    def _limits(self) -> AudioLimits:
        return AudioLimits(max_bytes=self._settings.max_bytes, max_seconds=self._settings.max_streamed_seconds)

    def _detailed(self) -> DetailedRecogniser:
        recogniser = self._recogniser()
        if not isinstance(recogniser, DetailedRecogniser):
            raise UsageError(f"The model {recogniser.name} gives no timeline.", hint="Leave --model out.")
        return recogniser

    def _understood(self, audio: Audio) -> Sequence[Segment]:
        transcriber, hint = self._transcriber(), self._settings.hint
        return transcriber.transcribe(audio, hint=hint) if hint else transcriber.transcribe(audio)

    def _with_emotion(self, segment: Segment, sound: Audio) -> Segment:
        try:
            scores = self._recogniser().recognise(sound.slice(segment.start, segment.end))
        except NoSpeech:
            return segment
        return dataclasses.replace(segment, emotion=scores)


def name_of(source: Source) -> str:
    """Return what a recording is called."""
    if isinstance(source, str | Path):
        return str(source)
    return str(getattr(source, "name", "the recording"))


def _workers() -> int:
    """Return how many phrases to hear at once."""
    return min(_AT_ONCE, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
