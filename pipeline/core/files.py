"""Writes files so that they appear complete or not at all, and refuses beforehand what cannot be written."""

from __future__ import annotations

import itertools
import os
import secrets
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pipeline.core.errors import OutputError, UsageError
from pipeline.core.messages import reason
from pipeline.core.spelling import nearest

__all__ = ["atomic", "require_writable", "similar_file"]

_MOST_NAMES: Final = 2000
"""Names of a folder that are compared with one that is not there: more would take noticeable time."""


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Provide a temporary path in the same folder; on success it is synced to disk and renamed to `path`.

    On any error the temporary file is removed and `path` stays as it was.

    Raises:
        OutputError: The folder cannot be created, or the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"The folder {path.parent} cannot be created: {reason(error)}.") from error
    temporary = path.with_name(f".{path.stem}.{secrets.token_hex(6)}.tmp{path.suffix}")
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {reason(error)}.", hint="Give another place for it.") from error
    finally:
        temporary.unlink(missing_ok=True)


def require_writable(paths: Iterable[Path], *, overwrite: bool = False) -> None:
    """Refuse files that could not be written, before there is anything to write; nothing is left behind.

    This is the rule of every command: a file that somebody names is never replaced unless they say so.

    Args:
        paths: The files; their folders need not be there yet.
        overwrite: Whether existing files may be replaced.

    Raises:
        UsageError: A file exists already.
        OutputError: A path is that of a folder, or its folder cannot be made or written.
    """
    for path in paths:
        try:
            folder, there = path.is_dir(), path.exists()
        except OSError as error:
            raise OutputError(f"{path} cannot be written: {reason(error)}.", hint="Give another --output.") from error
        if folder:
            raise OutputError(f"{path} cannot be written: it is a folder.", hint="Give the name of a file in it.")
        if there and not overwrite:
            raise UsageError(f"{path} exists already.", hint="Give another --output, or --overwrite to replace it.")
        _require_folder(path.parent)


def _require_folder(folder: Path) -> None:
    """Refuse a folder in which no file can be made; if it is not there, the nearest one above that is must do."""
    existing = folder
    while not os.path.lexists(existing) and existing != existing.parent:
        existing = existing.parent
    try:
        # A file without a name where the system has such: the only sure proof, also on a disk that can only be read.
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        raise OutputError(
            f"The folder {folder} cannot be written: {reason(error)}.", hint="Give another --output."
        ) from error


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
