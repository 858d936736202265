"""Uploads: how quickly the body of a request must arrive, and which one makes room for another."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.types import Message, Receive

from pipeline.web.errors import Busy, UploadTooSlow
from pipeline.web.work import Work

__all__ = ["Upload", "Uploads"]

_LEAST_RATE: Final = 4000.0
"""Bytes per second that an upload must have: less than any telephone; set by hand."""

_PATIENCE: Final = 30.0
"""Seconds that an upload may be behind that rate, or be silent, such as in a tunnel; set by hand."""

_IMPATIENCE: Final = 3.0
"""Seconds that it may be so if another one needs its place; set by hand."""


class Upload:
    """The body of a request while it arrives."""

    def __init__(self) -> None:
        self._begun = self._last = asyncio.get_running_loop().time()
        self._patience = _PATIENCE
        self._waiting: asyncio.Timeout | None = None
        self.received = 0
        """Bytes so far."""

    @property
    def behind(self) -> float:
        """Seconds by which it is behind the least rate, or of silence, whichever is longer."""
        return asyncio.get_running_loop().time() - self._due

    async def next(self, receive: Receive) -> Message:
        """Return what arrives next.

        Raises:
            UploadTooSlow: It does not arrive in time.
        """
        try:
            async with asyncio.timeout_at(self._due + self._patience) as self._waiting:
                message = await receive()
        except TimeoutError:
            raise UploadTooSlow("The request arrives too slowly.", hint="Send it again.") from None
        finally:
            self._waiting = None
        self._last = asyncio.get_running_loop().time()
        self.received += len(message.get("body", b""))
        return message

    def make_room(self) -> None:
        """End it."""
        self._patience = 0.0
        if self._waiting:
            self._waiting.reschedule(self._due)

    @property
    def _due(self) -> float:
        """When the next byte was due, in seconds of the loop."""
        return min(self._last, self._begun + self.received / _LEAST_RATE)


class Uploads:
    """The requests for work that are still arriving, as many as there is room for.

    Args:
        work: What they ask for.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._arriving: set[Upload] = set()

    def add(self, upload: Upload) -> None:
        """Let a request arrive; the one that is most behind makes room for it.

        Raises:
            Busy: There is none.
        """
        try:
            self._work.require_room(len(self._arriving))
        except Busy:
            slowest = max(self._arriving, key=lambda each: each.behind, default=None)
            if slowest is None or slowest.behind < _IMPATIENCE:
                raise
            self.remove(slowest)
            slowest.make_room()
        self._arriving.add(upload)

    def remove(self, upload: Upload) -> None:
        """Give its place back: it has arrived, or broke off."""
        self._arriving.discard(upload)
