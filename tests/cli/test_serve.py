"""`serve`: what it refuses before anything is loaded, and that it listens until it is asked to end."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import numpy as np
import pytest
import soundfile

from pipeline.cli import main

ROOT = Path(__file__).resolve().parents[2]
HALF = (
    b"POST /v1/convert HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 6000000\r\n"
    b"Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
)
"""The beginning of a request with a recording of six megabytes."""


@contextmanager
def serving(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start a server whose files lie in two folders below this one; yield it and its address, and end it."""
    for name in ("work", "temporary"):
        (folder / name).mkdir()
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "detect.py"), "serve", "--port", "0"],
        cwd=folder / "work",
        env=os.environ | {"OMP_NUM_THREADS": "1", "TMPDIR": str(folder / "temporary")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    with pytest.raises(SystemExit) as left:
        main(["serve", *arguments])
    return left.value.code, " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--host", "0.0.0.0"], 2, "there is no key. Set RESAY_API_KEY"),  # noqa: S104
        (["--host", "no such host"], 2, "there is no key"),
        (["--host", "127.9.9.999"], 2, "there is no key"),
        (["--port", "70000"], 2, "at most 65535"),
        (["--port", "http"], 2, "whole number"),
        (["--at-once", "0"], 2, "at least 1"),
        (["--asr", "nothing"], 2, "There is no transcription engine 'nothing'"),
        (["somewhere"], 2, "somewhere"),
    ],
)
def test_what_cannot_be_served_is_refused(arguments: list[str], code: int, said: str, capsys) -> None:
    found, message = refused(arguments, capsys)
    assert found == code
    assert said in message


def test_a_key_that_is_too_short_is_refused(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setenv("RESAY_API_KEY", "short")
    assert refused(["--host", "0.0.0.0"], capsys)[0] == 2  # noqa: S104


def test_an_address_of_another_machine_is_told(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setenv("RESAY_API_KEY", "0123456789abcdef")
    code, message = refused(["--host", "203.0.113.9"], capsys)
    assert code == 2
    assert "cannot listen on 203.0.113.9, port 8000: this machine has no such address. Give another" in message


def test_a_port_that_is_taken_is_told(capsys) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, message = refused(["--port", str(port)], capsys)
    assert code == 2
    assert f"Port {port} is in use. Give another --port" in message


def test_packages_that_are_missing_are_told(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "uvicorn" else find(name))
    code, message = refused([], capsys)
    assert code == 3
    assert "uvicorn not installed. Run pip install '.[web]'." in message


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGTERM, 143), (signal.SIGKILL, -9), pytest.param(signal.SIGINT, 130, marks=pytest.mark.slow)],
)
def test_it_answers_until_it_ends_and_leaves_nothing(number: int, code: int, tmp_path: Path) -> None:
    """While engines are being loaded, and half of a recording has arrived."""
    with serving(tmp_path) as (process, address):
        with urllib.request.urlopen(f"{address}health", timeout=20) as answer:  # noqa: S310
            assert json.load(answer)["status"] in ("loading", "ready", "incomplete")
        with socket.create_connection(("127.0.0.1", urlsplit(address).port), timeout=5) as upload:
            upload.sendall(HALF + bytes(3_000_000))
            process.send_signal(number)
            _, talk = process.communicate(timeout=60)
    assert process.returncode == code, talk
    assert "Traceback" not in talk
    assert [*(tmp_path / "work").iterdir(), *(tmp_path / "temporary").iterdir()] == []


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_it_ends_soon_while_it_works(number: int, code: int, tmp_path: Path) -> None:
    """On a conversion that takes a minute, as containers ask for it: they kill after ten seconds."""
    sound, rate = soundfile.read(ROOT / "examples" / "recording.wav")
    long = tmp_path / "long.wav"
    soundfile.write(long, np.tile(sound, 60), rate)
    with serving(tmp_path) as (process, address):
        while httpx.get(f"{address}health").json()["status"] == "loading":
            time.sleep(0.2)
        with ThreadPoolExecutor(1) as client:
            files = {"file": ("long.wav", long.read_bytes())}
            answer = client.submit(httpx.post, f"{address}v1/convert", files=files, timeout=60)
            time.sleep(3)
            process.send_signal(number)
            _, talk = process.communicate(timeout=9.5)
            assert answer.result().json()["error"]["code"] == "ending"
    assert process.returncode == code, talk
    assert [*(tmp_path / "temporary").iterdir()] == []
