"""Calls over HTTP: found, counted, handed on, forgotten; live sessions that are watched."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from schemathesis import GenerationMode

from pipeline.batch.journal import content_digest
from pipeline.chain.engines import Engines
from pipeline.core.options import ServerOptions
from pipeline.core.values import EmotionScores
from pipeline.store import database as database_module
from pipeline.store.store import Store, call_of
from pipeline.web.server import address_of, listen, run
from tests.alerts.conftest import Receiver, receiver  # noqa: F401
from tests.patience import PATIENCE, until
from tests.store.test_store import alert, on, said
from tests.web.conftest import BASE, EXAMPLE, TEXT
from tests.web.test_description import ask, operations
from tests.web.test_live_sessions import sound, told, transcripts

pytest.importorskip("sqlalchemy")


class Furious:
    """Hears anger in everything."""

    name = "furious"
    capabilities = frozenset()

    def recognise(self, audio: Any, *, activity: Any = None) -> EmotionScores:
        return EmotionScores(("angry", "neutral"), (0.9, 0.1), model=self.name)


@pytest.fixture
def database(tmp_path: Path) -> str:
    """Two calls of Anna, one of Ben, whose recordings are gone."""
    where = str(tmp_path / "calls.sqlite")
    store = Store(where)
    recording = tmp_path / "anna.wav"
    recording.write_bytes(EXAMPLE.read_bytes())
    for call, text, alerts in (
        (call_of(str(recording), customer="Anna", recorded_at=on("2099-11-28", 9), digest=content_digest(recording)),
         "I want to cancel my contract.", [alert(severity="high")]),
        (call_of(str(tmp_path / "gone.wav"), customer="Anna", recorded_at=on("2099-11-28", 10), digest="x"),
         "Thanks.", []),
        (call_of(str(tmp_path / "=ben.wav"), customer="=Ben", recorded_at=on("2099-11-29"), digest="y"), "So sad.",
         [alert(emotion="sad", severity="low")]),
    ):  # fmt: skip
        store.add(call, [said(text)], alerts)
    store.close()
    return where


@pytest.fixture
def calls(make_app: Callable[..., FastAPI], database: str) -> Iterator[TestClient]:
    with TestClient(make_app(database=database), base_url=BASE) as client:
        yield client


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [3, 2, 1]),
        ("?limit=1", [3]),
        ("?limit=1&offset=1", [2]),
        ("?search=CONTRACT", [1]),
        ("?search=%00", [3, 2, 1]),
        ("?customer=Anna", [2, 1]),
        ("?since=2099-11-29", [3]),
        ("?until=2099-11-28&with_alerts=true", [1]),
        ("?emotion=sad", [3]),
        ("?severity=high", [1]),
    ],
)
def test_calls_are_found(calls: TestClient, query: str, found: list[int]) -> None:
    answer = calls.get(f"/v1/calls{query}")
    assert answer.status_code == 200
    assert [call["id"] for call in answer.json()["calls"]] == found


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("?since=yesterday", 400, "since cannot be 'yesterday'"),
        ("?limit=0", 400, "limit cannot be '0'"),
        ("?severity=awful", 400, "severity cannot be"),
        ("/99", 404, "There is no call 99"),
        ("/0", 400, "call cannot be"),
        ("/99999999999999999999", 400, "call cannot be"),
        ("/2/sound", 404, "gone, or has changed"),
        ("/99/sound", 404, "There is no call 99"),
        ("/hours/today", 400, "day cannot be"),
    ],
)
def test_what_is_not_there_is_told(calls: TestClient, address: str, status: int, said: str) -> None:
    answer = calls.get(f"/v1/calls{address}")
    assert answer.status_code == status
    assert said in answer.json()["error"]["message"]


def test_one_call_has_its_reasons_and_its_sound(calls: TestClient, tmp_path: Path) -> None:
    found = calls.get("/v1/calls/1").json()
    assert found["alerts"][0]["reason"] == "angry 0.80 for 5.0 s: “cancel it”"
    assert found["segments"][0]["text"] == "I want to cancel my contract."
    assert found["has_sound"]
    assert calls.get("/v1/calls/1/sound").content == EXAMPLE.read_bytes()
    part = calls.get("/v1/calls/1/sound", headers={"Range": "bytes=0-99"})
    assert (part.status_code, len(part.content)) == (206, 100)
    (tmp_path / "anna.wav").write_bytes(b"something else, such as a secret")
    assert calls.get("/v1/calls/1/sound").status_code == 404


def test_days_and_hours(calls: TestClient) -> None:
    days = calls.get("/v1/calls/trends").json()["trends"]
    assert [(day["when"], day["calls"], day["alerts"], day["high"]) for day in days] == [
        ("2099-11-29", 1, 1, 0), ("2099-11-28", 2, 1, 1),
    ]  # fmt: skip
    assert len(calls.get("/v1/calls/trends?by_customer=true").json()["trends"]) == 2
    hours = calls.get("/v1/calls/hours/2099-11-28").json()["hours"]
    assert [(hour["when"], hour["calls"]) for hour in hours if hour["calls"]] == [("09", 1), ("10", 1)]


def test_a_table_holds_no_formulas(calls: TestClient) -> None:
    rows = list(csv.DictReader(io.StringIO(calls.get("/v1/calls/table.csv").text)))
    assert [row["call"] for row in rows] == ["1", "2", "3"]
    assert rows[2]["customer"] == "'=Ben"
    assert rows[0]["reason"].startswith("angry 0.80")


def test_a_customer_is_forgotten(calls: TestClient, tmp_path: Path) -> None:
    assert calls.delete("/v1/calls?customer=Anna").json() == {
        "customer": "Anna", "calls": 2, "recordings": [str(tmp_path / "anna.wav")], "problem": "",
    }  # fmt: skip
    assert calls.get("/v1/calls").json()["total"] == 1
    assert calls.delete("/v1/calls").status_code == 400
    stranger = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    assert calls.delete("/v1/calls?customer=%3DBen", headers=stranger).status_code == 403
    assert calls.get("/v1/calls").json()["total"] == 1


def test_servers_without_a_database_have_no_calls(client: TestClient) -> None:
    assert client.get("/v1/calls").status_code == 404
    assert client.get("/calls").status_code == 404
    assert "/calls" not in client.get("/").text
    with client.websocket_connect("ws://127.0.0.1/v1/live?customer=Anna") as live:
        assert "keeps no calls" in live.receive_json()["error"]["message"]


@pytest.mark.parametrize(
    ("customer", "said"), [("agent", "An agent is no customer"), ("x" * 201, "has at most 200 characters")]
)
def test_a_live_session_of_no_customer_is_refused(calls: TestClient, customer: str, said: str) -> None:
    with calls.websocket_connect(f"ws://127.0.0.1/v1/live?customer={customer}") as live:
        assert said in live.receive_json()["error"]["message"]


def test_the_page_is_there(calls: TestClient) -> None:
    assert 'href="/calls"' in calls.get("/").text
    answer = calls.get("/calls")
    assert answer.status_code == 200
    assert "deleted after 90 days" in answer.text


def test_a_live_session_is_watched(
    make_app: Callable[..., FastAPI], tmp_path: Path, receiver: Receiver,  # noqa: F811
    engines: Engines, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """The alert is told, kept and delivered."""
    monkeypatch.setattr(engines, "recogniser", Furious)
    app = make_app(database=str(tmp_path / "live.sqlite"), alert_seconds=2, webhooks=receiver.url)
    with TestClient(app, base_url=BASE) as client:
        with client.websocket_connect("ws://127.0.0.1/v1/live?customer=Anna%20B.") as live:
            assert live.receive_json()["type"] == "session.created"
            live.send_bytes(sound())
            live.send_json({"type": "resay.end"})
            events = told(live)
        (call,) = client.get("/v1/calls?customer=Anna B.").json()["calls"]
        until(lambda: len(receiver.taken) == 2)
    alerts = [event["alert"] for event in events if event["type"] == "resay.alert"]
    assert [(each["emotion"], each["ended"]) for each in alerts] == [("angry", False), ("angry", True)]
    assert "never thought" in alerts[0]["words"]
    assert (call["kind"], call["alerts"][0]["reason"]) == ("live", alerts[-1]["reason"])
    assert sorted(receiver.kinds) == ["alert.ended", "alert.raised"]


def test_words_go_on_when_the_database_fails(
    make_app: Callable[..., FastAPI], tmp_path: Path, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "recogniser", Furious)
    monkeypatch.setattr(database_module, "_BUSY", 0.05)
    app = make_app(database=str(tmp_path / "live.sqlite"), alert_seconds=2)
    with TestClient(app, base_url=BASE) as client:
        other = sqlite3.connect(tmp_path / "live.sqlite", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with client.websocket_connect("ws://127.0.0.1/v1/live?customer=Anna") as live:
            live.receive_json()
            live.send_bytes(sound())
            live.send_json({"type": "resay.end"})
            events = told(live)
        assert client.get("/v1/calls").json()["total"] == 0
        other.execute("COMMIT")
        until(lambda: client.get("/v1/calls?with_alerts=true").json()["total"] == 1)
        (call,) = client.get("/v1/calls").json()["calls"]
    assert (call["customer"], call["alerts"][0]["ended"]) == ("Anna", True), "it is kept as soon as it can be"
    assert transcripts(events) == [TEXT]
    notices = [event["message"] for event in events if event["type"] == "resay.notice"]
    assert notices
    assert all("something else writes to it" in notice for notice in notices)
    assert not [event for event in events if event["type"] == "resay.alert"], "what is told is kept"


def test_a_session_ends_with_the_server(
    make_app: Callable[..., FastAPI], tmp_path: Path, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if its client is there, or has vanished."""
    monkeypatch.setattr(engines, "recogniser", Furious)
    app = make_app(database=str(tmp_path / "live.sqlite"), alert_seconds=2, webhooks="http://127.0.0.1:1/")
    with TestClient(app, base_url=BASE) as client:
        with client.websocket_connect("ws://127.0.0.1/v1/live?customer=Anna") as live:
            live.receive_json()
            live.send_bytes(sound())
            live.send_json({"type": "input_audio_buffer.commit"})
            while live.receive_json()["type"] != "resay.alert":
                pass
        (call,) = client.get("/v1/calls").json()["calls"]
        assert not call["alerts"][0]["ended"]
    store = Store(str(tmp_path / "live.sqlite"))
    (call,), _ = store.search()
    assert call.alerts[0].ended
    assert sorted(json.loads(message.body)["type"] for message in store.outbox.log()) == ["alert.ended", "alert.raised"]
    store.close()


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_no_request_breaks_the_routes(mode: GenerationMode, make_app: Callable[..., FastAPI], database: str) -> None:
    app = make_app(database=database)
    listening = listen(ServerOptions(port=0))
    started = threading.Event()
    threading.Thread(target=run, args=(app, listening, started.set), daemon=True).start()
    assert started.wait(PATIENCE)
    assert ask(address_of(listening), mode, 3, routes="^/v1/calls") > 5


def test_routes_are_described(calls: TestClient) -> None:
    described = {
        name: operation for name, operation in operations(calls.get("/openapi.json").json()).items() if "/calls" in name
    }
    assert len(described) == 8
    for name, operation in described.items():
        assert operation["description"], name
        assert any(content.get("example") for content in operation["responses"]["200"]["content"].values()), name
