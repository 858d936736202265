"""Transcription as in OpenAI's API, with the emotion and the speaker of each segment besides."""

from __future__ import annotations

import asyncio
import math
import zlib
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import PlainTextResponse

from pipeline.core.results import Transcript
from pipeline.core.values import Segment, plain
from pipeline.transcripts.formats import FORMATS
from pipeline.web.descriptions import EXAMPLES, example
from pipeline.web.errors import NotSupported, language_asked_for, told
from pipeline.web.forms import ANALYSIS, FormRoute, Recording, Upload, form_options
from pipeline.web.results import TEXT_TYPES
from pipeline.web.routes.jobs import ACCEPTED, accepted, sse
from pipeline.web.routes.status import HEARING, require_model
from pipeline.web.service import Service, service_of
from pipeline.web.streaming import StreamedWork, first_of
from pipeline.web.work import Job

__all__ = ["router"]

router = APIRouter(prefix="/v1/audio", tags=["OpenAI"], route_class=FormRoute)

_Shared = Annotated[Service, Depends(service_of)]
_OWN: Final = (
    "file", "model", "response_format", "timestamp_granularities[]", "prompt", "temperature", "stream", "background",
)  # fmt: skip
_NOT_USED: Final = (
    "include[]", "chunking_strategy", "known_speaker_names[]", "known_speaker_references[]", "user",
)  # fmt: skip
"""Fields of OpenAI's API that are taken, and change nothing."""
_Options = Annotated[dict[str, Any], Depends(form_options(*ANALYSIS, others=(*_OWN, *_NOT_USED)))]
_Model = Annotated[
    str, Form(max_length=200, description="A name of /v1/models, or whisper-1; the engine of the server answers.")
]
_Format = Annotated[
    Literal["json", "text", "srt", "verbose_json", "vtt"],
    Form(description="verbose_json has the times, the emotion and the speaker of each segment."),
]
_Granularities = Annotated[
    list[Literal["word", "segment"]],
    Form(
        alias="timestamp_granularities[]",
        max_length=2,
        description="What has times in verbose_json: segment, word or both.",
    ),
]
_FORMS: Final = ("text/event-stream", "text/plain", "application/x-subrip", "text/vtt")
"""Media types of answers that are no JSON."""

_ENDINGS: Final = {"text": "txt", "srt": "srt", "vtt": "vtt"}
"""Format of an answer to the ending of such a file."""


@router.post(
    "/transcriptions",
    response_model=None,
    responses=example(EXAMPLES["transcriptions"], "What was said.", *_FORMS) | ACCEPTED,
)
async def transcriptions(
    request: Request,
    service: _Shared,
    file: Upload,
    options: _Options,
    model: _Model = HEARING[0],
    response_format: _Format = "json",
    granularities: _Granularities = ["segment"],  # noqa: B006 (FastAPI copies it)
    prompt: Annotated[
        str, Form(max_length=20_000, description="As hotwords: names and words to expect, separated by commas.")
    ] = "",
    temperature: Annotated[float, Form(ge=0, le=1, description="Not used: decoding has no chance in it.")] = 0,
    stream: Annotated[bool, Form(description="Send what was said segment by segment, as server-sent events.")] = False,
    background: Annotated[bool, Form(description="Answer at once with a job; see /v1/jobs.")] = False,
) -> Response:
    """Tell what was said in a recording.

    `verbose_json` recognises the emotion of each segment and tells the speakers apart,
    unless `emotions` or `speakers` ask for something else.
    """
    require_model(service, model, "transcription", HEARING)
    verbose = response_format == "verbose_json"
    asked: dict[str, Any] = (
        {"emotions": True, "speakers": "auto"} if verbose and options.get("channels") != "split" else {}
    ) | options
    if prompt.strip() and "hotwords" not in options:
        asked["hotwords"] = prompt
    with language_asked_for(asked):
        service.pipeline.check_transcription(**asked)
    recording = Recording(file)

    def work(job: Job) -> Transcript:
        found = service.pipeline.transcribe(recording.source, name=recording.name, on_event=job.heard, **asked)
        service.metrics.audio.inc(found.duration)
        return found

    job = service.start("transcribe", recording.name, work, recording)
    if background:
        return accepted(job)
    if stream:
        events = job.follow()
        # What is refused is told by a status.
        first = await first_of(
            request, job, events, lambda values: values["event"] != "progress" or bool(_said(values))
        )
        if job.error and first["event"] != "progress":
            service.work.forget(job.id)
            raise job.error
        return StreamedWork(service, job, _streamed(job, first, events), media_type="text/event-stream")
    found: Transcript = await service.finished(request, job)
    if response_format in _ENDINGS:
        ending = _ENDINGS[response_format]
        return PlainTextResponse(await asyncio.to_thread(FORMATS[ending], found), media_type=TEXT_TYPES[ending])
    return await told(lambda: _verbose(found, granularities) if verbose else _brief(found))


@router.post("/translations", response_model=None, responses={200: {"description": "Never."}})
async def translations() -> Response:
    """Refuse to translate: no engine here does."""
    raise NotSupported(
        "Resay does not translate: no engine here does.", hint="/v1/audio/transcriptions tells what was said."
    )


def _said(values: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the segments that an event of a job tells."""
    segments: list[dict[str, Any]] = (
        values.get("artefact", {}).get("segments", []) if values.get("stage") == "analysis" else []
    )
    return segments


async def _streamed(
    job: Job, first: dict[str, Any], events: AsyncIterator[tuple[int, dict[str, Any]] | None]
) -> AsyncIterator[str]:
    """Yield what was said as OpenAI's API streams it, each segment as soon as it is there."""
    text = ""

    def deltas(values: dict[str, Any]) -> Iterator[str]:
        nonlocal text
        for segment in _said(values):
            delta = f" {segment['text']}" if text else segment["text"]
            text += delta
            yield sse("", {"type": "transcript.text.delta", "delta": delta})

    for event in deltas(first):
        yield event
    async for entry in events:
        for event in deltas(entry[1]) if entry else (": waiting\n\n",):
            yield event
    if job.error:
        yield sse("", {"type": "error", "error": job.error.to_dict()})
    else:
        found: Transcript = job.result
        usage = {"type": "duration", "seconds": math.ceil(found.duration)}
        yield sse("", {"type": "transcript.text.done", "text": found.text, "usage": usage})


def _brief(transcript: Transcript) -> dict[str, Any]:
    return {"text": transcript.text, "usage": {"type": "duration", "seconds": math.ceil(transcript.duration)}}


def _verbose(transcript: Transcript, granularities: list[Literal["word", "segment"]]) -> dict[str, Any]:
    values: dict[str, Any] = {
        "task": "transcribe",
        "language": transcript.language,
        "duration": round(transcript.duration, 3),
        **_brief(transcript),
        "engine": transcript.engine,
        "notes": list(transcript.notes),
    }
    if "segment" in granularities:
        values["segments"] = [_segment(number, segment) for number, segment in enumerate(transcript.segments)]
    if "word" in granularities:
        values["words"] = [
            {"word": word.text, "start": round(word.start, 3), "end": round(word.end, 3)} for word in transcript.words
        ]
    if transcript.windows:
        values["windows"] = plain(transcript.windows)
    return values


def _segment(number: int, segment: Segment) -> dict[str, Any]:
    """Return a segment with the keys of OpenAI's API, as far as they mean something here, and our own."""
    values = segment.to_dict()
    del values["words"]
    text = segment.text.encode()
    return {
        "id": number,
        "seek": round(100 * segment.start),
        **values,
        "temperature": 0.0,
        "avg_logprob": round(math.log(segment.confidence), 4) if segment.confidence else None,
        "compression_ratio": round(len(text) / len(zlib.compress(text)), 4),
    }
