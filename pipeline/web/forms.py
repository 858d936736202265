"""Parameters of routes, made from the fields of the options classes, and recordings that are uploaded."""

from __future__ import annotations

import inspect
import io
from collections.abc import Awaitable, Callable, Collection, Coroutine
from pathlib import PurePosixPath
from typing import Annotated, Any, BinaryIO, Final, Literal, cast

from annotated_types import MaxLen
from fastapi import File, Form, Request, Response, UploadFile
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field, create_model

from pipeline.core.errors import UnreadableAudio, UsageError
from pipeline.core.messages import in_words
from pipeline.core.options import CallOptions
from pipeline.core.spelling import did_you_mean

__all__ = ["ANALYSIS", "LIVE", "RENDERING", "FormRoute", "Recording", "Upload", "form_options", "json_options"]

ANALYSIS: Final = (
    "language", "script", "track", "channels", "hotwords", "emotions", "timeline", "speakers", "emotion_from",
)  # fmt: skip
"""Options of an analysis that a request may ask for."""

LIVE: Final = ("language", "script", "hotwords", "emotions", "emotion_from", "speakers")
"""Options of a live transcription."""

RENDERING: Final = (
    "emotion", "voice", "strength", "copy_prosody", "keep_timing", "verify", "candidates", "most_words_wrong",
    "least_probability",
)  # fmt: skip
"""Options of a result that a request may ask for: none names a file of this machine."""

_LONGEST_VALUE: Final = 200
"""Characters of an option that has no limit of its own: more than any name has; set by hand."""

_MOST_FIELDS: Final = 40
"""Fields of a form at most: there are fewer options; set by hand."""

_LONGEST_NAME: Final = 120
"""Characters of an uploaded file's name that are kept; set by hand."""

Upload = Annotated[UploadFile, File(description="The recording: any sound or video file.")]


class _Form(Request):
    """A request with one file and few fields: each of them may lie in memory up to a megabyte."""

    def form(self, **limits: Any) -> Any:
        """Return the form; as `Request`."""
        return super().form(**{"max_files": 1, "max_fields": _MOST_FIELDS} | limits)


class FormRoute(APIRoute):
    """A route that takes a form with one file."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers; as `APIRoute`."""
        answer = super().get_route_handler()

        async def limited(request: Request) -> Response:
            return await answer(_Form(request.scope, request.receive))

        return limited


class Recording(io.RawIOBase):
    """An uploaded recording: a file without a place in the file system, and a name that is only shown.

    Args:
        upload: As the framework received it; beyond a megabyte it lies in a temporary file without a name.
            Its content belongs to the recording from now on, for work may go on after the answer.

    Raises:
        UnreadableAudio: It is empty.
    """

    def __init__(self, upload: UploadFile) -> None:
        self._file = upload.file
        upload.file = io.BytesIO()
        self.name = shown(upload.filename or "")
        """Name for messages and results: the last part of what the client said, in printable letters."""
        if not self.seek(0, io.SEEK_END):
            raise UnreadableAudio(f"{self.name} is empty.", hint="Send a recording.")
        self.seek(0)

    @property
    def source(self) -> BinaryIO:
        """The recording as the chain takes it."""
        return cast(BinaryIO, self)

    def close(self) -> None:
        """Let go of the content."""
        self._file.close()
        super().close()

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer; return how many bytes there were."""
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place; return it."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return the place."""
        return self._file.tell()


def shown(name: str) -> str:
    r"""Return a client's name of a file so that it is safe to show: no folders, no control characters, no length.

    >>> shown("../../etc/pass\nwd"), shown("C:\\talk.wav"), shown("")
    ('passwd', 'talk.wav', 'recording')
    """
    last = PurePosixPath(name.replace("\\", "/")).name
    plain = "".join(letter for letter in last if letter.isprintable())
    return plain[-_LONGEST_NAME:].strip() or "recording"


def form_options(*names: str, others: Collection[str] = ()) -> Callable[..., Awaitable[dict[str, Any]]]:
    """Return a dependency that reads options from the fields of a form; those that are not given are left out.

    Args:
        names: Fields of `CallOptions`.
        others: The other fields of the form: any more are refused, as they may be mistyped. Without any, all are taken.
    """

    async def options(request: Request, **given: Any) -> dict[str, Any]:
        for field in await request.form() if others else ():
            if field not in names and field not in others:
                known = (*names, *others)
                hint = did_you_mean(field, known).strip() or f"Known are {', '.join(known)}."
                raise UsageError(f"There is no option '{in_words(field)}'.", hint=hint)
        return {name: value for name, value in given.items() if value is not None}

    def parameter(name: str) -> inspect.Parameter:
        annotation: Any = Annotated[_type_of(name) | None, Form(description=CallOptions.model_fields[name].description)]
        return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)

    asking = inspect.Parameter("request", inspect.Parameter.KEYWORD_ONLY, annotation=Request)
    options.__signature__ = inspect.Signature([asking, *map(parameter, names)])  # type: ignore[attr-defined]
    return options


def json_options(title: str, *names: str, **fields: Any) -> type[BaseModel]:
    """Return the model of a JSON body with options, and fields of its own; nothing else may stand in it.

    Args:
        title: Name of the model in the description of the API.
        names: Fields of `CallOptions`.
        fields: Name to (type, field), as `pydantic.create_model` takes them.
    """
    options: dict[str, Any] = {
        name: (_type_of(name) | None, Field(default=None, description=CallOptions.model_fields[name].description))
        for name in names
    }
    return create_model(title, __config__=ConfigDict(extra="forbid"), **fields, **options)


def _type_of(name: str) -> Any:
    """Return the type of an option with its range."""
    if name == "speakers":
        return Annotated[int, Field(ge=1, le=99)] | Literal["auto"]
    field = CallOptions.model_fields[name]
    limits = list(field.metadata)
    if field.annotation is str and not any(isinstance(limit, MaxLen) for limit in limits):
        limits.append(MaxLen(_LONGEST_VALUE))
    return Annotated[field.annotation, *limits] if limits else field.annotation
