"""Errors of a server, and how every error becomes an answer: a status and one line that says what to do."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.types import ExceptionHandler

from pipeline.core.errors import AudioTooLarge, EngineMissing, ResayError, UsageError
from pipeline.core.failures import explained
from pipeline.core.files import as_json
from pipeline.core.messages import in_words, refusal
from pipeline.web.wording import for_clients

__all__ = [
    "Busy",
    "Ending",
    "Forbidden",
    "HeadersTooLarge",
    "Json",
    "KeyNeeded",
    "NotFound",
    "NotReady",
    "NotSupported",
    "UploadTooLarge",
    "UploadTooSlow",
    "WorkCancelled",
    "WorkTooLong",
    "add_handlers",
    "answer",
    "body_of",
    "language_asked_for",
    "told",
]

_TYPES = {400: "invalid_request_error", 401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
"""Status to the word by which clients of OpenAI's API know it."""


_PLACES: Final = ("body", "query", "path", "header")
"""First parts of where a value stands that say nothing to people."""

_OF_PYTHON: Final = re.compile(r"^(constrained-.*|int|float|str|bool|bytes|.*[\[(].*[\])])$")
"""Parts of where a value stands that name a type."""


class Json(JSONResponse):
    """An answer as JSON, also of half letters that no encoding has: clients may send them, escaped."""

    def render(self, content: Any) -> bytes:
        """Return the bytes of the answer."""
        return as_json(for_clients(content)).encode()


async def told(values: Callable[[], dict[str, Any]]) -> Json:
    """Return values as an answer; long ones are made and written in a thread, and hold nobody else up."""
    return await asyncio.to_thread(lambda: Json(values()))


class Busy(ResayError):
    """The server works on as much as it can, and as much waits as may."""

    code = "busy"
    http_status = 429

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message, hint=f"Try again in {retry_after} s.")
        self.retry_after = retry_after
        """Seconds."""


class Ending(ResayError):
    """The server ends before the request is answered."""

    code = "ending"
    http_status = 503


class Forbidden(ResayError):
    """The request comes from a page of somebody else, or asks for a host that this server is not."""

    code = "forbidden"
    http_status = 403


class HeadersTooLarge(UsageError):
    """The headers of a request have more bytes than anybody needs."""

    code = "headers-too-large"
    http_status = 431


class KeyNeeded(ResayError):
    """The request does not bring the key."""

    code = "key-needed"
    http_status = 401


class NotFound(UsageError):
    """There is nothing under this address, or not any more."""

    code = "not-found"
    http_status = 404


class NotReady(UsageError):
    """Something is asked for that is still being made."""

    code = "not-ready"
    http_status = 409


class NotSupported(UsageError):
    """Another server with this interface can do this; this one cannot."""

    code = "not-supported"


class UploadTooLarge(AudioTooLarge):
    """The body of a request has more bytes than the server takes."""

    code = "upload-too-large"


class UploadTooSlow(ResayError):
    """The body of a request does not arrive."""

    code = "upload-too-slow"
    http_status = 408


class WorkCancelled(ResayError):
    """Somebody cancelled the work, or nobody waits for it any more."""

    code = "cancelled"
    http_status = 409


class WorkTooLong(ResayError):
    """The work took longer than the server allows."""

    code = "too-long"
    http_status = 504


@contextmanager
def language_asked_for(options: Mapping[str, Any]) -> Iterator[None]:
    """Tell that an engine is missing as a fault of the request, if it asks for a language of its own.

    Args:
        options: Of the request.

    Raises:
        UsageError: There is no such language.
        NotSupported: No engine here has it.
    """
    try:
        yield
    except EngineMissing as error:
        if language := options.get("language"):
            import langcodes

            if language.casefold() != "auto" and not langcodes.tag_is_valid(language):
                hint = "Give an ISO 639-1 code such as en or zh."
                raise UsageError(f"There is no language '{in_words(language)}'.", hint=hint) from error
            raise NotSupported(error.message, hint=error.hint) from error
        raise


def body_of(error: ResayError) -> dict[str, Any]:
    """Return an error as JSON: `code` and `message` as everywhere, `type` and `param` for clients of OpenAI's API."""
    kind = _TYPES.get(error.http_status, "server_error" if error.http_status >= 500 else _TYPES[400])
    return {"error": {**error.to_dict(), "type": kind, "param": None}}


def answer(error: ResayError) -> Json:
    """Return the answer that tells an error."""
    headers: dict[str, str] = {}
    if isinstance(error, Busy):
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, KeyNeeded):
        headers["WWW-Authenticate"] = 'Basic realm="Resay", charset="UTF-8"'
    return Json(body_of(error), error.http_status, headers)


def add_handlers(app: FastAPI) -> None:
    """Let an application answer every error in one form."""
    app.add_exception_handler(ResayError, cast(ExceptionHandler, _ours))
    app.add_exception_handler(RequestValidationError, cast(ExceptionHandler, _invalid))
    app.add_exception_handler(HTTPException, cast(ExceptionHandler, _foreign))


async def _ours(request: Request, error: ResayError) -> Json:
    return answer(error)


async def _invalid(request: Request, error: RequestValidationError) -> Json:
    """Tell the first value that cannot be, by its name."""
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return answer(UsageError("The body is not JSON.", hint="/openapi.json describes it."))
    places = first["loc"][1:] if first["loc"] and first["loc"][0] in _PLACES else first["loc"]
    # Parts of a type that has several have names of Python's.
    name = ".".join(str(part) for part in places if not _OF_PYTHON.search(str(part))) or "The body"
    if first["type"] == "missing":
        return answer(UsageError(f"{name} is missing.", hint="/openapi.json describes what is needed."))
    if first["type"] == "extra_forbidden":
        return answer(UsageError(f"There is no option '{name}'.", hint="/openapi.json lists all."))
    value = first.get("input")
    if "UploadFile" in first["msg"]:
        return answer(UsageError(f"{name} must be a file.", hint="Send it as multipart/form-data with a file name."))
    told = "a file" if isinstance(value, UploadFile) else in_words(value)
    return answer(UsageError(f"{name} cannot be '{told}': {refusal(cast(Any, first))}."))


async def _foreign(request: Request, error: HTTPException) -> Json:
    """Tell what the framework refuses; what broke the reading of a body stands behind it."""
    if isinstance(error.__cause__, ResayError):
        return answer(error.__cause__)
    told: ResayError
    if isinstance(error.__cause__, OSError):
        return answer(explained(error.__cause__))  # No room for what is uploaded.
    if error.status_code == 404:
        told = NotFound(f"There is nothing under {in_words(request.url.path)}.", hint="/openapi.json lists all routes.")
    elif error.status_code == 405:
        told = UsageError(f"{in_words(request.url.path)} does not take {request.method}.")
    elif str(error.detail).startswith("Too many"):
        told = UsageError("The form has too many fields.", hint="Send one file, and each option once.")
    else:
        told = UsageError("The body cannot be read.", hint="Is it what its Content-Type says?")
    response = answer(told)
    response.status_code = error.status_code
    response.headers.update(error.headers or {})
    return response
