"""Journals of long work: each finished piece is kept as a line, so that an interrupted run can go on."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Final

from pipeline.core.errors import OutputError, UnreadableAudio, UsageError
from pipeline.core.files import as_json
from pipeline.core.messages import advice, reason

__all__ = ["Journal", "fingerprint"]

_HEAD: Final = 1 << 20
"""Bytes at the beginning of a file that go into its fingerprint: enough to tell recordings apart; set by hand."""


class Journal:
    """A file of JSON lines: first the description of the work, then each finished piece of it.

    Every line is on the disk before `add` returns; a line that a crash cut short is ignored.

    Args:
        path: The file; its folder is created if it is missing.
        work: Description of the work: source, engine, settings. Only the same work can go on.
        resume: Whether to go on after the pieces in the file; a missing file starts from the beginning.
        overwrite: Whether an existing journal may be discarded.

    Raises:
        UsageError: A journal exists and neither option was given, or it belongs to other work.
        OutputError: The file cannot be read or written.
    """

    def __init__(self, path: Path, work: dict[str, Any], *, resume: bool = False, overwrite: bool = False) -> None:
        self.path = path
        self.done: list[dict[str, Any]] = []
        """The pieces that were finished before, in order."""
        try:
            if path.exists() and not (resume or overwrite):
                raise UsageError(
                    f"{path} holds work that was interrupted.",
                    hint="Add --resume to go on, or --overwrite to start again.",
                )
            lines, size = _read(path) if resume and path.exists() else ([], 0)
            if lines and lines[0] != work:
                changed = [name for name in work if lines[0].get(name) != work[name]]
                raise UsageError(
                    f"{path} was started with another {' and '.join(changed) or 'version'}.",
                    hint="Give the same settings, or --overwrite to start again.",
                )
            self.done = lines[1:]
            self._worth_keeping = bool(self.done)
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file: BinaryIO = path.open("r+b" if lines else "wb")
            self._file.seek(size)
            self._file.truncate()
            try:
                if not lines:
                    self._file.write(_line(work))
                self._sync()
            except OSError:
                self.close()
                raise
        except OSError as error:
            raise OutputError(f"{path} cannot be written: {reason(error)}.", advice(error)) from error

    def add(self, piece: dict[str, Any]) -> None:
        """Keep a finished piece of work.

        Raises:
            OutputError: It cannot be written.
        """
        try:
            self._file.write(_line(piece))
            self._sync()
            self._worth_keeping = True
        except OSError as error:
            raise OutputError(f"{self.path} cannot be written: {reason(error)}.", advice(error)) from error

    def close(self) -> None:
        """Close the file and keep it for the next run; remove it if it holds no work."""
        with suppress(OSError):  # What cannot be written was told when it was added.
            self._file.close()
        if not self._worth_keeping:
            self.path.unlink(missing_ok=True)

    def finish(self) -> None:
        """Remove the file, because the work is done and its result is elsewhere."""
        self._worth_keeping = False
        self.close()

    def _sync(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())


def fingerprint(path: str | Path) -> str:
    """Return a text that identifies a file: its length in bytes, and a digest of its beginning.

    Raises:
        UnreadableAudio: There is no such file.
    """
    try:
        with open(path, "rb") as file:
            digest = hashlib.sha256(file.read(_HEAD)).hexdigest()
            return f"{file.seek(0, os.SEEK_END)} bytes, {digest[:16]}"
    except OSError as error:
        raise UnreadableAudio(f"{path} cannot be read: {reason(error)}.", hint="Check the path.") from error


def _line(values: dict[str, Any]) -> bytes:
    return as_json(values).encode() + b"\n"


def _read(path: Path) -> tuple[list[dict[str, Any]], int]:
    """Return the lines of a journal up to the first incomplete one, and their length in bytes."""
    found: list[dict[str, Any]] = []
    size = 0
    for line in path.read_bytes().splitlines(keepends=True):
        try:
            values = json.loads(line) if line.endswith(b"\n") else None
        except ValueError:
            break
        if not isinstance(values, dict):
            break
        found.append(values)
        size += len(line)
    return found, size
