"""The journal of a batch whose results lie in object storage, where nothing can be added to a file.

Each step is an object of its own in `.batch/`, numbered, and created only if there is none of its number: who finds
it taken learns that another batch has begun, and stops. Closing puts what still matters into one object.
"""

from __future__ import annotations

import json
import re
import secrets
from pathlib import Path
from typing import Any, Final

from pipeline.batch.journal import SCHEMA, Journal
from pipeline.batch.places import StoredFolder
from pipeline.core.errors import UsageError
from pipeline.core.files import as_json, is_uri

__all__ = ["StoredJournal", "journal_in"]

_FOLDER: Final = ".batch"
"""Name of the folder of the objects: hidden, so that it holds no recordings and no results."""


_OBJECT: Final = re.compile(r"[0-9]{9,18}\.jsonl")
"""Names of the objects."""


def journal_in(place: Path) -> Journal:
    """Return the journal of a folder, or of a place in object storage.

    Args:
        place: The folder; a URI where `Path` has made one slash of two is one too.

    Raises:
        UsageError: Another batch is at work there, or there is no such place.
        EngineMissing: The package that speaks to the store is not installed.
        OutputError: The journal cannot be read or written.
    """
    return StoredJournal(place) if is_uri(place) else Journal(place)


class StoredJournal(Journal):
    """The entries of all batches that ever wrote to a place in object storage.

    A batch that opens it takes it over: one that is still at work stops at its next step.

    Args:
        uri: The place.

    Raises:
        UsageError: There is no such place, another batch opened it at the same moment, or a newer version wrote it.
        EngineMissing: The package that speaks to it is not installed.
        OutputError: It cannot be read or written.
    """

    def __init__(self, uri: str | Path) -> None:
        self.place = StoredFolder(uri)
        self._root = self.place.root
        self._objects = self._root / _FOLDER
        self.path = self._objects.uri
        self.entries = {}
        self.damaged = False
        names = sorted(name for name in self._objects.names() if _OBJECT.fullmatch(name))
        self._old: list[str] = []
        """Objects that a new one will replace; those with which batches began stay, so that nobody takes their name."""
        for name, content in zip(names, self._objects.read_all(names), strict=True):
            if self._read_object(content):
                self._old.append(name)
        self._last = max((int(name.partition(".")[0]) for name in names), default=0)
        self._add({"journal": SCHEMA, "begun": secrets.token_hex(8)})
        self._old.pop()
        self._has_steps = False

    def seal(self) -> None:
        """Do nothing: objects appear whole."""

    def close(self) -> None:
        """Put what still matters into one object; the same batch can go on later."""
        if not self._has_steps:
            return
        before = list(self._old)
        self._create(b"".join(as_json(line).encode() + b"\n" for line in self._lines()))
        self._objects.remove(before)

    def claimed(self) -> set[int]:
        """Return the numbers that have no result yet: standing here is what takes them."""
        return {int(entry.place) for entry in self.entries.values() if not entry.done and entry.place.isdecimal()}

    def _read_object(self, content: bytes) -> bool:
        """Take the lines of an object into account; return whether it holds steps, not the beginning of a batch."""
        lines = []
        for text in content.splitlines():
            try:
                lines.append(dict(json.loads(text)))
            except (ValueError, TypeError, RecursionError):
                self.damaged = True
        if not lines:
            return True
        if "begun" not in lines[0] and lines[0].get("journal"):
            self.entries.clear()
        for line in lines:
            try:
                self._take(line)
            except (ValueError, KeyError, TypeError, AttributeError):
                self.damaged = True
        return "begun" not in lines[0]

    def _add(self, line: dict[str, Any]) -> None:
        self._create(as_json(line).encode() + b"\n")
        self._has_steps = True

    def _create(self, content: bytes) -> None:
        name = f"{self._last + 1:09}.jsonl"
        if not (self._objects / name).create(content):
            raise UsageError(
                f"Another batch has begun to write to {self._root.uri}.", hint="Let one of them end at a time."
            )
        self._last += 1
        self._old.append(name)
