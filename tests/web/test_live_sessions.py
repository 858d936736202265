"""Live captions: words while somebody speaks, in spite of failures and of connections that break."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from pipeline import VoicePipeline
from pipeline.audio import SpeechActivity, read_audio
from pipeline.audio.speech_segments import SpeechSegment
from pipeline.chain.engines import Engines
from pipeline.core.errors import EngineFailed
from pipeline.core.options import EngineSettings
from pipeline.core.values import Audio, EmotionScores, Segment
from tests.patience import PATIENCE
from tests.web.conftest import BASE, EXAMPLE, TEXT

ADDRESS = "ws://127.0.0.1/v1/live"
COMPLETED = "conversation.item.input_audio_transcription.completed"
DELTA = "conversation.item.input_audio_transcription.delta"


def sound(times: int = 1, rate: int = 24_000) -> bytes:
    """Return the example so many times, each with a second of silence after it, as 16 bits."""
    once = read_audio(EXAMPLE, sample_rate=rate).samples
    samples = np.concatenate([once, np.zeros(rate, np.float32)] * times)
    return (samples * 32767).astype("<i2").tobytes()


def chunks(data: bytes, size: int = 4800) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


def told(live: Any, kind: str = "resay.ended") -> list[dict[str, Any]]:
    """Return what is told up to an event of a kind; a session that goes on another way fails the test."""
    events = [live.receive_json()]
    while events[-1]["type"] != kind:
        assert events[-1]["type"] != "session.updated", events[-1]
        events.append(live.receive_json())
    return events


def transcripts(events: list[dict[str, Any]]) -> list[str]:
    return [event["transcript"] for event in events if event["type"] == COMPLETED]


@pytest.mark.parametrize("rate", [24_000, *(pytest.param(rate, marks=pytest.mark.slow) for rate in (16_000, 44_100))])
def test_captions_have_words_emotion_and_speaker(client: TestClient, rate: int) -> None:
    with client.websocket_connect(f"{ADDRESS}?rate={rate}") as live:
        created = live.receive_json()
        assert created["type"] == "session.created"
        for chunk in chunks(sound(2, rate), 4801):  # An odd number of bytes: half samples wait for the other half.
            live.send_bytes(chunk)
        live.send_json({"type": "resay.end"})
        events = told(live)
    assert transcripts(events) == [TEXT, TEXT]
    segments = [event["segment"] for event in events if event["type"] == COMPLETED]
    assert segments[0]["emotion"]["emotion"] in segments[0]["emotion"]["probabilities"]
    assert [word["text"] for word in segments[1]["words"]] == TEXT.split()
    assert segments[1]["start"] == pytest.approx(segments[0]["start"] + 3.51, abs=0.1)
    speakers: dict[str, str] = {}
    for event in events:
        speakers |= event.get("speakers", {})
    assert speakers == {"item_1": "speaker 1", "item_2": "speaker 1"}
    numbers = [int(event["event_id"].removeprefix("event_")) for event in events if "event_id" in event]
    assert numbers == list(range(1, len(numbers) + 1))


def test_words_have_their_prosody_where_that_is_asked_for(client: TestClient) -> None:
    with client.websocket_connect(f"{ADDRESS}?rate=16000&prosody=true") as live:
        live.send_bytes(sound(2, 16_000))
        live.send_json({"type": "resay.end"})
        finished = [event for event in told(live) if event["type"] == COMPLETED]
    assert len(finished) == 2
    for event in finished:
        assert len(event["prosody"]) == len(event["segment"]["words"])
        assert len({word["loudness"] for word in event["prosody"]}) > 3
        assert {word["pitch"] is None or abs(word["pitch"]) < 24 for word in event["prosody"]} == {True}


def test_captions_are_those_of_the_pipeline(client: TestClient, engines: Engines) -> None:
    (expected,) = VoicePipeline(engines=engines).transcribe(EXAMPLE, emotions=True).segments
    with client.websocket_connect(f"{ADDRESS}?rate=16000") as live:
        live.send_bytes(sound(1, 16_000))
        live.send_json({"type": "resay.end"})
        (found,) = (event["segment"] for event in told(live) if event["type"] == COMPLETED)
    assert found["text"] == expected.text
    assert found["emotion"]["emotion"] == expected.emotion.top


def test_words_come_before_the_sentence_ends(client: TestClient) -> None:
    with client.websocket_connect(ADDRESS) as live:
        for chunk in chunks(sound()[: 2 * 24_000 * 2]):
            live.send_bytes(chunk)
        hypothesis = told(live, "resay.hypothesis")[-1]
        assert hypothesis["text"].startswith("I never")
        live.send_json({"type": "resay.end"})
        told(live)


@pytest.mark.parametrize("cut", [0.9, *(pytest.param(cut, marks=pytest.mark.slow) for cut in (0.3, 0.5, 1.4))])
def test_a_connection_that_breaks_loses_no_word(client: TestClient, cut: float) -> None:
    data = sound(2)
    first = int(len(data) * cut / 2) // 2 * 2
    with client.websocket_connect(ADDRESS) as live:
        session = live.receive_json()["session"]["id"]
        for chunk in chunks(data[:first]):
            live.send_bytes(chunk)
        before = told(live, "resay.acknowledged")
    known = [event["event_id"] for event in before if "event_id" in event]
    with client.websocket_connect(f"{ADDRESS}?session={session}&after={known[-1] if known else 0}") as live:
        created = live.receive_json()["session"]
        assert created["resumed"]
        assert 0 < created["received_samples"] * 2 <= first
        for chunk in chunks(data[created["received_samples"] * 2 :]):
            live.send_bytes(chunk)
        live.send_json({"type": "resay.end"})
        after = told(live)
    assert transcripts(before) + transcripts(after) == [TEXT, TEXT]
    numbers = [event["event_id"] for event in (*before, *after) if "event_id" in event]
    assert len(numbers) == len(set(numbers))


def test_half_a_sample_before_a_broken_connection_spoils_nothing(client: TestClient) -> None:
    data = sound()
    with client.websocket_connect(ADDRESS) as live:
        session = live.receive_json()["session"]["id"]
        live.send_bytes(data[:48_001])
        told(live, "resay.acknowledged")
    with client.websocket_connect(f"{ADDRESS}?session={session}") as live:
        assert live.receive_json()["session"]["received_samples"] == 24_000
        live.send_bytes(data[48_000:])
        live.send_json({"type": "resay.end"})
        assert transcripts(told(live)) == [TEXT]


def test_what_the_old_connection_still_sends_is_not_heard_again(client: TestClient) -> None:
    with client.websocket_connect(ADDRESS) as first:
        session = first.receive_json()["session"]["id"]
        first.send_bytes(sound())
        told(first, "resay.acknowledged")
        with client.websocket_connect(f"{ADDRESS}?session={session}") as second:
            received = second.receive_json()["session"]["received_samples"]
            assert received * 2 == len(sound())
            first.send_bytes(sound())
            with pytest.raises(WebSocketDisconnect) as closed:
                told(first)
            assert closed.value.code == 4000
            second.send_json({"type": "resay.end"})
            events = told(second)
    assert transcripts(events) == [TEXT]


def test_sound_after_the_end_is_refused(client: TestClient) -> None:
    with client.websocket_connect(ADDRESS) as live:
        live.send_bytes(sound())
        live.send_json({"type": "resay.end"})
        live.send_bytes(sound())
        events = told(live)
    assert [event["error"]["message"] for event in events if event["type"] == "error"] == [
        "The session ends: this sound is not heard. Open another one."
    ]
    acknowledged = [event["received_samples"] for event in events if event["type"] == "resay.acknowledged"]
    assert acknowledged[-1] * 2 == len(sound())


def test_a_session_that_nobody_knows_begins_anew(client: TestClient) -> None:
    with client.websocket_connect(f"{ADDRESS}?session=sess_none&after=9") as live:
        session = live.receive_json()["session"]
        assert (session["resumed"], session["received_samples"]) == (False, 0)
        live.send_json({"type": "resay.end"})
        told(live)


def test_a_second_connection_takes_the_session(client: TestClient) -> None:
    with client.websocket_connect(ADDRESS) as first:
        session = first.receive_json()["session"]["id"]
        with client.websocket_connect(f"{ADDRESS}?session={session}") as second:
            assert second.receive_json()["session"]["resumed"]
            second.send_bytes(sound())
            second.send_json({"type": "resay.end"})
            assert transcripts(told(second)) == [TEXT]


class Failing:
    """Fails at every recognition."""

    name = "failing"

    def recognise(self, audio: object, *, activity: object = None) -> object:
        raise EngineFailed("The graph is broken.")


def test_words_go_on_where_the_emotion_fails(make_app: Callable, engines: Engines) -> None:
    app = make_app()
    broken = Engines(engines.settings, recogniser=Failing(), transcriber=engines.transcriber("en"))
    app.state.service.pipeline = VoicePipeline(engines=broken)
    with TestClient(app, base_url=BASE) as client, client.websocket_connect(ADDRESS) as live:
        live.receive_json()
        live.send_bytes(sound())
        live.send_json({"type": "resay.end"})
        events = told(live)
    assert transcripts(events) == [TEXT]
    assert next(event["segment"]["emotion"] for event in events if event["type"] == COMPLETED) is None
    assert "The graph is broken." in next(event["message"] for event in events if event["type"] == "resay.notice")


class Slow:
    """Recognises an emotion only once the words were shown."""

    name = "slow"

    def __init__(self, engines: Engines) -> None:
        self.shown = threading.Event()
        self._engines = engines

    def recognise(self, audio: Audio, *, activity: SpeechActivity | None = None) -> EmotionScores:
        assert self.shown.wait(PATIENCE)
        return self._engines.recogniser().recognise(audio, activity=activity)


def test_words_do_not_wait_for_the_emotion(make_app: Callable, engines: Engines) -> None:
    app, slow = make_app(), Slow(engines)
    apart = Engines(engines.settings, recogniser=slow, transcriber=engines.transcriber("en"))
    app.state.service.pipeline = VoicePipeline(engines=apart)
    with TestClient(app, base_url=BASE) as client, client.websocket_connect(f"{ADDRESS}?rate=16000") as live:
        live.send_bytes(sound(1, 16_000))
        while told(live, "resay.hypothesis")[-1]["text"] != TEXT:
            pass
        slow.shown.set()
        live.send_json({"type": "resay.end"})
        (segment,) = (event["segment"] for event in told(live) if event["type"] == COMPLETED)
    assert segment["text"] == TEXT
    assert segment["emotion"]["emotion"]


class Counting:
    """Counts how many are heard side by side."""

    name = "counting"

    def __init__(self) -> None:
        self.now, self.most = 0, 0
        self._lock = threading.Lock()

    def transcribe(self, segment: SpeechSegment, *, hotwords: str = "") -> Segment:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.01)
        with self._lock:
            self.now -= 1
        return Segment(segment.start, segment.end, "said")


def test_no_more_sessions_are_heard_side_by_side_than_there_are_processors(make_app: Callable) -> None:
    counting, count = Counting(), (os.cpu_count() or 1) + 2
    app = make_app(live_sessions=count)
    app.state.service.pipeline = VoicePipeline(engines=Engines(EngineSettings(threads=1), transcriber=counting))
    with TestClient(app, base_url=BASE) as client, contextlib.ExitStack() as sessions:
        address = f"{ADDRESS}?rate=16000&emotions=false"
        connections = [sessions.enter_context(client.websocket_connect(address)) for _ in range(count)]
        for live in connections:
            live.send_bytes(sound(1, 16_000))
            live.send_json({"type": "resay.end"})
        for live in connections:
            assert transcripts(told(live)) == ["said"]
    assert 0 < counting.most <= (os.cpu_count() or 1)


def test_clients_of_openai_s_realtime_interface(client: TestClient) -> None:
    """The events of a transcription session, as their documentation has them."""
    with client.websocket_connect("ws://127.0.0.1/v1/realtime?intent=transcription") as live:
        live.receive_json()
        asked = {"type": "transcription", "audio": {"input": {"format": {"type": "audio/pcm", "rate": 24_000}}}}
        asked["audio"]["input"]["transcription"] = {"model": "whisper-1", "language": "en", "prompt": "Resay"}
        live.send_json({"type": "session.update", "session": asked})
        assert told(live, "session.updated")[-1]["session"]["options"]["hotwords"] == "Resay"
        for chunk in chunks(sound()):
            data = base64.b64encode(chunk).decode()
            live.send_json({"type": "input_audio_buffer.append", "audio": data})
        live.send_json({"type": "input_audio_buffer.commit"})
        events = told(live, "input_audio_buffer.committed")
        assert "".join(event["delta"] for event in events if event["type"] == DELTA) == TEXT
        assert transcripts(events) == [TEXT]
        live.send_bytes(sound())
        live.send_json({"type": "resay.end"})
        events = told(live)
        (segment,) = (event["segment"] for event in events if event["type"] == COMPLETED)
        assert segment["start"] > 3.4
        assert {event["item_id"] for event in events if event["type"] == COMPLETED} == {"item_2"}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("rate=1", "rate cannot be '1'"),
        ("rate=fast", "rate cannot be 'fast'"),
        ("rate=99999999999", "rate cannot be"),
        ("language=xx", "There is no language 'xx'."),
        ("language=english%20language", "not written as"),
        ("emotions=perhaps", "emotions cannot be 'perhaps': it must be true or false"),
        ("output=x", "There is no option 'output'."),
        ("emotion_from=%2Fetc%2Fpasswd.wav", "it must be 'speech', 'text' or 'both'"),
        ("speakers=many", "speakers"),
        ("prosody=perhaps", "prosody cannot be 'perhaps': it must be true or false"),
    ],
)
def test_what_a_session_cannot_be_is_told(client: TestClient, query: str, said: str) -> None:
    with client.websocket_connect(f"{ADDRESS}?{query}") as live:
        event = live.receive_json()
        assert event["type"] == "error"
        assert said in event["error"]["message"]
        with pytest.raises(WebSocketDisconnect):
            live.receive_json()


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("{", "not JSON"),
        ("[" * 50_000, "not JSON"),
        ("1" * 5000, "not JSON"),
        ('{"type": "\\ud800"}', "not JSON"),
        ('{"type": "session.update", "session": {"options": {"hotwords": "\\ud800"}}}', "not JSON"),
        ('{"type": "session.update", "session": {"options": {"\\ud800": 1}}}', "not JSON"),
        ("[]", "There is no message"),
        ('{"type": "unknown"}', "There is no message 'unknown'"),
        ('{"type": ["a"]}', "There is no message"),
        ('{"type": "input_audio_buffer.append", "audio": "?"}', "not base64"),
        ('{"type": "input_audio_buffer.append", "audio": 7}', "not base64"),
        ('{"type": "session.update"}', "session is missing"),
        ('{"type": "session.update", "session": {"options": {"output": "x"}}}', "There is no option 'output'"),
        ('{"type": "session.update", "session": {"options": {"emotion_from": "/etc/x.wav"}}}', "emotion_from"),
        ('{"type": "session.update", "session": {"audio": {"input": {"format": {"type": "g711"}}}}}', "audio/pcm"),
        ('{"type": "session.update", "session": {"audio": {"input": {"format": {"rate": "x"}}}}}', "audio/pcm"),
    ],
)
def test_what_a_message_says_wrongly_is_told_and_the_session_goes_on(client, message: str, said: str) -> None:
    with client.websocket_connect(ADDRESS) as live:
        live.receive_json()
        live.send_text(message)
        assert said in told(live, "error")[-1]["error"]["message"]
        live.send_json({"type": "resay.end"})
        told(live)


def test_options_cannot_change_once_sound_has_arrived(client: TestClient) -> None:
    with client.websocket_connect(ADDRESS) as live:
        live.send_bytes(bytes(4800))
        live.send_text(json.dumps({"type": "session.update", "session": {"options": {"language": "en"}}}))
        assert "has begun" in told(live, "error")[-1]["error"]["message"]
        live.send_json({"type": "resay.end"})
        told(live)


def is_refused(client: TestClient) -> bool:
    """Return whether there is no room for another session."""
    with client.websocket_connect(ADDRESS) as live:
        is_busy = live.receive_json().get("error", {}).get("code") == "busy"
        if is_busy:
            with pytest.raises(WebSocketDisconnect):
                live.receive_json()
    return is_busy


def test_only_so_many_sessions_are_open(make_app: Callable) -> None:
    with TestClient(make_app(live_sessions=1), base_url=BASE) as client:
        with client.websocket_connect(ADDRESS) as first:
            session = first.receive_json()["session"]["id"]
            assert is_refused(client)
            # One whose connection broke keeps its place.
            first.close(1011)
            assert is_refused(client)
            with client.websocket_connect(f"{ADDRESS}?session={session}") as again:
                assert again.receive_json()["session"]["resumed"]
        # One that was left makes room.
        with client.websocket_connect(ADDRESS) as third:
            assert third.receive_json()["session"]["id"] != session


@pytest.mark.parametrize(("query", "cookie"), [("hotwords=" + 9000 * "a", ""), ("rate=16000", "a=" + 9000 * "a")])
def test_a_line_that_is_too_long_is_answered(address: str, query: str, cookie: str) -> None:
    """The lines of a WebSocket's request have a limit of their own."""
    place = urlsplit(address)
    lines = [f"GET /v1/live?{query} HTTP/1.1", f"Host: {place.netloc}", "Upgrade: websocket", "Connection: Upgrade"]
    lines += ["Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {22 * 'A'}==", f"Cookie: {cookie}", "", ""]
    with socket.create_connection((place.hostname, place.port), timeout=PATIENCE) as connection:
        connection.sendall("\r\n".join(lines).encode())
        assert connection.recv(1000).startswith(b"HTTP/1.1 431 ")
        assert connection.recv(1000) == b""
