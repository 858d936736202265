"""Clients that take their time: connections without a request, uploads that trickle, and too many of both."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress

import pytest
from fastapi import FastAPI

from pipeline.core.options import ServerOptions
from pipeline.web import connections, uploads
from pipeline.web.server import address_of, listen, run
from tests.patience import PATIENCE, until
from tests.web.conftest import EXAMPLE

HEALTH = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
BODY = (
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
    + EXAMPLE.read_bytes()
    + b"\r\n--x--"
)
UPLOAD = (
    b"POST /v1/curves HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(BODY)
)


@pytest.fixture(scope="module")
def small(make_app: Callable[..., FastAPI]) -> str:
    """The address of a server that does one thing at a time, while one other waits."""
    app = make_app(at_once=1, waiting=1)
    listening = listen(ServerOptions(port=0))
    started = threading.Event()
    threading.Thread(target=run, args=(app, listening, started.set), daemon=True).start()
    assert started.wait(PATIENCE)
    return address_of(listening)


@pytest.fixture
def opened(small: str) -> Iterator[Callable[[bytes], socket.socket]]:
    """Open a connection, and send bytes."""
    host, port = small.removeprefix("http://").rstrip("/").split(":")
    with ExitStack() as stack:

        def send(data: bytes) -> socket.socket:
            connection = socket.create_connection((host, int(port)), timeout=PATIENCE)
            stack.enter_context(closing(connection))
            connection.sendall(data)
            return connection

        yield send


def rest_of(connection: socket.socket) -> bytes:
    """Return what comes until the server closes the connection."""
    data = b""
    try:
        while more := connection.recv(65_536):
            data += more
    except ConnectionError:
        pass
    return data


@pytest.mark.parametrize(
    ("sent", "answers"),
    [
        (b"", 0),
        (b"GET / HT", 0),
        (HEALTH[:-2] + b"X-a: ", 0),
        (HEALTH, 1),
        (HEALTH + HEALTH[:-2], 1),
        (HEALTH.replace(b"\r\n\r\n", b"\r\nContent-Length: 9\r\n\r\n1"), 1),
        (b"nothing that is HTTP\r\n\r\n", 1),
    ],
)
def test_a_connection_that_asks_for_nothing_ends(opened, monkeypatch, sent: bytes, answers: int) -> None:
    monkeypatch.setattr(connections, "_ASKING", 0.2)
    connection = opened(sent)
    assert rest_of(connection).count(b"HTTP/1.1 ") == answers


def test_of_too_many_connections_those_that_ask_for_nothing_make_room(opened, monkeypatch) -> None:
    monkeypatch.setattr(connections, "most_connections", lambda: 4)
    waiting = [opened(HEALTH[:-2]) for _ in range(12)]
    assert b"200 OK" in opened(HEALTH).recv(65_536)
    for connection in waiting[:8]:
        assert rest_of(connection) == b""


def test_an_upload_that_trickles_is_given_up(opened, monkeypatch) -> None:
    monkeypatch.setattr(uploads, "_PATIENCE", 0.2)
    assert b'"upload-too-slow"' in rest_of(opened(UPLOAD + BODY[:10]))


def test_uploads_that_trickle_keep_no_place_from_others(opened, monkeypatch) -> None:
    monkeypatch.setattr(uploads, "_PATIENCE", PATIENCE)
    monkeypatch.setattr(uploads, "_IMPATIENCE", PATIENCE)
    slow = [opened(UPLOAD + BODY[:10]) for _ in range(2)]
    until(lambda: b"429" in rest_of(opened(UPLOAD + BODY)))
    monkeypatch.setattr(uploads, "_IMPATIENCE", 0.0)
    assert b"200 OK" in rest_of(opened(UPLOAD + BODY))
    for connection in slow:
        with suppress(ConnectionError):
            connection.sendall(BODY[10:])
    assert sorted(b"200 OK" in rest_of(connection) for connection in slow) == [False, True]
