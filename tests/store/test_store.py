"""The store keeps calls once, finds and counts them, and forgets them without a trace."""

from __future__ import annotations

import datetime
import json
import resource
import signal
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from pipeline.core.errors import SettingsError
from pipeline.core.values import EmotionScores, Segment
from pipeline.store import database
from pipeline.store.database import StoreUnavailable, url_of
from pipeline.store.models import Attempt, Base, CallAlert, now
from pipeline.store.outbox import DELIVERED, WAITING
from pipeline.store.search import Search
from pipeline.store.store import CallGone, Store, call_of
from tests.patience import PATIENCE

HOOK = "https://example.org/alerts"


def said(text: str, start: float = 0.0, emotion: str = "angry", share: float = 0.8) -> Segment:
    scores = EmotionScores((emotion, "neutral"), (share, 1 - share), model="test")
    return Segment(start, start + 5, text, emotion=scores, speaker="customer")


def alert(**values: object) -> CallAlert:
    usual = {
        "emotion": "angry", "speaker": "customer", "start": 0.0, "end": 5.0, "seconds": 5.0, "score": 0.8,
        "severity": "medium", "words": "cancel it", "reason": "angry 0.80 for 5.0 s: “cancel it”", "ended": True,
    }  # fmt: skip
    return CallAlert(**usual | values)


def on(day: str, hour: int = 12) -> datetime.datetime:
    return datetime.datetime.fromisoformat(f"{day}T{hour:02d}:30").astimezone()


CALLS = {
    "anna-1.wav": ("Anna", on("2026-11-01", 9), "I want to cancel my CONTRACT.", {"severity": "high"}),
    "anna-2.wav": ("Anna", on("2026-11-02", 9), "Thank you, that helps.", None),
    "ben-1.wav": ("Ben", on("2026-11-02", 15), "I am so sad: 50% is a_lot.", {"emotion": "sad", "severity": "low"}),
    "nobody.wav": ("", on("2026-11-03"), "Die ÄPFEL sind teuer.", {}),
}


@pytest.fixture
def full(store: Store) -> Store:
    """A store with four calls."""
    for name, (customer, when, text, raised) in CALLS.items():
        alerts = [] if raised is None else [alert(**raised)]
        call = call_of(f"calls/{name}", customer=customer, recorded_at=when, digest=name, duration=60.0, model="test")
        assert store.add(call, [said(text)], alerts, webhooks=[HOOK])
    return store


def names(found: tuple[list, int]) -> list[str]:
    assert len(found[0]) == found[1]
    return [Path(call.source).name for call in found[0]]


def test_tables_are_those_of_the_models(where: str, store: Store) -> None:
    engine = create_engine(url_of(where))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "resay_version"})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_a_call_comes_back_as_it_was(full: Store) -> None:
    (call,), _ = full.search(Search(text="contract"))
    found = full.find(call.id)
    assert found
    told = json.loads(json.dumps(found.to_dict_with_segments()))
    assert (told["customer"], told["day"], told["duration"]) == ("Anna", "2026-11-01", 60.0)
    assert told["segments"][0]["probabilities"] == {"angry": 0.8, "neutral": 0.2}
    assert told["alerts"][0]["reason"] == "angry 0.80 for 5.0 s: “cancel it”"
    assert full.find(10_000) is None


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Search(), ["nobody.wav", "ben-1.wav", "anna-2.wav", "anna-1.wav"]),
        (Search(text="contract CANCEL"), ["anna-1.wav"]),
        (Search(text="contr"), ["anna-1.wav"]),
        (Search(text="äpfel"), ["nobody.wav"]),
        (Search(text="50%"), ["ben-1.wav"]),
        (Search(text="5%"), []),
        (Search(text="a_lot"), ["ben-1.wav"]),
        (Search(text="a-lot"), []),
        (Search(text="'; DROP TABLE resay_calls; --"), []),
        (Search(customer="Anna"), ["anna-2.wav", "anna-1.wav"]),
        (Search(customer="anna"), ["anna-2.wav", "anna-1.wav"]),
        (Search(customer=" ANNA "), ["anna-2.wav", "anna-1.wav"]),
        (Search(customer="ann"), []),
        (Search(first_day="2026-11-02"), ["nobody.wav", "ben-1.wav", "anna-2.wav"]),
        (Search(first_day="2026-11-02", last_day="2026-11-02"), ["ben-1.wav", "anna-2.wav"]),
        (Search(emotion="sad"), ["ben-1.wav"]),
        (Search(severity="high"), ["anna-1.wav"]),
        (Search(with_alerts=True), ["nobody.wav", "ben-1.wav", "anna-1.wav"]),
        (Search(customer="Anna", with_alerts=True), ["anna-1.wav"]),
    ],
)
def test_search(full: Store, wanted: Search, found: list[str]) -> None:
    assert names(full.search(wanted)) == found
    assert [Path(call.source).name for call in full.every(wanted)] == found[::-1]


def test_search_page_by_page(full: Store) -> None:
    pages = [full.search(limit=3, offset=offset) for offset in (0, 3, 6)]
    assert [len(calls) for calls, _ in pages] == [3, 1, 0]
    assert {count for _, count in pages} == {4}


def test_trends(full: Store) -> None:
    told = [(each.when, each.calls, each.seconds, each.alerts, each.high) for each in full.trends()]
    assert told == [("2026-11-03", 1, 60, 1, 0), ("2026-11-02", 2, 120, 1, 0), ("2026-11-01", 1, 60, 1, 1)]
    apart = [(each.when, each.customer, each.calls, each.alerts) for each in full.trends(by_customer=True)]
    assert apart[1:3] == [("2026-11-02", "Anna", 1, 0), ("2026-11-02", "Ben", 1, 1)]
    hours = {each.when: (each.calls, each.alerts) for each in full.hours("2026-11-02") if each.calls}
    assert hours == {"09": (1, 0), "15": (1, 1)}


def test_a_recording_is_kept_once(store: Store) -> None:
    """Also if several have analysed it at the same time."""

    def add(_: int) -> bool:
        return store.add(call_of("a.wav", digest="same"), [said("hello")], [alert()], webhooks=[HOOK])

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(add, range(4))) == [False, False, False, True]
    assert store.search()[1] == store.outbox.count(WAITING) == 1


def test_a_customer_is_forgotten(full: Store, where: str) -> None:
    deletion = full.forget("Anna")
    assert (deletion.calls, deletion.recordings, deletion.problem) == (2, ("calls/anna-1.wav", "calls/anna-2.wav"), "")
    assert names(full.search()) == ["nobody.wav", "ben-1.wav"]
    assert full.outbox.count(WAITING) == 2
    assert full.is_known("anna-1.wav"), "its recording is not analysed again"
    assert not full.add(call_of("calls/anna-1.wav", customer="Anna", digest="anna-1.wav"), [said("again")])
    assert full.forget("Anna").calls == 0
    if "://" not in where:
        content = b"".join(path.read_bytes() for path in Path(where).parent.iterdir())
        assert b"apfel" not in content
        assert b"sad: 50%" in content
        for trace in (b"CONTRACT", b"contract", b"that helps", b"Anna"):
            assert trace not in content


def test_what_is_old_goes(store: Store) -> None:
    for days in (1, 40):
        store.add(call_of(f"{days}.wav", recorded_at=now() - datetime.timedelta(days=days)), [said("hello")])
    assert store.delete_older(0) == 0
    assert store.delete_older(30) == 1
    assert names(store.search()) == ["1.wav"]
    assert store.delete_older(30) == 0


def test_a_live_session_grows(store: Store) -> None:
    call = call_of(kind="live", customer="Anna")
    store.add(call)
    (raised,) = store.extend(call, [said("no")], [alert(ended=False)], webhooks=[HOOK])
    (grown,) = store.extend(call, [said("no!", 6)], [alert(ended=False, seconds=10.0, end=11.0)], webhooks=[HOOK])
    (ended,) = store.extend(call, [], [alert(seconds=10.0, end=11.0, severity="high")], webhooks=[HOOK])
    assert raised.id == grown.id == ended.id
    found = store.find(call.id)
    assert found
    assert (found.duration, len(found.segments), found.alerts[0].severity) == (11.0, 2, "high")
    kinds = sorted(json.loads(message.body)["type"] for message in store.outbox.log())
    assert kinds == ["alert.ended", "alert.raised"]
    store.forget("Anna")
    with pytest.raises(CallGone):
        store.extend(call, [said("still here", 12)], [alert()])


def test_a_message_belongs_to_one(full: Store, where: str, open_store: Callable[[str], Store]) -> None:
    """Two processes that deliver share the messages, and none is lost."""
    stores = [full, open_store(where)]
    with ThreadPoolExecutor(4) as threads:
        taken = [
            found.id
            for found in threads.map(lambda number: stores[number % 2].outbox.take(HOOK, signing=False), range(8))
            if found
        ]
    assert len(taken) == len(set(taken)) == 3
    assert full.outbox.take(HOOK, signing=False) is None
    assert full.outbox.count(WAITING) == 3
    (first, *_) = full.outbox.log()
    full.outbox.record(first, Attempt(at=now(), status=200, problem="", seconds=0.1), state=DELIVERED)
    assert full.outbox.count(DELIVERED) == 1
    assert full.outbox.retry() == 2
    assert full.outbox.take(HOOK, signing=False)


def test_many_open_an_empty_database_at_once(where: str, open_store: Callable[[str], Store]) -> None:
    with ThreadPoolExecutor(4) as threads:
        opened = list(threads.map(open_store, [where] * 4))
    assert [store.search()[1] for store in opened] == [0] * 4


def test_a_newer_database_is_refused(where: str, open_store: Callable[[str], Store]) -> None:
    open_store(where)
    engine = create_engine(url_of(where))
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE resay_version SET version_num = '9999'")
    engine.dispose()
    with pytest.raises(SettingsError, match="newer version"):
        open_store(where)


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("mysql://a@b/c", "cannot be of the kind 'mysql'"),
        ("://", "no URL"),
        ("postgresql://nobody@127.0.0.1:1/calls", "its server cannot be reached"),
        ("/proc/calls.sqlite", "cannot be opened"),
        ("/proc/new/calls.sqlite", "cannot be made"),
        (__file__, "it is no database"),
        ("postgresql://bob:geheim@127.0.0.1:abc/x", "no URL"),
        ("postgresql://bob:geheim@[::1:1/x", "no URL"),
        ("postgresql://bob:geh@eim1@127.0.0.1:1/x", "The database postgresql.psycopg://…@127.0.0.1:1/x fails|…@eim1@"),
        ("postgresql://bob@127.0.0.1:1/x?password=geheim", "its server cannot be reached"),
        ("postgres://bob:geheim@127.0.0.1:1/x", "its server cannot be reached"),
        ("sqlite:///:memory:", "cannot lie in memory"),
        ("sqlite://", "cannot lie in memory"),
        ("sqlite:///file:x?mode=memory&uri=true", "cannot lie in memory"),
        ("sqlite:///x?timeout=abc", "takes no 'timeout'"),
        ("sqlite+aiosqlite:///x", "of the kind 'sqlite.aiosqlite'"),
        ("a\0b", "NUL"),
    ],
)
def test_what_is_no_database_is_told(named: str, said: str) -> None:
    with pytest.raises((SettingsError, StoreUnavailable), match=said) as refused:
        Store(named)
    told = f"{refused.value.message} {refused.value.hint}"
    assert not [secret for secret in ("geheim", "geh@", "secret") if secret in told], "a password is not told"


@pytest.mark.parametrize("place", ["removed", "replaced", "folder removed"])
def test_a_file_that_is_gone_is_told_and_begun_anew(place: str, tmp_path: Path) -> None:
    """Nothing is written where nobody will find it; and what is told as kept lies on the disk."""
    folder = tmp_path / "calls"
    store = Store(str(folder / "calls.sqlite"))
    store.add(call_of("a.wav", digest="a"), [said("hello")])
    if place == "folder removed":
        folder.rename(tmp_path / "elsewhere")
    else:
        for path in folder.iterdir():
            path.unlink()
    if place == "replaced":
        other = Store(str(folder / "calls.sqlite"))
        other.add(call_of("b.wav", digest="b"), [said("hello")])
        other.close()
    with pytest.raises(StoreUnavailable, match="was removed or replaced"):
        store.add(call_of("c.wav", digest="c"), [said("hello")])
    assert store.add(call_of("c.wav", digest="c"), [said("hello")]), "the next attempt works"
    store.close()
    found = Store(str(folder / "calls.sqlite"))
    assert names(found.search()) == (["c.wav", "b.wav"] if place == "replaced" else ["c.wav"])
    found.close()


def test_a_file_that_goes_while_it_is_written_is_told(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "calls.sqlite"))

    def write() -> None:
        with store.writing() as session:
            session.add(call_of("a.wav", digest="a"))
            (tmp_path / "calls.sqlite").rename(tmp_path / "elsewhere.sqlite")

    with pytest.raises(StoreUnavailable, match="was removed or replaced"):
        write()
    assert store.search() == ([], 0)
    store.close()


def traces(folder: Path, *words: bytes) -> list[bytes]:
    content = b"".join(path.read_bytes() for path in folder.iterdir())
    return [word for word in words if word in content]


def test_what_somebody_reads_is_overwritten_later_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_BUSY", 0.05)
    store = Store(str(tmp_path / "calls.sqlite"))
    for digest, name in enumerate(("Anna", "Ben")):
        store.add(call_of(f"{name}.wav", customer=name, digest=str(digest)), [said(f"secret of {name}")])
    reader = sqlite3.connect(tmp_path / "calls.sqlite", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM resay_calls").fetchall()
    deletion = store.forget("Anna")
    assert deletion.calls == 1
    assert "Another program reads the database. What was deleted can be found" in deletion.problem
    assert store.search()[1] == 1
    assert traces(tmp_path, b"secret of Anna", b"secret of Ben") == [b"secret of Anna", b"secret of Ben"]
    reader.execute("COMMIT")
    store.add(call_of("c.wav", digest="c"), [said("hello")])
    assert store.residue == ""
    assert traces(tmp_path, b"Anna", b"secret of Ben") == [b"secret of Ben"]
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM resay_calls").fetchall()
    assert store.forget("Ben").problem
    reader.execute("COMMIT")
    other = Store(str(tmp_path / "calls.sqlite"))
    assert other.delete_older(90) == 0, "any process that looks for what is old"
    assert traces(tmp_path, b"secret of Ben") == []
    reader.close()
    other.close()
    store.close()


def test_a_disk_that_is_full_deletes_all_the_same_and_says_what_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(str(tmp_path / "calls.sqlite"))
    store.add(call_of("a.wav", customer="Anna", digest="a"), [said("hello")])

    def full(self: Store, seconds: float) -> None:
        with self._used():
            raise sqlite3.OperationalError("database or disk is full")

    # The deletion is done by then.
    monkeypatch.setattr(database.Database, "_overwrite", full)
    deletion = store.forget("Anna")
    assert (deletion.calls, store.search()) == (1, ([], 0))
    assert "no space is left on the disk. What was deleted can be found" in deletion.problem
    store.close()


def test_names_are_found_as_people_write_them(store: Store) -> None:
    r"""Bytes that are no letters, and more letters than are kept, are forgotten by the name that was given."""
    for number, name in enumerate(("a\udcff", "x" * 250, "Zoë", "zoë", "ID7")):
        store.add(call_of(f"{number}.wav", customer=name, digest=str(number)))
    assert store.forget("a\udcff").calls == 1
    assert store.forget("x" * 250).calls == 1
    assert store.customers("ZOË") == ["Zoë", "zoë"]
    assert store.forget("Zoë").calls == 1, "identifiers may differ in case alone"
    assert store.customers("ZOË") == ["zoë"]
    assert store.forget("id7").calls == 1


def test_who_writes_meanwhile_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock that lasts is told, and nothing is half done; a short one is not noticed."""
    monkeypatch.setattr(database, "_BUSY", 0.1)
    impatient = Store(str(tmp_path / "calls.sqlite"))
    other = sqlite3.connect(tmp_path / "calls.sqlite", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="something else writes to it"):
        impatient.add(call_of("a.wav", digest="a"), [said("hello")], [alert()], webhooks=[HOOK])
    assert impatient.search() == ([], 0), "reading goes on meanwhile"
    impatient.close()
    monkeypatch.setattr(database, "_BUSY", PATIENCE)
    store = Store(str(tmp_path / "calls.sqlite"))
    released = threading.Timer(0.2, lambda: other.execute("COMMIT"))
    released.start()
    assert store.add(call_of("a.wav", digest="a"), [said("hello")], [alert()], webhooks=[HOOK])
    released.join()
    store.close()


def test_a_full_disk_is_told_and_nothing_is_half_done(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "calls.sqlite"))
    store.add(call_of("a.wav", digest="a"), [said("hello")])
    size = sum(path.stat().st_size for path in tmp_path.iterdir())
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        with pytest.raises(StoreUnavailable, match=r"no space is left|the disk reports an error"):
            store.add(call_of("b.wav", digest="b"), [said("x" * 4 * size)], [alert()], webhooks=[HOOK])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert names(store.search()) == ["a.wav"]
    assert store.outbox.count(WAITING) == 0
    assert store.add(call_of("b.wav", digest="b"), [said("there is room again")])
    store.close()


def test_a_disk_that_can_only_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Store(str(tmp_path / "calls.sqlite")).close()
    with pytest.raises(StoreUnavailable, match=r"it can only be read|cannot be opened"):
        Store(f"sqlite:///file:{tmp_path}/calls.sqlite?mode=ro&immutable=1&uri=true").add(call_of("a.wav"))
    assert not (tmp_path / "file:").exists()
