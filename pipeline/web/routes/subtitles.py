"""Subtitles of what a client has heard: live captions end as the files that `listen` and `transcribe` write."""

from __future__ import annotations

import asyncio
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Form, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from pipeline.core.errors import UsageError
from pipeline.core.messages import in_words, refusal
from pipeline.core.results import Transcript
from pipeline.core.values import EmotionScores, Segment, Word
from pipeline.transcripts.formats import FORMATS
from pipeline.web.descriptions import example
from pipeline.web.errors import UploadTooLarge
from pipeline.web.forms import Upload
from pipeline.web.results import TEXT_TYPES

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["Resay"])

_MOST_BYTES: Final = 16 * 2**20
"""Bytes of segments as JSON: about a day of speech. Set by hand."""
_LATEST: Final = 864_000.0
"""Seconds from the start up to which something may be said: ten days."""

_Seconds = Annotated[float, Field(ge=0, le=_LATEST, allow_inf_nan=False)]


class _Word(BaseModel):
    """One word, as `Word`."""

    model_config = ConfigDict(extra="ignore")

    text: str = Field(max_length=200, pattern=r"\S")
    start: _Seconds
    end: _Seconds


class _Emotion(BaseModel):
    """What subtitles tell of `EmotionScores`."""

    model_config = ConfigDict(extra="ignore")

    emotion: str = Field(max_length=60, pattern=r"\S")
    unsure: bool = False

    def scores(self) -> EmotionScores:
        """Return it as subtitles are written from it."""
        return EmotionScores((_one_line(self.emotion),), (1.0,), "as heard", unsure_below=float(self.unsure))


class _Part(BaseModel):
    """One segment, as `Segment`."""

    model_config = ConfigDict(extra="ignore")

    start: _Seconds
    end: _Seconds
    text: str = Field(max_length=20_000)
    words: list[_Word] = Field(default=[], max_length=5000)
    emotion: _Emotion | None = None
    speaker: str | None = Field(default=None, max_length=100)

    def segment(self) -> Segment:
        """Return it as subtitles are written from it."""
        words = tuple(Word(word.text, word.start, max(word.start, word.end)) for word in self.words)
        emotion = self.emotion.scores() if self.emotion else None
        speaker = _one_line(self.speaker or "") or None
        return Segment(self.start, max(self.start, self.end), _one_line(self.text), words, emotion, speaker)


_PARTS: Final = TypeAdapter(list[_Part])


@router.post(
    "/subtitles",
    response_class=Response,
    responses=example(
        "1\n00:00:00,020 --> 00:00:02,500\n[speaker 1, sad] I never thought that I would see you again.\n",
        "The file.",
        TEXT_TYPES["srt"],
        TEXT_TYPES["vtt"],
        media_type="text/plain",
    ),
)
async def subtitles(
    file: Upload,
    response_format: Annotated[Literal["srt", "vtt", "txt"], Form(description="Form of the subtitles.")] = "srt",
) -> Response:
    """Write segments as subtitles, as `listen` and `transcribe` do.

    `file` is a list in JSON: each `segment` of a live session or of `verbose_json`, in order of time.
    """
    transcript = Transcript("", 0.0, "", "", _read(await _content(file)))
    content = await asyncio.to_thread(FORMATS[response_format], transcript)
    return Response(content.encode(errors="replace"), media_type=TEXT_TYPES[response_format])


async def _content(file: UploadFile) -> bytes:
    content = await file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise UploadTooLarge(f"The segments have more than {_MOST_BYTES / 1e6:,.3g} MB.", hint="Send fewer at once.")
    return content


def _read(content: bytes) -> tuple[Segment, ...]:
    """Return the segments that JSON describes.

    Raises:
        UsageError: It is no list of segments.
    """
    try:
        parts = _PARTS.validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            raise UsageError("The segments are not JSON.", hint="Send a list of those of verbose_json.") from error
        place = ".".join(map(str, first["loc"])) or "The list"
        if first["type"] == "missing":
            raise UsageError(f"{place} is missing.") from error
        raise UsageError(f"{place} cannot be '{in_words(first['input'])}': {refusal(first)}.") from error
    return tuple(part.segment() for part in parts if part.text.strip())


def _one_line(text: str) -> str:
    return " ".join(text.split())
