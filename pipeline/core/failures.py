"""Errors that nobody raised on purpose, told as errors of ours: in one line, with the file and what to do."""

from __future__ import annotations

import copy
import os
import re
from typing import Final

from pipeline.core.errors import EngineFailed, EngineMissing, OutputError, ResayError
from pipeline.core.messages import advice, reason

__all__ = ["DEBUG_VARIABLE", "debugging", "explained", "named", "one_line", "out_of_memory"]

DEBUG_VARIABLE: Final = "RESAY_DEBUG"
"""Environment variable that asks for the traceback of an error; empty and 0 do not."""

_LONGEST: Final = 300
"""Characters of a foreign message that are shown; set by hand, so that a graph's text leaves the line readable."""

_OF_ONNX_RUNTIME: Final = re.compile(r"\[ONNXRuntimeError\] : \d+ : (?:\w+ : )?")
"""How messages of ONNX Runtime begin."""

_NO_MEMORY: Final = (
    "bad_alloc",
    "failed to allocate",
    "cannot allocate memory",
    "out of memory",
    "unable to allocate",
    "failed to map segment",
    "can't start new thread",
)
"""What messages of libraries about memory have in them, in lower case."""


def debugging() -> bool:
    """Return whether the person asked for tracebacks."""
    return os.environ.get(DEBUG_VARIABLE, "0") not in ("", "0")


def one_line(text: object) -> str:
    """Return a foreign message as one line of bearable length, without a full stop."""
    line = " ".join(str(text).split())  # A file name may have a line's end in it.
    line = _OF_ONNX_RUNTIME.sub("", line)
    return (line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…").rstrip(".")


def out_of_memory(error: BaseException) -> bool:
    """Return whether an error, of Python or of a library in C++, means that memory ran out."""
    return isinstance(error, MemoryError) or any(sign in str(error).casefold() for sign in _NO_MEMORY)


def named(error: ResayError, about: str) -> ResayError:
    """Return an error that names the recording or file that it is about: as it is, if it does so already.

    >>> named(EngineFailed("Nobody speaks."), "a/talk.wav").message
    'a/talk.wav: Nobody speaks.'
    """
    if not about or os.path.basename(about) in error.message:
        return error
    told = copy.copy(error)
    told.message = f"{about}: {error.message}"
    return told


def explained(error: Exception, about: str = "") -> ResayError:
    """Return any error as one of ours.

    Args:
        error: What was raised; an error of ours stays as it is.
        about: The recording or file that was worked on; empty if none is known.
    """
    if isinstance(error, ResayError):
        return error
    where = f"{about}: " if about else ""
    if out_of_memory(error):
        return EngineFailed(
            f"{where}There is not enough memory.",
            hint="Close other programs, raise the limit (ulimit -v), or give a shorter recording.",
        )
    if isinstance(error, ImportError):
        return EngineMissing(
            f"A package cannot be loaded: {one_line(reason(error))}.", hint="Run pip install . in the folder of Resay."
        )
    if isinstance(error, OSError):
        file = f"{one_line(os.fsdecode(error.filename))}: " if isinstance(error.filename, (str, bytes)) else where
        return OutputError(f"{file}{reason(error)}.", hint=advice(error))
    return EngineFailed(
        f"{where}Something failed that should not: {type(error).__name__}: {one_line(error)}.",
        hint=f"Set {DEBUG_VARIABLE}=1 to see where, and report it.",
    )
