"""What is loaded, and how the server does: `/health`, `/metrics`, `/v1/models`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from pipeline import __version__
from pipeline.core.messages import in_words
from pipeline.web.descriptions import example
from pipeline.web.errors import NotFound
from pipeline.web.service import Service, service_of

__all__ = ["HEARING", "SPEAKING", "require_model", "router"]

HEARING: Final = ("whisper-1", "gpt-4o-transcribe", "gpt-4o-mini-transcribe")
"""Names by which clients of OpenAI's API ask for transcription: the engine of this server answers."""

SPEAKING: Final = ("tts-1", "tts-1-hd", "gpt-4o-mini-tts")
"""Names by which they ask for speech."""

router = APIRouter()

_Shared = Annotated[Service, Depends(service_of)]

_HEALTH: Final = {
    "status": "ready",
    "version": __version__,
    "engines": {"recognition": {"status": "ready", "name": "cnn1d"}},
    "work": {"unfinished": 0, "at_once": 2, "waiting": 16},
}

_MODEL: Final = {"id": "moonshine:tiny", "object": "model", "created": 0, "owned_by": "resay"}


@router.get("/health", tags=["Server"], responses=example(_HEALTH, "The server answers."))
async def health(service: _Shared) -> dict[str, Any]:
    """Tell whether the server works, and which engines are loaded.

    The answer is 200 as long as the server answers; `status` is `loading`, `ready`, or `incomplete` if an engine
    is missing. Work that needs an engine that is still loading waits for it.
    """
    work = service.work
    return {
        "status": service.status,
        "version": __version__,
        "engines": service.engines,
        "work": {"unfinished": work.unfinished, "at_once": work.at_once, "waiting": work.waiting},
    }


@router.get(
    "/metrics",
    tags=["Server"],
    response_class=PlainTextResponse,
    responses=example("resay_work 0.0\n", "Counts and times.", media_type="text/plain"),
)
async def metrics(service: _Shared) -> PlainTextResponse:
    """Tell counts and times, in the text format of Prometheus."""
    return PlainTextResponse(generate_latest(service.metrics.registry), media_type=CONTENT_TYPE_LATEST)


@router.get("/v1/models", tags=["OpenAI"], responses=example({"object": "list", "data": [_MODEL]}, "All models."))
async def models(service: _Shared) -> dict[str, Any]:
    """List the engines that are loaded, and the names of OpenAI's that they answer to."""
    return {"object": "list", "data": [_entry(name) for name in _names(service)]}


@router.get("/v1/models/{model}", tags=["OpenAI"], responses=example(_MODEL, "The model."))
async def model(
    model: Annotated[str, Path(description="Its name.", max_length=200)], service: _Shared
) -> dict[str, Any]:
    """Describe one model."""
    _require(model, _names(service))
    return _entry(model)


def require_model(service: Service, model: str, stage: str, others: Sequence[str]) -> None:
    """Refuse a model that is not there: an engine cannot be chosen by a request.

    Args:
        service: Knows the engines.
        model: As asked for; empty for that of the server.
        stage: What the engine is for.
        others: Names of OpenAI's for it.

    Raises:
        NotFound: There is no such model.
    """
    name = service.engines[stage].get("name", "")
    _require(model, (*((name,) if name else ()), *others), f" for {stage}")


def _require(model: str, known: Sequence[str], purpose: str = "") -> None:
    if model and model not in known:
        raise NotFound(f"There is no model '{in_words(model)}'{purpose}.", hint=f"Choose of {', '.join(known)}.")


def _engines(service: Service) -> tuple[str, ...]:
    return tuple(engine["name"] for engine in service.engines.values() if "name" in engine)


def _names(service: Service) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*_engines(service), *HEARING, *SPEAKING)))


def _entry(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "resay"}
