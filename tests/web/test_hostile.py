"""Input that means harm, or means nothing: it is refused in one line, leaves no file, and the server goes on."""

from __future__ import annotations

import functools
import gzip
import io
import json
import os
import socket
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from fastapi.testclient import TestClient

from pipeline.audio import SoundInformation
from pipeline.core.values import Audio
from pipeline.web.sounds import whole
from tests.patience import PATIENCE, until
from tests.web.conftest import BASE, EXAMPLE, upload

REFUSALS = (400, 413, 422)


@pytest.fixture(scope="module")
def small(make_app) -> Iterator[TestClient]:
    """A server that takes little: two megabytes and ten seconds."""
    app = make_app(max_upload_bytes=2_000_000, max_seconds=10, max_streamed_seconds=10)
    with TestClient(app, base_url=BASE, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@functools.cache
def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sound.wav", bytes(30_000_000))
    return file.getvalue()


@functools.cache
def silence(kind: str, seconds: int, rate: int = 8000) -> bytes:
    return whole(Audio(np.zeros(seconds * rate, np.float32), rate), kind, SoundInformation("none", "none", "none"))


def promising() -> bytes:
    """A wav whose header promises two gigabytes."""
    data = bytearray(EXAMPLE.read_bytes())
    place = data.index(b"data") + 4
    data[4:8] = data[place : place + 4] = b"\xff\xff\xff\x7f"
    return bytes(data)


SOUNDS: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "one byte": lambda: b"R",
    "text": lambda: b"no sound " * 1000,
    "zeros": lambda: bytes(100_000),
    "a page": lambda: b"<html><script>alert(1)</script></html>",
    "an archive of silence": zipped,
    "compressed twice": lambda: gzip.compress(gzip.compress(EXAMPLE.read_bytes())),
    "a bomb of flac": lambda: silence("flac", 600),
    "a bomb of opus": lambda: silence("opus", 120),
    "a playlist": lambda: b"#EXTM3U\nfile:///etc/passwd\n",
    "a list of parts": lambda: b"ffconcat version 1.0\nfile '/etc/passwd'\n",
    "a picture that loads": lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
    "more than is taken": lambda: bytes(3_000_000),
    "silence": lambda: silence("wav", 2),
    "half a header": lambda: EXAMPLE.read_bytes()[:20],
    "code": lambda: b"\x80\x04cposix\nsystem\n(S'true'\ntR.",
}


@pytest.mark.parametrize("name", SOUNDS)
@pytest.mark.parametrize("route", ["/v1/recognize", "/v1/convert", "/v1/audio/transcriptions"])
def test_what_is_no_recording_is_refused(small: TestClient, folder: Path, route: str, name: str) -> None:
    answer = small.post(route, files=upload(SOUNDS[name]()))
    if name in ("silence", "zeros") and route == "/v1/audio/transcriptions" and answer.status_code == 200:
        assert answer.json()["text"] == ""
        return
    assert answer.status_code in REFUSALS, answer.text
    message = answer.json()["error"]["message"]
    assert "\n" not in message
    assert "Something failed that should not" not in message
    assert "passwd" not in message
    assert list(folder.iterdir()) == []


def test_a_header_that_promises_more_than_there_is(small: TestClient, folder: Path) -> None:
    assert small.post("/v1/recognize", files=upload(promising())).status_code == 200
    assert list(folder.iterdir()) == []


NAMES = (
    "../../../../etc/passwd", "/etc/cron.d/x", "..\\..\\x.wav", "C:\\Windows\\x.wav", "a\x00b.wav",
    "a\r\nX-Evil: 1.wav", "x" * 1000, ".", "..", "~root", "$(touch x).wav", "<img src=x onerror=alert(1)>.wav",
    "名字.wav", "\u202egnp.wav", "-o.wav", "con.wav", "%2e%2e%2fx.wav", "file:///etc/passwd",
    "http://127.0.0.1:9/x.wav", "🎤.wav",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:30])
def test_names_are_shown_and_never_used(small: TestClient, folder: Path, name: str) -> None:
    answer = small.post("/v1/recognize", files=upload(name=name))
    assert answer.status_code == 200, answer.text
    shown = answer.json()["file"]
    assert shown
    assert len(shown) <= 120
    assert shown.isprintable()
    assert "/" not in shown
    assert "\\" not in shown
    assert list(folder.iterdir()) == []


def mutated(seed: int) -> bytes:
    """Return the example in one of four formats with some of its bytes changed, cut, doubled or moved."""
    random = np.random.default_rng(seed)
    sound, rate = soundfile.read(EXAMPLE, dtype="int16")
    file = io.BytesIO()
    kind = ("WAV", "FLAC", "OGG", "MP3")[seed % 4]
    soundfile.write(file, sound[:rate], rate, format=kind)
    data = bytearray(file.getvalue())
    for _ in range(int(random.integers(1, 20))):
        # Headers are where it hurts.
        place = int(random.integers(0, min(len(data), 200 if random.random() < 0.5 else len(data))))
        match int(random.integers(0, 4)):
            case 0:
                data[place] = int(random.integers(0, 256))
            case 1:
                data[place : place + 4] = random.bytes(4)
            case 2:
                del data[place : place + int(random.integers(1, 400))]
            case _:
                data[place:place] = data[place : place + int(random.integers(1, 400))]
        if len(data) < 10:
            break
    return bytes(data)


def check_mutations(client: TestClient, folder: Path, seeds: range) -> None:
    for seed in seeds:
        answer = client.post("/v1/recognize", files=upload(mutated(seed)))
        assert answer.status_code in (200, *REFUSALS), (seed, answer.text)
        if answer.status_code != 200:
            assert "Something failed that should not" not in answer.text, seed
    assert list(folder.iterdir()) == []


def test_mutated_recordings(small: TestClient, folder: Path) -> None:
    check_mutations(small, folder, range(40))


@pytest.mark.slow
def test_a_thousand_mutated_recordings(small: TestClient, folder: Path) -> None:
    check_mutations(small, folder, range(40, 1040))


BODIES: dict[str, tuple[str, bytes]] = {
    "no boundary": ("multipart/form-data", b"--x\r\n\r\n--x--"),
    "wrong boundary": ("multipart/form-data; boundary=y", b"--x\r\nContent-Disposition: form-data\r\n\r\n--x--"),
    "no name": ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n"),
    "cut": ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n'),
    "thousands of fields": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 5000 + b"--x--\r\n",
    ),
    "a field of megabytes": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n' + b"a" * 1_500_000 + b"\r\n--x--\r\n",
    ),
    "a header of a part of megabytes": (
        "multipart/form-data; boundary=x",
        b"--x\r\nContent-Disposition: form-data; name=" + b"a" * 1_500_000 + b"\r\n\r\n1\r\n--x--\r\n",
    ),
    "JSON instead": ("application/json", b"{}"),
    "nothing": ("multipart/form-data; boundary=x", b""),
}  # fmt: skip


def test_a_form_has_one_file_and_few_fields(small: TestClient) -> None:
    files = [("file", (f"{number}.wav", b"a")) for number in range(3)]
    for answer in (
        small.post("/v1/recognize", files=files),
        small.post("/v1/recognize", data={"a": ["1"] * 100}, files=upload()),
    ):
        assert answer.status_code == 400
        assert answer.json()["error"]["message"].startswith("The form has too many fields.")


def test_forms_are_large_only_where_there_is_a_file(small: TestClient) -> None:
    form = {"Content-Type": "multipart/form-data; boundary=x"}
    for route in ("/v1/read", "/v1/speak", "/v1/audio/speech", "/v1/nothing"):
        assert small.post(route, content=bytes(1_200_000), headers=form).status_code == 413, route


@pytest.mark.parametrize("name", BODIES)
def test_broken_forms(small: TestClient, folder: Path, name: str) -> None:
    kind, body = BODIES[name]
    answer = small.post("/v1/recognize", content=body, headers={"Content-Type": kind})
    assert answer.status_code in REFUSALS, answer.text
    assert "\n" not in answer.json()["error"]["message"]
    assert list(folder.iterdir()) == []


TEXTS: dict[str, bytes] = {
    "no JSON": b"text=hello",
    "nothing": b"",
    "a number": b"1e999",
    "no number": b'{"text": NaN}',
    "no UTF-8": b'{"text": "\xff\xfe"}',
    "half a letter": b'{"text": "\\ud800"}',
    "depth": b"[" * 100_000,
    "depth of names": b'{"text":' * 20_000,
    "megabytes": b'{"text": "' + b"a" * 2_000_000 + b'"}',
    "a zero byte": b'{"text": "a\\u0000b"}',
    "an object for a text": b'{"text": {"$gt": ""}}',
}


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("route", ["/v1/read", "/v1/speak", "/v1/audio/speech"])
def test_broken_json(small: TestClient, route: str, name: str) -> None:
    body = TEXTS[name].replace(b'"text"', b'"input"') if route == "/v1/audio/speech" else TEXTS[name]
    answer = small.post(route, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (200, *REFUSALS), answer.text
    if answer.status_code != 200:
        assert "\n" not in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "place",
    [
        "/static/../__init__.py", "/static/%2e%2e/__init__.py", "/static/..%2f..%2fapp.py", "/static//etc/passwd",
        "/static/%00", "/v1/jobs/..%2f..%2fhealth", "/v1/jobs/" + "a" * 5000, "/v1/models/%2e%2e%2f", "/%ff%fe",
    ],
)  # fmt: skip
def test_addresses_lead_nowhere(small: TestClient, place: str) -> None:
    answer = small.get(place)
    assert answer.status_code in (400, 404)
    assert "import" not in answer.text
    assert "root:" not in answer.text


def ask(address: str, request: bytes) -> bytes:
    """Send bytes to a server, and return what comes until it closes the connection."""
    host, port = address.removeprefix("http://").rstrip("/").split(":")
    answer = b""
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
        try:
            connection.sendall(request)
            while data := connection.recv(65_536):
                answer += data
        except OSError:
            pass
    return answer


def is_alive(address: str) -> bool:
    return b"200 OK" in ask(address, b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")


FIRST = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"


@pytest.mark.parametrize(
    ("name", "request_"),
    [
        ("a header of a megabyte", FIRST + b"X: " + b"a" * 1_000_000 + b"\r\n\r\n"),
        ("ten thousand headers", FIRST + b"".join(b"X%d: 1\r\n" % number for number in range(10_000)) + b"\r\n"),
        ("an address of a megabyte", b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"),
        ("no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + os.urandom(200) + b"\r\n\r\n"),
        ("two lengths", FIRST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
        (
            "a length and chunks",
            FIRST.replace(b"Connection: close\r\n", b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
            + FIRST
            + b"\r\n",
        ),
        ("a negative length", FIRST + b"Content-Length: -1\r\n\r\n"),
        ("no host", b"GET /health HTTP/1.1\r\nConnection: close\r\n\r\n"),
        ("two hosts", FIRST + b"Host: evil.example\r\n\r\n"),
    ],
)
def test_broken_requests(address: str, name: str, request_: bytes) -> None:
    answer = ask(address, request_)
    assert b"200 OK" not in answer
    assert is_alive(address)


def test_an_upload_that_ends_half_way_leaves_nothing(address: str) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n' + EXAMPLE.read_bytes()
    head = (
        b"POST /v1/convert HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        b"Content-Length: %d\r\n\r\n" % (len(body) + 1000)
    )
    host, port = address.removeprefix("http://").rstrip("/").split(":")
    for _ in range(25):  # More than may wait.
        with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
            connection.sendall(head + body)

    def unfinished() -> int:
        answer = ask(address, b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        return json.loads(answer.partition(b"\r\n\r\n")[2])["work"]["unfinished"]

    until(lambda: unfinished() == 0)


def test_what_nobody_foresaw_is_told_in_one_line_and_protected(make_app) -> None:
    app = make_app()

    def broken() -> None:
        raise ZeroDivisionError("1 / 0\nsecond line")

    app.add_api_route("/v1/broken", broken)
    with TestClient(app, base_url=BASE) as client:
        answer = client.get("/v1/broken")
    assert answer.status_code == 500
    message = answer.json()["error"]["message"]
    assert message.startswith("Something failed that should not: ZeroDivisionError: 1 / 0 second line.")
    assert answer.headers["x-content-type-options"] == "nosniff"
