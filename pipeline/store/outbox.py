"""The outbox: messages about alerts, kept together with the alerts until they are delivered."""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import joinedload, selectinload

from pipeline.core.files import as_json
from pipeline.store.models import Attempt, Call, CallAlert, Delivery, now

if TYPE_CHECKING:
    from pipeline.store.store import Store

__all__ = ["DELIVERED", "ENDED", "FAILED", "RAISED", "WAITING", "Outbox", "messages"]

RAISED: Final = "alert.raised"
"""Type of the message about a new alert."""

ENDED: Final = "alert.ended"
"""Type of the message about an alert of a live session that will not grow any more."""

WAITING: Final = "waiting"
DELIVERED: Final = "delivered"
FAILED: Final = "failed"
"""States of a message."""

_LEASE: Final = datetime.timedelta(seconds=60)
"""How long a message belongs to whoever delivers it; longer than any attempt. If they die, it is tried again then."""


def messages(
    kind: str, call: Call, alerts: Iterable[CallAlert], webhooks: Iterable[str], *, signed: bool
) -> Iterator[Delivery]:
    """Yield a message about each alert for each address, due at once.

    Args:
        kind: `RAISED` or `ENDED`.
        call: Where the alerts are; kept already.
        alerts: Kept already.
        webhooks: The addresses.
        signed: Whether they have to be signed.
    """
    webhooks = list(webhooks)
    about = {name: call.to_dict()[name] for name in ("id", "source", "kind", "customer", "recorded_at")}
    for alert in alerts:
        body = as_json(
            {"type": kind, "timestamp": now().isoformat(), "data": {"alert": alert.to_dict(), "call": about}}
        )
        for url in webhooks:
            yield Delivery(
                id=f"msg_{secrets.token_hex(12)}",
                alert_id=alert.id,
                url=url,
                body=body,
                signed=signed,
                state=WAITING,
                next_at=now(),
            )


class Outbox:
    """The messages of a store.

    Args:
        store: Keeps them.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def take(self, url: str, *, signing: bool) -> Delivery | None:
        """Return the message that is due longest, which nobody else gets for a minute; None if none is due.

        Args:
            url: Address to which it goes.
            signing: Whether it will be signed; others must not leave unsigned what has to be.

        Raises:
            StoreUnavailable: The database fails.
        """
        mine = select(Delivery).where(Delivery.url == url)
        mine = mine if signing else mine.where(Delivery.signed.is_(False))
        while True:
            with self._store.reading() as session:
                due = mine.where(Delivery.state == WAITING, Delivery.next_at <= now())
                found = session.scalar(due.order_by(Delivery.next_at).limit(1))
            if found is None:
                return None
            with self._store.writing() as session:
                taken = session.execute(
                    update(Delivery)
                    .where(Delivery.id == found.id, Delivery.state == WAITING, Delivery.tries == found.tries)
                    .where(Delivery.next_at == found.next_at)
                    .values(next_at=now() + _LEASE)
                )
                if taken.rowcount:  # type: ignore[attr-defined]
                    return found

    def record(self, delivery: Delivery, attempt: Attempt, *, state: str, after: float = 0.0) -> None:
        """Keep what became of an attempt.

        Args:
            delivery: Of `take`.
            attempt: What became of it.
            state: `DELIVERED`, `FAILED`, or `WAITING` for another attempt.
            after: Seconds until that.

        Raises:
            StoreUnavailable: The database fails; the message will be sent again.
        """
        with self._store.writing() as session:
            kept = session.get(Delivery, delivery.id)
            if kept is None:
                return  # Deleted with its customer.
            kept.state, kept.tries = state, kept.tries + 1
            kept.next_at = now() + datetime.timedelta(seconds=after)
            attempt.delivery_id = delivery.id
            session.add(attempt)

    def log(self, *, state: str = "", limit: int = 100) -> list[Delivery]:
        """Return messages with their attempts, the latest first.

        Args:
            state: Of these alone; all by default.
            limit: How many at most.

        Raises:
            StoreUnavailable: The database fails.
        """
        chosen = select(Delivery).order_by(Delivery.created_at.desc(), Delivery.id).limit(limit)
        if state:
            chosen = chosen.where(Delivery.state == state)
        with self._store.reading() as session:
            return list(session.scalars(chosen.options(selectinload(Delivery.attempts), joinedload(Delivery.alert))))

    def count(self, state: str, urls: Collection[str] | None = None) -> int:
        """Return how many messages are in a state.

        Args:
            state: One of the three.
            urls: Of those to these addresses alone; by default to all.

        Raises:
            StoreUnavailable: The database fails.
        """
        counted = select(func.count(Delivery.id)).where(Delivery.state == state)
        with self._store.reading() as session:
            return session.scalar(counted if urls is None else counted.where(Delivery.url.in_(urls))) or 0

    def retry(self) -> int:
        """Let all messages that failed or wait be tried at once; return how many there are.

        Raises:
            StoreUnavailable: The database fails.
        """
        with self._store.writing() as session:
            changed = session.execute(
                update(Delivery).where(Delivery.state != DELIVERED).values(state=WAITING, next_at=now(), tries=0)
            )
            return int(changed.rowcount)  # type: ignore[attr-defined]
