"""Work that takes long: its progress, its results, and cancelling it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Path, Request, Response
from fastapi.responses import StreamingResponse

from pipeline.core.files import as_json
from pipeline.web.descriptions import EXAMPLES, example
from pipeline.web.errors import Json, NotReady, told
from pipeline.web.results import TEXT_TYPES, curves_of, file_of, json_of
from pipeline.web.service import Service, service_of
from pipeline.web.sounds import MEDIA_TYPES
from pipeline.web.wording import for_clients
from pipeline.web.work import Job

__all__ = ["ACCEPTED", "accepted", "router", "sse"]

router = APIRouter(prefix="/v1/jobs", tags=["Jobs"])

_Shared = Annotated[Service, Depends(service_of)]

_JOB: Final = {
    "id": "Zk3rT0c2wYlXhQ1v",
    "kind": "convert",
    "name": "recording.wav",
    "status": "running",
    "created": 1764439000.125,
    "events": "/v1/jobs/Zk3rT0c2wYlXhQ1v/events",
}

_EVENTS: Final = (
    'id: 0\nevent: progress\ndata: {"stage": "transcription"}\n\n'
    'id: 1\nevent: progress\ndata: {"stage": "transcription", "seconds": 0.21}\n\n'
    "id: 2\nevent: done\ndata: {}\n\n"
)

ACCEPTED: Final[dict[int | str, dict[str, Any]]] = {
    202: {"description": "The work has begun.", "content": {"application/json": {"example": _JOB}}}
}
"""Description of the answer to a request for work in the background."""

_CURVES: Final = "curves.json"

_Identifier = Annotated[str, Path(description="What the answer to the request for work said.", max_length=40)]


def sse(event: str, data: dict[str, Any], number: int | None = None) -> str:
    """Return one server-sent event.

    Args:
        event: Its name; empty for none, as OpenAI's API has them.
        data: Becomes JSON.
        number: By which a client that lost the connection goes on.
    """
    lines = [] if number is None else [f"id: {number}"]
    lines += [f"event: {event}"] if event else []
    return "\n".join((*lines, f"data: {as_json(for_clients(data))}", "", ""))


def accepted(job: Job) -> Json:
    """Return the answer to a request for work in the background."""
    return Json(job.to_dict(), 202, {"Location": f"/v1/jobs/{job.id}"})


@router.get("/{job}", responses=example(_JOB, "How far it is."))
async def show(job: _Identifier, service: _Shared) -> dict[str, Any]:
    """Tell how far work is: `waiting`, `running`, `done`, `failed` or `cancelled`."""
    return service.work.find(job).to_dict()


@router.get(
    "/{job}/events",
    response_class=StreamingResponse,
    responses=example(_EVENTS, "Events until the work has ended.", media_type="text/event-stream"),
)
async def events(
    job: _Identifier,
    service: _Shared,
    last_event_id: Annotated[str, Header(description="Number of the last event that is known.", max_length=200)] = "",
) -> Response:
    """Follow work: server-sent events `progress`, then `done`, `failed` or `cancelled`.

    Events that were told before come first, after a lost connection those after `Last-Event-ID`.
    """
    found = service.work.find(job)
    start = int(last_event_id) + 1 if last_event_id.isdecimal() and len(last_event_id) < 10 else 0
    if found.is_finished and start >= len(found.events):
        return Response(status_code=204)  # Which tells browsers not to ask again.

    async def told() -> AsyncIterator[str]:
        async for entry in found.follow(start):
            if entry is None:
                yield ": waiting\n\n"
                continue
            number, values = entry
            yield sse(values["event"], {name: value for name, value in values.items() if name != "event"}, number)

    return StreamingResponse(told(), media_type="text/event-stream")


@router.get("/{job}/result", responses=example(EXAMPLES["convert"], "What it has found."))
async def result(job: _Identifier, service: _Shared) -> Response:
    """Return what work has found: the same JSON as the answer to a request that waits for it.

    If the work failed, the answer is the error.
    """
    return await told(partial(json_of, _done(service, job)))


@router.get(
    "/{job}/{file}",
    response_class=Response,
    responses=example(
        "1\n00:00:00,032 --> …", "The file.", *MEDIA_TYPES.values(), *TEXT_TYPES.values(), media_type="text/plain"
    ),
)
async def file(
    request: Request,
    job: _Identifier,
    file: Annotated[str, Path(description="As the result lists it, such as sound.mp3 or spoken.srt.", max_length=40)],
    service: _Shared,
) -> Response:
    """Return a file of finished work: sound, subtitles, text."""
    done = _done(service, job)
    if file == _CURVES:  # They take work, as the sound may be long.
        work = service.start("curves", done.name, lambda _: curves_of(done, file))
        found = await service.finished(request, work)
        return await told(found.to_dict)
    answer = await asyncio.to_thread(file_of, done, file)
    answer.headers["Content-Disposition"] = "inline"  # Without a name, which would win over that of a page.
    return answer


@router.delete("/{job}", status_code=204, response_class=Response)
async def cancel(job: _Identifier, service: _Shared) -> Response:
    """Cancel work, and let go of its result."""
    found = service.work.find(job)
    found.cancel()
    if found.is_finished:
        service.work.forget(job)
    return Response(status_code=204)


def _done(service: Service, identifier: str) -> Job:
    """Return a job whose result is there.

    Raises:
        NotReady: It goes on.
        ResayError: It failed.
    """
    job = service.work.find(identifier)
    if not job.is_finished:
        raise NotReady("The work goes on.", hint=f"Follow /v1/jobs/{job.id}/events.")
    if job.error:
        raise job.error
    return job
