"""A stand-in for the hub of Hugging Face: one dataset, as far as its file system asks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

DATASET = "datasets/somebody/talks"
"""The name of the dataset, which has one revision, `main`."""


@contextmanager
def hub_with(files: dict[str, bytes]) -> Iterator[str]:
    """Serve files as a dataset; gives the address of the hub."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = files.get(self.path.removeprefix(f"/{DATASET}/resolve/main/"))
            if content is not None:
                self._send(content)
            elif self.path.startswith(f"/api/{DATASET}/tree/main"):
                tree = [{"type": "file", "path": path, **_about(files[path])} for path in files]
                self._send(json.dumps(tree).encode())
            elif self.path.startswith(f"/api/{DATASET}"):
                self._send(json.dumps({"id": DATASET.partition("/")[2], "sha": "0" * 40, "siblings": []}).encode())
            else:
                self.send_error(404)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def _send(self, content: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("ETag", _about(content)["oid"])
            self.end_headers()
            self.wfile.write(content)

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def _about(content: bytes) -> dict[str, Any]:
    return {"size": len(content), "oid": hashlib.sha1(content, usedforsecurity=False).hexdigest()}
