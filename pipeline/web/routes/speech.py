"""Speech as in OpenAI's API: sent while the rest is still being spoken; instructions become an emotion."""

from __future__ import annotations

import base64
import dataclasses
import re
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Final, Literal

import numpy as np
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from pipeline.audio.tempo import at_tempo
from pipeline.core.emotions import EMOTIONS, in_english, parse_mood, words_for
from pipeline.core.errors import EngineFailed, NoSpeech
from pipeline.core.values import Audio, Samples
from pipeline.frontend.sentences import sentence_spans
from pipeline.web.descriptions import example
from pipeline.web.routes.jobs import sse
from pipeline.web.routes.status import SPEAKING, require_model
from pipeline.web.service import Service, service_of
from pipeline.web.sounds import MEDIA_TYPES, encoded, information_of, whole
from pipeline.web.streaming import StreamedWork, first_of
from pipeline.web.work import Job

__all__ = ["emotion_in", "router"]

router = APIRouter(prefix="/v1/audio", tags=["OpenAI"])

_Shared = Annotated[Service, Depends(service_of)]

_LONGEST: Final = 20_000
"""Characters of a text: about twenty minutes of speech. Set by hand."""

_PAUSE: Final = 0.3
"""Seconds between two pieces: with the silence at their ends, as long as a voice pauses between sentences."""

_PIECE: Final = 300
"""Characters from which on a piece ends with its sentence: the first is one sentence, to be heard soon. Set by hand."""

_VOICES: Final = {
    "youngwoman": "alloy coral nova sage shimmer marin",
    "youngman": "ash ballad cedar echo verse",
    "smallgirl": "fable",
    "middlemale": "onyx",
}
"""Preset to the voices of OpenAI's API for which it speaks: they are other people, only sex and age are near."""

_PRESETS: Final = {name: preset for preset, names in _VOICES.items() for name in names.split()}

_NEGATIONS: Final = frozenset(("not", "no", "never", "without", "don't", "isn't"))

_CHINESE_NEGATION: Final = re.compile("[不没无别][要太是会]?$")

_LONGEST_DEGREE: Final = 3
"""Characters of the longest Chinese word that says how strong an emotion is."""

_ALL_WORDS: Final = sorted(
    (word for one in EMOTIONS for word in words_for(one) if len(word) > 2 or not word.isascii()), key=len
)
_EMOTION: Final = re.compile(
    "(?<![A-Za-z])(?:{})(?![A-Za-z])|{}".format(
        "|".join(word for word in reversed(_ALL_WORDS) if word.isascii()),
        "|".join(word for word in reversed(_ALL_WORDS) if not word.isascii()),
    ),
    re.IGNORECASE,
)
"""A word that stands for an emotion."""


_EVENTS: Final = (
    'data: {"type": "speech.audio.delta", "audio": "SUQzAwAAAAAA"}\n\ndata: {"type": "speech.audio.done"}\n\n'
)


class SpeechRequest(BaseModel):
    """What to say, and how."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "model": "tts-1",
                "input": "Good evening.",
                "voice": "nova",
                "instructions": "Sound very happy.",
            }
        },
    )

    model: str = Field(
        default=SPEAKING[0],
        max_length=200,
        description="A name of /v1/models, or tts-1; the engine of the server speaks.",
    )
    input: str = Field(min_length=1, max_length=_LONGEST, description="What to say.")
    voice: str = Field(
        default="youngwoman",
        min_length=1,
        max_length=100,
        description="A voice of the engine, or one of OpenAI's, for which the preset of its sex and age speaks.",
    )
    instructions: str = Field(
        default="", max_length=2000, description="The first emotion that is named in it is acted; neutral without one."
    )
    response_format: Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] = Field(
        default="mp3", description="pcm is 16 bits, mono, 24 kHz, without a header."
    )
    speed: float = Field(default=1.0, ge=0.25, le=4.0, description="1 is as the voice speaks, 2 twice as fast.")
    stream_format: Literal["audio", "sse"] = Field(default="audio", description="sse sends events with base64 in them.")


@router.post(
    "/speech",
    response_class=StreamingResponse,
    responses=example(_EVENTS, "The sound.", *MEDIA_TYPES.values(), media_type="text/event-stream"),
)
async def speech(request: Request, service: _Shared, body: SpeechRequest) -> Response:
    """Say a text; the sound comes sentence by sentence."""
    require_model(service, body.model, "synthesis", SPEAKING)
    emotion = emotion_in(body.instructions)
    headers = {"X-Resay-Emotion": in_english(parse_mood(emotion)), "X-Resay-Synthetic": "true"}
    voice = _PRESETS.get(body.voice.casefold(), body.voice)

    def work(job: Job) -> None:
        for data in _said(service, job, body, emotion, voice):
            job.tell("sound", data=data)

    job = service.start("speak", "the text", work)
    events = job.follow()
    # What is refused is told by a status, and not by a sound that breaks off.
    first = await first_of(request, job, events, lambda values: values["event"] != "progress")
    if first["event"] != "sound":
        service.work.forget(job.id)
        raise job.error or EngineFailed("The engine made no sound.", hint="Report it with the text.")

    async def sound() -> AsyncIterator[bytes]:
        yield first["data"]
        async for entry in events:
            if entry and "data" in entry[1]:
                yield entry[1]["data"]
        if job.error:
            raise job.error

    if body.stream_format == "sse":
        return StreamedWork(service, job, _as_events(sound()), media_type="text/event-stream", headers=headers)
    return StreamedWork(service, job, sound(), media_type=MEDIA_TYPES[body.response_format], headers=headers)


def emotion_in(instructions: str) -> str:
    """Return the emotion that an instruction asks for, with its degree; neutral if it names none.

    >>> emotion_in("Speak in a cheerful tone."), emotion_in("Sound very sad"), emotion_in("Slowly, please")
    ('cheerful', 'very sad', 'neutral')
    >>> emotion_in("Not angry, but calm"), emotion_in("wistful"), emotion_in("请用非常开心的语气")
    ('calm', 'neutral', '非常开心')
    """
    for found in _EMOTION.finditer(instructions):
        if not found[0].isascii():
            start = max(0, found.start() - _LONGEST_DEGREE)
            if _CHINESE_NEGATION.search(instructions, start, found.start()):
                continue
            phrases = (instructions[begin : found.end()] for begin in range(start, found.start()))
            return next((text for text in phrases if parse_mood(text).strength is not None), found[0])
        clause = re.split(r"[^\w\s']|\bbut\b", instructions[: found.start()].casefold())[-1]
        before = re.findall(r"[a-z']+", clause)[-3:]
        if _NEGATIONS.isdisjoint(before):
            with_degree = (" ".join((*before[start:], found[0])) for start in range(len(before)))
            return next((text for text in with_degree if parse_mood(text).strength is not None), found[0].casefold())
    return "neutral"


def _said(service: Service, job: Job, body: SpeechRequest, emotion: str, voice: str) -> Iterator[bytes]:
    """Yield the bytes of a speech as they are made, in the thread of its job."""
    pieces = _pieces(body.input)
    said = None
    nothing: NoSpeech | None = None
    for piece in pieces:
        try:
            said = service.pipeline.speak(piece, emotion, voice, on_event=job.heard)
            break
        except NoSpeech as error:  # Another sentence may have words.
            nothing = error
    if said is None:
        raise nothing or NoSpeech("There is nothing to say.")
    first, rate = said, said.audio.sample_rate

    def parts() -> Iterator[Samples]:
        yield _at_speed(first.audio, body.speed).samples
        for piece in pieces:
            try:
                audio = service.pipeline.speak(piece, emotion, voice, on_event=job.heard).audio
            except NoSpeech:
                continue
            yield np.zeros(round(_PAUSE / body.speed * rate), np.float32)
            yield _at_speed(audio, body.speed).samples

    information = dataclasses.replace(information_of(first.speech), title=body.input)
    if body.response_format == "flac":
        # Its header has the length, without which some programs read a flac wrongly.
        yield whole(Audio(np.concatenate(list(parts())), rate), "flac", information)
        return
    yield from encoded(parts(), rate, body.response_format, information)


def _pieces(text: str) -> Iterator[str]:
    """Yield a text in pieces: its first sentence, then as many sentences at once as make a paragraph."""
    start, most = 0, 0
    for _, end in sentence_spans(text):
        if end - start > most and text[start:end].strip():
            yield text[start:end]
            start, most = end, _PIECE
    if text[start:].strip():
        yield text[start:]


def _at_speed(audio: Audio, speed: float) -> Audio:
    """Return a sound at another speed and the same pitch; one step of it does half or twice at most."""
    for _ in range(2):
        step = min(2.0, max(0.5, speed))
        audio, speed = at_tempo(audio, 1 / step), speed / step
    return audio


async def _as_events(sound: AsyncIterator[bytes]) -> AsyncIterator[str]:
    async for data in sound:
        yield sse("", {"type": "speech.audio.delta", "audio": base64.b64encode(data).decode()})
    yield sse("", {"type": "speech.audio.done"})
