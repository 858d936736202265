"""Connections: how many there may be, and how long one may take until it has asked for something.

uvicorn limits neither: the clock of a connection that waits for its next request is stopped by any byte.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Final

from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["Connection", "most_connections"]

_ASKING: Final = 20.0
"""Seconds until the head of a request must be there, from the beginning or the last answer on; set by hand."""

_MOST: Final = 1000
"""Connections at most, where the system allows many files; set by hand."""


def most_connections() -> int:
    """Return how many connections there may be: a quarter of the files that the process may open, which work needs."""
    if sys.platform == "win32":
        return _MOST
    import resource

    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return _MOST if files == resource.RLIM_INFINITY else min(_MOST, max(1, files // 4))


class Connection(H11Protocol):
    """A connection that ends if it asks for nothing for too long.

    If there are too many, the one that has waited longest without asking makes room; a new one, if all ask.
    """

    _clock: asyncio.TimerHandle | None = None
    _unsent = 0
    since = 0.0
    """From when on it asks for nothing, in seconds of the loop."""

    @property
    def asks(self) -> bool:
        """Whether a request is there that is not answered yet."""
        return self.cycle is not None and not self.cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._wait()
        if len(self.connections) > most_connections():
            others = (each for each in self.connections if isinstance(each, Connection) and not each.asks)
            longest = min(others, key=lambda each: each.since)
            self.connections.discard(longest)
            longest.transport.abort()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        self._wait()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._stop()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self, event: object) -> None:
        """Hand the connection to the protocol of WebSockets, which has clocks of its own."""
        self._stop()
        super().handle_websocket_upgrade(event)  # type: ignore[arg-type]

    def _wait(self) -> None:
        self._stop()
        self.since = self.loop.time()
        self._clock = self.loop.call_later(_ASKING, self._expire)

    def _stop(self) -> None:
        if self._clock:
            self._clock.cancel()

    def _expire(self) -> None:
        """Close the connection, unless it asks for something or takes the rest of an answer."""
        if self.asks:
            return
        before, self._unsent = self._unsent, self.transport.get_write_buffer_size()
        if self._unsent and self._unsent != before:
            self._clock = self.loop.call_later(_ASKING, self._expire)
        else:
            self.transport.abort()
