"""A server with the embedded engines, in this process and on a port of this machine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from pipeline.chain.engines import Engines
from pipeline.core.options import EngineSettings, ServerOptions
from pipeline.core.settings import Settings, load_settings
from pipeline.web.app import create_app
from pipeline.web.server import address_of, listen, run
from tests.patience import PATIENCE, until

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "recording.wav"
TEXT = "I never thought that I would see you again."
BASE = "http://127.0.0.1"


@pytest.fixture(scope="session")
def engines() -> Engines:
    """The engines of all servers."""
    return Engines(EngineSettings(threads=1))


@pytest.fixture(scope="session")
def make_app(engines: Engines) -> Callable[..., FastAPI]:
    """Make an application with options of its own and the shared engines."""

    def make(**options: Any) -> FastAPI:
        settings = Settings.model_validate(dict(load_settings(environment={})[0]) | {"threads": 1} | options)
        return create_app(settings, engines=engines)

    return make


@pytest.fixture(scope="session")
def client(make_app: Callable[..., FastAPI]) -> Iterator[TestClient]:
    """A client of a server with all defaults, whose engines are loaded."""
    with TestClient(make_app(), base_url=BASE) as client:
        until(lambda: client.get("/health").json()["status"] != "loading")
        yield client


@pytest.fixture(scope="session")
def address(make_app: Callable[..., FastAPI]) -> str:
    """The address of a server that listens."""
    app = make_app()
    listening = listen(ServerOptions(port=0))
    started = threading.Event()
    thread = threading.Thread(target=run, args=(app, listening, started.set), daemon=True)
    thread.start()
    assert started.wait(PATIENCE)
    return address_of(listening)


def upload(data: bytes | None = None, name: str = "recording.wav") -> dict[str, tuple[str, bytes]]:
    """Return the files of a request: the example, or other bytes."""
    return {"file": (name, EXAMPLE.read_bytes() if data is None else data)}
