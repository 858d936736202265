"""Searches: which calls are wanted, and what is counted of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from pipeline.store.models import Call, CallAlert, CallSegment, plain_text

__all__ = ["EVERY", "LONGEST_CUSTOMER", "Search", "Trend", "as_kept", "names_of", "narrowed"]

LONGEST_CUSTOMER: Final = 200
"""Characters of a customer's name that are kept: the width of the column."""


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


EVERY: Final = Search()
"""All calls."""


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


def as_kept(customer: str) -> str:
    """Return the name of a customer as it is kept."""
    return plain_text(customer)[:LONGEST_CUSTOMER]


def names_of(session: Session, customer: str) -> list[str]:
    """Return the kept names that a name stands for.

    It is the same one; only if nobody has it, those that differ in case or spaces alone, as identifiers may.

    Args:
        session: Reads.
        customer: As a person writes it.
    """
    name = as_kept(customer)
    if session.scalar(select(Call.id).where(Call.customer == name).limit(1)) is not None:
        return [name]
    known = session.scalars(select(Call.customer).distinct())
    return sorted(other for other in known if other.casefold().split() == name.casefold().split())


def narrowed(session: Session, chosen: Select[Any], wanted: Search) -> Select[Any]:
    """Return a selection of those calls that are wanted.

    Args:
        session: Reads.
        chosen: Of all calls.
        wanted: Which of them.
    """
    for word in plain_text(wanted.text).casefold().split():
        chosen = chosen.where(Call.segments.any(CallSegment.searched.contains(word, autoescape=True)))
    if wanted.customer:
        chosen = chosen.where(Call.customer.in_(names_of(session, wanted.customer)))
    if wanted.first_day:
        chosen = chosen.where(Call.day >= wanted.first_day)
    if wanted.last_day:
        chosen = chosen.where(Call.day <= wanted.last_day)
    if wanted.emotion:
        chosen = chosen.where(Call.alerts.any(CallAlert.emotion == wanted.emotion))
    if wanted.severity:
        chosen = chosen.where(Call.alerts.any(CallAlert.severity == wanted.severity))
    return chosen.where(Call.alerts.any()) if wanted.with_alerts else chosen
