"""Calls that were watched: found again, counted, handed on, forgotten. Servers without a database have none of this."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import FileResponse, Response, StreamingResponse

from pipeline.batch.journal import content_digest
from pipeline.core.errors import ResayError
from pipeline.store.models import Call
from pipeline.store.search import Search
from pipeline.store.store import Store
from pipeline.store.tables import COLUMNS, rows
from pipeline.web.descriptions import EXAMPLES, example
from pipeline.web.errors import NotFound
from pipeline.web.service import Service, service_of

__all__ = ["router"]

router = APIRouter(prefix="/v1/calls", tags=["Calls"])

_DAY: Final = r"^(\d{4}-\d{2}-\d{2})?$"
_TYPES: Final = {
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".flac": "audio/flac",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".m4a": "audio/mp4",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
}
"""Ending of a recording that browsers play to its media type."""
_OTHER: Final = "application/octet-stream"
"""Media type of all others."""
_NAME: Final = 1000
"""Characters of a name that is asked for: names of folders may be longer than what is kept of them."""
_MOST: Final = 500
"""Calls of one answer."""


def _store(service: Annotated[Service, Depends(service_of)]) -> Store:
    assert service.calls, "only servers with calls have these routes"  # noqa: S101
    return service.calls.store


def _search(
    search: Annotated[str, Query(description="Words that somebody said.", max_length=200)] = "",
    customer: Annotated[str, Query(description="Whose calls.", max_length=_NAME)] = "",
    since: Annotated[str, Query(description="From this day on, YYYY-MM-DD.", pattern=_DAY, max_length=10)] = "",
    until: Annotated[str, Query(description="Up to this day, YYYY-MM-DD.", pattern=_DAY, max_length=10)] = "",
    emotion: Annotated[str, Query(description="With an alert of this emotion.", max_length=40)] = "",
    severity: Annotated[
        Literal["", "low", "medium", "high"], Query(description="With an alert as urgent as this.")
    ] = "",
    with_alerts: Annotated[bool, Query(description="With any alert.")] = False,
) -> Search:
    return Search(search, customer, since, until, emotion, severity, with_alerts)


_Kept = Annotated[Store, Depends(_store)]
_Wanted = Annotated[Search, Depends(_search)]
_Number = Annotated[int, Path(description="Number of the call.", ge=1, le=2**31 - 1)]


@router.get("", responses=example(EXAMPLES["calls"], "Calls, the latest first."))
def find(
    store: _Kept,
    wanted: _Wanted,
    limit: Annotated[int, Query(description="How many at most.", ge=1, le=_MOST)] = 50,
    offset: Annotated[int, Query(description="How many are left out before.", ge=0, le=10**6)] = 0,
) -> dict[str, Any]:
    """Find calls with their alerts; `total` says how many there are."""
    found, count = store.search(wanted, limit=limit, offset=offset)
    return {"total": count, "calls": [call.to_dict() for call in found]}


@router.delete("", responses=example(EXAMPLES["calls_deleted"], "What was deleted."))
def forget(
    store: _Kept, customer: Annotated[str, Query(description="Whose calls.", min_length=1, max_length=_NAME)]
) -> dict[str, Any]:
    """Delete everything about a customer: calls, words, alerts, messages.

    The recordings themselves stay where they are: `recordings` lists them. They will not be analysed again.
    `problem` says why something may still be found in the files of the database; it is empty if nothing can.
    """
    found = store.forget(customer)
    left = [path for path in found.recordings if os.path.exists(path)]
    return {"customer": customer, "calls": found.calls, "recordings": left, "problem": found.problem}


@router.get("/trends", responses=example(EXAMPLES["calls_trends"], "Days, the latest first."))
def trends(
    store: _Kept, wanted: _Wanted, by_customer: Annotated[bool, Query(description="Count each customer apart.")] = False
) -> dict[str, Any]:
    """Count calls and alerts of each day."""
    return {"trends": [trend.to_dict() for trend in store.trends(wanted, by_customer=by_customer)]}


@router.get("/hours/{day}", responses=example(EXAMPLES["calls_hours"], "The 24 hours of the day."))
def hours(
    store: _Kept, day: Annotated[str, Path(description="The day, YYYY-MM-DD.", pattern=_DAY, max_length=10)]
) -> dict[str, Any]:
    """Count calls and alerts of each hour of a day."""
    return {"day": day, "hours": [trend.to_dict() for trend in store.hours(day)]}


@router.get("/deliveries", responses=example(EXAMPLES["calls_deliveries"], "Messages, the latest first."))
def deliveries(
    store: _Kept, limit: Annotated[int, Query(description="How many at most.", ge=1, le=_MOST)] = 100
) -> dict[str, Any]:
    """Tell what became of the messages to webhooks."""
    return {"deliveries": [delivery.to_dict() for delivery in store.outbox.log(limit=limit)]}


@router.get(
    "/table.csv",
    response_class=StreamingResponse,
    responses=example(",".join(COLUMNS) + "\n", "A row for each alert.", media_type="text/csv"),
)
def table(store: _Kept, wanted: _Wanted) -> StreamingResponse:
    """Hand calls on as a table: a row for each alert, and one for each call without any."""
    headers = {"Content-Disposition": 'attachment; filename="calls.csv"'}
    return StreamingResponse(_lines(store.every(wanted)), media_type="text/csv", headers=headers)


@router.get("/{call}", responses=example(EXAMPLES["call"], "The call."))
def show(store: _Kept, call: _Number) -> dict[str, Any]:
    """Tell everything about one call: what was said, how, and its alerts."""
    found = _found(store, call)
    return found.to_dict_with_segments() | {"has_sound": _sound(found) is not None}


@router.get(
    "/{call}/sound",
    response_class=FileResponse,
    responses=example("RIFF…", "The recording.", *_TYPES.values(), _OTHER, media_type="audio/wav"),
)
def sound(store: _Kept, call: _Number) -> Response:
    """Return the recording of a call, as long as it is where it was, and the same."""
    found = _found(store, call)
    path = _sound(found)
    try:
        is_same = path is not None and content_digest(path) == found.digest
    except ResayError:
        is_same = False
    if path is None or not is_same:
        raise NotFound("The recording of this call is gone, or has changed.")
    return FileResponse(path, media_type=_TYPES.get(os.path.splitext(path)[1].casefold(), _OTHER))


def _found(store: Store, number: int) -> Call:
    if (call := store.find(number)) is None:
        raise NotFound(f"There is no call {number}.", hint="/v1/calls lists all.")
    return call


def _sound(call: Call) -> str | None:
    """Return the path of a recording that is there."""
    return call.source if call.source and os.path.isfile(call.source) else None


def _lines(calls: Iterator[Call]) -> Iterator[str]:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in rows(calls):
        writer.writerow(row)
        yield text.getvalue()
        text.seek(0)
        text.truncate()
    yield text.getvalue()
