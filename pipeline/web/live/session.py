"""A live session: sound comes in, captions go out, and both outlive a connection that breaks.

A session counts the samples that it has received and numbers what it tells. Whoever connects again names the session
and the last event that they know: they learn how many samples arrived, send the rest, and get what they missed.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from pipeline.chain import VoicePipeline
from pipeline.chain.live import LiveSpeakers
from pipeline.core.errors import UsageError
from pipeline.core.failures import explained
from pipeline.transcription.live import LiveSegment
from pipeline.web.errors import language_asked_for
from pipeline.web.live.hearing import Hearing
from pipeline.web.live.telling import Events, SegmentTeller

if TYPE_CHECKING:
    from pipeline.alerts.sessions import WatchedSession

__all__ = ["ENDED", "LiveSession"]

_MOST_WAITING: Final = 60.0
"""Seconds of sound that may wait to be heard; then the connection is read no further. Set by hand."""

_RATES: Final = (8_000, 48_000)
"""Least and greatest sample rate, in hertz."""

_ACKNOWLEDGED: Final = 0.5
"""Seconds of sound after which the client learns that it need not be kept; set by hand."""

ENDED: Final = "resay.ended"
"""Type of the last event of a session."""

_COMMIT: Final = "commit"
_END: Final = "end"


class LiveSession:
    """One live transcription.

    Args:
        pipeline: Its engines hear.
        options: Of the analysis; `speakers` tells apart who speaks.
        rate: Sample rate of the sound, in hertz.
        ears: Whose threads hear words and speakers, those of all sessions.
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
        ears: Executor,
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
        self.connection: asyncio.Event | None = None
        """Who listens, if anybody does; set once somebody else does."""
        self._pipeline = pipeline
        self._with_prosody = prosody
        self._watch = watch
        self._events = Events()
        self._teller = SegmentTeller(self._events)
        self._problems: deque[str] = deque()
        self._speakers: LiveSpeakers | None = None
        self.set_up(options, rate)
        self._all_heard = False
        self._heard = 0
        self._acknowledged = 0
        self._waiting: deque[bytes | str] = deque()
        self._odd = b""
        self._ending = False
        self._changed = asyncio.Condition()
        self._ears = ears
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
        self._hearing = Hearing(self._pipeline, options, rate, self._problems, prosody=self._with_prosody)

    @property
    def options(self) -> dict[str, Any]:
        """Options of the analysis."""
        return dict(self._options)

    def connect(self, connection: asyncio.Event) -> None:
        """Give the session to a connection; one that had it before loses it."""
        if self.connection:
            self.connection.set()
        self.connection = connection
        self._odd = b""  # The half of a sample was not counted: it is sent again.

    async def add(self, data: bytes, connection: asyncio.Event) -> None:
        """Take sound: 16 bits, mono, little-endian. Waits while too much of it is unheard.

        Args:
            data: The sound.
            connection: Whose it is; that of a connection that has lost the session is not taken, nor counted.

        Raises:
            UsageError: The session was asked to end.
        """
        if self._ending:
            raise UsageError("The session ends: this sound is not heard.", hint="Open another one.")
        async with self._changed:
            if self.connection is not connection:
                return
            data = self._odd + data
            whole = len(data) // 2 * 2
            self._odd = data[whole:]
            self.received += whole // 2
            self._waiting.append(data[:whole])
            if self.received - self._acknowledged >= _ACKNOWLEDGED * self.rate:
                self._acknowledged = self.received
                self._events.replace({"type": "resay.acknowledged", "received_samples": self.received})
            self._changed.notify_all()
            await self._changed.wait_for(lambda: self.received - self._heard < _MOST_WAITING * self.rate or self.ended)

    async def finish(self, *, end: bool) -> None:
        """End the current segment, or the session, once all sound that has arrived is heard."""
        if self._ending:
            return
        self._ending = end
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
            events = self._events
            await self._changed.wait_for(lambda: events.number > after or events.version > version or self.ended)
            return events.since(after, version), events.number, events.version

    def close(self) -> None:
        """Let go of everything."""
        self.ended = True
        for task in self._tasks:
            task.cancel()
        self._watching.shutdown(wait=False, cancel_futures=True)
        if self._watch:
            self._watch.leave()

    async def _hear_all(self) -> None:
        """Hear what arrives, as much at once as there is, until the end is asked for."""
        loop = asyncio.get_running_loop()
        command = ""
        while command != _END:
            async with self._changed:
                await self._changed.wait_for(lambda: bool(self._waiting))
            taken: list[bytes | str] = []
            try:
                await loop.run_in_executor(self._ears, self._hear, taken, loop)
            except Exception as error:
                self._problems.append(str(explained(error, "The sound of the last moment")))
            command = _command_of(taken)
            async with self._changed:
                self._heard += len(_sound_of(taken)) // 2
                self._tell_problems()
                if command == _COMMIT:
                    self._events.tell({"type": "input_audio_buffer.committed", "item_id": f"item_{self._hearing.last}"})
                self._changed.notify_all()
        self._all_heard = True
        async with self._changed:
            self._changed.notify_all()
        await asyncio.gather(*self._tasks[1:])
        async with self._changed:
            self._events.tell({"type": ENDED})
            self.ended = True
            self._changed.notify_all()

    def _hear(self, taken: list[bytes | str], loop: asyncio.AbstractEventLoop) -> None:
        """Take what waits by now, up to a command, and hear it.

        Each thing is told as soon as it is known: words do not wait for an emotion.
        """
        while self._waiting and not _command_of(taken):
            taken.append(self._waiting.popleft())
        for live in self._hearing.hear(_sound_of(taken), is_last=bool(_command_of(taken))):
            if self.ended:
                return
            asyncio.run_coroutine_threadsafe(self._tell_new(live), loop)

    async def _tell_new(self, live: LiveSegment) -> None:
        async with self._changed:
            self._tell_segment(live)
            self._changed.notify_all()

    async def _name_all(self) -> None:
        """Tell who speaks, beside the hearing: words do not wait for it."""
        loop = asyncio.get_running_loop()
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: bool(self._hearing.said) or self._all_heard)
            if not self._hearing.said:
                return
            names: tuple[str | None, ...] | None = None
            try:
                names = await loop.run_in_executor(self._ears, self._named)
            except Exception as error:
                self._problems.append(str(explained(error, "The speakers")))
            async with self._changed:
                if names is not None:
                    self._teller.name(names)
                self._changed.notify_all()

    async def _watch_all(self) -> None:
        """Find alerts, beside the hearing: words do not wait for a database."""
        loop, watch, is_last = asyncio.get_running_loop(), self._watch, False
        while watch and not is_last:
            async with self._changed:
                await self._changed.wait_for(lambda: watch.waits or self._all_heard)
                is_last = self._all_heard
            alerts: list[dict[str, Any]] = []
            try:
                alerts = await loop.run_in_executor(self._watching, watch.end if is_last else watch.keep)
            except Exception as error:  # What could not be kept is kept with what comes next, or after the session.
                self._problems.append(str(explained(error, "The alerts")))
            async with self._changed:
                for alert in alerts:
                    self._events.tell({"type": "resay.alert", "alert": alert})
                self._tell_problems()
                self._changed.notify_all()

    def _tell_segment(self, live: LiveSegment) -> None:
        finished = live.final and bool(live.segment.text)
        if finished and self._watch:
            self._watch.hear(live.segment)
        prosody = self._hearing.prosody.popleft() if finished and self._hearing.prosody else None
        self._teller.tell(live, prosody)

    def _tell_problems(self) -> None:
        while self._problems:
            self._events.tell({"type": "resay.notice", "message": self._problems.popleft()})

    def _named(self) -> tuple[str | None, ...]:
        """Return who says each segment so far, in the thread that tells speakers apart."""
        if self._speakers is None:
            count = self._options["speakers"]
            self._speakers = LiveSpeakers(
                self._pipeline.engines.diariser().stream(), 0 if count == "auto" else int(count)
            )
        while self._hearing.said:
            self._speakers.add(self._hearing.said.popleft())
        return self._speakers.speakers()


def _sound_of(taken: list[bytes | str]) -> bytes:
    return b"".join(part for part in taken if isinstance(part, bytes))


def _command_of(taken: list[bytes | str]) -> str:
    """Return the command at the end of what was taken; empty if there is none."""
    return taken[-1] if taken and isinstance(taken[-1], str) else ""
