"""What all requests share: the engines, loaded once and in the background, the work, and what is counted."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from fastapi import Request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from pipeline.chain import VoicePipeline
from pipeline.chain.engines import Engines
from pipeline.core.failures import explained
from pipeline.core.settings import Settings
from pipeline.web.errors import Busy
from pipeline.web.forms import Recording
from pipeline.web.live.sessions import LiveSessions
from pipeline.web.work import Job, Work

if TYPE_CHECKING:
    from pipeline.web.calls import Calls

__all__ = ["Service", "service_of"]

logger = logging.getLogger(__name__)

_STAGES: Final[dict[str, Callable[[VoicePipeline], Any]]] = {
    "recognition": lambda pipeline: pipeline.recogniser,
    "transcription": lambda pipeline: pipeline.transcriber,
    "synthesis": lambda pipeline: pipeline.synthesiser,
    "words": lambda pipeline: pipeline.engines.reader(),
    "speakers": lambda pipeline: pipeline.engines.diariser(),
    "judging": lambda pipeline: pipeline.engines.judge(),
}
"""Stage to what loads its engine, in the order of how soon somebody needs it."""

_LONGEST_LOADING: Final = 30.0
"""Seconds that the end of the server waits for an engine that is being loaded; set by hand."""

_SECONDS: Final = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
"""Upper ends of the classes in which answers are counted, in seconds."""


class Metrics:
    """What is counted, for `/metrics`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "resay_requests", "Answers, by route and status.", ("method", "route", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "resay_request_seconds",
            "Seconds until an answer began.",
            ("route",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.audio = Counter("resay_audio_seconds", "Seconds of sound that were analysed.", registry=self.registry)
        self.work = Gauge("resay_work", "Jobs that wait or are worked on.", registry=self.registry)
        self.live = Gauge("resay_live_sessions", "Live transcriptions that are open.", registry=self.registry)
        self.ready = Gauge("resay_engine_ready", "Whether an engine is loaded.", ("stage",), registry=self.registry)


class Service:
    """The engines and the work of one server.

    Args:
        settings: Engines, options of calls, and how much is done at once.
        engines: Engines to share; those of the settings by default.
    """

    def __init__(self, settings: Settings, engines: Engines | None = None) -> None:
        self.settings = settings
        self.pipeline = VoicePipeline(settings, engines=engines)
        self.work = Work(settings.at_once, settings.waiting, settings.max_work_seconds)
        self.live = LiveSessions(settings.live_sessions)
        self.calls = _calls_of(settings)
        """Calls that are kept; None if there is no database for them."""
        self.metrics = Metrics()
        self.metrics.work.set_function(lambda: self.work.unfinished)
        self.metrics.live.set_function(lambda: self.live.count)
        self.engines: dict[str, dict[str, str]] = {stage: {"status": "waiting"} for stage in _STAGES}
        """Stage to its `status` (`waiting`, `loading`, `ready` or `missing`), and its `name` or the `problem`."""
        self._closing = False
        self._loading = threading.Thread(target=self._load, name="resay-loading", daemon=True)

    @property
    def status(self) -> str:
        """`loading`, `ready`, or `incomplete` if an engine is missing."""
        found = {engine["status"] for engine in self.engines.values()}
        if found & {"waiting", "loading"}:
            return "loading"
        return "incomplete" if "missing" in found else "ready"

    def load(self) -> None:
        """Begin to load all engines, in a thread of its own; what requests need is waited for."""
        if self.calls:
            self.calls.start()
        self._loading.start()

    def close(self) -> None:
        """Cancel all work, and wait until no engine is being loaded: its library would not survive the end."""
        self._closing = True
        self.work.close()
        self.live.close_all()
        if self.calls:
            self.calls.close()
        if self._loading.is_alive():
            self._loading.join(_LONGEST_LOADING)

    def _load(self) -> None:
        for stage, load in _STAGES.items():
            if self._closing:
                return
            self.engines[stage] = {"status": "loading"}
            try:
                engine = load(self.pipeline)
            except Exception as error:  # Other stages may work all the same.
                told = explained(error)
                self.engines[stage] = {"status": "missing", "problem": str(told)}
                logger.warning("%s: %s", stage, told)
            else:
                self.engines[stage] = {"status": "ready", "name": str(engine.name)}
            self.metrics.ready.labels(stage).set(self.engines[stage]["status"] == "ready")

    def start(self, kind: str, name: str, function: Callable[[Job], Any], recording: Recording | None = None) -> Job:
        """Put work in the queue.

        Args:
            kind: What is done.
            name: Name of what it is done with, for people.
            function: Does it in a thread; gets the job, to tell its progress.
            recording: What it reads; closed when it has ended or nobody wants it any more.

        Raises:
            Busy: Too much waits already.
        """
        try:
            job = self.work.start(kind, name, function)
        except Busy:
            if recording:
                recording.close()
            raise
        if recording and job.future:
            # Work that is cancelled while it waits never comes to its end.
            job.future.add_done_callback(lambda _: recording.close())
        return job

    async def finished(self, request: Request, job: Job, *, keep: bool = False) -> Any:
        """Wait for a job for a request, and return its result; it is cancelled when whoever asked has left.

        Args:
            request: Who waits.
            job: Of `start`.
            keep: Whether its result can be fetched later.

        Raises:
            ResayError: It failed, was cancelled or took too long.
        """

        async def is_wanted() -> bool:
            return not await request.is_disconnected()

        return await self.work.done(job, is_wanted, keep=keep)


def _calls_of(settings: Settings) -> Calls | None:
    """Return the calls of a server with a database; others need none of the packages."""
    if not settings.database:
        return None
    from pipeline.web.calls import Calls

    return Calls(settings)


def service_of(request: Request) -> Service:
    """Return what all requests share."""
    service: Service = request.app.state.service
    return service
