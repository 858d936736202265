"""Listens, and hands requests to the application, with the limits of the protocol itself."""

from __future__ import annotations

import errno
import logging
import socket
import threading
import time
from collections.abc import Callable
from typing import Final

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from pipeline.core.errors import UsageError
from pipeline.core.failures import debugging, one_line
from pipeline.core.messages import reason
from pipeline.core.options import ServerOptions
from pipeline.web.connections import Connection, most_connections

__all__ = ["address_of", "listen", "run"]

_HEADER_BYTES: Final = 64 * 1024
"""Bytes of all headers of a request; more ends the connection."""

_BACKLOG: Final = 128
"""Connections that wait to be taken: all of them may be taken at once."""

_MESSAGE_BYTES: Final = 1 << 20
"""Bytes of one message of a WebSocket: 16 s of 16 bits at 32 kHz; more ends the connection."""

_PING: Final = 20.0
"""Seconds after which a silent WebSocket is asked for a sign of life, and after which it ends without one."""

_GRACE: Final = 5
"""Seconds that open answers get when the server ends; set by hand."""


_TOO_LARGE: Final = b"HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
"""Answer to a WebSocket's request that has a line of more than 8 KiB, or 128 headers."""


class _WebSocket(WebSocketsSansIOProtocol):
    """A WebSocket that answers requests which it cannot read; uvicorn's own leaves them open without a word."""

    def data_received(self, data: bytes) -> None:
        """Take what arrives."""
        super().data_received(data)
        if self.conn.handshake_exc and not self.handshake_initiated:
            self.transport.write(_TOO_LARGE)
            self.transport.close()


def listen(options: ServerOptions) -> socket.socket:
    """Return a socket that listens at the address of the options.

    Raises:
        UsageError: It is taken, not of this machine, or not allowed.
    """
    try:
        family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
        return socket.create_server((options.host, options.port), family=family)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise UsageError(
                f"Port {options.port} is in use.", hint="Give another --port, or 0 for a free one."
            ) from error
        raise UsageError(
            f"The server cannot listen on {options.host}, port {options.port}: {reason(error)}.",
            hint="Give another --host or --port.",
        ) from error


def address_of(listening: socket.socket) -> str:
    """Return the address to open in a browser."""
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


class _OneLine(logging.Filter):
    """Tells errors that nobody raised on purpose in one line, unless tracebacks are asked for."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Shorten a record."""
        if record.exc_info and not debugging():
            record.msg, record.args = one_line(record.exc_info[1] or record.getMessage()), ()
            record.exc_info = None
        return True


def run(app: FastAPI, listening: socket.socket, started: Callable[[], None] = lambda: None) -> None:
    """Answer requests until the process is asked to end.

    Args:
        app: The application.
        listening: Of `listen`; closed at the end.
        started: Called once requests are answered, in a thread of its own.
    """
    config = uvicorn.Config(
        app,
        http=Connection,
        backlog=min(_BACKLOG, most_connections()),
        h11_max_incomplete_event_size=_HEADER_BYTES,
        ws=_WebSocket,
        ws_max_size=_MESSAGE_BYTES,
        ws_ping_interval=_PING,
        ws_ping_timeout=_PING,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE,
    )
    server = uvicorn.Server(config)
    logging.getLogger("uvicorn.error").addFilter(_OneLine())

    def wait() -> None:
        while not server.started:
            if server.should_exit:
                return
            time.sleep(0.05)
        started()

    threading.Thread(target=wait, name="resay-started", daemon=True).start()
    with listening:
        server.run(sockets=[listening])
