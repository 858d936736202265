"""What the description of the API says: the form of an error, groups of routes, and an example of each answer.

The examples are what the embedded engines answered to `examples/recording.wav`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

__all__ = ["ERRORS", "EXAMPLES", "TAGS", "Failure", "example"]

EXAMPLES: Final[dict[str, Any]] = json.loads(Path(__file__).with_name("examples.json").read_text(encoding="utf-8"))
"""Route to an answer of it."""


class Problem(BaseModel):
    """What was wrong."""

    code: str
    """Name for programs, such as `no-speech`."""
    message: str
    """One line: what was wrong, and what to do next."""
    type: str
    """The kind, in the words of OpenAI's API."""
    param: str | None = None
    """Not used."""


class Failure(BaseModel):
    """The answer to a request that failed."""

    error: Problem


ERRORS: Final = {
    400: "The request is wrong: an option, a name or a value.",
    401: "The key is missing or wrong.",
    403: "The request comes from a page of somebody else, or asks for a host that this server is not.",
    404: "There is no such route, model or job.",
    408: "The body does not arrive.",
    409: "The work was cancelled, or goes on.",
    413: "The recording has too many bytes or seconds.",
    422: "The recording cannot be read, or nobody speaks in it.",
    429: "The server is busy: try again after `Retry-After` seconds.",
    500: "An engine failed.",
    503: "An engine is not installed.",
    504: "The work took too long.",
}
"""Status to what it means, for every route."""

TAGS: Final = [
    {"name": "OpenAI", "description": "Routes that clients of OpenAI's API can use as they are."},
    {"name": "Resay", "description": "Emotion, conversion, live captions."},
    {"name": "Calls", "description": "Calls that were watched, on servers with a database."},
    {"name": "Jobs", "description": "Work that takes long: progress, results, cancelling."},
    {"name": "Server", "description": "What is loaded, and how the server does."},
]


def example(
    value: Any, description: str, *others: str, media_type: str = "application/json"
) -> dict[int | str, dict[str, Any]]:
    """Return what a route's description says of its answer.

    Args:
        value: An answer.
        description: What it is.
        others: Media types of other forms of the answer.
        media_type: Of the example.
    """
    forms: dict[str, Any] = {kind.partition(";")[0]: {"schema": _schema_of(kind)} for kind in others}
    return {200: {"description": description, "content": {**forms, media_type: {"example": value}}}}


def _schema_of(media_type: str) -> dict[str, Any]:
    """Return the schema of an answer that is no JSON; of events that of one of them."""
    if media_type == "text/event-stream":
        return {"type": "object", "properties": {name: {"type": "string"} for name in ("id", "event", "data")}}
    return {"type": "string"} | ({"format": "binary"} if media_type.startswith("audio/") else {})
