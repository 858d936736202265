"""Webhooks: tells other programs of alerts, again and again until they have taken them.

Messages are signed as the specification Standard Webhooks says, so that receivers need no code of ours.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final
from urllib.parse import urlsplit

import requests

from pipeline import __version__
from pipeline.alerts.receivers import ForbiddenAddress, require_allowed, sending
from pipeline.core.addresses import without_secrets
from pipeline.core.errors import ResayError, SettingsError
from pipeline.core.failures import explained
from pipeline.core.messages import reason
from pipeline.core.options import AlertOptions
from pipeline.store.models import Attempt, Delivery, now
from pipeline.store.outbox import DELIVERED, FAILED, WAITING
from pipeline.store.store import Store

__all__ = ["Deliverer", "addresses_of", "signature"]

_CONNECTING: Final = 5.0
"""Seconds in which a receiver must take the connection; set by hand."""

_ANSWERING: Final = 10.0
"""Seconds in which it must answer; set by hand."""

_DELAYS: Final = (5, 30, 120, 600, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600)
"""Seconds after each failed attempt until the next one: two days in all. Set by hand, after Standard Webhooks."""

_JITTER: Final = 0.2
"""Share by which these differ at random, so that receivers that come back do not get everything at once."""

_LONGEST_DELAY: Final = 24 * 3600
"""Seconds that a receiver may ask to be left alone."""

_GONE: Final = 410
"""Status by which a receiver says that it wants no more messages of this kind."""

_LOOK: Final = 2.0
"""Seconds between two looks for messages that are due; set by hand."""

_PREFIX: Final = "whsec_"
"""Beginning of a key that is written in base64."""


def addresses_of(options: AlertOptions) -> tuple[str, ...]:
    """Return the addresses that options name, each once.

    Raises:
        SettingsError: One is no address of the web, or one that is not allowed; or the key is not what it says.
    """
    found = dict.fromkeys(entry.strip() for entry in options.webhooks.split(",") if entry.strip())
    for entry in found:
        try:
            parts = urlsplit(entry)
            valid = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            valid = False
        if not valid:
            raise SettingsError(
                f"--webhooks cannot be '{without_secrets(entry)[:60]}'.", hint="Give https://… addresses."
            )
        require_allowed(str(parts.hostname), options.webhook_network, numeric=True)
    _key(options.webhook_secret)
    return tuple(found)


def signature(secret: str, identifier: str, timestamp: int, body: str) -> str:
    """Return the signature of a message: HMAC-SHA256 over its identifier, time and body.

    Args:
        secret: The key: any text, or `whsec_` and base64.
        identifier: The header `webhook-id`.
        timestamp: The header `webhook-timestamp`, in seconds since 1970.
        body: The message.
    """
    signed = hmac.digest(_key(secret), f"{identifier}.{timestamp}.{body}".encode(), hashlib.sha256)
    return f"v1,{base64.b64encode(signed).decode()}"


def _key(secret: str) -> bytes:
    """Return the bytes of a key.

    Raises:
        SettingsError: It is not what it says.
    """
    if not secret.startswith(_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error as error:
        raise SettingsError(f"The key for webhooks begins with {_PREFIX}, but no base64 follows.") from error


class Deliverer:
    """Delivers the messages of a store to some addresses until it is closed, each in a thread of its own.

    So a receiver that is slow holds nobody else up. Messages to other addresses, and those that have to be signed if
    there is no key, are left to the processes that were told of these.

    A message is sent at least once: if the database fails just after an attempt, it is sent again with the same
    `webhook-id`. Whatever waits when a process ends is sent by the next one with the same database, address and key.

    Args:
        store: Keeps the messages.
        addresses: Those of `addresses_of`.
        secret: Key for the signatures; empty for none.
        network: Where messages may go: a word of `webhook_network`.
        on_problem: Gets what fails in the database, once until it works again.
    """

    def __init__(
        self,
        store: Store,
        addresses: Sequence[str],
        secret: str = "",
        *,
        network: str = "private",
        on_problem: Callable[[ResayError], None] | None = None,
    ) -> None:
        self._store = store
        self._addresses = tuple(addresses)
        self._secret = secret
        self._network = network
        self._on_problem = on_problem
        self._closing = threading.Event()
        self._new = threading.Condition()
        self._fails = False
        self._telling = threading.Lock()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to deliver."""
        self._threads = [
            threading.Thread(target=self._run, args=(url,), name=f"resay-webhooks-{number}", daemon=True)
            for number, url in enumerate(self._addresses)
        ]
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Look for messages now."""
        with self._new:
            self._new.notify_all()

    def close(self) -> None:
        """Take no more messages, and wait for the attempts that are being made."""
        self._closing.set()
        self.wake()
        until = time.monotonic() + _CONNECTING + _ANSWERING
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def deliver_due(self) -> int:
        """Deliver what is due now, and wait for that; return how many attempts were made.

        Raises:
            StoreUnavailable: The database fails.
        """
        if not self._addresses:
            return 0
        with ThreadPoolExecutor(len(self._addresses), thread_name_prefix="resay-webhooks") as threads:
            return sum(threads.map(self._deliver, self._addresses))

    def _deliver(self, url: str) -> int:
        count = 0
        take = partial(self._store.outbox.take, url, signing=bool(self._secret))
        while not self._closing.is_set() and (delivery := take()):
            self._attempt(delivery)
            count += 1
        return count

    def _run(self, url: str) -> None:
        while not self._closing.is_set():
            try:
                self._deliver(url)
                self._fails = False
            except Exception as error:  # The messages stay where they are.
                with self._telling:
                    if not self._fails and self._on_problem:
                        self._on_problem(explained(error, "The webhooks"))
                    self._fails = True
            with self._new:
                if not self._closing.is_set():
                    self._new.wait(_LOOK)

    def _attempt(self, delivery: Delivery) -> None:
        started, at = time.perf_counter(), now()
        status, problem, asked = self._send(delivery)
        attempt = Attempt(at=at, status=status, problem=problem, seconds=time.perf_counter() - started)
        if not problem:
            self._store.outbox.record(delivery, attempt, state=DELIVERED)
        elif status == _GONE or delivery.tries >= len(_DELAYS):
            self._store.outbox.record(delivery, attempt, state=FAILED)
        else:
            delay = max(_DELAYS[delivery.tries] * random.uniform(1 - _JITTER, 1 + _JITTER), asked)  # noqa: S311
            self._store.outbox.record(delivery, attempt, state=WAITING, after=delay)

    def _send(self, delivery: Delivery) -> tuple[int | None, str, float]:
        """Send a message; return the status, why it was not taken, and the seconds that the receiver asks for."""
        timestamp = int(time.time())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"Resay/{__version__}",
            "webhook-id": delivery.id,
            "webhook-timestamp": str(timestamp),
        }
        if self._secret:
            headers["webhook-signature"] = signature(self._secret, delivery.id, timestamp, delivery.body)
        try:
            with (
                sending(self._network, _ANSWERING) as session,
                session.post(
                    delivery.url,
                    data=delivery.body.encode(),
                    headers=headers,
                    timeout=(_CONNECTING, _ANSWERING),
                    # Somewhere else is not where it was meant to go.
                    allow_redirects=False,
                    # Whatever the answer says, nobody reads it.
                    stream=True,
                ) as answer,
            ):
                status, wait = answer.status_code, answer.headers.get("Retry-After", "")
        except ForbiddenAddress as error:
            return None, error.message.rstrip("."), 0.0
        except requests.RequestException as error:
            told = reason(error)
            # Some of them quote the address, in which there may be a password.
            return None, told if "://" not in told else "the address cannot be asked", 0.0
        if 200 <= status < 300:
            return status, "", 0.0
        return status, f"it answers {status}", min(float(wait), _LONGEST_DELAY) if wait.isdecimal() else 0.0
