"""Live captions over a WebSocket: sound goes in, words, emotions and speakers come out."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import ValidationError

from pipeline.core.errors import ResayError, UsageError
from pipeline.core.messages import in_words, refusal
from pipeline.web.errors import Busy, NotSupported, body_of
from pipeline.web.forms import LIVE, json_options
from pipeline.web.live.session import ENDED, LiveSession
from pipeline.web.service import Service
from pipeline.web.wording import for_clients

__all__ = ["router"]

router = APIRouter()

_Options: Any = json_options("LiveOptions", *LIVE)

_DEFAULTS: Final[dict[str, Any]] = {"emotions": True, "speakers": "auto"}
_RATE: Final = 24_000
"""Hertz of the sound if nothing else is said: that of OpenAI's API."""

_REFUSED: Final = 1008
_BUSY: Final = 1013
_TAKEN: Final = 4000
"""Codes with which a connection is closed: refused, try again later, another connection has the session."""

_CLOSED: Final = (1000, 1001)
"""Codes with which a client ends a connection: it is done, or leaves."""

_MESSAGES: Final = 500
"""Messages a second that are taken from a connection, many times those that sound comes in; set by hand."""

_OWN: Final = frozenset(("session", "after", "rate", "prosody", "customer", "model", "intent"))
"""Parameters that are no options."""


@router.websocket("/v1/live")
@router.websocket("/v1/realtime")
async def live(websocket: WebSocket) -> None:
    """Transcribe what is said while it is said.

    The client sends sound as binary messages (16 bits, mono, little-endian) or as `input_audio_buffer.append`.
    `docs/server.md` describes all events.
    """
    service: Service = websocket.app.state.service
    await websocket.accept()
    try:
        session, after, resumed = _session(service, websocket.query_params)
    except ResayError as error:
        await websocket.send_json(for_clients({"type": "error"} | body_of(error)))
        await websocket.close(_BUSY if isinstance(error, Busy) else _REFUSED)
        return
    connection, broke = asyncio.Event(), True
    service.live.connect(session, connection)
    try:
        await websocket.send_json({"type": "session.created", "session": _described(session, service, resumed)})
        tasks = [
            asyncio.create_task(_tell(websocket, session, after)),
            asyncio.create_task(_hear(websocket, session, connection)),
            asyncio.create_task(connection.wait()),
        ]
        ended, others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in others:
            task.cancel()
        for end in [task.exception() for task in ended]:  # All are looked at, or asyncio tells of them.
            if isinstance(end, WebSocketDisconnect):
                broke = end.code not in _CLOSED
            elif end and not isinstance(end, RuntimeError):
                raise end
        if connection.is_set():
            await websocket.close(_TAKEN)
    except (WebSocketDisconnect, RuntimeError):
        return  # The session waits for the next connection.
    finally:
        service.live.leave(session, connection, broke=broke)


def _session(service: Service, parameters: Mapping[str, str]) -> tuple[LiveSession, int, bool]:
    """Return the session that is asked for, the last event that is known, and whether there was one before."""
    if (identifier := parameters.get("session", "")) and (known := service.live.find(identifier)):
        after = parameters.get("after", "0").removeprefix("event_")
        return known, int(after) if after.isdecimal() and len(after) < 10 else 0, True
    options = _checked({name: value for name, value in parameters.items() if name not in _OWN})
    rate = parameters.get("rate", str(_RATE))
    if not rate.isdecimal() or len(rate) > 6:
        raise UsageError(f"rate cannot be '{in_words(rate)}': it must be a whole number.")
    prosody = parameters.get("prosody", "false")
    if prosody not in ("true", "false"):
        raise UsageError(f"prosody cannot be '{in_words(prosody)}': it must be true or false.")
    customer = " ".join(parameters.get("customer", "").split())
    if customer and not service.calls:
        raise UsageError("This server keeps no calls.", hint="Start it with --database, or leave customer out.")
    watch = service.calls.session(customer) if customer and service.calls else None
    session = service.live.open(
        service.pipeline, _DEFAULTS | options, int(rate), prosody=prosody == "true", watch=watch
    )
    return session, 0, False


def _checked(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a live transcription that are given.

    Raises:
        UsageError: There is no such option, or it cannot have this value.
    """
    for name in options:
        if name not in LIVE:
            raise UsageError(f"There is no option '{in_words(name)}'.", hint=f"Known are {', '.join(LIVE)}.")
    try:
        checked: dict[str, Any] = _Options.model_validate(dict(options)).model_dump(exclude_none=True)
    except ValidationError as error:
        first = error.errors()[0]
        value = in_words(first["input"])
        raise UsageError(f"{first['loc'][0]} cannot be '{value}': {refusal(first)}.") from error
    return checked


def _described(session: LiveSession, service: Service, resumed: bool = False) -> dict[str, Any]:
    return {
        "id": session.id,
        "type": "transcription",
        "resumed": resumed,
        "received_samples": session.received,
        "engines": service.status,
        "options": session.options,
        "audio": {"input": {"format": {"type": "audio/pcm", "rate": session.rate}}},
    }


async def _tell(websocket: WebSocket, session: LiveSession, after: int) -> None:
    """Send what is told, until the session has ended."""
    version = 0
    while True:
        new, after, version = await session.told(after, version)
        for event in new:
            await websocket.send_json(for_clients(event))
        if session.ended and (not new or new[-1].get("type") == ENDED):
            await websocket.close()
            return


async def _hear(websocket: WebSocket, session: LiveSession, connection: asyncio.Event) -> None:
    """Take sound and commands, until the connection ends or has lost the session."""
    service: Service = websocket.app.state.service
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1006))
        if session.connection is not connection:
            return
        try:
            if message.get("bytes") is not None:
                await session.add(message["bytes"], connection)
            elif await _obey(_read(message["text"]), session, connection):
                await websocket.send_json({"type": "session.updated", "session": _described(session, service)})
        except ResayError as error:
            await websocket.send_json(for_clients({"type": "error"} | body_of(error)))
        # A flood of messages waits, so that others are answered meanwhile.
        due = max(due + 1 / _MESSAGES, loop.time() - 1)
        if due > loop.time():
            await asyncio.sleep(due - loop.time())


def _read(text: str) -> Any:
    """Return what a message says.

    Raises:
        UsageError: It is not JSON, or holds half a letter.
    """
    try:
        message = json.loads(text)
        if "\\u" in text:
            json.dumps(message, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise UsageError("The message is not JSON.") from error
    return message


async def _obey(message: Any, session: LiveSession, connection: asyncio.Event) -> bool:
    """Do what a message asks for; return whether the session is another one now.

    Raises:
        ResayError: It cannot be done.
    """
    kind = message.get("type") if isinstance(message, dict) else None
    match kind:
        case "input_audio_buffer.append":
            try:
                sound = base64.b64decode(message.get("audio", ""), validate=True)
            except (binascii.Error, TypeError, ValueError) as error:
                raise UsageError("audio is not base64.") from error
            await session.add(sound, connection)
        case "input_audio_buffer.commit":
            await session.finish(end=False)
        case "resay.end":
            await session.finish(end=True)
        case "session.update" | "transcription_session.update":
            _update(message.get("session"), session)
            return True
        case _:
            raise NotSupported(
                f"There is no message '{in_words(kind)}' here.",
                hint="Send input_audio_buffer.append, input_audio_buffer.commit, session.update or resay.end.",
            )
    return False


def _update(asked: Any, session: LiveSession) -> None:
    """Take the settings of a session, in the form of OpenAI's API or as `options` of ours.

    Raises:
        ResayError: They cannot be.
    """
    if not isinstance(asked, dict):
        raise UsageError("session is missing.")
    given = asked.get("options")
    options = session.options | _checked(given if isinstance(given, dict) else {})
    rate = session.rate
    with suppress(AttributeError, TypeError):  # What is not there is not asked for.
        sound = asked.get("audio", {}).get("input", {})
        transcription = sound.get("transcription") or asked.get("input_audio_transcription") or {}
        form = sound.get("format") or {"type": asked.get("input_audio_format") or "audio/pcm"}
        if form.get("type") not in ("audio/pcm", "pcm16"):
            raise NotSupported("Only audio/pcm is taken.", hint="Send 16 bits, mono, little-endian.")
        rate = form.get("rate", rate)
        said = {"language": transcription.get("language"), "hotwords": transcription.get("prompt")}
        options |= _checked({name: value for name, value in said.items() if value})
    session.set_up(options, rate if isinstance(rate, int) else 0)
