"""Live sessions that are watched: alerts while a customer still speaks."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from pipeline.alerts.people import CUSTOMER
from pipeline.alerts.rules import Alert, AlertFinder, AlertRule
from pipeline.alerts.watching import as_kept
from pipeline.core.values import Segment
from pipeline.store.store import Store, call_of

__all__ = ["WatchedSession"]


class WatchedSession:
    """Keeps what a customer says in one live session, and finds its alerts; one thread may use it.

    Args:
        store: Where calls are kept.
        rule: When something is an alert.
        customer: Who speaks: everybody in the session is this customer.
        webhooks: Addresses that are told of each alert.
    """

    def __init__(self, store: Store, rule: AlertRule, customer: str, webhooks: Sequence[str] = ()) -> None:
        self._store = store
        self._finder = AlertFinder(rule)
        self._customer = customer
        self._webhooks = tuple(webhooks)
        self._call = 0
        self._segments: list[Segment] = []
        self._alerts: dict[tuple[str, float], Alert] = {}

    def add(self, segments: Sequence[Segment]) -> list[dict[str, Any]]:
        """Add finished segments; return the alerts that they begin, lengthen or end, as they are kept.

        Raises:
            StoreUnavailable: The database fails; what was added is kept with what comes next.
        """
        for segment in segments:
            said = dataclasses.replace(segment, speaker=CUSTOMER)
            self._segments.append(said)
            self._find(self._finder.add(said))
        return self._keep() if self._segments else []

    def end(self) -> list[dict[str, Any]]:
        """End the session; return the alerts that end with it.

        Raises:
            StoreUnavailable: The database fails; it can be ended again.
        """
        self._find(self._finder.end())
        return self._keep() if self._segments or self._alerts else []

    def _find(self, alerts: Sequence[Alert]) -> None:
        for alert in alerts:
            self._alerts[alert.emotion, alert.start] = alert

    def _keep(self) -> list[dict[str, Any]]:
        if not self._call:
            model = next((each.emotion.model for each in self._segments if each.emotion), "")
            call = call_of(kind="live", customer=self._customer, model=model)
            self._store.add(call)
            self._call = call.id
        kept = self._store.extend(
            self._call, self._segments, as_kept(list(self._alerts.values())), webhooks=self._webhooks
        )
        self._segments.clear()
        self._alerts.clear()
        return [{"call": self._call} | alert.to_dict() for alert in kept]
