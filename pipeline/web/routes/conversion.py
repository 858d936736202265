"""Say it again: a recording in another emotion and voice, and a text or an edited transcript."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Form, Request, Response
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from pipeline.core.emotions import Mood, parse_mood
from pipeline.core.errors import UnknownName, UsageError
from pipeline.core.messages import in_words, refusal
from pipeline.core.transcripts import reworded
from pipeline.core.values import EmotionScores, Segment, Word
from pipeline.web.descriptions import EXAMPLES, example
from pipeline.web.errors import language_asked_for, told
from pipeline.web.forms import ANALYSIS, RENDERING, FormRoute, Recording, Upload, form_options, json_options
from pipeline.web.results import Said, file_of, json_of
from pipeline.web.routes.jobs import ACCEPTED, accepted
from pipeline.web.service import Service, service_of
from pipeline.web.sounds import MEDIA_TYPES
from pipeline.web.work import Job

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["Resay"], route_class=FormRoute)

_Shared = Annotated[Service, Depends(service_of)]
_NAMES: Final = (*(name for name in ANALYSIS if name not in ("emotions", "timeline")), *RENDERING)
_OTHERS: Final = ("file", "segments", "response_format", "background")
_Options = Annotated[dict[str, Any], Depends(form_options(*_NAMES, others=_OTHERS))]
_Answer = Literal["json", "wav", "mp3", "opus", "aac", "flac", "pcm"]
_ANSWER: Final = "json tells everything and where to fetch the files; the others are the sound itself."

_MOST_SEGMENTS: Final = 2000
"""Segments that a request may have: those of a film. Set by hand."""
_LONGEST: Final = 20_000
"""Characters of a text: about twenty minutes of speech. Set by hand."""

_LONGEST_JSON: Final = 1_000_000
"""Characters of segments as JSON: as much as a form takes in one field."""


class Heard(BaseModel):
    """One word of a recording."""

    model_config = ConfigDict(extra="ignore")

    text: str = Field(max_length=200, description="The word.")
    start: float = Field(ge=0, le=86_400, description="Seconds from the start.")
    end: float = Field(ge=0, le=86_400, description="Seconds from the start.")


class Part(BaseModel):
    """One segment to say."""

    model_config = ConfigDict(extra="ignore")

    start: float = Field(ge=0, le=86_400, description="Seconds from the start.")
    end: float = Field(ge=0, le=86_400, description="Seconds from the start.")
    text: str = Field(max_length=_LONGEST, description="What to say.")
    emotion: str = Field(default="", max_length=60, description="Emotion or mood; neutral by default.")
    speaker: str = Field(
        default="", max_length=60, description="Each speaker gets a voice; one named like a voice, that."
    )

    words: list[Heard] = Field(
        default=[], max_length=1000, description="The words that were heard in it, for what keeps their prosody."
    )

    def segment(self) -> Segment:
        """Return it as the chain takes it.

        Raises:
            UsageError: It ends before it begins, or its emotion is none.
        """
        if self.end < self.start:
            raise UsageError(f"“{self.text[:40]}” ends before it begins.", hint="Correct its times.")
        emotion = EmotionScores.asked_for(parse_mood(self.emotion), "as asked for") if self.emotion else None
        words = tuple(Word(word.text, word.start, max(word.start, word.end)) for word in self.words)
        heard = Segment(self.start, self.end, self.text, words, emotion=emotion, speaker=self.speaker or None)
        return reworded(heard, self.text)


_PARTS: Final = TypeAdapter(Annotated[list[Part], Field(max_length=_MOST_SEGMENTS)])
"""Reads segments as a list in JSON."""

Speak: Any = json_options(
    "Speak",
    "language",
    *(name for name in RENDERING if name != "copy_prosody"),
    text=(str, Field(default="", max_length=_LONGEST, description="What to say.")),
    segments=(
        list[Part],
        Field(default=[], max_length=_MOST_SEGMENTS, description="Or what to say when, such as an edited transcript."),
    ),
    response_format=(_Answer, Field(default="json", description=_ANSWER)),
    background=(bool, Field(default=False, description="Answer at once with a job; see /v1/jobs.")),
)
"""Body of `/v1/speak`."""

_FIELDS: Final = ("text", "segments", "response_format", "background")


@router.post(
    "/convert",
    response_model=None,
    responses=example(EXAMPLES["convert"], "What was found, or the sound.", *MEDIA_TYPES.values()) | ACCEPTED,
)
async def convert(
    request: Request,
    service: _Shared,
    file: Upload,
    options: _Options,
    segments: Annotated[
        str,
        Form(
            max_length=_LONGEST_JSON,
            description="What to say instead of what is heard: its transcript, corrected, as a list in JSON.",
        ),
    ] = "",
    response_format: Annotated[_Answer, Form(description=_ANSWER)] = "json",
    background: Annotated[bool, Form(description="Answer at once with a job; see /v1/jobs.")] = False,
) -> Response:
    """Hear a recording, and say it again in the emotion and voice that are asked for."""
    edited = _edited(segments)
    if edited:
        _require_moods(service, edited, options)
    recording = Recording(file)

    def work(job: Job) -> Said:
        with language_asked_for(options):
            conversion, rendition = service.pipeline.convert_in_memory(
                recording.source, name=recording.name, segments=edited, on_event=job.heard, **options
            )
        service.metrics.audio.inc(conversion.heard.duration)
        return Said(conversion.to_dict(), rendition, conversion.spoken, conversion.heard)

    job = service.start("convert", recording.name, work, recording)
    return accepted(job) if background else await _answered(request, service, job, response_format)


@router.post(
    "/speak",
    response_model=None,
    responses=example(EXAMPLES["speak"], "What was said, or the sound.", *MEDIA_TYPES.values()) | ACCEPTED,
)
async def speak(request: Request, service: _Shared, body: Speak) -> Response:
    """Say a text, or segments with times, emotions and speakers, such as a transcript that somebody corrected."""
    if bool(body.text.strip()) == bool(body.segments):
        raise UsageError(
            "Nothing says what to say." if not body.segments else "There are two things to say.",
            hint="Give either text or segments.",
        )
    options = body.model_dump(exclude_none=True, exclude=set(_FIELDS))
    text: str | tuple[Segment, ...] = body.text or tuple(part.segment() for part in body.segments)
    emotion = options.pop("emotion", "")

    def work(job: Job) -> Said:
        with language_asked_for(options):
            rendition = service.pipeline.speak(text, emotion, on_event=job.heard, **options)
        language = service.pipeline.options.changed(**options).spoken_language
        return Said(rendition.to_dict(""), rendition, rendition.transcript("", language))

    job = service.start("speak", "the text", work)
    return accepted(job) if body.background else await _answered(request, service, job, body.response_format)


def _edited(text: str) -> tuple[Segment, ...]:
    """Return the segments that JSON describes; none of an empty text.

    Raises:
        UsageError: It is no list of segments.
    """
    try:
        parts = _PARTS.validate_json(text) if text.strip() else []
    except ValidationError as error:
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            raise UsageError("segments is not JSON.", hint="/openapi.json describes a segment of /v1/speak.") from error
        place = ".".join(map(str, ("segments", *first["loc"])))
        if first["type"] == "missing":
            raise UsageError(f"{place} is missing.") from error
        raise UsageError(f"{place} cannot be '{in_words(first['input'])}': {refusal(first)}.") from error
    return tuple(part.segment() for part in parts)


def _require_moods(service: Service, segments: tuple[Segment, ...], options: dict[str, Any]) -> None:
    """Refuse moods that the voice does not know, before a recording is heard again.

    Raises:
        UnknownName: The voice does not know one; the message tells in which phrase.
        EngineMissing: No voice is ready.
    """
    asked = service.pipeline.options.changed(**options)
    check = partial(service.pipeline.engines.check_voice, language=asked.spoken_language)
    with language_asked_for(options):
        check(Mood("neutral"), asked.voice)
    for segment in segments:
        if segment.emotion:
            try:
                check(Mood(segment.emotion.top), asked.voice)
            except UnknownName as error:
                raise UnknownName(f"“{segment.text[:40]}”: {error.message}", hint=error.hint) from error


async def _answered(request: Request, service: Service, job: Job, kind: str) -> Response:
    """Wait for speech, and answer with what is known of it, which keeps the sound, or with the sound."""
    await service.finished(request, job, keep=kind == "json")
    if kind == "json":
        return await told(partial(json_of, job))
    return file_of(job, f"sound.{kind}")
