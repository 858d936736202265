"""The store: adds calls, finds them again, counts them, and forgets them."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Engine, Select, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from pipeline.core.values import Segment
from pipeline.store.database import StoreUnavailable, open_database, telling, writing
from pipeline.store.models import Call, CallAlert, CallSegment, Forgotten, now, plain_text
from pipeline.store.outbox import ENDED, RAISED, Outbox, messages

__all__ = ["LONGEST_CUSTOMER", "Search", "Store", "Trend", "call_of"]

LONGEST_CUSTOMER: Final = 200
"""Characters of a customer's name that are kept: the width of the column."""

_AT_ONCE: Final = 500
"""Rows of an export that are read at once: few megabytes. Set by hand."""


@dataclass(frozen=True)
class Search:
    """Which calls are wanted; what is empty does not matter."""

    text: str = ""
    """Words that were said, in any order and case; each may be a part of one."""
    customer: str = ""
    """Whose calls."""
    first_day: str = ""
    """The earliest day, YYYY-MM-DD."""
    last_day: str = ""
    """The latest day, YYYY-MM-DD."""
    emotion: str = ""
    """With an alert of this emotion."""
    severity: str = ""
    """With an alert as urgent as this."""
    with_alerts: bool = False
    """With any alert."""


@dataclass(frozen=True)
class Trend:
    """The calls of one customer on one day, or in one hour of it."""

    when: str
    """The day, YYYY-MM-DD, or the hour of a day, HH."""
    customer: str
    """Whose calls; empty for those of nobody in particular, and for those of all."""
    calls: int = 0
    seconds: float = 0.0
    """Of all calls together."""
    alerts: int = 0
    high: int = 0
    """Alerts of the highest severity."""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields, ready for JSON."""
        return {
            "when": self.when,
            "customer": self.customer,
            "calls": self.calls,
            "seconds": round(self.seconds, 3),
            "alerts": self.alerts,
            "high": self.high,
        }


def call_of(
    source: str = "",
    *,
    customer: str = "",
    recorded_at: datetime.datetime | None = None,
    digest: str | None = None,
    kind: str = "recording",
    **values: Any,
) -> Call:
    """Return a call that can be added.

    Args:
        source: Path of the recording.
        customer: Whose call it is.
        recorded_at: When; by default at this moment.
        digest: SHA-256 of the recording.
        kind: `recording` or `live`.
        values: Other columns of `Call`.
    """
    moment = recorded_at or now()
    return Call(
        source=plain_text(source),
        customer=plain_text(customer)[:LONGEST_CUSTOMER],
        recorded_at=moment,
        day=moment.astimezone().date().isoformat(),
        digest=digest,
        kind=kind,
        **values,
    )


class Store:
    """Calls and their alerts in a database; several threads and processes may use it.

    What a method has returned from is on the disk.

    Args:
        where: A file, or the URL of a PostgreSQL database.

    Raises:
        StoreUnavailable: It cannot be opened.
        SettingsError: It was written by a newer version, or is of another kind.
        EngineMissing: A package is not installed.
    """

    def __init__(self, where: str) -> None:
        self._engine: Engine = open_database(where)
        self.outbox = Outbox(self)
        """Messages about alerts."""

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Provide a session that reads.

        Raises:
            StoreUnavailable: The database fails.
        """
        with telling(self._engine), Session(self._engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Provide a session whose work is done as a whole, or not at all.

        Raises:
            StoreUnavailable: The database fails; nothing is done.
        """
        with (
            telling(self._engine),
            self._engine.connect() as connection,
            writing(connection).begin(),
            Session(connection, expire_on_commit=False) as session,
        ):
            yield session
            session.flush()

    def is_known(self, digest: str) -> bool:
        """Return whether a recording was analysed, or deleted on request.

        Raises:
            StoreUnavailable: The database fails.
        """
        with self.reading() as session:
            return _is_known(session, digest)

    def add(
        self,
        call: Call,
        segments: Sequence[Segment] = (),
        alerts: Sequence[CallAlert] = (),
        *,
        webhooks: Iterable[str] = (),
    ) -> bool:
        """Add a call with what was said in it, its alerts, and a message about each of them.

        Args:
            call: Of `call_of`.
            segments: What was said and how.
            alerts: Of these segments.
            webhooks: Addresses that get the messages.

        Returns:
            Whether it was added: the same recording is kept once.

        Raises:
            StoreUnavailable: The database fails; nothing is added.
        """
        digest = call.digest
        try:
            with self.writing() as session:
                if digest and _is_known(session, digest):
                    return False
                call.segments = [_kept(segment) for segment in segments]
                call.alerts = list(alerts)
                session.add(call)
                session.flush()
                session.add_all(messages(RAISED, call, call.alerts, webhooks))
        except StoreUnavailable as error:
            if isinstance(error.__cause__, IntegrityError) and digest and self.is_known(digest):
                return False  # Somebody else was quicker.
            raise
        return True

    def extend(
        self,
        identifier: int,
        segments: Sequence[Segment],
        alerts: Sequence[CallAlert] = (),
        *,
        webhooks: Iterable[str] = (),
    ) -> list[CallAlert]:
        """Add what was said next in a live session, and the alerts that it begins, lengthens or ends.

        Args:
            identifier: Of the call.
            segments: What was said and how.
            alerts: They replace those of the same speaker, emotion and start.
            webhooks: Addresses that get a message about each alert that is new or has ended.

        Returns:
            The alerts as they are kept; none if the call was deleted meanwhile.

        Raises:
            StoreUnavailable: The database fails; nothing is added.
        """
        webhooks = list(webhooks)
        with self.writing() as session:
            call = session.get(Call, identifier)
            if call is None:
                return []
            session.add_all(_kept(segment, call_id=identifier) for segment in segments)
            call.duration = max([call.duration, *(segment.end for segment in segments)])
            known = {(alert.speaker, alert.emotion, alert.start): alert for alert in call.alerts}
            changed: list[CallAlert] = []
            for alert in alerts:
                before = known.get((alert.speaker, alert.emotion, alert.start))
                if before is None:
                    alert.call_id = identifier
                    session.add(alert)
                    session.flush()
                    session.add_all(messages(RAISED, call, [alert], webhooks))
                    changed.append(alert)
                    continue
                for name in ("end", "seconds", "score", "severity", "words", "reason", "ended"):
                    setattr(before, name, getattr(alert, name))
                if alert.ended:
                    session.add_all(messages(ENDED, call, [before], webhooks))
                changed.append(before)
        return changed

    def find(self, identifier: int) -> Call | None:
        """Return a call with everything that is known of it; None if there is none.

        Raises:
            StoreUnavailable: The database fails.
        """
        with self.reading() as session:
            return session.scalar(
                select(Call)
                .where(Call.id == identifier)
                .options(selectinload(Call.segments), selectinload(Call.alerts))
            )

    def search(self, wanted: Search = Search(), *, limit: int = 50, offset: int = 0) -> tuple[list[Call], int]:
        """Return calls with their alerts, the latest first, and how many there are in all.

        Args:
            wanted: Which calls.
            limit: How many at most.
            offset: How many are left out before.

        Raises:
            StoreUnavailable: The database fails.
        """
        with self.reading() as session:
            count = session.scalar(_wanted(select(func.count(Call.id)), wanted)) or 0
            chosen = _wanted(select(Call), wanted).order_by(Call.recorded_at.desc(), Call.id.desc())
            calls = session.scalars(chosen.limit(limit).offset(offset).options(selectinload(Call.alerts)))
            return list(calls), count

    def every(self, wanted: Search = Search()) -> Iterator[Call]:
        """Yield calls with their alerts, the earliest first; memory does not grow with their number.

        Raises:
            StoreUnavailable: The database fails.
        """
        last = 0
        while True:
            with self.reading() as session:
                chosen = _wanted(select(Call), wanted).where(Call.id > last).order_by(Call.id).limit(_AT_ONCE)
                calls = list(session.scalars(chosen.options(selectinload(Call.alerts))))
            yield from calls
            if len(calls) < _AT_ONCE:
                return
            last = calls[-1].id

    def trends(self, wanted: Search = Search(), *, by_customer: bool = False) -> list[Trend]:
        """Count calls and alerts of each day, the latest first.

        Args:
            wanted: Which calls.
            by_customer: Whether to count each customer apart.

        Raises:
            StoreUnavailable: The database fails.
        """
        groups = (Call.day, Call.customer) if by_customer else (Call.day,)
        with self.reading() as session:
            counted = session.execute(
                _wanted(select(func.count(Call.id), func.sum(Call.duration), *groups), wanted).group_by(*groups)
            ).all()
            high = func.count(CallAlert.id).filter(CallAlert.severity == "high")
            alerted = session.execute(
                _wanted(select(func.count(CallAlert.id), high, *groups).join(CallAlert.call), wanted).group_by(*groups)
            ).all()
        alerts = {tuple(key): (count, urgent) for count, urgent, *key in alerted}
        found = [
            Trend(
                str(key[0]), str(key[1]) if by_customer else "", count, seconds or 0.0, *alerts.get(tuple(key), (0, 0))
            )
            for count, seconds, *key in counted
        ]
        return sorted(found, key=lambda trend: ([-int(part) for part in trend.when.split("-")], trend.customer))

    def hours(self, day: str) -> list[Trend]:
        """Count calls and alerts of each hour of a day, as clocks of this place tell it.

        Args:
            day: YYYY-MM-DD.

        Raises:
            StoreUnavailable: The database fails.
        """
        hours = [Trend(f"{hour:02d}", "") for hour in range(24)]
        with self.reading() as session:
            for call in session.scalars(select(Call).where(Call.day == day).options(selectinload(Call.alerts))):
                hour = call.recorded_at.astimezone().hour
                before = hours[hour]
                hours[hour] = Trend(
                    before.when,
                    "",
                    before.calls + 1,
                    before.seconds + call.duration,
                    before.alerts + len(call.alerts),
                    before.high + sum(alert.severity == "high" for alert in call.alerts),
                )
        return hours

    def forget(self, customer: str) -> list[str]:
        """Delete everything about a customer; their recordings will not be analysed again.

        Returns:
            The paths of these recordings, which stay where they are; an empty one stands for a live session.

        Raises:
            StoreUnavailable: The database fails; nothing is deleted.
        """
        with self.writing() as session:
            chosen = list(session.execute(select(Call.source, Call.digest).where(Call.customer == customer)))
            for _, digest in chosen:
                if digest and session.get(Forgotten, digest) is None:
                    session.add(Forgotten(digest=digest))
            session.execute(delete(Call).where(Call.customer == customer))
        self._overwrite()
        return sorted({source for source, _ in chosen})

    def delete_older(self, days: int) -> int:
        """Delete calls that are older; return how many there were.

        Args:
            days: Age of the youngest that goes; 0 deletes none.

        Raises:
            StoreUnavailable: The database fails; nothing is deleted.
        """
        if not days:
            return 0
        with self.writing() as session:
            old = select(Call.id).where(Call.recorded_at < now() - datetime.timedelta(days=days))
            count = session.scalar(select(func.count()).select_from(old.subquery())) or 0
            if count:
                session.execute(delete(Call).where(Call.id.in_(old)))
        if count:
            self._overwrite()
        return count

    def _overwrite(self) -> None:
        """Leave nothing of what was deleted in the log that SQLite keeps beside its file."""
        if self._engine.dialect.name == "sqlite":
            with telling(self._engine), self._engine.connect() as connection:
                connection.connection.dbapi_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]


def _is_known(session: Session, digest: str) -> bool:
    found = session.scalar(select(Call.id).where(Call.digest == digest))
    return found is not None or session.get(Forgotten, digest) is not None


def _wanted(chosen: Select[Any], wanted: Search) -> Select[Any]:
    """Return a selection of those calls that are wanted."""
    for word in plain_text(wanted.text).casefold().split():
        chosen = chosen.where(Call.segments.any(CallSegment.searched.contains(word, autoescape=True)))
    if wanted.customer:
        chosen = chosen.where(Call.customer == plain_text(wanted.customer))
    if wanted.first_day:
        chosen = chosen.where(Call.day >= wanted.first_day)
    if wanted.last_day:
        chosen = chosen.where(Call.day <= wanted.last_day)
    if wanted.emotion:
        chosen = chosen.where(Call.alerts.any(CallAlert.emotion == wanted.emotion))
    if wanted.severity:
        chosen = chosen.where(Call.alerts.any(CallAlert.severity == wanted.severity))
    return chosen.where(Call.alerts.any()) if wanted.with_alerts else chosen


def _kept(segment: Segment, **values: Any) -> CallSegment:
    """Return a segment as it is kept."""
    scores, said = segment.emotion, plain_text(segment.text)
    return CallSegment(
        start=segment.start,
        end=segment.end,
        speaker=(segment.speaker or "")[:60],
        text=said,
        searched=said.casefold(),
        emotion=scores.top if scores else "",
        confidence=scores.confidence if scores else 0.0,
        unsure=scores.unsure if scores else True,
        probabilities={label: round(share, 4) for label, share in zip(scores.labels, scores.probabilities, strict=True)}
        if scores
        else {},
        **values,
    )
