"""Calls as rows of a table: one for each alert, and one for a call without any."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from pipeline.core.cells import cell
from pipeline.store.models import Call

__all__ = ["COLUMNS", "rows"]

COLUMNS: Final = (
    "call", "kind", "recorded_at", "day", "customer", "source", "duration", "problem", "alert", "emotion", "severity",
    "score", "start", "end", "seconds", "speaker", "reason",
)  # fmt: skip
"""Headings."""


def rows(calls: Iterable[Call]) -> Iterator[dict[str, Any]]:
    """Yield a row for each alert, and one for each call that has none; no text is taken for a formula.

    Args:
        calls: With their alerts.
    """
    for call in calls:
        told = call.to_dict()
        about = {"call": told["id"]} | {name: told[name] for name in COLUMNS if name in told and name != "call"}
        for alert in told["alerts"] or [{}]:
            own = {name: alert[name] for name in COLUMNS if name in alert}
            row = about | own | {"alert": alert.get("id", "")}
            yield {name: cell(value) for name, value in row.items()}
