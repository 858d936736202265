"""The live transcriptions of a server: found again, bounded, and let go of when nobody comes back."""

from __future__ import annotations

import asyncio
import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from pipeline.chain import VoicePipeline
from pipeline.web.errors import Busy
from pipeline.web.live.session import LiveSession

if TYPE_CHECKING:
    from pipeline.alerts.sessions import WatchedSession

__all__ = ["LiveSessions"]

_KEPT: Final = 120.0
"""Seconds for which a session without a connection waits for the next one; set by hand."""

_RETURNS: Final = 20.0
"""Seconds for which it keeps its place, too, if its connection broke: longer than pages wait between two attempts to
connect again. Set by hand."""

_RETRY_AFTER: Final = 30
"""Seconds after which a refused session may be asked for again; set by hand."""


class LiveSessions:
    """The live transcriptions of a server.

    Args:
        most: How many there may be.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        # No more than compute side by side: whoever has waited longest is heard next, with all that came meanwhile.
        self._ears = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="resay-live")
        self._sessions: dict[str, LiveSession] = {}
        self._waiting: dict[str, float] = {}
        """Those whose connection broke, and when."""
        self._left: dict[str, float] = {}
        """Those whose client closed the connection: they make room."""

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
            now = time.monotonic()
            room = self._left | {each: broke for each, broke in self._waiting.items() if now - broke >= _RETURNS}
            if not room:
                raise Busy(f"The server has {self.count} live transcriptions, and takes no more.", _RETRY_AFTER)
            self.close(min(room, key=room.__getitem__))
        session = LiveSession(pipeline, options, rate, ears=self._ears, prosody=prosody, watch=watch)
        self._sessions[session.id] = session
        return session

    def connect(self, session: LiveSession, connection: asyncio.Event) -> None:
        """Give a session to a connection; one that had it before loses it."""
        session.connect(connection)
        self._waiting.pop(session.id, None)
        self._left.pop(session.id, None)

    def leave(self, session: LiveSession, connection: asyncio.Event, *, broke: bool) -> None:
        """Note that a connection has ended: the session waits for the next one, unless there is one already.

        Args:
            session: That it had.
            connection: The one that ended.
            broke: Whether nobody ended it: then the place of the session is kept for a while, too.
        """
        if session.connection is not connection:
            return
        session.connection = None
        if session.ended:
            self.close(session.id)
        else:
            (self._waiting if broke else self._left)[session.id] = time.monotonic()
            asyncio.get_running_loop().call_later(_KEPT + 1, self._sweep)

    def close(self, identifier: str) -> None:
        """Let go of a session."""
        self._waiting.pop(identifier, None)
        self._left.pop(identifier, None)
        if session := self._sessions.pop(identifier, None):
            session.close()

    def close_all(self) -> None:
        """Let go of all sessions."""
        for identifier in list(self._sessions):
            self.close(identifier)

    def _sweep(self) -> None:
        now = time.monotonic()
        waiting = self._waiting | self._left
        for identifier in [each for each, left in waiting.items() if now - left > _KEPT]:
            self.close(identifier)
