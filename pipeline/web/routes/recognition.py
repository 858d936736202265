"""Emotion: of a recording, and of words."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from pipeline.core.results import Recognition
from pipeline.web.descriptions import EXAMPLES, example
from pipeline.web.errors import language_asked_for, told
from pipeline.web.forms import FormRoute, Recording, Upload, form_options
from pipeline.web.routes.jobs import ACCEPTED, accepted
from pipeline.web.service import Service, service_of
from pipeline.web.work import Job

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["Resay"], route_class=FormRoute)

_Shared = Annotated[Service, Depends(service_of)]
_OTHERS = ("file", "words", "text", "explain", "background")
_Options = Annotated[
    dict[str, Any], Depends(form_options("language", "track", "channels", "hotwords", "timeline", others=_OTHERS))
]


class Words(BaseModel):
    """Words whose emotion is asked for."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"text": "I am so sorry, this is awful."}})

    text: str = Field(min_length=1, max_length=100_000, description="Any text.")
    spoken: bool = Field(default=False, description="Whether somebody said it, such as a transcript.")


@router.post("/recognize", response_model=None, responses=example(EXAMPLES["recognize"], "How it was said.") | ACCEPTED)
async def recognize(
    request: Request,
    service: _Shared,
    file: Upload,
    options: _Options,
    words: Annotated[bool, Form(description="Recognise the emotion of the words too, and of both together.")] = False,
    text: Annotated[str, Form(max_length=100_000, description="The words, if they are known.")] = "",
    explain: Annotated[bool, Form(description="Tell which seconds and frequencies decided the answer.")] = False,
    background: Annotated[bool, Form(description="Answer at once with a job; see /v1/jobs.")] = False,
) -> Response:
    """Tell the emotion of a recording: the probability of each of eight, and what to mind."""
    with language_asked_for(options):
        service.pipeline.check_recognition(words=words, text=text, **options)
    recording = Recording(file)

    def work(job: Job) -> Recognition:
        return service.pipeline.recognise(
            recording.source, words=words, text=text, explain=explain, name=recording.name, **options
        )

    job = service.start("recognize", recording.name, work, recording)
    if background:
        return accepted(job)
    found: Recognition = await service.finished(request, job)
    return await told(found.to_dict)


@router.post("/curves", response_model=None, responses=example(EXAMPLES["curves"], "Its curves."))
async def curves(request: Request, service: _Shared, file: Upload) -> Response:
    """Tell pitch (Hz) and loudness (dBFS) of a recording through time."""
    recording = Recording(file)
    job = service.start("curves", recording.name, lambda job: service.pipeline.curves(recording.source), recording)
    return await told((await service.finished(request, job)).to_dict)


@router.post("/read", response_model=None, responses=example(EXAMPLES["read"], "How it reads."))
async def read(request: Request, service: _Shared, words: Words) -> Response:
    """Tell the emotion of words, and of each sentence."""
    job = service.start("read", "the text", lambda job: service.pipeline.read_text(words.text, spoken=words.spoken))
    return await told((await service.finished(request, job)).to_dict)
