"""The application: every route and page of one server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from fastapi import FastAPI
from fastapi.params import File
from fastapi.routing import APIRoute
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline import __version__
from pipeline.chain.engines import Engines
from pipeline.core.memory import give_back
from pipeline.core.settings import Settings, load_settings
from pipeline.web import errors, pages
from pipeline.web.descriptions import ERRORS, TAGS, Failure
from pipeline.web.routes import conversion, jobs, live, recognition, speech, status, subtitles, transcriptions
from pipeline.web.security import Guard, require_key, split_list
from pipeline.web.service import Service

__all__ = ["create_app"]

_IDLE: Final = 5.0
"""Seconds between two looks whether there is nothing to do; set by hand."""

_METHODS: Final = frozenset(("GET", "HEAD", "POST", "DELETE", "OPTIONS"))
"""Methods that are counted by their names."""

_ROUTES: Final = (transcriptions, speech, recognition, conversion, live, subtitles, jobs, status)
"""Modules whose `router` the application includes."""


def create_app(settings: Settings | None = None, *, engines: Engines | None = None) -> FastAPI:
    """Return the application; its engines begin to load when the server starts.

    Args:
        settings: All settings; those of `configs/default.yaml` and the environment by default.
        engines: Engines to share; those of the settings by default.

    Raises:
        UsageError: Other machines could use it, and there is no key.
        UnknownName: There is no such engine.
    """
    settings = settings or load_settings()[0]
    require_key(settings)
    service = Service(settings, engines)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        service.load()
        tidying = asyncio.create_task(_tidied(service))
        yield
        tidying.cancel()
        await asyncio.to_thread(service.close)

    responses: dict[int | str, dict[str, Any]] = {
        status: {"model": Failure, "description": text} for status, text in ERRORS.items()
    }
    app = FastAPI(
        title="Resay",
        version=__version__,
        description="Tells how and what was said, and says it again in the emotion and voice that you choose.",
        openapi_tags=TAGS,
        # Their pages load from another host.
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        default_response_class=errors.Json,
        responses=responses,
    )
    app.state.service = service
    errors.add_handlers(app)
    for module in _ROUTES:
        app.include_router(module.router)
    if service.calls:
        from pipeline.web.pages import calls as page
        from pipeline.web.routes import calls

        app.include_router(calls.router)
        app.include_router(page.router)
    pages.add_to(app)
    # The last one added is the first that a request meets.
    app.add_middleware(_Counted, service=service)
    app.add_middleware(Guard, options=settings, work=service.work, with_files=_with_files())
    if origins := split_list(settings.allowed_origins):
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "X-API-Key", "Last-Event-ID"],
            expose_headers=["Location", "Retry-After"],
        )
    return app


def _with_files() -> frozenset[str]:
    """Return the addresses of routes that take a file."""
    routes = (route for module in _ROUTES for route in module.router.routes if isinstance(route, APIRoute))
    fields = ((route.path, field.field_info) for route in routes for field in route.dependant.body_params)
    return frozenset(path for path, info in fields if isinstance(info, File))


async def _tidied(service: Service) -> None:
    """Give memory back whenever nothing is left to do, until the server ends."""
    known = 0
    while True:
        await asyncio.sleep(_IDLE)
        if (ended := service.work.ended) != known and not service.work.unfinished:
            known = ended
            await asyncio.to_thread(give_back)


class _Counted:
    """Counts answers, and how long they take.

    Args:
        app: What answers.
        service: Keeps the counts.
    """

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app = app
        self._metrics = service.metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, and count it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                # The route, not the address, and known methods: others can be made up by anybody.
                route = getattr(scope.get("route"), "path", "other")
                method = scope["method"] if scope["method"] in _METHODS else "other"
                self._metrics.requests.labels(method, route, message["status"]).inc()
                self._metrics.seconds.labels(route).observe(time.perf_counter() - started)
            await send(message)

        await self._app(scope, receive, counted)
