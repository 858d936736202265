"""A web server on this machine that behaves as badly as servers do."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pipeline.weights import download


@dataclass
class Page:
    """A file on the server, and how the server gives it."""

    content: bytes
    tag: str = '"one"'
    drops: list[int] = field(default_factory=list)
    """Bytes after which each of the next answers breaks off."""
    statuses: list[int] = field(default_factory=list)
    """What the next requests are answered instead."""
    ranges: bool = True
    """Whether it knows of ranges."""
    sized: bool = True
    """Whether it tells how long the file is."""


@dataclass
class Server:
    url: str = ""
    pages: dict[str, Page] = field(default_factory=dict)
    requests: list[tuple[str, str | None]] = field(default_factory=list)
    """Path and `Range` of every request."""

    def add(self, name: str, content: bytes, **behaviour: object) -> str:
        self.pages[f"/{name}"] = Page(content, **behaviour)  # type: ignore[arg-type]
        return f"{self.url}/{name}"


@pytest.fixture
def server() -> Iterator[Server]:
    served = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            path = self.path.partition("?")[0]
            served.requests.append((path, wanted))
            page = served.pages.get(path)
            if page is None:
                self.send_error(404)
                return
            if page.statuses:
                self.send_error(page.statuses.pop(0))
                return
            start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and page.ranges else 0
            condition = self.headers.get("If-Range")
            if condition and condition != page.tag:
                start = 0
            if start and start >= len(page.content):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(page.content)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            body = page.content[start:]
            # Before the answer begins: once it is there, the next question may come in another thread.
            end = page.drops.pop(0) if page.drops else len(body)
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(page.content) - 1}/{len(page.content)}")
            if page.tag:
                self.send_header("ETag", page.tag)
            if page.sized:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            # Whoever asked for the size alone does not wait for the rest.
            with contextlib.suppress(ConnectionError):
                self.wfile.write(body[:end])

        def log_message(self, *arguments: object) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.url = f"http://127.0.0.1:{running.server_port}"
    thread = threading.Thread(target=running.serve_forever, args=(0.01,))
    thread.start()
    yield served
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.fixture(autouse=True)
def weights_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put what is pulled into the test's own folder, and do not wait between attempts."""
    monkeypatch.setenv("RESAY_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(download, "WAITS", (0.0, 0.0, 0.0))
    return tmp_path / "home" / "weights"
