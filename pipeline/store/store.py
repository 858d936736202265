"""The store: adds calls, finds them again, counts them, and forgets them."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload, selectinload

from pipeline.core.values import Segment
from pipeline.store.database import Database, StoreUnavailable
from pipeline.store.models import Call, CallAlert, CallSegment, Forgotten, now, plain_text
from pipeline.store.outbox import ENDED, RAISED, Outbox, messages
from pipeline.store.search import EVERY, Search, Trend, as_kept, names_of, narrowed

__all__ = ["CallGone", "Deletion", "Store", "call_of"]

_SILENCE: Final = datetime.timedelta(hours=1)
"""Time after the last word of a live session from which on nobody has it any more; set by hand."""

_AT_ONCE: Final = 500
"""Rows of an export that are read at once: few megabytes. Set by hand."""


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
        customer=as_kept(customer),
        recorded_at=moment,
        day=moment.astimezone().date().isoformat(),
        digest=digest,
        kind=kind,
        **values,
    )


class CallGone(StoreUnavailable):
    """A live session goes on whose call was deleted meanwhile."""

    code = "call-gone"


@dataclass(frozen=True)
class Deletion:
    """What became of a customer who was forgotten."""

    calls: int
    """How many were deleted."""
    recordings: tuple[str, ...]
    """Paths of their recordings, which stay where they are."""
    problem: str
    """Why the words may still be found in the files of the database; empty if they cannot."""


class Store(Database):
    """Calls and their alerts in a database.

    Args:
        where: As `Database`.
        signing: Whether the messages that are added here have to be signed.
    """

    def __init__(self, where: str, *, signing: bool = False) -> None:
        super().__init__(where)
        self.signing = signing
        """Whether the messages that are added here have to be signed."""
        self.outbox = Outbox(self)
        """Messages about alerts."""

    def is_known(self, digest: str) -> bool:
        """Return whether a recording was analysed, or deleted on request.

        Raises:
            StoreUnavailable: The database fails.
        """
        with self.reading() as session:
            return _is_known(session, digest)

    def is_forgotten(self, digest: str) -> bool:
        """Return whether a recording was deleted on request.

        Raises:
            StoreUnavailable: The database fails.
        """
        with self.reading() as session:
            return session.get(Forgotten, digest) is not None

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
                session.add_all(messages(RAISED, call, call.alerts, webhooks, signed=self.signing))
        except StoreUnavailable as error:
            if isinstance(error.__cause__, IntegrityError) and digest and self.is_known(digest):
                return False  # Somebody else was quicker.
            raise
        return True

    def extend(
        self,
        call: Call,
        segments: Sequence[Segment],
        alerts: Sequence[CallAlert] = (),
        *,
        webhooks: Iterable[str] = (),
    ) -> list[CallAlert]:
        """Add what was said next in a live session, and the alerts that it begins, lengthens or ends.

        Args:
            call: Of the session, as it was added.
            segments: What was said and how.
            alerts: Those that changed. One of the same speaker, emotion and start as before takes its place.
            webhooks: Addresses that are told of new alerts, and of those that ended.

        Returns:
            The alerts as they are kept.

        Raises:
            CallGone: It was deleted meanwhile; nothing is added.
            StoreUnavailable: The database fails; nothing is added.
        """
        webhooks = list(webhooks)
        with self.writing() as session:
            found = session.get(Call, call.id)
            # In a database that was begun anew, the number may be that of somebody else.
            if found is None or (found.recorded_at, found.customer) != (call.recorded_at, call.customer):
                raise CallGone(
                    "What was kept of this call was deleted.", hint="What is said from here on is kept as a new one."
                )
            session.add_all(_kept(segment, call_id=call.id) for segment in segments)
            found.duration = max([found.duration, *(segment.end for segment in segments)])
            known = {(alert.speaker, alert.emotion, alert.start): alert for alert in found.alerts}
            changed: list[CallAlert] = []
            for alert in alerts:
                before = known.get((alert.speaker, alert.emotion, alert.start))
                had_ended = before is not None and before.ended
                if before is None:
                    alert.call_id = call.id
                    session.add(alert)
                    session.flush()
                    session.add_all(messages(RAISED, found, [alert], webhooks, signed=self.signing))
                else:
                    for name in ("end", "seconds", "score", "severity", "words", "reason", "ended"):
                        setattr(before, name, getattr(alert, name))
                changed.append(before or alert)
                if alert.ended and not had_ended:
                    session.add_all(messages(ENDED, found, changed[-1:], webhooks, signed=self.signing))
        return changed

    def end_abandoned(self, *, webhooks: Iterable[str] = ()) -> int:
        """End the alerts of live sessions that ended without a word, as when a process is killed.

        Args:
            webhooks: Addresses that are told.

        Returns:
            How many there were.

        Raises:
            StoreUnavailable: The database fails; nothing is changed.
        """
        left = select(CallAlert).join(CallAlert.call).where(CallAlert.ended.is_(False), Call.kind == "live")
        with self.writing() as session:
            # Whether a session goes on is known to the process alone that has it; but none is silent for so long.
            ended = [
                alert
                for alert in session.scalars(left.options(joinedload(CallAlert.call)))
                if now() - alert.call.recorded_at > datetime.timedelta(seconds=alert.call.duration) + _SILENCE
            ]
            for alert in ended:
                alert.ended = True
                session.add_all(messages(ENDED, alert.call, [alert], webhooks, signed=self.signing))
        return len(ended)

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

    def search(self, wanted: Search = EVERY, *, limit: int = 50, offset: int = 0) -> tuple[list[Call], int]:
        """Return calls with their alerts, the latest first, and how many there are in all.

        Args:
            wanted: Which calls.
            limit: How many at most.
            offset: How many are left out before.

        Raises:
            StoreUnavailable: The database fails.
        """
        with self.reading() as session:
            count = session.scalar(narrowed(session, select(func.count(Call.id)), wanted)) or 0
            chosen = narrowed(session, select(Call), wanted).order_by(Call.recorded_at.desc(), Call.id.desc())
            calls = session.scalars(chosen.limit(limit).offset(offset).options(selectinload(Call.alerts)))
            return list(calls), count

    def every(self, wanted: Search = EVERY) -> Iterator[Call]:
        """Yield calls with their alerts, the earliest first; memory does not grow with their number.

        Raises:
            StoreUnavailable: The database fails.
        """
        last = 0
        while True:
            with self.reading() as session:
                chosen = narrowed(session, select(Call), wanted).where(Call.id > last).order_by(Call.id).limit(_AT_ONCE)
                calls = list(session.scalars(chosen.options(selectinload(Call.alerts))))
            yield from calls
            if len(calls) < _AT_ONCE:
                return
            last = calls[-1].id

    def trends(self, wanted: Search = EVERY, *, by_customer: bool = False) -> list[Trend]:
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
                narrowed(session, select(func.count(Call.id), func.sum(Call.duration), *groups), wanted).group_by(
                    *groups
                )
            ).all()
            high = func.count(CallAlert.id).filter(CallAlert.severity == "high")
            alerted = session.execute(
                narrowed(
                    session, select(func.count(CallAlert.id), high, *groups).join(CallAlert.call), wanted
                ).group_by(*groups)
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

    def customers(self, name: str) -> list[str]:
        """Return the kept names that a name stands for: itself, or if there is none, those that differ in case.

        Raises:
            StoreUnavailable: The database fails.
        """
        with self.reading() as session:
            return names_of(session, name)

    def forget(self, customer: str) -> Deletion:
        """Delete everything about a customer; their recordings will not be analysed again.

        Args:
            customer: As `customers`.

        Raises:
            StoreUnavailable: The database fails; nothing is deleted.
        """
        with self.writing() as session:
            theirs = Call.customer.in_(names_of(session, customer))
            chosen = list(session.execute(select(Call.source, Call.digest).where(theirs)))
            for _, digest in chosen:
                if digest and session.get(Forgotten, digest) is None:
                    session.add(Forgotten(digest=digest))
            session.execute(delete(Call).where(theirs))
        self.erase()
        return Deletion(len(chosen), tuple(sorted({source for source, _ in chosen if source})), self.residue)

    def delete_older(self, days: int) -> int:
        """Delete calls that are older; return how many there were.

        Args:
            days: Age of the youngest that goes; 0 deletes none.

        Raises:
            StoreUnavailable: The database fails; nothing is deleted.
        """
        count = 0
        if days:
            with self.writing() as session:
                old = select(Call.id).where(Call.recorded_at < now() - datetime.timedelta(days=days))
                count = session.scalar(select(func.count()).select_from(old.subquery())) or 0
                if count:
                    session.execute(delete(Call).where(Call.id.in_(old)))
        # Also what another process could not overwrite.
        self.erase(wait=bool(count))
        return count


def _is_known(session: Session, digest: str) -> bool:
    found = session.scalar(select(Call.id).where(Call.digest == digest))
    return found is not None or session.get(Forgotten, digest) is not None


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
