"""The tables: calls, their segments and alerts, and the messages that tell of alerts.

`migrations/` makes them; a test compares both.
"""

from __future__ import annotations

import datetime
from typing import Any

from sqlalchemy import JSON, Dialect, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.types import DateTime, TypeDecorator

from pipeline.core.addresses import without_secrets

__all__ = [
    "Attempt",
    "Base",
    "Call",
    "CallAlert",
    "CallSegment",
    "Delivery",
    "Forgotten",
    "UtcTime",
    "now",
    "plain_text",
]


class UtcTime(TypeDecorator[datetime.datetime]):
    """A moment, kept in UTC without a zone: the same in every database."""

    impl = DateTime(timezone=False)
    cache_ok = True

    def process_bind_param(self, value: datetime.datetime | None, dialect: Dialect) -> datetime.datetime | None:
        """Return the moment as it is kept."""
        return value and value.astimezone(datetime.UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime.datetime | None, dialect: Dialect) -> datetime.datetime | None:
        """Return a kept moment with its zone."""
        return value and value.replace(tzinfo=datetime.UTC)


def now() -> datetime.datetime:
    """Return this moment, in UTC."""
    return datetime.datetime.now(datetime.UTC)


def plain_text(text: str) -> str:
    r"""Return a text that every database takes: names of files may have bytes that are no letters.

    >>> plain_text("a\udcff\x00b")
    'a\\xffb'
    """
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace").replace("\0", "")


def _told(moment: datetime.datetime) -> str:
    """Return a moment as JSON has it: in UTC, to the second."""
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Base(DeclarativeBase):
    """What all tables have in common."""

    type_annotation_map = {datetime.datetime: UtcTime, dict[str, float]: JSON}  # noqa: RUF012


class Call(Base):
    """A recording or a live session that was watched."""

    __tablename__ = "resay_calls"
    # A number is never given again: an old link must not lead to the call of somebody else.
    __table_args__ = (Index("ix_resay_calls_day_customer", "day", "customer"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(Text)
    """Path of the recording; empty for a live session."""
    kind: Mapped[str] = mapped_column(String(10))
    """`recording` or `live`."""
    digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    """SHA-256 of the recording; None for a live session."""
    customer: Mapped[str] = mapped_column(String(200), index=True)
    """Whose call it is; empty if nobody knows."""
    recorded_at: Mapped[datetime.datetime] = mapped_column(index=True)
    """When the recording was finished, or the session began."""
    day: Mapped[str] = mapped_column(String(10))
    """The same as a day of this place: YYYY-MM-DD."""
    duration: Mapped[float] = mapped_column(default=0.0)
    """Seconds."""
    model: Mapped[str] = mapped_column(Text, default="")
    """What told the emotions; empty if nobody was judged."""
    problem: Mapped[str] = mapped_column(Text, default="")
    """Why nobody, or not everything, was judged; empty if all was."""
    judged_because: Mapped[str] = mapped_column(Text, default="")
    """Why employees were judged as well; empty if they were not."""
    segments: Mapped[list[CallSegment]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="CallSegment.start"
    )
    alerts: Mapped[list[CallAlert]] = relationship(
        back_populates="call", cascade="all, delete-orphan", passive_deletes=True, order_by="CallAlert.start"
    )

    def to_dict(self) -> dict[str, Any]:
        """Return what a list of calls tells, ready for JSON."""
        return {
            "id": self.id,
            "source": self.source,
            "kind": self.kind,
            "customer": self.customer,
            "recorded_at": _told(self.recorded_at),
            "day": self.day,
            "duration": round(self.duration, 3),
            "model": self.model,
            "problem": self.problem,
            "judged_because": self.judged_because,
            "alerts": [alert.to_dict() for alert in self.alerts],
        }

    def to_dict_with_segments(self) -> dict[str, Any]:
        """Return everything that is known of it, ready for JSON."""
        return self.to_dict() | {"segments": [segment.to_dict() for segment in self.segments]}


class CallSegment(Base):
    """What one person said between two pauses, and how."""

    __tablename__ = "resay_segments"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("resay_calls.id", ondelete="CASCADE"), index=True)
    start: Mapped[float]
    """Seconds from the start of the call."""
    end: Mapped[float]
    """Seconds from the start of the call."""
    speaker: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(Text)
    searched: Mapped[str] = mapped_column(Text)
    """The text without differences of case: what a search looks through."""
    emotion: Mapped[str] = mapped_column(String(40))
    """The most likely emotion; empty if it was not judged."""
    confidence: Mapped[float]
    """Its probability, in [0, 1]."""
    unsure: Mapped[bool]
    """Whether that is too low to rely on."""
    probabilities: Mapped[dict[str, float]]

    def to_dict(self) -> dict[str, Any]:
        """Return the fields, ready for JSON."""
        return {
            "start": round(self.start, 3),
            "end": round(self.end, 3),
            "speaker": self.speaker,
            "text": self.text,
            "emotion": self.emotion,
            "confidence": round(self.confidence, 4),
            "unsure": self.unsure,
            "probabilities": self.probabilities,
        }


class CallAlert(Base):
    """An alert of a call."""

    __tablename__ = "resay_alerts"
    __table_args__ = (UniqueConstraint("call_id", "speaker", "emotion", "start"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("resay_calls.id", ondelete="CASCADE"))
    emotion: Mapped[str] = mapped_column(String(40), index=True)
    speaker: Mapped[str] = mapped_column(String(60))
    start: Mapped[float]
    """Seconds from the start of the call."""
    end: Mapped[float]
    """Seconds from the start of the call."""
    seconds: Mapped[float]
    """Seconds of speech in it."""
    score: Mapped[float]
    """Mean probability of the emotion, in [0, 1]."""
    severity: Mapped[str] = mapped_column(String(10), index=True)
    """`low`, `medium` or `high`."""
    words: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    """Why it is an alert, in one line."""
    ended: Mapped[bool]
    """Whether it will not grow any more."""
    raised_at: Mapped[datetime.datetime] = mapped_column(default=now)
    call: Mapped[Call] = relationship(back_populates="alerts")
    deliveries: Mapped[list[Delivery]] = relationship(
        back_populates="alert", cascade="all, delete-orphan", passive_deletes=True
    )

    def to_dict(self) -> dict[str, Any]:
        """Return the fields, ready for JSON."""
        return {
            "id": self.id,
            "emotion": self.emotion,
            "speaker": self.speaker,
            "start": round(self.start, 3),
            "end": round(self.end, 3),
            "seconds": round(self.seconds, 3),
            "score": round(self.score, 4),
            "severity": self.severity,
            "words": self.words,
            "reason": self.reason,
            "ended": self.ended,
            "raised_at": _told(self.raised_at),
        }


class Delivery(Base):
    """A message about an alert to one address."""

    __tablename__ = "resay_deliveries"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    """The same for every attempt, so that whoever gets it twice knows."""
    alert_id: Mapped[int] = mapped_column(ForeignKey("resay_alerts.id", ondelete="CASCADE"), index=True)
    url: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    """The message: JSON."""
    signed: Mapped[bool] = mapped_column(default=False)
    """Whether it has to be signed: a process without the key leaves it to one that has it."""
    state: Mapped[str] = mapped_column(String(10), index=True)
    """`waiting`, `delivered` or `failed`: given up."""
    tries: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime.datetime] = mapped_column(index=True)
    """When it is tried again, if it waits."""
    created_at: Mapped[datetime.datetime] = mapped_column(default=now)
    alert: Mapped[CallAlert] = relationship(back_populates="deliveries")
    attempts: Mapped[list[Attempt]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="Attempt.id"
    )

    def to_dict(self) -> dict[str, Any]:
        """Return what a log tells, ready for JSON."""
        return {
            "id": self.id,
            "alert": self.alert_id,
            "call": self.alert.call_id,
            "url": without_secrets(self.url),
            "signed": self.signed,
            "state": self.state,
            "created_at": _told(self.created_at),
            "next_at": _told(self.next_at) if self.state == "waiting" else None,
            "attempts": [attempt.to_dict() for attempt in self.attempts],
        }


class Attempt(Base):
    """One attempt to deliver a message."""

    __tablename__ = "resay_attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[str] = mapped_column(ForeignKey("resay_deliveries.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime.datetime]
    status: Mapped[int | None]
    """Status of the answer; None if there was none."""
    problem: Mapped[str] = mapped_column(Text)
    """Why it failed; empty if it did not."""
    seconds: Mapped[float]
    """How long it took."""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields, ready for JSON."""
        return {
            "at": _told(self.at),
            "status": self.status,
            "problem": self.problem,
            "seconds": round(self.seconds, 3),
        }


class Forgotten(Base):
    """A recording that was deleted on request: it is not analysed again, and nothing else is known of it."""

    __tablename__ = "resay_forgotten"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime.datetime] = mapped_column(default=now)
