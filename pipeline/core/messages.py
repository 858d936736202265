"""What foreign errors mean, in plain English.

They are errors of the system, of files that are not as they should be, and of values that pydantic refuses.
"""

from __future__ import annotations

import errno
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

__all__ = ["advice", "in_bytes", "in_words", "reason", "refusal"]

_LONGEST: Final = 60
"""Characters of a value that a message shows; set by hand, so that the message stays one line."""

_SYSTEM: Final = {
    errno.ENOENT: ("it does not exist", "Check the path, and that the current folder still exists."),
    errno.EACCES: ("permission is denied", "Give another place, or ask its owner."),
    errno.EPERM: ("permission is denied", "Give another place, or ask its owner."),
    errno.EEXIST: ("there is something of this name already", "Give another name."),
    errno.EISDIR: ("it is a folder", ""),
    errno.ENOTDIR: ("a part of the path is no folder", "Give another place."),
    errno.ENOTEMPTY: ("the folder is not empty", ""),
    errno.ENAMETOOLONG: ("the name is too long", "Give a shorter one."),
    errno.ELOOP: ("the links lead in a circle", ""),
    errno.ENOSPC: ("no space is left on the disk", "Remove something, or give another place."),
    errno.EDQUOT: ("no space is left of what this user may fill", "Remove something, or give another place."),
    errno.EFBIG: ("the file would be too large", "Raise the limit (ulimit -f), or give another place."),
    errno.EROFS: ("the disk can only be read", "Give another place."),
    errno.EIO: ("the disk reports an error", ""),
    errno.EBUSY: ("something else uses it", ""),
    errno.ETXTBSY: ("something else uses it", ""),
    errno.EMFILE: ("too many files are open", "Raise the limit (ulimit -n)."),
    errno.ENFILE: ("too many files are open", ""),
    errno.EAGAIN: ("the system is short of threads", "Raise the limit (ulimit -u), or give --threads 1."),
    errno.ENODEV: ("there is no such device", ""),
    errno.ENXIO: ("there is no such device", ""),
    errno.EINVAL: ("the system does not take it", ""),
    errno.ENOMEM: ("there is not enough memory", ""),
    errno.EPIPE: ("whoever should read it has left", ""),
    errno.EADDRNOTAVAIL: ("this machine has no such address", ""),
    errno.ECONNREFUSED: ("the connection is refused", ""),
    errno.ECONNRESET: ("the connection broke off", ""),
    errno.ETIMEDOUT: ("nothing answered in time", ""),
    errno.ENETUNREACH: ("there is no network", ""),
    errno.EHOSTUNREACH: ("the server cannot be reached", ""),
}
"""Number of an error of the system to a clause, and to what to do where somebody can do something."""

_VALUES: Final = {
    "greater_than": "it must be greater than {gt}",
    "greater_than_equal": "it must be at least {ge}",
    "less_than": "it must be less than {lt}",
    "less_than_equal": "it must be at most {le}",
    "multiple_of": "it must be a multiple of {multiple_of}",
    "finite_number": "it must be a finite number",
    "literal_error": "it must be {expected}",
    "enum": "it must be {expected}",
    "string_too_short": "it must have at least {min_length} characters",
    "string_too_long": "it must have at most {max_length} characters",
    "too_short": "it must have at least {min_length} parts",
    "too_long": "it must have at most {max_length} parts",
    "missing": "it is missing",
    "extra_forbidden": "there is no such setting",
    "frozen_instance": "it cannot be changed",
}
"""Type of an error of pydantic to a clause about the value, with pydantic's own limits in braces."""

_KINDS: Final = {
    "int": "a whole number",
    "float": "a number",
    "decimal": "a number",
    "bool": "true or false",
    "string": "a text",
    "path": "a path",
    "list": "a list",
    "tuple": "a list",
    "set": "a list",
    "dict": "names and values",
    "mapping": "names and values",
    "model": "names and values",
    "dataclass": "names and values",
    "none": "empty",
    "date": "a date",
    "datetime": "a date and a time",
}
"""Beginning of a type of pydantic's errors to what the value must be."""


def reason(error: BaseException) -> str:
    """Return why something failed, as a clause that can end a sentence: no capital, no full stop, nothing of Python.

    Args:
        error: Of the system, of reading JSON, YAML, TOML or text, of a missing package, of pydantic, or any other,
            of which the first line is taken.

    >>> reason(FileNotFoundError(2, "No such file or directory"))
    'it does not exist'
    >>> reason(KeyError("labels"))
    "'labels' is missing"
    """
    if isinstance(error, OSError):
        return _of_system(error)
    if isinstance(error, UnicodeDecodeError):
        return f"it is no text in {error.encoding.upper()}"
    if isinstance(error, json.JSONDecodeError):
        return f"it is not JSON (line {error.lineno}, column {error.colno})"
    if isinstance(error, KeyError):
        return f"'{error.args[0]}' is missing" if error.args else "something is missing"
    if isinstance(error, ImportError):
        return f"the package {error.name} is not installed" if error.name else _clause(str(error))
    if isinstance(error, MemoryError):
        return "there is not enough memory"
    if details := _details(error):
        return refusal(details)
    if place := _place(error):
        return f"it is not YAML ({place})"
    if isinstance(error, (TypeError, AttributeError, IndexError)):
        return "something in it is not as it should be"
    return _clause(str(error).partition("\n")[0]) or "something in it is not as it should be"


def advice(error: OSError) -> str:
    """Return what to do about an error of the system, as a sentence that follows its reason; empty if nobody knows."""
    return _SYSTEM.get(error.errno or 0, ("", ""))[1]


def refusal(details: ErrorDetails) -> str:
    """Return what is wrong with a value that pydantic refused, as a clause such as `it must be at most 2`.

    Args:
        details: One of the `errors()` of a `ValidationError`.
    """
    kind, context = details["type"], details.get("ctx", {})
    if kind == "string_too_short" and context.get("min_length") == 1:
        return "it must not be empty"
    if kind in _VALUES:
        return _VALUES[kind].format_map({name: in_words(value) for name, value in context.items()})
    if kind == "value_error":
        return _clause(str(context.get("error", "")))
    if kind == "string_pattern_mismatch":
        return "it is not written as it should be"
    wanted = _KINDS.get(kind.partition("_")[0])
    return f"it must be {wanted}" if wanted else "it is not as it should be"


def in_words(value: Any) -> str:
    """Return a value as a person would write it, on one line: nothing that only Python reads.

    >>> in_words(Path("a/b")), in_words({"a": 1}), in_words([1, 2.0]), in_words(True), in_words(None)
    ('a/b', 'names and values', '1, 2', 'true', 'nothing')
    """
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return f"{value:g}" if abs(value) < 1e6 else f"{value:.0f}" if abs(value) < 1e15 else "a very large number"
    if isinstance(value, (str, Path)):
        text = " ".join(str(value).split())
        return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    if isinstance(value, Mapping):
        return "names and values"
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(map(in_words, value)) if len(value) <= 8 else f"a list of {len(value)}"
    return "bytes" if isinstance(value, (bytes, bytearray)) else "something else"


def in_bytes(count: int) -> str:
    """Return a number of bytes as people read it.

    >>> in_bytes(10), in_bytes(2_500), in_bytes(500_000_000)
    ('10 bytes', '2.5 kB', '500 MB')
    """
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= size:
            return f"{count / size:,.6g} {unit}"
    return f"{count} bytes"


def _of_system(error: OSError) -> str:
    """Return why the system refused; libraries wrap its own errors, which lie at the end of the chain."""
    wrapped: BaseException | None = error
    while wrapped is not None:
        kind = type(wrapped).__name__
        if "SSL" in kind or "Certificate" in kind:
            return "the server does not prove who it is"
        if kind == "gaierror":
            return "the name of the server is not known"
        if isinstance(wrapped, OSError) and wrapped.errno in _SYSTEM:
            return _SYSTEM[wrapped.errno][0]
        if isinstance(wrapped, TimeoutError) or "Timeout" in kind:
            return _SYSTEM[errno.ETIMEDOUT][0]
        inner = getattr(wrapped, "reason", None) or (wrapped.args[0] if wrapped.args else None)
        wrapped = inner if isinstance(inner, BaseException) else wrapped.__cause__ or wrapped.__context__
    told = error.strerror or str(error).partition("\n")[0]
    return "the connection failed" if " object at 0x" in told else _clause(told) or "the system refused it"


def _details(error: BaseException) -> ErrorDetails | None:
    """Return the first finding of an error of pydantic; None of any other error."""
    from pydantic import ValidationError

    return error.errors()[0] if isinstance(error, ValidationError) else None


def _place(error: BaseException) -> str:
    """Return where a YAML file is wrong; empty for other errors."""
    import yaml

    if not isinstance(error, yaml.YAMLError):
        return ""
    mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark else "it holds characters that YAML forbids"


def _clause(text: str) -> str:
    """Return a sentence as a clause: without its full stop, and without a capital unless a name may begin it."""
    text = text.strip().rstrip(".")
    return text[:1].lower() + text[1:] if text[1:2].islower() else text
