"""Who gets an answer: hosts, origins, the key, and what browsers are told."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from pipeline.core.errors import UsageError
from pipeline.core.settings import Settings
from pipeline.web.app import create_app
from pipeline.web.security import is_loopback
from tests.web.conftest import BASE, upload

KEY = "a-key-of-more-than-16"
CROSS_FORM = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


@pytest.fixture(scope="module")
def guarded(make_app) -> Iterator[TestClient]:
    """A server for other machines, with a key."""
    app = make_app(host="192.0.2.7", api_key=KEY, allowed_hosts="resay.example, box", max_upload_bytes=100_000)
    with TestClient(app, base_url="http://192.0.2.7:8000") as client:
        yield client


@pytest.fixture(scope="module")
def shared(make_app) -> Iterator[TestClient]:
    """A server whose pages of one other site may use it."""
    with TestClient(make_app(allowed_origins="https://friend.example"), base_url=BASE) as client:
        yield client


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"host": "localhost:8000"}, 200),
        ({"host": "LOCALHOST"}, 200),
        ({"host": "[::1]:8000"}, 200),
        ({"host": "127.0.0.2"}, 200),
        ({"host": "evil.example"}, 403),
        ({"host": "localhost.evil.example"}, 403),
        ({"host": "127.0.0.1.evil.example"}, 403),
        ({"host": "192.0.2.7"}, 403),
        ({"host": "localhost@evil.example"}, 403),
        ({"host": ""}, 403),
        ({"host": "["}, 403),
        ({"host": "evil.example@127.0.0.1"}, 403),
        ({"host": "127.0.0.1/evil"}, 403),
        ({"host": "127.0.0.1?x"}, 403),
        ({"host": "127.0.0.1:8000:9"}, 403),
        ({"origin": "https://127.0.0.1"}, 200),
        ({"origin": "foo://127.0.0.1"}, 403),
        ({"origin": "http://x@127.0.0.1"}, 403),
        ({"origin": "http://127.0.0.1/"}, 403),
        ({"origin": "http://127.0.0.1"}, 200),
        ({"host": "localhost:8000", "origin": "http://localhost:8000"}, 200),
        ({"host": "localhost:8000", "origin": "http://localhost:9000"}, 403),
        ({"host": "localhost:8000", "origin": "http://127.0.0.1:8000"}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "file://"}, 403),
        ({"origin": ""}, 403),
        ({"sec-fetch-site": "none"}, 200),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}, 403),
        ({"sec-fetch-site": "same-site", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty"}, 403),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}, 403),
    ],
)
@pytest.mark.parametrize("place", ["/", "/health", "/v1/models", "/openapi.json", "/static/resay.css"])
def test_only_our_own_pages_get_answers(client: TestClient, place: str, headers: dict, status: int) -> None:
    assert client.get(place, headers=headers).status_code == status


@pytest.mark.parametrize(
    ("place", "status"), [("/", 200), ("/health", 200), ("/v1/models", 403), ("/v1/jobs/x/sound.wav", 403)]
)
def test_a_link_of_another_site_leads_to_pages_alone(client: TestClient, place: str, status: int) -> None:
    assert client.get(place, headers=CROSS_FORM).status_code == status


@pytest.mark.parametrize("route", ["/v1/recognize", "/v1/convert", "/v1/read", "/v1/audio/speech"])
def test_a_form_of_another_site_starts_nothing(client: TestClient, route: str) -> None:
    for headers in ({"origin": "http://evil.example"}, CROSS_FORM):
        answer = client.post(route, files=upload(), headers=headers)
        assert answer.status_code == 403
        assert "access-control-allow-origin" not in answer.headers


def test_no_other_site_is_allowed_by_default(client: TestClient) -> None:
    headers = {"origin": "https://friend.example", "access-control-request-method": "POST"}
    answer = client.options("/v1/read", headers=headers)
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


def test_a_site_that_is_allowed_may_ask(shared: TestClient) -> None:
    headers = {"origin": "https://friend.example", "sec-fetch-site": "cross-site"}
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}
    assert shared.options("/v1/read", headers=headers | asked).status_code == 200
    answer = shared.post("/v1/read", json={"text": "Hello"}, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "https://friend.example"
    assert shared.get("/health", headers={"origin": "https://evil.example"}).status_code == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:9"])
def test_a_page_of_another_site_opens_no_connection(client: TestClient, origin: str) -> None:
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect("ws://127.0.0.1/v1/live", headers={"origin": origin}),
    ):
        pass


@pytest.mark.parametrize("place", ["/", "/health", "/v1/models", "/static/resay.css", "/nowhere"])
def test_what_browsers_are_told(client: TestClient, place: str) -> None:
    headers = client.get(place).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert ("no-store" in headers.get("cache-control", "")) == place.startswith("/v1/")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"authorization": f"Bearer {KEY}"}, 200),
        ({"authorization": f"bearer {KEY}"}, 200),
        ({"x-api-key": KEY}, 200),
        ({"authorization": "Basic " + base64.b64encode(f"anybody:{KEY}".encode()).decode()}, 200),
        ({"authorization": "Basic " + base64.b64encode(b"anybody:wrong").decode()}, 401),
        ({"authorization": "Basic ////"}, 401),
        ({"authorization": f"Bearer {KEY}x"}, 401),
        ({"authorization": f"Bearer {KEY[:-1]}"}, 401),
        ({"authorization": "Bearer"}, 401),
        ({"authorization": "Bearer ключ"}, 401),
        ({"x-api-key": ""}, 401),
        ({"cookie": "resay-session=guess"}, 401),
        ({"authorization": f"Bearer {KEY}", "host": "evil.example"}, 403),
        ({"authorization": f"Bearer {KEY}", "host": "resay.example"}, 200),
        ({"authorization": f"Bearer {KEY}", "host": "BOX:8000"}, 200),
        ({"authorization": f"Bearer {KEY}", "origin": "http://evil.example"}, 403),
    ],
)
@pytest.mark.parametrize("place", ["/", "/v1/models", "/metrics", "/openapi.json"])
def test_other_machines_need_the_key(guarded: TestClient, place: str, headers: dict, status: int) -> None:
    encoded = {name: value.encode() for name, value in headers.items()}
    guarded.cookies.clear()
    answer = guarded.get(place, headers=encoded)
    assert answer.status_code == status
    assert answer.headers["x-content-type-options"] == "nosniff"
    if status == 401:
        assert answer.headers["www-authenticate"].startswith("Basic")


def test_health_needs_no_key(guarded: TestClient) -> None:
    guarded.cookies.clear()
    assert guarded.get("/health").status_code == 200


def test_a_browser_that_brought_the_key_has_a_cookie_that_scripts_cannot_read(
    guarded: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    guarded.cookies.clear()
    answer = guarded.get("/", auth=("", KEY))
    cookie = answer.headers["set-cookie"]
    assert KEY not in cookie
    assert "Max-Age=43200" in cookie
    assert "Secure" not in cookie
    assert "; Secure" in guarded.get("/", auth=("", KEY), headers={"x-forwarded-proto": "https"}).headers["set-cookie"]
    assert {"HttpOnly", "SameSite=Strict"} <= {part.strip() for part in cookie.split(";")}
    name, _, value = cookie.partition(";")[0].partition("=")
    assert guarded.get("/v1/models", headers={"cookie": f"{name}={value}"}).status_code == 200
    with guarded.websocket_connect("ws://192.0.2.7/v1/live", headers={"cookie": f"{name}={value}"}) as live:
        assert live.receive_json()["type"] == "session.created"
    end, _, signature = value.partition(".")
    for other in (f"{int(end) + 1}.{signature}", f"{end}.", signature, ".", "", f"{end}.{signature}0"):
        guarded.cookies.clear()
        assert guarded.get("/v1/models", headers={"cookie": f"{name}={other}"}).status_code == 401
    monkeypatch.setattr(time, "time", lambda: int(end) + 1.0)
    assert guarded.get("/v1/models", headers={"cookie": f"{name}={value}"}).status_code == 401
    guarded.cookies.clear()
    with pytest.raises(WebSocketDisconnect), guarded.websocket_connect("ws://192.0.2.7/v1/live"):
        pass


def test_what_is_too_large_is_refused_before_it_arrives(guarded: TestClient) -> None:
    headers = {"authorization": f"Bearer {KEY}"}
    assert guarded.post("/v1/recognize", files=upload(bytes(200_000)), headers=headers).status_code == 413

    def chunks() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(20):
            yield bytes(10_000)
        yield b"\r\n--x--\r\n"

    form = {"content-type": "multipart/form-data; boundary=x"}
    answer = guarded.post("/v1/recognize", content=chunks(), headers=headers | form)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "upload-too-large")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "resay.example"])  # noqa: S104
def test_without_a_key_other_machines_are_not_served(host: str) -> None:
    with pytest.raises(UsageError, match="RESAY_API_KEY"):
        create_app(Settings(host=host))


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("[::1]", True), ("localhost", True), ("LocalHost", True)]
    + [(host, False) for host in ("0.0.0.0", "::", "10.0.0.1", "localhost.example", "", "127.0.0.1.example")],  # noqa: S104
)
def test_what_this_machine_calls_itself(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
