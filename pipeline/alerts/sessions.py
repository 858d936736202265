"""Live sessions that are watched: alerts while a customer still speaks."""

from __future__ import annotations

import dataclasses
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final

from pipeline.alerts.people import CUSTOMER
from pipeline.alerts.rules import Alert, AlertFinder, AlertRule
from pipeline.alerts.watching import as_kept
from pipeline.core.failures import explained
from pipeline.core.values import Segment
from pipeline.store.database import StoreUnavailable
from pipeline.store.models import Call
from pipeline.store.store import CallGone, Store, call_of

__all__ = ["Endings", "WatchedSession"]

logger = logging.getLogger(__name__)

_LOOK: Final = 2.0
"""Seconds between two attempts to end what could not be ended; set by hand."""

_LAST_SECONDS: Final = 3.0
"""Seconds that the sessions of a server that ends get to be kept: fewer than it has. Set by hand."""


class WatchedSession:
    """Keeps what a customer says in one live session, and finds its alerts; several threads may use it.

    Whatever was heard stays here until it is kept.

    Args:
        store: Where calls are kept.
        rule: When something is an alert.
        customer: Who speaks: everybody in the session is this customer.
        webhooks: Addresses that are told of each alert.
        leave: Gets the session when nobody has it any more, and ends it.
    """

    def __init__(
        self,
        store: Store,
        rule: AlertRule,
        customer: str,
        webhooks: Sequence[str] = (),
        *,
        leave: Callable[[WatchedSession], None] = lambda session: None,
    ) -> None:
        self._store = store
        self._rule = rule
        self._finder = AlertFinder(rule)
        self._customer = customer
        self._webhooks = tuple(webhooks)
        self._leave = leave
        self._call: Call | None = None
        self._heard: deque[Segment] = deque()
        self._segments: list[Segment] = []
        self._alerts: dict[tuple[str, float], Alert] = {}
        self._has_ended = False
        self._working = threading.Lock()

    @property
    def waits(self) -> bool:
        """Whether something was heard that is not kept."""
        return bool(self._heard)

    def hear(self, segment: Segment) -> None:
        """Add a finished segment; this takes no time."""
        self._heard.append(dataclasses.replace(segment, speaker=CUSTOMER))

    def keep(self) -> list[dict[str, Any]]:
        """Keep what was heard; return the alerts that it begins, lengthens or ends, as they are kept.

        Raises:
            StoreUnavailable: The database fails, or the call was deleted; the rest is kept with what comes next.
        """
        with self._working:
            return self._kept()

    def end(self) -> list[dict[str, Any]]:
        """End the session; return the alerts that change and end with it.

        Raises:
            StoreUnavailable: The database fails; it can be ended again.
        """
        with self._working:
            told = self._kept()
            self._find(self._finder.end())
            told += self._kept()
            self._has_ended = True
            return told

    def leave(self) -> None:
        """Let somebody else end the session, if it has not ended; this takes no time."""
        if not self._has_ended:
            self._leave(self)

    def _find(self, alerts: Sequence[Alert]) -> None:
        for alert in alerts:
            self._alerts[alert.emotion, alert.start] = alert

    def _kept(self) -> list[dict[str, Any]]:
        while self._heard:
            self._segments.append(said := self._heard.popleft())
            self._find(self._finder.add(said))
        if not (self._segments or self._alerts):
            return []
        if self._call is None:
            model = next((each.emotion.model for each in self._segments if each.emotion), "")
            call = call_of(kind="live", customer=self._customer, model=model)
            self._store.add(call)
            self._call = call
        alerts = as_kept(list(self._alerts.values()))
        try:
            kept = self._store.extend(self._call, self._segments, alerts, webhooks=self._webhooks)
        except CallGone:
            # What was said before, and the alerts that quote it, are deleted.
            self._call, self._finder = None, AlertFinder(self._rule)
            self._heard.extendleft(reversed(self._segments))
            self._segments.clear()
            self._alerts.clear()
            raise
        self._segments.clear()
        self._alerts.clear()
        return [{"call": self._call.id} | alert.to_dict() for alert in kept]


class Endings:
    """Ends the sessions that nobody has any more, in a thread of its own, again and again until they are kept."""

    def __init__(self) -> None:
        self._left: deque[WatchedSession] = deque()
        self._new = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="resay-endings", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def add(self, session: WatchedSession) -> None:
        """End a session; this takes no time."""
        self._left.append(session)
        self._new.set()

    def close(self) -> None:
        """Try a last time to end what is left, for a few seconds."""
        self._closing.set()
        self._new.set()
        if self._thread.is_alive():
            self._thread.join(_LAST_SECONDS)
        if count := len(self._left):
            logger.warning("The last words and alerts of %d live sessions could not be kept.", count)

    def _run(self) -> None:
        while True:
            is_last = self._closing.is_set()
            self._new.clear()
            for session in list(self._left):
                try:
                    session.end()
                except CallGone:
                    continue  # The next attempt keeps the rest as a new one.
                except StoreUnavailable:
                    break  # The others would wait for it as long.
                except Exception as error:
                    logger.warning("%s", explained(error, "The end of a live session"))
                self._left.remove(session)
            if is_last:
                return
            self._new.wait(_LOOK if self._left else None)
