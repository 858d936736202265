"""Live sessions: sound comes in, captions go out, and both outlive a connection that breaks.

A session counts the samples that it has received and numbers what it tells. Whoever connects again names the session
and the last event that they know: they learn how many samples arrived, send the rest, and get what they missed.
"""

from __future__ import annotations

import asyncio
import dataclasses
import secrets
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from pipeline.audio.resampling import SAMPLE_RATE
from pipeline.audio.speech_segments import SpeechSegment
from pipeline.chain import VoicePipeline
from pipeline.chain.live import LiveSpeakers
from pipeline.core.errors import UsageError
from pipeline.core.failures import explained
from pipeline.core.values import Samples, Segment
from pipeline.synthesis.prosody_transfer import word_prosody
from pipeline.transcription.live import LiveSegment, LiveTranscriber
from pipeline.web.errors import Busy, language_asked_for

if TYPE_CHECKING:
    from pipeline.alerts.sessions import WatchedSession

__all__ = ["ENDED", "LiveSession", "LiveSessions"]

_KEPT: Final = 120.0
"""Seconds for which a session without a connection waits for the next one; set by hand."""

_MOST_WAITING: Final = 60.0
"""Seconds of sound that may wait to be heard; then the connection is read no further. Set by hand."""

_MOST_EVENTS: Final = 4000
"""Events that can be told again: those of hours. Set by hand."""

_RATES: Final = (8_000, 48_000)
"""Least and greatest sample rate, in hertz."""

_RETRY_AFTER: Final = 30
"""Seconds after which a refused session may be asked for again; set by hand."""

_MOST_FAILURES: Final = 3
"""Times that a database may fail before a session that ends gives its alerts up; set by hand."""

_ACKNOWLEDGED: Final = 0.5
"""Seconds of sound after which the client learns that it need not be kept; set by hand."""

ENDED: Final = "resay.ended"
"""Type of the last event of a session."""

_COMMIT: Final = "commit"
_END: Final = "end"
_TRANSCRIPTION: Final = "conversation.item.input_audio_transcription"
"""Beginning of the names of OpenAI's events about words."""


class LiveSession:
    """One live transcription.

    Args:
        pipeline: Its engines hear.
        options: Of the analysis; `speakers` tells apart who speaks.
        rate: Sample rate of the sound, in hertz.
        prosody: Whether to tell loudness and pitch of each word.
        watch: Finds alerts in what is said; None if nobody is watched.

    Raises:
        UsageError: An option or the rate cannot be.
        EngineMissing: An engine is not ready on this machine.
    """

    def __init__(
        self,
        pipeline: VoicePipeline,
        options: dict[str, Any],
        rate: int = 24_000,
        *,
        prosody: bool = False,
        watch: WatchedSession | None = None,
    ) -> None:
        self.id = f"sess_{secrets.token_urlsafe(12)}"
        """What only the one who opened it knows."""
        self.rate = 0
        """Samples per second of the sound that comes."""
        self.received = 0
        """Samples that have arrived; they are heard whatever becomes of the connection."""
        self.ended = False
        """Whether nothing more will be told."""
        self.connection: object = None
        """Who listens, if anybody does."""
        self._pipeline = pipeline
        self._options: dict[str, Any] = {}
        self._speakers: LiveSpeakers | None = None
        self.set_up(options, rate)
        self._events: deque[tuple[int, dict[str, Any]]] = deque(maxlen=_MOST_EVENTS)
        self._number = 0
        self._latest: dict[str, tuple[int, dict[str, Any]]] = {}
        self._version = 0
        self._items: list[str] = []
        self._names: tuple[str | None, ...] = ()
        self._known: dict[str, str] = {}
        self._item = ""
        self._last = 0
        self._all_heard = False
        self._said: deque[SpeechSegment] = deque()
        self._with_prosody = prosody
        self._watch = watch
        self._to_watch: list[Segment] = []
        self._prosody: deque[list[dict[str, float | None]]] = deque()
        self._transcriber: LiveTranscriber | None = None
        self._resampler: Any = None
        self._began = 0.0
        self._numbers = 0
        self._heard = 0
        self._acknowledged = 0
        self._waiting: deque[bytes | str] = deque()
        self._odd = b""
        self._problems: deque[str] = deque()
        self._changed = asyncio.Condition()
        self._hearing = ThreadPoolExecutor(1, thread_name_prefix="resay-live")
        self._naming = ThreadPoolExecutor(1, thread_name_prefix="resay-speakers")
        self._watching = ThreadPoolExecutor(1, thread_name_prefix="resay-watching")
        self._tasks = [
            asyncio.create_task(self._hear_all()),
            asyncio.create_task(self._name_all()),
            asyncio.create_task(self._watch_all()),
        ]

    def set_up(self, options: dict[str, Any], rate: int) -> None:
        """Choose the options and the sample rate, before any sound arrives.

        Raises:
            UsageError: An option or the rate cannot be, or sound has arrived.
            EngineMissing: An engine is not ready on this machine.
        """
        if self.received:
            raise UsageError("The session has begun.", hint="Open another one for other options.")
        if not _RATES[0] <= rate <= _RATES[1]:
            raise UsageError(f"rate cannot be '{rate}': it must be {_RATES[0]} to {_RATES[1]}.")
        with language_asked_for(options):
            self._pipeline.check_transcription(**options)
        self.rate, self._options = rate, options

    @property
    def options(self) -> dict[str, Any]:
        """Options of the analysis."""
        return dict(self._options)

    async def add(self, data: bytes) -> None:
        """Take sound: 16 bits, mono, little-endian. Waits while too much of it is unheard."""
        data = self._odd + data
        whole = len(data) // 2 * 2
        self._odd = data[whole:]
        async with self._changed:
            self.received += whole // 2
            self._waiting.append(data[:whole])
            if self.received - self._acknowledged >= _ACKNOWLEDGED * self.rate:
                self._acknowledged = self.received
                self._latest_is({"type": "resay.acknowledged", "received_samples": self.received})
            self._changed.notify_all()
            await self._changed.wait_for(lambda: self.received - self._heard < _MOST_WAITING * self.rate or self.ended)

    async def finish(self, *, end: bool) -> None:
        """End the current segment, or the session, once all sound that has arrived is heard."""
        async with self._changed:
            self._waiting.append(_END if end else _COMMIT)
            self._changed.notify_all()

    async def told(self, after: int, version: int) -> tuple[list[dict[str, Any]], int, int]:
        """Wait for what is told after an event.

        Args:
            after: Number of the last event that is known.
            version: Of the hypothesis that is known, as this method returned it; 0 for none.

        Returns:
            What is new, the number of the last event, and the version.
        """
        async with self._changed:
            await self._changed.wait_for(lambda: self._number > after or self._version > version or self.ended)
            new = [event for number, event in self._events if number > after]
            new += [event for changed, event in self._latest.values() if changed > version]
            return new, self._number, self._version

    def close(self) -> None:
        """Let go of everything."""
        self.ended = True
        for task in self._tasks:
            task.cancel()
        self._hearing.shutdown(wait=False, cancel_futures=True)
        self._naming.shutdown(wait=False, cancel_futures=True)
        self._watching.shutdown(wait=False, cancel_futures=True)

    async def _hear_all(self) -> None:
        """Hear what arrives, as much at once as there is, until the end is asked for."""
        loop = asyncio.get_running_loop()
        command = ""
        while command != _END:
            async with self._changed:
                await self._changed.wait_for(lambda: bool(self._waiting))
                data, command = b"", ""
                while self._waiting and not command:
                    part = self._waiting.popleft()
                    if isinstance(part, str):
                        command = part
                    else:
                        data += part
            found: list[LiveSegment] = []
            try:
                found = await loop.run_in_executor(self._hearing, self._hear, data, bool(command))
            except Exception as error:
                self._problems.append(str(explained(error, "The sound of the last moment")))
            async with self._changed:
                self._heard += len(data) // 2
                for live in found:
                    self._tell_segment(live)
                self._tell_problems()
                if command == _COMMIT:
                    self._tell({"type": "input_audio_buffer.committed", "item_id": f"item_{self._numbers}"})
                self._changed.notify_all()
        self._all_heard = True
        async with self._changed:
            self._changed.notify_all()
        await asyncio.gather(*self._tasks[1:])
        async with self._changed:
            self._tell({"type": ENDED})
            self.ended = True
            self._changed.notify_all()

    def _hear(self, data: bytes, is_last: bool) -> list[LiveSegment]:
        """Return what is new in sound, in the thread that hears; after the last of it another transcription begins."""
        if self._transcriber is None:
            self._transcriber = self._pipeline.live(
                on_problem=lambda error: self._problems.append(str(error)),
                on_speech=self._remember,
                **{name: value for name, value in self._options.items() if name != "speakers"},
            )
        transcriber = self._transcriber
        samples = self._resampled((np.frombuffer(data, "<i2") / 32768).astype(np.float32), is_last)
        found = list(transcriber.feed(samples))
        if is_last:
            found += transcriber.close()
        shifted = [
            LiveSegment(self._numbers + live.number, _shifted(live.segment, self._began), live.final) for live in found
        ]
        if is_last:
            self._transcriber = self._resampler = None
            self._began = (self._heard + len(data) // 2) / self.rate
        self._last = max((live.number for live in shifted), default=self._last)
        if is_last:
            self._numbers = self._last
        return shifted

    def _resampled(self, samples: Samples, is_last: bool) -> Samples:
        """Return sound at the rate of the recognisers."""
        if self.rate == SAMPLE_RATE:
            return samples
        import soxr

        if self._resampler is None:
            self._resampler = soxr.ResampleStream(self.rate, SAMPLE_RATE, 1, dtype="float32")
        resampled: Samples = self._resampler.resample_chunk(samples, last=is_last)
        return resampled

    def _remember(self, speech: SpeechSegment, segment: Segment) -> None:
        """Keep the sound of a segment until its speaker is known, if speakers are told apart, and measure its words."""
        if self._with_prosody and segment.text:
            try:
                self._prosody.append(_prosody_of(speech, segment))
            except Exception as error:  # Words go on without.
                self._prosody.append([])
                self._problems.append(str(explained(error, "The prosody of the words")))
        if "speakers" in self._options and segment.text:
            self._said.append(speech)

    async def _name_all(self) -> None:
        """Tell who speaks, beside the hearing: words do not wait for it."""
        loop = asyncio.get_running_loop()
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: bool(self._said) or self._all_heard)
            if not self._said:
                return
            try:
                self._names = await loop.run_in_executor(self._naming, self._named)
            except Exception as error:
                self._problems.append(str(explained(error, "The speakers")))
            async with self._changed:
                self._tell_speakers()
                self._changed.notify_all()

    async def _watch_all(self) -> None:
        """Find alerts, beside the hearing: words do not wait for a database."""
        loop = asyncio.get_running_loop()
        watch, failures = self._watch, 0
        while watch:
            async with self._changed:
                await self._changed.wait_for(lambda: bool(self._to_watch) or self._all_heard)
                said, self._to_watch, is_last = self._to_watch, [], self._all_heard
            alerts: list[dict[str, Any]] = []
            try:
                alerts = await loop.run_in_executor(self._watching, watch.add, said)
                if is_last:
                    alerts += await loop.run_in_executor(self._watching, watch.end)
            except Exception as error:  # What could not be kept is kept with what comes next.
                failures += 1
                self._problems.append(str(explained(error, "The alerts")))
                is_last = is_last and failures > _MOST_FAILURES
            async with self._changed:
                for alert in alerts:
                    self._tell({"type": "resay.alert", "alert": alert})
                self._tell_problems()
                self._changed.notify_all()
            if is_last:
                return

    def _tell_problems(self) -> None:
        while self._problems:
            self._tell({"type": "resay.notice", "message": self._problems.popleft()})

    def _named(self) -> tuple[str | None, ...]:
        """Return who says each segment so far, in the thread that tells speakers apart."""
        if self._speakers is None:
            count = self._options["speakers"]
            self._speakers = LiveSpeakers(
                self._pipeline.engines.diariser().stream(), 0 if count == "auto" else int(count)
            )
        while self._said:
            self._speakers.add(self._said.popleft())
        return self._speakers.speakers()

    def _tell_segment(self, live: LiveSegment) -> None:
        """Tell what is new about a segment, in the events of OpenAI's API where they fit."""
        segment, item = live.segment, f"item_{live.number}"
        if item != self._item:
            self._item = item
            milliseconds = round(1000 * segment.start)
            self._tell({"type": "input_audio_buffer.speech_started", "item_id": item, "audio_start_ms": milliseconds})
        if not live.final:
            times = {"start": round(segment.start, 3), "end": round(segment.end, 3)}
            self._latest_is({"type": "resay.hypothesis", "item_id": item, "text": segment.text, **times})
            return
        self._latest.pop("resay.hypothesis", None)
        milliseconds = round(1000 * segment.end)
        self._tell({"type": "input_audio_buffer.speech_stopped", "item_id": item, "audio_end_ms": milliseconds})
        content = {"item_id": item, "content_index": 0}
        if segment.text:
            if self._watch:
                self._to_watch.append(segment)
            self._items.append(item)
            self._tell({"type": f"{_TRANSCRIPTION}.delta", **content, "delta": segment.text})
        prosody = {"prosody": self._prosody.popleft()} if segment.text and self._prosody else {}
        usage = {"type": "duration", "seconds": round(segment.end - segment.start, 3)}
        self._tell(
            {
                "type": f"{_TRANSCRIPTION}.completed",
                **content,
                "transcript": segment.text,
                "usage": usage,
                "segment": segment.to_dict(),
                **prosody,
            }
        )
        self._tell_speakers()

    def _tell_speakers(self) -> None:
        """Tell whose speakers are known or known better."""
        named = {item: name for item, name in zip(self._items, self._names, strict=False) if name}
        new = {item: name for item, name in named.items() if self._known.get(item) != name}
        if new:
            self._known |= new
            self._tell({"type": "resay.speakers", "speakers": new})

    def _tell(self, event: dict[str, Any]) -> None:
        """Number an event, and keep it for whoever connects again."""
        self._number += 1
        self._events.append((self._number, {"event_id": f"event_{self._number}"} | event))

    def _latest_is(self, event: dict[str, Any]) -> None:
        """Take an event in the place of the last one of its type; nobody needs that one any more."""
        self._version += 1
        self._latest[event["type"]] = (self._version, event)


class LiveSessions:
    """The live transcriptions of a server.

    Args:
        most: How many there may be.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._sessions: dict[str, LiveSession] = {}
        self._left: dict[str, float] = {}

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._sessions)

    def find(self, identifier: str) -> LiveSession | None:
        """Return a session that somebody opened and that has not ended; None if there is none."""
        self._sweep()
        return self._sessions.get(identifier)

    def open(
        self,
        pipeline: VoicePipeline,
        options: dict[str, Any],
        rate: int,
        *,
        prosody: bool = False,
        watch: WatchedSession | None = None,
    ) -> LiveSession:
        """Open a session, as `LiveSession`; if there are too many, the one that was left longest ago makes room.

        Raises:
            Busy: There are too many, and all are in use.
            UsageError: As `LiveSession`.
            EngineMissing: As `LiveSession`.
        """
        self._sweep()
        if self.count >= self._most:
            if not self._left:
                raise Busy(f"The server has {self.count} live transcriptions, and takes no more.", _RETRY_AFTER)
            self.close(min(self._left, key=self._left.__getitem__))
        session = LiveSession(pipeline, options, rate, prosody=prosody, watch=watch)
        self._sessions[session.id] = session
        return session

    def connect(self, session: LiveSession, connection: object) -> None:
        """Give a session to a connection; one that had it before loses it."""
        session.connection = connection
        self._left.pop(session.id, None)

    def leave(self, session: LiveSession, connection: object) -> None:
        """Note that a connection has ended: the session waits for the next one, unless there is one already."""
        if session.connection is not connection:
            return
        session.connection = None
        if session.ended:
            self.close(session.id)
        else:
            self._left[session.id] = time.monotonic()
            asyncio.get_running_loop().call_later(_KEPT + 1, self._sweep)

    def close(self, identifier: str) -> None:
        """Let go of a session."""
        self._left.pop(identifier, None)
        if session := self._sessions.pop(identifier, None):
            session.close()

    def close_all(self) -> None:
        """Let go of all sessions."""
        for identifier in list(self._sessions):
            self.close(identifier)

    def _sweep(self) -> None:
        now = time.monotonic()
        for identifier in [each for each, left in self._left.items() if now - left > _KEPT]:
            self.close(identifier)


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
