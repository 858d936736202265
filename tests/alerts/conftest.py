"""Calls that the tests make, and engines that hear anger in long segments."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pipeline import VoicePipeline
from pipeline.core.values import Audio, EmotionScores, Segment

pytest.importorskip("sqlalchemy")
pytest.importorskip("alembic")

RATE = 16_000
LONG = 4.0
"""Seconds of sound from which on the stand-in hears anger."""


class Ears:
    """Hears anger in what is long, and remembers how long everything was that it judged."""

    name = "ears"
    capabilities = frozenset()

    def __init__(self) -> None:
        self.judged: list[float] = []

    def recognise(self, audio, *, activity=None):
        self.judged.append(audio.duration)
        share = 0.9 if audio.duration > LONG else 0.05
        return EmotionScores(("angry", "neutral"), (share, 1 - share), model=self.name)

    def transcribe(self, segment, *, hotwords=""):
        return Segment(
            segment.start, segment.end, "cancel my contract" if segment.end - segment.start > LONG else "yes"
        )


@pytest.fixture
def ears() -> Ears:
    """The engine of `hearing`."""
    return Ears()


@pytest.fixture
def hearing(ears: Ears) -> VoicePipeline:
    """A pipeline that hears with it."""
    return VoicePipeline(recogniser=ears, transcriber=ears)


@pytest.fixture(scope="session")
def turns(make_vowels: Callable[..., Audio]) -> Callable[..., np.ndarray]:
    """Make a channel in which somebody speaks at some times: pairs of start and seconds."""

    def make(length: float, *spoken: tuple[float, float], pitch: float = 130) -> np.ndarray:
        sound = 0.0002 * np.random.default_rng(1).standard_normal(round(length * RATE)).astype(np.float32)
        for start, seconds in spoken:
            part = make_vowels(seconds, pitch=pitch, seed=round(10 * start)).samples
            sound[round(start * RATE) : round(start * RATE) + len(part)] += part
        return sound

    return make


@pytest.fixture(scope="session")
def agent(turns: Callable[..., np.ndarray]) -> np.ndarray:
    """What the agent says in a call of 20 s: short, but for the last of it."""
    return turns(20, (0.5, 2), (9, 2), (13, 6), pitch=110)


@pytest.fixture(scope="session")
def customer(turns: Callable[..., np.ndarray]) -> np.ndarray:
    """What the customer says in that call: 5 s, from the fourth second on."""
    return turns(20, (3.5, 5), pitch=210)


def write_call(path: Path, *channels: np.ndarray) -> Path:
    """Write a call."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.stack(channels, axis=1), RATE)
    return path


@dataclass
class Receiver:
    """Takes webhooks, and answers what a test wants."""

    url: str = ""
    answers: list[int | float] = field(default_factory=list)
    """Statuses of the next answers, or seconds before one; then 200."""
    headers: dict[str, str] = field(default_factory=dict)
    """Of each answer."""
    taken: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    """Headers and bodies that came."""

    @property
    def kinds(self) -> list[str]:
        """Types of the messages that came."""
        return [json.loads(body)["type"] for _, body in self.taken]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on a port of this machine."""
    receiver = Receiver()
    slow = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.taken.append((dict(self.headers), body))
            answer = receiver.answers.pop(0) if receiver.answers else 200
            if isinstance(answer, float):
                slow.wait(answer)
                return
            self.send_response(answer)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/alerts"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield receiver
    slow.set()
    server.shutdown()
    server.server_close()
