"""Clients that vanish: their work stops, its place is free again, and nothing is left of what they sent."""

from __future__ import annotations

import json
import os
import re
import socket
import struct
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
import soundfile
from fastapi import FastAPI
from websockets.sync.client import connect

from pipeline.audio import read_audio
from pipeline.core.options import ServerOptions
from pipeline.web.live import sessions
from pipeline.web.live.sessions import LiveSessions
from pipeline.web.server import address_of, listen, run
from pipeline.web.service import Service
from tests.patience import PATIENCE, until
from tests.web.conftest import EXAMPLE

PIECES = 40
"""Sentences of a long text, segments of a long recording."""

TEXT = " ".join(f"This is sentence number {number}, which takes a few seconds to say." for number in range(PIECES))


@dataclass
class Server:
    """A server that does one thing at a time."""

    address: str
    service: Service

    @property
    def unfinished(self) -> int:
        """Jobs that wait or are done, as it tells itself."""
        return requests.get(f"{self.address}health", timeout=PATIENCE).json()["work"]["unfinished"]

    @contextmanager
    def asked(self, route: str, body: bytes, kind: str) -> Iterator[socket.socket]:
        """Send a request, and break the connection off at the end."""
        host, port = self.address.removeprefix("http://").rstrip("/").split(":")
        head = f"POST {route} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
            connection.sendall(head.encode() + body)
            yield connection
            # Without a word, as when a process is killed.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.fixture(scope="module")
def server(make_app: Callable[..., FastAPI]) -> Server:
    app = make_app(at_once=1, waiting=4, live_sessions=1)
    listening = listen(ServerOptions(port=0))
    started = threading.Event()
    threading.Thread(target=run, args=(app, listening, started.set), daemon=True).start()
    assert started.wait(PATIENCE)
    until(lambda: app.state.service.status != "loading")
    return Server(address_of(listening), app.state.service)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def form(data: bytes, **fields: str) -> tuple[bytes, str]:
    """Return the body of a form with a file, and its media type."""
    parts = [f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{fields[name]}\r\n' for name in fields]
    head = "".join(parts) + '--x\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
    return head.encode() + data + b"\r\n--x--\r\n", "multipart/form-data; boundary=x"


def words(**values: Any) -> tuple[bytes, str]:
    return json.dumps(values).encode(), "application/json"


def recording() -> bytes:
    """The example, again and again, for more bytes than stay in memory."""
    once = read_audio(EXAMPLE, sample_rate=16_000).samples
    sound = np.concatenate([once, np.zeros(16_000, np.float32)] * PIECES)
    with tempfile.TemporaryFile() as file:
        soundfile.write(file, sound, 16_000, format="WAV")
        file.seek(0)
        return file.read()


def temporary(folder: Path) -> list[str]:
    """Return the files in a folder that this process has open, also those that have no name any more."""
    found = []
    for number in os.listdir("/proc/self/fd"):
        with suppress(OSError):  # It is closed by now.
            found.append(os.readlink(f"/proc/self/fd/{number}"))
    return [place for place in found if place.startswith(str(folder))]


REQUESTS: dict[str, Callable[[], tuple[str, tuple[bytes, str]]]] = {
    "transcription": lambda: ("/v1/audio/transcriptions", form(recording())),
    "streamed transcription": lambda: ("/v1/audio/transcriptions", form(recording(), stream="true")),
    "recognition": lambda: ("/v1/recognize", form(recording())),
    "conversion": lambda: ("/v1/convert", form(recording())),
    "curves": lambda: ("/v1/curves", form(recording())),
    "reading": lambda: ("/v1/read", words(text=TEXT)),
    "sentence": lambda: ("/v1/speak", words(text=TEXT)),
    "speech": lambda: ("/v1/audio/speech", words(input=TEXT)),
    "speech in events": lambda: ("/v1/audio/speech", words(input=TEXT, stream_format="sse")),
    "flac": lambda: ("/v1/audio/speech", words(input=TEXT, response_format="flac")),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_work_that_waits_for_nobody_leaves_the_queue(server: Server, folder: Path, name: str) -> None:
    free = threading.Event()
    try:
        server.service.start("wait", "", lambda job: free.wait(PATIENCE))
        route, (body, kind) = REQUESTS[name]()
        with server.asked(route, body, kind):
            until(lambda: server.unfinished == 2)
        until(lambda: server.unfinished == 1)
        assert temporary(folder) == []
    finally:
        free.set()
    assert server.service.work.wait(PATIENCE)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "sign"),
    [
        ("streamed transcription", b"transcript.text.delta"),
        ("speech", b"X-Resay-Synthetic"),
        ("speech in events", b"speech.audio.delta"),
    ],
)
def test_a_stream_that_nobody_hears_stops(
    server: Server, folder: Path, name: str, sign: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is in its third piece when its client leaves: neither this nor another one is finished."""
    begun: list[None] = []
    finished: list[None] = []
    left = threading.Event()
    pipeline, transcriber = server.service.pipeline, server.service.pipeline.engines.transcriber("en")

    def waiting(work: Callable[..., Any]) -> Callable[..., Any]:
        def begin(*arguments: Any, **options: Any) -> Any:
            begun.append(None)
            if len(begun) > 2:
                left.wait(PATIENCE)
            result = work(*arguments, **options)
            finished.append(None)
            return result

        return begin

    monkeypatch.setattr(pipeline, "speak", waiting(pipeline.speak))
    monkeypatch.setattr(transcriber, "transcribe", waiting(transcriber.transcribe))
    route, (body, kind) = REQUESTS[name]()
    with server.asked(route, body, kind) as connection:
        answer = b""
        while sign.lower() not in answer.lower():
            answer += connection.recv(65_536)
        until(lambda: len(begun) > 2)
    until(lambda: server.unfinished == 0)
    left.set()
    assert server.service.work.wait(PATIENCE)
    assert len(finished) <= 2
    until(lambda: temporary(folder) == [])
    assert list(folder.iterdir()) == []


def is_left(live: LiveSessions, identifier: str) -> bool:
    """Return whether nobody is connected to a session any more."""
    session = live.find(identifier)
    return session is None or not session.connection


def test_a_live_session_that_was_dropped_makes_room(
    server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "_RETURNS", 0.0)
    address = server.address.replace("http", "ws")
    with connect(f"{address}v1/live?rate=16000") as live:
        identifier = json.loads(live.recv())["session"]["id"]
        live.send(bytes(32_000))
        live.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        live.socket.close()
    until(lambda: is_left(server.service.live, identifier))
    with connect(f"{address}v1/live?rate=16000") as live:
        assert json.loads(live.recv())["type"] == "session.created"
        live.send(json.dumps({"type": "resay.end"}))
        until(lambda: json.loads(live.recv())["type"] == "resay.ended")
    until(lambda: server.service.live.count == 0)
    assert list(folder.iterdir()) == []


def test_a_live_session_whose_client_is_silent_for_long_makes_room(
    make_app: Callable[..., FastAPI], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its cable was pulled: nothing comes, not even an answer to a ping."""
    from pipeline.web import server as module

    monkeypatch.setattr(module, "_PING", 0.2)
    monkeypatch.setattr(sessions, "_RETURNS", 0.0)
    app = make_app(live_sessions=1)
    listening = listen(ServerOptions(port=0))
    threading.Thread(target=run, args=(app, listening), daemon=True).start()
    host, port = address_of(listening).removeprefix("http://").rstrip("/").split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
        connection.sendall(
            f"GET /v1/live HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        told = b""
        while not (created := re.search(rb'"id":\s?"([^"]+)"', told)):
            told += connection.recv(65_536)
        until(lambda: is_left(app.state.service.live, created[1].decode()))
