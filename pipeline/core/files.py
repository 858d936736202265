"""Writes files so that they appear complete or not at all, refuses beforehand what cannot be written, and names damage.

JSON is written so that any file can hold it.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import secrets
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from pipeline.core.errors import OutputError, ResayError, UsageError, WeightsMissing
from pipeline.core.failures import out_of_memory
from pipeline.core.messages import advice, in_words, reason
from pipeline.core.spelling import nearest

__all__ = [
    "as_json",
    "atomic",
    "is_uri",
    "named_if_damaged",
    "names_a_file",
    "remove_temporary",
    "require_name",
    "require_writable",
    "similar_file",
    "target_of",
]

_MOST_NAMES: Final = 2000
"""Names of a folder that are compared with one that is not there: more would take noticeable time."""

_DEEPEST: Final = 200
"""Folders in each other at most; more than anybody has, and few enough for Python to make them one by one."""

_STREAM: Final = "-"
"""What stands for standard output elsewhere; a file or folder of this name would surprise whoever typed it."""

_ENDING: Final = re.compile(r"\.(?!v\d)[A-Za-z][A-Za-z0-9]{1,4}")
"""What files end in; a version or a date in the name of a folder is none."""

_WRITTEN: Final = frozenset(".wav .flac .mp3 .opus .m4a .ogg .png .txt .json .srt .vtt .tsv .csv .html".split())
"""Endings that, alone, are not meant as the name of a hidden folder."""

_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+-]+:/")
"""How a URI begins, also one in which a path has made one slash of two; a drive has one letter."""

_TEMPORARY: Final = re.compile(r"\.(.+)\.[0-9a-f]{12}\.tmp((?:\.[^.]*)?)")
"""Name of a temporary file: the beginning of the target's, and its ending."""

_STEM: Final = 60
"""Characters of a file's name in that of its temporary file, which may be no longer than the system allows."""


@contextmanager
def atomic(path: Path, *, exclusive: bool = False) -> Iterator[Path]:
    """Provide a temporary path in the same folder; on success it is synced to disk and renamed to `path`.

    On any error the temporary file is removed and `path` stays as it was.

    Args:
        path: The file.
        exclusive: Whether a file that has come there in the meantime, as of another process, stays as it is.

    Raises:
        UsageError: There is such a file.
        OutputError: The folder cannot be created, or the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"The folder {path.parent} cannot be created: {reason(error)}.", advice(error)) from error
    temporary = path.with_name(f".{path.stem[:_STEM]}.{secrets.token_hex(6)}.tmp{path.suffix}")
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        if exclusive:
            _take(path, temporary)
        temporary.replace(path)
    except OSError as error:
        raise OutputError(f"{target_of(path)} cannot be written: {reason(error)}.", hint=advice(error)) from error
    finally:
        temporary.unlink(missing_ok=True)


def _take(path: Path, temporary: Path) -> None:
    """Make a file under a name that no other file has."""
    try:
        os.link(temporary, path)
    except OSError as error:
        if path.exists():
            raise UsageError(
                f"{path} exists already: something wrote it in the meantime.",
                hint="Give another --output, or --overwrite to replace it.",
            ) from error
        # Some file systems have no links.


def target_of(path: Path) -> Path:
    """Return the path that one of `atomic` stands for, or the path itself: what a message names."""
    while match := _TEMPORARY.fullmatch(path.name):
        path = path.with_name(match[1] + match[2])
    return path


def remove_temporary(folder: Path, stems: Iterable[str]) -> None:
    """Remove temporary files of `atomic` that a process left when it was killed.

    Args:
        folder: Where the files would be.
        stems: Names without endings of the files that nobody is writing.
    """
    ours = {stem[:_STEM] for stem in stems}
    if not ours or not folder.is_dir():
        return
    with os.scandir(folder) as entries:
        hidden = [Path(entry.path) for entry in entries if _TEMPORARY.fullmatch(entry.name)]
    for path in hidden:
        if target_of(path).stem[:_STEM] in ours:
            path.unlink(missing_ok=True)


def require_name(text: str) -> str:
    """Return a path as a person wrote it, unless no file or folder that is meant can have this name.

    Raises:
        ValueError: The name is empty, or is an ending alone, ends in a space or a full stop, or ends like a file and in
            a slash, and nothing of this name is there.

    >>> require_name("results/"), require_name("x.wav")
    ('results/', 'x.wav')
    """
    if not text.strip():
        raise ValueError("it must not be empty")
    name = re.split(r"[/\\]", text.rstrip("/\\"))[-1]
    if os.path.exists(text) or not name:
        return text
    if name.casefold() in _WRITTEN:
        raise ValueError("it is an ending without a name")
    if name != name.strip() or (name.endswith(".") and name.strip(".")):
        raise ValueError("its name ends in a full stop" if name.endswith(".") else "its name has a space at an end")
    if text.endswith(("/", os.sep)) and _ENDING.fullmatch(Path(name).suffix):
        raise ValueError("the slash at its end says a folder, and its name a file")
    return text


def is_uri(path: str | Path) -> bool:
    """Return whether a path is a URI, such as that of a place in object storage.

    >>> is_uri("s3://bucket/a.wav"), is_uri(Path("s3://bucket")), is_uri("C:/a.wav")
    (True, True, False)
    """
    return _URI.match(str(path)) is not None


def require_writable(paths: Iterable[Path], *, overwrite: bool = False, option: str = "--output") -> None:
    """Refuse files that could not be written, before there is anything to write; nothing is left behind.

    This is the rule of every command: a file that somebody names is never replaced unless they say so.

    Args:
        paths: The files; their folders need not be there yet.
        overwrite: Whether existing files may be replaced.
        option: The option that names them, for the message.

    Raises:
        UsageError: A file exists already, or a path stands for standard output.
        OutputError: A path is that of a folder, or its folder cannot be made or written.
    """
    for path in paths:
        if _STREAM in (str(path), str(path.parent)):
            raise UsageError("Results go to files, not to standard output.", hint="Give a name instead of -.")
        if is_uri(path):
            raise UsageError(f"{path} is no file of this machine.", hint="Give a path.")
        try:
            folder, there = path.is_dir(), path.exists()
        except OSError as error:
            raise OutputError(f"{path} cannot be written: {reason(error)}.", hint=advice(error)) from error
        if folder:
            raise OutputError(f"{path} cannot be written: it is a folder.", hint="Give the name of a file in it.")
        if there and not overwrite:
            raise UsageError(f"{path} exists already.", hint=f"Give another {option}, or --overwrite to replace it.")
        _require_folder(path.parent)


def _require_folder(folder: Path) -> None:
    """Refuse a folder in which no file can be made; if it is not there, the nearest one above that is must do."""
    if len(folder.parts) > _DEEPEST:
        raise OutputError(
            f"The folder {in_words(folder)} cannot be made: it lies too deep.", hint="Give a shorter one."
        )
    existing = folder
    while not os.path.lexists(existing) and existing != existing.parent:
        existing = existing.parent
    try:
        # A file without a name where the system has such: the only sure proof, also on a disk that can only be read.
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        # What the system says of a folder that is there, such as /proc; the current one may have been removed.
        if isinstance(error, FileNotFoundError) and existing.is_absolute():
            message = f"The folder {folder} cannot be written: it takes no files."
            raise OutputError(message, hint="Give another place.") from error
        raise OutputError(f"The folder {folder} cannot be written: {reason(error)}.", hint=advice(error)) from error


def names_a_file(path: Path) -> bool:
    """Return whether a name ends like that of a file, and no folder has it.

    >>> [names_a_file(Path(name)) for name in ("talk.srt", "talk", "run.v2", "2024.05")]
    [True, False, False, False]
    """
    return _ENDING.fullmatch(path.suffix) is not None and not path.is_dir()


def similar_file(path: Path) -> str:
    """Return a question that proposes the file that is named most like one that is not there; empty if none is near."""
    try:
        with os.scandir(path.parent) as entries:
            names = [entry.name for entry in itertools.islice(entries, _MOST_NAMES) if not entry.name.startswith(".")]
    except OSError:
        return ""
    # A name may lack its ending, or have another.
    by_stem = {Path(name).stem: name for name in reversed(names)}
    near = nearest(path.name, names) or [by_stem[stem] for stem in nearest(path.stem, by_stem)]
    return f"Did you mean {path.with_name(near[0])}?" if near else ""


@contextmanager
def named_if_damaged(path: Path) -> Iterator[None]:
    """Let a block read a file that a program wrote; whatever a library makes of damage becomes an error with its name.

    Raises:
        WeightsMissing: The file cannot be read.
    """
    try:
        yield
    except ResayError:
        raise
    except Exception as error:
        if out_of_memory(error):
            raise
        raise WeightsMissing(f"{path} is damaged: {reason(error)}.", hint="Remove it, and it is made again.") from error


def as_json(value: dict[str, Any], *, indent: int | None = None, encoding: str | None = "utf-8") -> str:
    """Return a value as JSON that an encoding can hold, with escapes where it lacks a letter.

    File names that are no text in UTF-8 have such letters.

    Args:
        value: What JSON can hold.
        indent: Spaces of each level; one line by default.
        encoding: Encoding of where it goes; None for UTF-8.
    """
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    try:
        text.encode(encoding or "utf-8")
    except UnicodeEncodeError:
        return json.dumps(value, indent=indent)
    return text
