"""Streams: answers that are sent while the work goes on, and work that ends when whoever asked has left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

from fastapi import Request
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from pipeline.web.service import Service
from pipeline.web.work import Job

__all__ = ["StreamedWork", "first_of"]

_LOOK: Final = 0.5
"""Seconds between two looks whether somebody still waits; set by hand."""


async def first_of(
    request: Request,
    job: Job,
    events: AsyncIterator[tuple[int, dict[str, Any]] | None],
    is_awaited: Callable[[dict[str, Any]], bool],
) -> dict[str, Any]:
    """Wait for the first event of a kind, and return it; the work is cancelled when whoever asked has left.

    Args:
        request: Who waits.
        job: What is waited for.
        events: Of `Job.follow`.
        is_awaited: Whether an event is of the kind; the last one of a job must be.
    """

    async def found() -> dict[str, Any]:
        while True:
            entry = await anext(events)
            if entry and is_awaited(entry[1]):
                return entry[1]

    waiting = asyncio.ensure_future(found())
    try:
        while not (await asyncio.wait([waiting], timeout=_LOOK))[0]:
            if await request.is_disconnected():
                job.cancel()
    except BaseException:
        waiting.cancel()
        job.cancel()
        raise
    return waiting.result()


class StreamedWork(StreamingResponse):
    """An answer that is sent while its work goes on; with the answer the work ends, and its result is let go of.

    Args:
        service: Whose work it is.
        job: The work.
        content: What is sent.
        others: As `StreamingResponse`.
    """

    def __init__(
        self, service: Service, job: Job, content: AsyncIterator[str] | AsyncIterator[bytes], **others: Any
    ) -> None:
        super().__init__(content, **others)
        self._service = service
        self._job = job

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._job.cancel()
            self._service.work.forget(self._job.id)
