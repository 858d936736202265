"""The journal of a batch: what is done stands in a file beside the output, so that a killed batch can go on.

The file is `.batch.jsonl`, a line of JSON for each step: a recording gets its place in the output, a piece of it is
finished, it is done, it failed. Lines are only added, and each is on the disk before the next step begins.
A line that a crash cut short counts as never written.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

from filelock import FileLock, Timeout

from pipeline.batch.places import Folder, Place
from pipeline.core.errors import OutputError, UnreadableAudio, UsageError
from pipeline.core.files import as_json, atomic
from pipeline.core.messages import advice, reason

__all__ = ["JOURNAL", "SCHEMA", "Entry", "Journal", "content_digest"]

JOURNAL: Final = ".batch.jsonl"
"""Name of the journal in the folder of the output: hidden, so that it is no recording and no result."""

_LOCK: Final = ".batch.lock"
"""Name of the file that is locked while a batch works in a folder."""

SCHEMA: Final = 1
"""Version of the format of the lines."""

_END: Final[dict[str, Any]] = {"end": True}
"""The line after which nothing follows for now."""


@dataclass(slots=True)
class Entry:
    """What is known of one recording with its options."""

    source: str
    """The recording, as the caller named it when it got its place."""
    place: str
    """Name of its files in the folder without their endings: a number, or a name; empty if it has none."""
    done: bool = False
    """Whether its result is written."""
    failed: bool = False
    """Whether it failed the last time."""
    result: dict[str, Any] | None = None
    """The result itself, where no file holds it."""
    pieces: list[dict[str, Any]] = field(default_factory=list)
    """What is finished of it, in order; none once it is done."""


class Journal:
    """The entries of all batches that ever wrote into a folder.

    While it is open no other batch can open it, in this process or another.

    Args:
        folder: Folder of the output; created if it is missing.

    Raises:
        UsageError: Another batch is at work in the folder.
        OutputError: The file cannot be read or written.
    """

    def __init__(self, folder: Path) -> None:
        self.place: Place = Folder(folder, JOURNAL)
        """Where the results lie."""
        self.path = str(folder / JOURNAL)
        self._folder = folder
        self.entries: dict[str, Entry] = {}
        """Key of a recording with its options to what is known of it, in order."""
        self.damaged = False
        """Whether more than a last line that was cut short could not be read."""
        self._pieces_of_done = self._is_new = False
        self._lock = FileLock(folder / _LOCK)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
        except Timeout:
            raise UsageError(
                f"Another batch is writing to {folder}.", hint="Wait until it has ended, or give another --output."
            ) from None
        except OSError as error:
            raise self._failed(error) from error
        try:
            if not self._read():
                self._rewrite()
            self._file: BinaryIO = open(self.path, "r+b", buffering=0)
            self._size = self._file.seek(0, os.SEEK_END)
        except OSError as error:
            self._lock.release()
            raise self._failed(error) from error
        except BaseException:
            self._lock.release()
            raise

    def start(self, key: str, source: str, place: str = "") -> Entry:
        """Give a recording its place in the output.

        Raises:
            OutputError: It cannot be written.
        """
        self._add({"key": key, "source": source, "place": place})
        entry = self.entries[key] = Entry(source, place)
        return entry

    def keep(self, key: str, piece: dict[str, Any]) -> None:
        """Keep a finished piece of a recording that is started.

        Raises:
            OutputError: It cannot be written.
        """
        self._add({"key": key, "piece": piece})
        self.entries[key].pieces.append(piece)

    def finish(self, key: str, result: dict[str, Any] | None = None) -> None:
        """Note that the result of a recording is written.

        Args:
            key: The recording with its options.
            result: The result, if no file holds it.

        Raises:
            OutputError: It cannot be written.
        """
        self._add({"key": key, "done": True} | ({"result": result} if result is not None else {}))
        entry = self.entries[key]
        entry.done, entry.failed, entry.result, entry.pieces = True, False, result, []

    def fail(self, key: str, error: dict[str, str]) -> None:
        """Note that a recording cannot be worked on; its place stays its own for another try.

        Raises:
            OutputError: It cannot be written.
        """
        self._add({"key": key, "error": error})
        self.entries[key].failed = True

    def seal(self) -> None:
        """Note that nothing follows for now, so that no line that matters is the last one, which a crash may tear."""
        if self._is_new:
            with suppress(OutputError):  # It only makes sure what is written already.
                self._add(_END)

    def close(self) -> None:
        """Close the file; what is finished no longer needs its pieces there, which hold what was said."""
        self._file.close()
        try:
            if self._pieces_of_done:
                self._rewrite()
        finally:
            self._lock.release()

    def claimed(self) -> set[int]:
        """Return the numbers that an earlier batch took and has not given up."""
        return self.place.claimed()

    def _add(self, line: dict[str, Any]) -> None:
        data = as_json(line).encode() + b"\n"
        if not os.fstat(self._file.fileno()).st_nlink:
            # Its lock is gone with it: another batch may be at work in a new folder of this name.
            raise OutputError(f"{self.path} was removed meanwhile.", hint="Run the same command again.")
        try:
            written = 0
            while written < len(data):
                written += self._file.write(data[written:])
            os.fsync(self._file.fileno())
        except OSError as error:
            # What was begun would join the next line; shortening a file needs no space.
            self._file.truncate(self._size)
            self._file.seek(self._size)
            raise self._failed(error) from error
        self._size += len(data)
        self._is_new = True
        self._pieces_of_done |= bool(line.get("done") and self.entries[line["key"]].pieces)

    def _read(self) -> bool:
        """Read the file; return whether it can be gone on with as it is."""
        if not os.path.exists(self.path):
            return False
        if not os.path.isfile(self.path):
            raise OutputError(f"{self.path} is no file.", hint="Remove it, or give another --output.")
        content = Path(self.path).read_bytes()
        tidy = content.endswith(b"\n")
        lines = content.splitlines()
        for number, line in enumerate(lines, 1):
            try:
                self._take(json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                tidy = False
                self.damaged |= number < len(lines) or number == 1
        return tidy

    def _take(self, line: dict[str, Any]) -> None:
        if line.get("journal", SCHEMA) > SCHEMA:
            raise UsageError(
                f"{self.path} was written by a newer version.",
                hint="Give another --output, or go on with that version.",
            )
        if "key" not in line:
            return
        if "place" in line:
            self.entries[line["key"]] = Entry(_text(line["source"]), _text(line["place"]))
            return
        entry = self.entries[line["key"]]
        if "piece" in line:
            entry.pieces.append(line["piece"])
        elif "error" in line:
            entry.failed = True
        elif line["done"]:
            entry.done, entry.failed, entry.result, entry.pieces = True, False, line.get("result"), []

    def _rewrite(self) -> None:
        """Write the file anew, whole or not at all, with what still matters."""
        with atomic(Path(self.path)) as temporary, temporary.open("wb") as file:
            for line in self._lines():
                file.write(as_json(line).encode() + b"\n")
        with suppress(OSError):  # Not every system lets a folder be opened.
            folder = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def _lines(self) -> Iterator[dict[str, Any]]:
        yield {"journal": SCHEMA}
        for key, entry in self.entries.items():
            yield {"key": key, "source": entry.source, "place": entry.place}
            for piece in entry.pieces:
                yield {"key": key, "piece": piece}
            if entry.done:
                yield {"key": key, "done": True} | ({"result": entry.result} if entry.result is not None else {})
            elif entry.failed:
                yield {"key": key, "error": {}}
        if self.entries:
            yield _END

    def _failed(self, error: OSError) -> OutputError:
        return OutputError(f"{self.path} cannot be written: {reason(error)}.", advice(error))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def content_digest(path: str | Path) -> str:
    """Return the SHA-256 of a file.

    Raises:
        UnreadableAudio: It cannot be read.
    """
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UnreadableAudio(f"{path} cannot be read: {reason(error)}.", hint="Check the path.") from error
