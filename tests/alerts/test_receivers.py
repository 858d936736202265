"""Where webhooks may go: never where clouds hand out keys, however the address is written or found."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from pipeline.alerts import webhooks
from pipeline.alerts.receivers import ForbiddenAddress, require_allowed
from pipeline.alerts.webhooks import Deliverer, addresses_of
from pipeline.core.options import AlertOptions
from pipeline.store.outbox import DELIVERED, FAILED
from pipeline.store.store import Store
from tests.alerts.conftest import Receiver
from tests.alerts.test_webhooks import raise_alert

PUBLIC, PRIVATE, NEVER = ("public", "private", "any"), ("private", "any"), ("any",)
"""Networks in which an address is allowed."""

ADDRESSES = {
    "8.8.8.8": PUBLIC,
    "134744072": PUBLIC,
    "2606:4700:4700::1111": PUBLIC,
    "64:ff9b::808:808": PUBLIC,
    "::ffff:8.8.8.8": PUBLIC,
    "2002:808:808::1": PUBLIC,
    "127.0.0.1": PRIVATE,
    "127.1": PRIVATE,
    "2130706433": PRIVATE,
    "0x7f000001": PRIVATE,
    "0177.0.0.1": PRIVATE,
    "::1": PRIVATE,
    "::ffff:127.0.0.1": PRIVATE,
    "10.1.2.3": PRIVATE,
    "172.16.0.1": PRIVATE,
    "192.168.1.10": PRIVATE,
    "100.64.0.1": PRIVATE,
    "fd12:3456::1": PRIVATE,
    "64:ff9b::a00:1": PRIVATE,
    "169.254.169.254": NEVER,
    "169.254.170.2": NEVER,
    "2852039166": NEVER,
    "0xa9fea9fe": NEVER,
    "0xa9.0xfe.0xa9.0xfe": NEVER,
    "0251.0376.0251.0376": NEVER,
    "169.254.43518": NEVER,
    "::ffff:169.254.169.254": NEVER,
    "::ffff:a9fe:a9fe": NEVER,
    "::169.254.169.254": NEVER,
    "64:ff9b::a9fe:a9fe": NEVER,
    "2002:a9fe:a9fe::": NEVER,
    "fe80::1": NEVER,
    "fd00:ec2::254": NEVER,
    "100.100.100.200": NEVER,
    "168.63.129.16": NEVER,
    "0.0.0.0": NEVER,  # noqa: S104
    "0": NEVER,
    "::": NEVER,
    "224.0.0.1": NEVER,
    "255.255.255.255": NEVER,
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_addresses_are_allowed_in_networks(address: str) -> None:
    url = f"http://[{address}]/x" if ":" in address else f"http://{address}/x"
    for network in ("public", "private", "any"):
        options = AlertOptions(webhooks=url, webhook_network=network)
        if network in ADDRESSES[address]:
            assert addresses_of(options) == (url,)
            assert require_allowed(address, network)
        else:
            with pytest.raises(ForbiddenAddress, match="leads to"):
                addresses_of(options)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(webhooks, "_DELAYS", ())
    store = Store(str(tmp_path / "calls.sqlite"))
    yield store
    store.close()


def name(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Let the name `receiver.test` have such addresses, one answer after the other; return what is asked for."""
    asked: list[str] = []
    waiting = list(answers)
    real = socket.getaddrinfo

    def find(host: str, port: object, *arguments: int, **named: int) -> list[tuple]:
        asked.append(host)
        if host != "receiver.test":
            return real(host, port, *arguments, **named)
        found = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return [entry for address in found for entry in real(address, port, *arguments, **named)]

    monkeypatch.setattr(socket, "getaddrinfo", find)
    return asked


@pytest.mark.parametrize(
    ("answers", "network", "problem"),
    [
        ([["127.0.0.1"]], "private", ""),
        ([["127.0.0.1"]], "public", "leads to 127.0.0.1, which is not on the internet"),
        ([["169.254.169.254"]], "private", "leads to 169.254.169.254, where clouds keep keys"),
        ([["127.0.0.1", "::ffff:a9fe:a9fe"]], "private", "where clouds keep keys"),
        # Asked again, the name leads elsewhere: the connection goes where it led at first.
        ([["127.0.0.1"], ["169.254.169.254"]], "private", ""),
        # Nobody listens at the first one.
        ([["127.0.0.2", "127.0.0.1"]], "private", ""),
    ],
)
def test_names_are_looked_up(
    answers: list[list[str]], network: str, problem: str, store: Store, receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    name(monkeypatch, *answers)
    raise_alert(store, receiver.url.replace("127.0.0.1", "receiver.test"))
    Deliverer(store, [receiver.url.replace("127.0.0.1", "receiver.test")], network=network).deliver_due()
    (delivery,) = store.outbox.log()
    assert delivery.state == (FAILED if problem else DELIVERED)
    assert problem in delivery.attempts[0].problem
    assert len(receiver.taken) == (0 if problem else 1)
    if not problem:
        assert receiver.taken[0][0]["Host"].startswith("receiver.test:")


def test_a_redirection_leads_nowhere(store: Store, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = name(monkeypatch, ["127.0.0.1"])
    receiver.answers, receiver.headers = [307], {"Location": "http://169.254.169.254/latest/meta-data/"}
    raise_alert(store, receiver.url)
    Deliverer(store, [receiver.url], network="any").deliver_due()
    (delivery,) = store.outbox.log()
    assert delivery.attempts[0].problem == "it answers 307"
    assert set(asked) <= {"127.0.0.1"}


def test_a_proxy_gets_no_message_for_a_forbidden_address(
    store: Store, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", receiver.url)
    monkeypatch.delenv("no_proxy", raising=False)
    addresses = ["http://169.254.169.254/x", "http://receiver.example/y"]
    raise_alert(store, *addresses)
    Deliverer(store, addresses).deliver_due()
    states = {delivery.url: delivery.state for delivery in store.outbox.log()}
    assert states == {"http://169.254.169.254/x": FAILED, "http://receiver.example/y": DELIVERED}
    assert [headers["Host"] for headers, _ in receiver.taken] == ["receiver.example"]
