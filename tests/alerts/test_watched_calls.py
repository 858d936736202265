"""Folders that are watched: each recording once, the customer alone, and nothing lost when something fails."""

from __future__ import annotations

import datetime
import json
import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pipeline import VoicePipeline
from pipeline.alerts import sessions, watching
from pipeline.alerts.people import People, hear
from pipeline.alerts.rules import AlertRule
from pipeline.alerts.sessions import Endings, WatchedSession
from pipeline.alerts.watching import CallWatcher, WatchedCall
from pipeline.core.errors import ResayError
from pipeline.core.options import AlertOptions
from pipeline.core.values import EmotionScores, Segment, Turn
from pipeline.store import database
from pipeline.store.database import StoreUnavailable
from pipeline.store.models import now
from pipeline.store.outbox import WAITING
from pipeline.store.search import Search
from pipeline.store.store import Store, call_of
from tests.alerts.conftest import RATE, Ears, write_call
from tests.patience import until
from tests.store.test_store import alert


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(str(tmp_path / "calls.sqlite"))
    yield store
    store.close()


@pytest.fixture
def folder(tmp_path: Path, agent: np.ndarray, customer: np.ndarray) -> Path:
    """Two calls of Anna; the customer is on the second channel."""
    write_call(tmp_path / "calls" / "Anna" / "1.wav", agent, customer)
    write_call(tmp_path / "calls" / "Anna" / "2.wav", agent, customer[::-1])
    return tmp_path / "calls"


def watched(
    pipeline: VoicePipeline, store: Store, folder: Path, problems: list[ResayError] | None = None, **options: object
) -> list[WatchedCall]:
    asked = AlertOptions(**{"customer_channel": "2"} | options)
    told = (lambda error: None) if problems is None else problems.append
    return list(CallWatcher(pipeline, store, asked, on_problem=told).watch(str(folder), once=True))


def test_each_recording_is_analysed_once(hearing: VoicePipeline, ears: Ears, store: Store, folder: Path) -> None:
    (folder / "notes.txt").write_text("no recording")
    (folder / "broken.wav").write_bytes(b"RIFF")
    calls = {Path(call.source).name: call for call in watched(hearing, store, folder)}
    assert sorted(calls) == ["1.wav", "2.wav", "broken.wav"]
    (alert,) = calls["1.wav"].alerts
    assert alert.start == pytest.approx(3.5, abs=0.3)
    assert alert.end == pytest.approx(8.5, abs=0.3)
    assert alert.reason == f"angry 0.90 for {alert.seconds:.1f} s: “cancel my contract”"
    assert "decoded" in calls["broken.wav"].heard.problem
    count = len(ears.judged)
    assert watched(hearing, store, folder) == []
    (folder / "Anna" / "1.wav").rename(folder / "moved.wav")
    assert watched(hearing, store, folder) == [], "its content is known"
    assert len(ears.judged) == count
    (kept,), _ = store.search(Search(text="contract", customer="Anna", with_alerts=True), limit=1)
    assert os.path.isabs(kept.source)
    assert (kept.duration, kept.model) == (20.0, "ears")


@pytest.mark.parametrize(
    ("name", "people", "judged", "said", "problem"),
    [
        ("two.wav", People(channel=2), 1, "customer", ""),
        ("swapped.wav", People(channel=1), 1, "customer", ""),
        ("two.wav", People(channel=2, employees_because="safety: fatigue"), 4, "agent customer", ""),
        ("two.wav", People(channel=3), 0, "", "2 channels, so nobody knows who the customer is"),
        ("mono.wav", People(channel=1), 0, "", "one channel, so nobody knows who the customer is"),
        ("same.wav", People(channel=2), 0, "", "Both channels hold the same sound"),
        ("voice.wav", People(speaker="everybody"), 1, "customer", ""),
        ("stereo.wav", People(speaker="everybody"), 1, "customer", ""),
        ("left.wav", People(speaker="everybody"), 1, "customer", ""),
        ("two.wav", People(speaker="everybody"), 0, "", "not everybody is a customer, so nobody was judged"),
        ("noisy.wav", People(speaker="everybody"), 0, "", "not everybody is a customer, so nobody was judged"),
        ("third.wav", People(speaker="everybody"), 0, "", "not everybody is a customer, so nobody was judged"),
        ("silent.wav", People(channel=2), 0, "", "Nothing was heard"),
    ],
)
def test_nobody_but_the_customer_is_judged(
    name: str, people: People, judged: int, said: str, problem: str, tmp_path: Path, hearing: VoicePipeline,
    ears: Ears, agent: np.ndarray, customer: np.ndarray,
) -> None:  # fmt: skip
    silence = np.zeros_like(agent)
    hiss = 0.01 * np.random.default_rng(2).standard_normal(len(agent)).astype(np.float32)
    channels = {
        "two.wav": (agent, customer),
        "swapped.wav": (customer, agent),
        "mono.wav": (agent + customer,),
        "same.wav": (agent + customer, agent + customer),
        "voice.wav": (customer,),
        "stereo.wav": (customer, 0.5 * customer + 0.5 * np.roll(customer, 8)),
        "left.wav": (customer, silence),
        "noisy.wav": (agent + hiss, customer + hiss[::-1]),
        "third.wav": (customer, customer, agent),
        "silent.wav": (agent, silence),
    }
    heard = hear(hearing, str(write_call(tmp_path / name, *channels[name])), people)
    assert len(ears.judged) == judged, "the recogniser gets nothing else"
    assert " ".join(sorted({segment.speaker for segment in heard.segments})) == said
    assert problem in heard.problem
    assert bool(heard.problem) == bool(problem)
    assert heard.duration == pytest.approx(20)


@pytest.mark.parametrize(
    ("wanted", "apart", "said", "problem"),
    [
        ("speaker 2", False, ["cancel my contract"], ""),
        ("Speaker 1", False, ["yes", "yes"], ""),
        (
            "speaker 9",
            False,
            [],
            "There is no speaker 9 in it: nobody was judged. The speakers are speaker 1, speaker 2.",
        ),
        (
            "speaker 2",
            True,
            ["cancel my contract"],
            "call.wav seems to hold one speaker on each channel, as recorded calls do:"
            " --customer-channel N says which one is the customer's.",
        ),
    ],
)
def test_a_speaker_is_the_customer(
    wanted: str, apart: bool, said: list[str], problem: str, tmp_path: Path, hearing: VoicePipeline, ears: Ears,
    turns: Callable[..., np.ndarray], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Speakers are told apart first, and others are not judged."""

    class Diariser:
        def stream(self):
            return self

        def add(self, audio, activity):
            pass

        def turns(self, count):
            return (Turn(0, 4, "speaker 1"), Turn(5, 13, "speaker 2"), Turn(13, 20, "speaker 1"))

    monkeypatch.setattr(hearing.engines, "diariser", Diariser)
    both = [(0.5, 2.5), (6, 6), (14, 2.5)]
    channels = [turns(20, both[0], both[2]), turns(20, both[1])] if apart else [turns(20, *both)]
    heard = hear(hearing, str(write_call(tmp_path / "call.wav", *channels)), People(speaker=wanted))
    assert [segment.text for segment in heard.segments] == said
    assert len(ears.judged) == len(said)
    assert heard.problem.removeprefix(f"{tmp_path}{os.sep}") == problem


def test_what_is_too_old_is_left_out(hearing: VoicePipeline, ears: Ears, store: Store, folder: Path) -> None:
    old = time.time() - 91 * 86400
    os.utime(folder / "Anna" / "1.wav", (old, old))
    assert [Path(call.source).name for call in watched(hearing, store, folder)] == ["2.wav"]
    assert [Path(call.source).name for call in watched(hearing, store, folder, keep_days=0)] == ["1.wav"]
    assert store.search()[1] == 2
    assert watched(hearing, store, folder) == []
    assert store.search()[1] == 1


def test_one_odd_recording_stops_no_others(
    hearing: VoicePipeline, store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = str(folder / "Anna" / "1.wav")
    status = os.stat

    def of_the_future(path, **options):
        found = status(path, **options)
        return os.stat_result((*found[:8], 3e11, *found[9:])) if str(path) == odd else found

    monkeypatch.setattr(watching.os, "stat", of_the_future)  # Not every disk keeps such a day.
    problems: list[ResayError] = []
    assert [Path(call.source).name for call in watched(hearing, store, folder, problems)] == ["2.wav"]
    assert [error.message for error in problems] == [f"{odd} was last changed on a day that there is not."]


def test_a_forgotten_customer_stays_forgotten(hearing: VoicePipeline, ears: Ears, store: Store, folder: Path) -> None:
    watched(hearing, store, folder)
    store.forget("Anna")
    ears.judged.clear()
    assert watched(hearing, store, folder) == []
    assert ears.judged == []


def test_a_locked_database_loses_nothing(
    hearing: VoicePipeline, store: Store, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call is told only once it is kept; until then it is tried again."""
    monkeypatch.setattr(database, "_BUSY", 0.1)
    monkeypatch.setattr(watching, "_LONGEST_WAIT", 0.1)
    store.close()
    impatient = Store(str(tmp_path / "calls.sqlite"))
    other = sqlite3.connect(tmp_path / "calls.sqlite", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    problems: list[ResayError] = []
    monkeypatch.setattr(watching.time, "sleep", lambda seconds: None)
    with pytest.raises(StoreUnavailable, match="something else writes to it"):
        watched(hearing, impatient, folder, problems, webhooks="https://a.example")
    assert len(problems) == 1
    assert impatient.search()[1] == 0
    monkeypatch.setattr(watching.time, "sleep", lambda seconds: other.in_transaction and other.execute("COMMIT"))
    assert len(watched(hearing, impatient, folder, problems, webhooks="https://a.example")) == 2
    assert len(problems) == 2
    assert impatient.outbox.count(WAITING) == 2
    impatient.close()


def test_an_interruption_loses_nothing(hearing: VoicePipeline, store: Store, folder: Path) -> None:
    watcher = CallWatcher(hearing, store, AlertOptions(customer_channel="2"), on_problem=lambda error: None)
    calls = watcher.watch(str(folder), once=True)
    assert Path(next(calls).source).name == "1.wav"
    calls.close()
    assert store.search()[1] == 1, "what was told is kept"
    assert [Path(call.source).name for call in watched(hearing, store, folder)] == ["2.wav"]


def test_what_arrives_is_watched(hearing: VoicePipeline, store: Store, folder: Path, agent, customer) -> None:
    pytest.importorskip("watchfiles")
    watcher = CallWatcher(hearing, store, AlertOptions(customer_channel="2"), on_problem=lambda error: None)
    calls = watcher.watch(str(folder))
    assert [Path(next(calls).source).name for _ in range(2)] == ["1.wav", "2.wav"]
    write_call(folder / "Ben" / "3.wav", agent * 0.9, customer)
    found = next(calls)
    assert (Path(found.source).name, found.customer, len(found.alerts)) == ("3.wav", "Ben", 1)
    calls.close()


def test_a_failure_of_an_engine_is_tried_again(
    hearing: VoicePipeline, ears: Ears, store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    problems: list[ResayError] = []
    working = ears.transcribe
    monkeypatch.setattr(ears, "transcribe", lambda *a, **k: (_ for _ in ()).throw(RuntimeError("out of luck")))
    assert watched(hearing, store, folder, problems) == []
    assert len(problems) == 2
    assert "1.wav" in problems[0].message
    monkeypatch.setattr(ears, "transcribe", working)
    assert len(watched(hearing, store, folder)) == 2


def said(start: float, seconds: float, share: float) -> Segment:
    scores = EmotionScores(("angry", "neutral"), (share, 1 - share), model="test")
    return Segment(start, start + seconds, "cancel my contract", emotion=scores)


def heard(session: WatchedSession, *segments: Segment) -> list[dict]:
    for segment in segments:
        session.hear(segment)
    return session.keep()


def kinds(store: Store) -> list[str]:
    """Return the types of the messages, in order of time."""
    found = sorted(store.outbox.log(), key=lambda message: message.next_at)
    return [json.loads(message.body)["type"] for message in found]


def test_a_session_tells_alerts_while_it_goes_on(store: Store) -> None:
    session = WatchedSession(store, AlertRule(), "Anna", ["https://a.example"])
    assert heard(session, said(0, 3, 0.8)) == []
    (raised,) = heard(session, said(4, 3, 0.8))
    assert (raised["ended"], raised["seconds"], raised["severity"]) == (False, 6, "medium")
    (ended,) = heard(session, said(8, 3, 0.1))
    assert (ended["id"], ended["ended"]) == (raised["id"], True)
    assert session.end() == []
    (call,), _ = store.search(Search(customer="Anna"))
    assert (call.kind, call.duration, len(call.alerts)) == ("live", 11.0, 1)
    assert kinds(store) == ["alert.raised", "alert.ended"]


def test_an_alert_that_begins_and_ends_at_once_is_told_twice(store: Store) -> None:
    """As when the database was locked meanwhile."""
    session = WatchedSession(store, AlertRule(), "Anna", ["https://a.example"])
    (alert,) = heard(session, said(0, 5, 0.8), said(6, 3, 0.1))
    assert alert["ended"]
    session.end()
    assert kinds(store) == ["alert.raised", "alert.ended"]


def test_a_session_keeps_later_what_could_not_be_kept(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = WatchedSession(store, AlertRule(), "Anna")
    heard(session, said(0, 3, 0.8))
    other = sqlite3.connect(tmp_path / "calls.sqlite", isolation_level=None)
    with store.writing() as held:  # The pool has a connection that waits 10 s; another store would be quicker.
        held.connection().exec_driver_sql("PRAGMA busy_timeout=100")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable):
        heard(session, said(4, 3, 0.8))
    other.execute("COMMIT")
    (alert,) = heard(session, said(8, 3, 0.9))
    assert alert["seconds"] == 9
    found = store.find(alert["call"])
    assert found
    assert [segment.start for segment in found.segments] == [0, 4, 8]


@pytest.mark.parametrize("gone", ["forgotten", "the file is removed"])
def test_a_session_whose_call_is_gone_says_so_and_goes_on_as_a_new_one(gone: str, store: Store, tmp_path: Path) -> None:
    session = WatchedSession(store, AlertRule(), "Anna", ["https://a.example"])
    (before,) = heard(session, said(0, 5, 0.8))
    if gone == "forgotten":
        assert store.forget("Anna").calls == 1
    else:
        for path in tmp_path.glob("calls.sqlite*"):
            path.unlink()
        with pytest.raises(StoreUnavailable, match="was removed or replaced"):
            store.search()
        # Its number is that of somebody else now.
        store.add(call_of(kind="live", customer="Ben"))
    with pytest.raises(StoreUnavailable, match="What was kept of this call was deleted"):
        heard(session, said(6, 5, 0.9))
    *_, alert = session.end()
    assert (alert["call"] != before["call"], alert["start"], alert["seconds"]) == (True, 6, 5), "nothing of before"
    (call,), _ = store.search(Search(customer="Anna"))
    found = store.find(call.id)
    assert found
    assert [segment.start for segment in found.segments] == [6]
    assert kinds(store) == ["alert.raised", "alert.ended"]


def test_a_session_that_nobody_has_any_more_is_ended(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if the database is locked at that moment."""
    monkeypatch.setattr(sessions, "_LOOK", 0.01)
    endings = Endings()
    session = WatchedSession(store, AlertRule(), "Anna", ["https://a.example"], leave=endings.add)
    heard(session, said(0, 5, 0.8))
    with store.writing() as held:
        held.connection().exec_driver_sql("PRAGMA busy_timeout=10")
    other = sqlite3.connect(tmp_path / "calls.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    session.hear(said(6, 5, 0.9))
    tries, add = [], store.extend
    monkeypatch.setattr(store, "extend", lambda *a, **k: tries.append(1) or add(*a, **k))
    endings.start()
    session.leave()
    until(lambda: len(tries) > 2)
    assert kinds(store) == ["alert.raised"]
    other.execute("COMMIT")
    until(lambda: "alert.ended" in kinds(store))
    endings.close()
    (call,), _ = store.search()
    assert (call.duration, call.alerts[0].ended, call.alerts[0].seconds) == (11, True, 10)
    session.leave()
    assert len(kinds(store)) == 2, "once is enough"


def test_alerts_of_a_process_that_was_killed_are_ended_by_the_next_one(store: Store) -> None:
    for minutes, customer in ((59, "Anna"), (61, "Ben")):
        began = now() - datetime.timedelta(minutes=minutes)
        call = call_of(kind="live", customer=customer, recorded_at=began)
        store.add(call)
        store.extend(call, [said(0, 5, 0.8)], [alert(ended=False)], webhooks=["https://a.example"])
    assert store.end_abandoned(webhooks=["https://a.example"]) == 1
    assert store.end_abandoned(webhooks=["https://a.example"]) == 0
    ended = {call.customer: call.alerts[0].ended for call in store.search()[0]}
    assert ended == {"Anna": False, "Ben": True}, "the session of Anna may go on"
    assert kinds(store) == ["alert.raised", "alert.raised", "alert.ended"]


def test_anger_of_an_actor_is_heard(shared_data: Callable[[str], Path], store: Store, tmp_path: Path) -> None:
    """The real engines, on recordings of RAVDESS: an angry customer, a calm agent."""
    ravdess = shared_data("ravdess")
    from pipeline.audio import read_audio

    def spoken(emotion: str) -> np.ndarray:
        clips = sorted(ravdess.rglob(f"03-01-{emotion}-02-0?-0?-12.*"))
        return np.concatenate([read_audio(clip).samples for clip in clips])

    angry, calm = spoken("05"), spoken("02")
    silence = np.zeros
    sound = np.stack(
        [
            np.concatenate([calm, silence(len(angry), np.float32)]),
            np.concatenate([silence(len(calm), np.float32), angry]),
        ],
        axis=1,
    )
    (tmp_path / "calls").mkdir()
    soundfile.write(tmp_path / "calls" / "call.wav", sound, RATE)
    (call,) = watched(VoicePipeline(), store, tmp_path / "calls")
    (alert,) = call.alerts
    assert alert.emotion == "angry"
    assert alert.start > len(calm) / RATE
    assert "door" in alert.words
