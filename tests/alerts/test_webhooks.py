"""Webhooks: signed, sent until they are taken, and nothing lost with a receiver that is slow, down, or fails."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import sqlite3
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from pipeline.alerts import webhooks
from pipeline.alerts.webhooks import Deliverer, signature
from pipeline.core.errors import ResayError
from pipeline.store import database
from pipeline.store.models import Delivery
from pipeline.store.outbox import DELIVERED, FAILED, WAITING
from pipeline.store.store import Store, call_of
from tests.alerts.conftest import Receiver
from tests.patience import PATIENCE, until
from tests.store.test_store import alert, said

SECRET = "a key that is long enough".replace(" ", "-")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(str(tmp_path / "calls.sqlite"))
    yield store
    store.close()


@pytest.fixture(autouse=True)
def _without_delays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "_DELAYS", (0, 0, 0))
    monkeypatch.setattr(webhooks, "_ANSWERING", PATIENCE)
    monkeypatch.setattr(webhooks, "_LOOK", 0.05)


def raise_alert(store: Store, *urls: str, name: str = "a") -> None:
    call = call_of(f"{name}.wav", customer="Anna", digest=name)
    assert store.add(call, [said("cancel it")], [alert()], webhooks=urls)


def test_the_signature_is_that_of_the_specification() -> None:
    """The example of Standard Webhooks."""
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", '{"test": 2432232314}'
    signed = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_message_is_signed_and_says_what_happened(store: Store, receiver: Receiver) -> None:
    raise_alert(store, receiver.url)
    began = int(time.time())
    assert Deliverer(store, [receiver.url], SECRET).deliver_due() == 1
    ((headers, body),) = receiver.taken
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(SECRET.encode(), signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert began <= int(headers["webhook-timestamp"]) <= time.time()
    told = json.loads(body)
    assert told["type"] == "alert.raised"
    assert told["data"]["alert"]["reason"] == "angry 0.80 for 5.0 s: “cancel it”"
    assert told["data"]["call"]["customer"] == "Anna"
    assert Deliverer(store, [receiver.url], SECRET).deliver_due() == 0, "once is enough"


@pytest.mark.parametrize(
    ("answers", "state", "statuses"),
    [
        ([200], DELIVERED, [200]),
        ([204], DELIVERED, [204]),
        ([500, 200], DELIVERED, [500, 200]),
        ([503, 429, 200], DELIVERED, [503, 429, 200]),
        ([404, 200], DELIVERED, [404, 200]),
        ([500] * 9, FAILED, [500] * 4),
        ([410, 200], FAILED, [410]),
        ([302, 200], DELIVERED, [302, 200]),
    ],
)
def test_answers(answers: list, state: str, statuses: list, store: Store, receiver: Receiver) -> None:
    receiver.answers, receiver.headers = answers, {"Location": "http://127.0.0.1:1/elsewhere"}
    raise_alert(store, receiver.url)
    Deliverer(store, [receiver.url]).deliver_due()
    (delivery,) = store.outbox.log()
    assert delivery.state == state
    assert [attempt.status for attempt in delivery.attempts] == statuses
    assert len({headers["webhook-id"] for headers, _ in receiver.taken}) == 1
    assert len({body for _, body in receiver.taken}) == 1
    assert all(attempt.problem for attempt in delivery.attempts[:-1])
    json.dumps(delivery.to_dict())


def test_a_receiver_that_does_not_answer_is_not_waited_for(
    store: Store, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "_DELAYS", (3600,))
    monkeypatch.setattr(webhooks, "_ANSWERING", 0.1)
    receiver.answers = [PATIENCE]
    raise_alert(store, receiver.url)
    assert Deliverer(store, [receiver.url]).deliver_due() == 1
    (delivery,) = store.outbox.log()
    assert delivery.state == WAITING
    monkeypatch.setattr(webhooks, "_ANSWERING", PATIENCE)
    store.outbox.retry()
    assert Deliverer(store, [receiver.url]).deliver_due() == 1
    (delivery,) = store.outbox.log()
    assert (delivery.state, [attempt.status for attempt in delivery.attempts]) == (DELIVERED, [None, 200])


@pytest.mark.parametrize(
    ("answer", "status"),
    [(b"HTTP/1.1 200 OK\r\nX: ", 200), (b"HTTP/1.1 500 No\r\nX: ", 500), (b"HTT", None), (b"", None)],
    ids=["a header of yes", "a header of no", "a status", "nothing"],
)
def test_a_receiver_that_answers_byte_by_byte_is_not_waited_for(
    answer: bytes, status: int | None, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It gets longer from try to try, for on a busy machine even the first bytes take their time."""
    monkeypatch.setattr(webhooks, "_DELAYS", ())
    ended, waited_for = threading.Event(), []

    def trickle(taken: socket.socket) -> None:
        with taken, suppress(OSError):
            taken.sendall(answer)
            until = time.monotonic() + PATIENCE
            while not ended.wait(0.05):
                taken.sendall(b"a" if answer else b"")
                if time.monotonic() > until:
                    waited_for.append(taken)
                    return

    def serve(listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=trickle, args=listening.accept()[:1], daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, args=(listening,), daemon=True).start()
        for number, seconds in enumerate((0.2, 1, 5, 25)):
            monkeypatch.setattr(webhooks, "_ANSWERING", seconds)
            url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
            raise_alert(store, url, name=str(number))
            assert Deliverer(store, [url]).deliver_due() == 1
            found = store.outbox.log()[0]
            if found.attempts[0].status == status:
                break
    ended.set()
    assert not waited_for
    assert [attempt.status for attempt in found.attempts] == [status]
    assert found.state == (DELIVERED if status == 200 else FAILED)


def waits(delivery: Delivery) -> float:
    """Return the seconds between the first attempt and the next one."""
    return (delivery.next_at - delivery.attempts[0].at).total_seconds()


def test_a_receiver_that_asks_for_time_gets_it(store: Store, receiver: Receiver) -> None:
    receiver.answers, receiver.headers = [429], {"Retry-After": "300"}
    raise_alert(store, receiver.url)
    assert Deliverer(store, [receiver.url]).deliver_due() == 1
    (delivery,) = store.outbox.log()
    assert delivery.state == WAITING
    assert 300 <= waits(delivery) < 300 + delivery.attempts[0].seconds + PATIENCE
    assert store.outbox.retry() == 1
    assert Deliverer(store, [receiver.url]).deliver_due() == 1
    assert store.outbox.log()[0].state == DELIVERED


def test_waits_grow(store: Store, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "_DELAYS", (500, 3000, 12_000))
    receiver.answers = [500]
    raise_alert(store, receiver.url)
    Deliverer(store, [receiver.url]).deliver_due()
    (delivery,) = store.outbox.log()
    assert 400 <= waits(delivery) < 600 + delivery.attempts[0].seconds + PATIENCE


def test_a_receiver_that_is_down_gets_it_later(store: Store, receiver: Receiver, monkeypatch) -> None:
    monkeypatch.setattr(webhooks, "_DELAYS", (3600,))
    with socket.socket() as held:  # Nobody else gets the port, and nobody listens.
        held.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{held.getsockname()[1]}/"
        raise_alert(store, nobody, receiver.url)
        Deliverer(store, [nobody, receiver.url]).deliver_due()
    states = {delivery.url: delivery for delivery in store.outbox.log()}
    assert states[receiver.url].state == DELIVERED, "others do not wait for it"
    down = states[nobody]
    assert (down.state, down.attempts[0].problem) == (WAITING, "the connection is refused")


def test_a_silent_receiver_holds_nobody_up(store: Store, receiver: Receiver) -> None:
    """Whatever it takes, the others have everything meanwhile."""
    with socket.create_server(("127.0.0.1", 0)) as silent:  # It takes connections, and says nothing.
        silent_url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        for number in range(6):
            raise_alert(store, silent_url, receiver.url, name=str(number))
        deliverer = Deliverer(store, [silent_url, receiver.url])
        deliverer.start()
        until(lambda: store.outbox.count(DELIVERED) == 6)
        assert {delivery.url for delivery in store.outbox.log(state=DELIVERED)} == {receiver.url}
        assert not [one for one in store.outbox.log(state=WAITING) if one.attempts], "the first attempt goes on"
        assert store.outbox.count(WAITING, [silent_url]) == 6
    deliverer.close()


@pytest.mark.parametrize(
    ("signing", "addresses", "secret", "sent"),
    [
        (True, ["own"], SECRET, True),
        (True, ["own"], "", False),
        (True, [], SECRET, False),
        (True, ["other"], SECRET, False),
        (False, ["own"], "", True),
        (False, ["own"], SECRET, True),
        (False, [], "", False),
    ],
)
def test_messages_of_another_process_are_sent_as_it_would(
    signing: bool, addresses: list[str], secret: str, sent: bool, tmp_path: Path, receiver: Receiver
) -> None:
    """Those of other addresses, and those that need a signature that this one has no key for, wait."""
    of_names = {"own": receiver.url, "other": f"{receiver.url}/other"}
    where = str(tmp_path / "calls.sqlite")
    making, sending = Store(where, signing=signing), Store(where)
    raise_alert(making, receiver.url)
    assert Deliverer(sending, [of_names[name] for name in addresses], secret).deliver_due() == int(sent)
    assert making.outbox.count(WAITING) == int(not sent)
    assert [bool(headers.get("webhook-signature")) for headers, _ in receiver.taken] == [bool(secret)] * sent
    making.close()
    sending.close()


def test_no_log_shows_a_password(store: Store, receiver: Receiver) -> None:
    own = receiver.url.replace("http://", "http://bob:geheim@") + "?token=geheim"
    raise_alert(store, own)
    assert Deliverer(store, [own]).deliver_due() == 1
    ((headers, _),) = receiver.taken
    assert headers["Authorization"].startswith("Basic ")
    (delivery,) = store.outbox.log()
    assert "geheim" not in json.dumps(delivery.to_dict())
    assert delivery.to_dict()["url"] == receiver.url.replace("http://", "http://…@") + "?…"


def test_threads_deliver_beside_a_slow_receiver(store: Store, receiver: Receiver, tmp_path: Path) -> None:
    """What waits when a process ends is sent by the next one."""
    for number in range(6):
        raise_alert(store, receiver.url, name=str(number))
    receiver.answers = [0.2, 500]
    first = Deliverer(store, [receiver.url], SECRET)
    first.start()
    until(lambda: store.outbox.count(DELIVERED) >= 3)
    first.close()
    second = Deliverer(Store(str(tmp_path / "calls.sqlite")), [receiver.url], SECRET)
    second.start()
    second.wake()
    until(lambda: store.outbox.count(DELIVERED) == 6)
    second.close()
    assert len({headers["webhook-id"] for headers, _ in receiver.taken}) == 6


def test_a_locked_database_is_told_once_and_waited_for(
    receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_BUSY", 0.02)
    store = Store(str(tmp_path / "calls.sqlite"))
    raise_alert(store, receiver.url)
    tries, take = [], store.outbox.take
    monkeypatch.setattr(store.outbox, "take", lambda *a, **k: tries.append(1) or take(*a, **k))
    other = sqlite3.connect(tmp_path / "calls.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    problems: list[ResayError] = []
    deliverer = Deliverer(store, [receiver.url], on_problem=problems.append)
    deliverer.start()
    until(lambda: len(tries) > 12 and problems)
    assert len(problems) == 1
    assert receiver.taken == []
    other.execute("COMMIT")
    until(lambda: store.outbox.count(DELIVERED) == 1)
    deliverer.close()
    store.close()
    assert receiver.kinds == ["alert.raised"]
