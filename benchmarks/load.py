"""How a server answers many clients at once: seconds until an answer, what is refused, and memory before and after.

    python benchmarks/load.py ../shared/data/librispeech_test_other --clients 1 4 16 --crowd 50

The server is a process of its own on this machine, which computes on the same processors as the clients wait on. Each
client sends one request after the other: a recording to transcribe, one whose emotion is recognised, a text to read, a
sentence to say. `--clients` tells how long an answer takes and asks again, as the server says, where it is busy; the
time includes that. The crowd does not ask again: whatever is neither an answer nor a 429 with Retry-After is an error.
"""

from __future__ import annotations

import common  # isort: skip

import itertools
import os
import socket
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

SENTENCE = "The train leaves at nine, and I will be there."
LONGEST = 8.0
"""Seconds of the longest clip that is sent."""
IDLE = 12.0
"""Seconds in which nobody asks, so that the server tidies up."""


def main() -> None:
    options = common.parser(__doc__)
    common.add_data(options, "librispeech_test_other", positional=True)
    options.add_argument("--clients", type=int, nargs="+", default=[1, 4, 16], metavar="N", help="1, 4, 16 by default")
    options.add_argument("--crowd", type=int, default=50, metavar="N", help="clients that come at once; 50 by default")
    options.add_argument("--requests", type=int, default=32, metavar="N", help="in each row; 32 by default")
    options.add_argument("--rounds", type=int, default=4, metavar="N", help="times that they come; 4 by default")
    arguments = options.parse_args()
    asked = requests_for(short(common.sounds(arguments.data)))
    with served() as (address, process):
        together(address, asked[:8], 2)  # Whatever is made at the first use is there now.
        print(f"memory before: {memory(process)} MB, {IDLE:g} s later {later(process)} MB")
        for clients in arguments.clients:
            found = together(address, asked[: arguments.requests], clients, patient=True)
            for kind in dict.fromkeys(kind for kind, *_ in asked):
                seconds = sorted(taken for name, status, taken in found if name == kind and status == 200)
                print(
                    f"{clients} clients, {kind}: {len(seconds)} answers, median {statistics.median(seconds):.2f} s,"
                    f" 95 % within {seconds[int(0.95 * len(seconds))]:.2f} s"
                )
        for _ in range(arguments.rounds):
            counted = Counter(
                status for _, status, _ in together(address, asked[: 4 * arguments.crowd], arguments.crowd)
            )
            errors = counted.total() - counted[200] - counted[429]
            print(
                f"{arguments.crowd} clients at once, {counted.total()} requests: {counted[200]} answered,"
                f" {counted[429]} told when to come back, {errors} errors; memory {memory(process)} MB"
            )
            if errors:
                raise SystemExit(f"There were errors: {dict(counted)}.")
        print(f"memory {IDLE:g} s later: {later(process)} MB")


def short(paths: list[Path]) -> list[Path]:
    """Return the clips that are not longer than those that are sent."""
    from pipeline.audio import read_audio

    return [path for path in paths[::3] if read_audio(path).duration <= LONGEST]


def requests_for(clips: list[Path]) -> list[tuple[str, str, dict[str, Any]]]:
    """Return requests of four kinds in turn, each with its route and what is sent; enough for any row."""
    contents = itertools.cycle([clip.read_bytes() for clip in clips])
    found: list[tuple[str, str, dict[str, Any]]] = []
    for _ in range(100):
        found += [
            ("transcribe", "v1/audio/transcriptions", {"files": {"file": ("clip.flac", next(contents))}}),
            ("recognize", "v1/recognize", {"files": {"file": ("clip.flac", next(contents))}}),
            ("read", "v1/read", {"json": {"text": SENTENCE}}),
            ("speak", "v1/audio/speech", {"json": {"model": "tts-1", "voice": "nova", "input": SENTENCE}}),
        ]
    return found


@contextmanager
def served() -> Iterator[tuple[str, int]]:
    """Start a server whose engines are loaded; yield its address and its process, and end it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "detect.py", "serve", "--port", str(port), "--threads", "1"]
    server = subprocess.Popen(command, cwd=common.ROOT, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}/"
    try:
        while True:
            try:
                if requests.get(f"{address}health", timeout=5).json()["status"] != "loading":
                    break
            except requests.ConnectionError:
                if server.poll() is not None:
                    raise SystemExit("The server did not start.") from None
            time.sleep(0.2)
        yield address, server.pid
    finally:
        server.terminate()
        server.wait()


def together(
    address: str, asked: list[tuple[str, str, dict[str, Any]]], clients: int, *, patient: bool = False
) -> list[tuple[str, int, float]]:
    """Send requests from so many clients; return the kind, the status and the seconds of each.

    Args:
        address: Of the server.
        asked: Of `requests_for`.
        clients: How many send at the same time.
        patient: Whether they ask again where the server is busy.
    """

    def send(request: tuple[str, str, dict[str, Any]]) -> tuple[str, int, float]:
        kind, route, content = request
        began = time.perf_counter()
        while True:
            with requests.post(f"{address}{route}", timeout=300, **content) as answer:
                status = answer.status_code
            if status == 429:
                wait = int(answer.headers["Retry-After"])
                if patient:
                    time.sleep(wait)
                    continue
            return kind, status, time.perf_counter() - began

    with ThreadPoolExecutor(clients) as threads:
        return list(threads.map(send, asked))


def later(process: int) -> int:
    """Return the megabytes that a process holds once it has nothing to do."""
    time.sleep(IDLE)
    return memory(process)


def memory(process: int) -> int:
    """Return the megabytes that a process holds; 0 where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except OSError:
        return 0
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6)


if __name__ == "__main__":
    main()
