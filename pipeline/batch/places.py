"""Where the results of a batch lie: a folder, or a place in object storage."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Protocol

from pipeline.audio.writing import SOUND_FORMATS
from pipeline.batch.items import WorkItem
from pipeline.batch.storage import Stored
from pipeline.batch.work import converted_before, files_of, moved
from pipeline.core.files import remove_temporary
from pipeline.core.numbering import claim, claimed_by, release
from pipeline.core.results import Conversion
from pipeline.transcripts.formats import FORMATS

__all__ = ["Folder", "Place", "StoredFolder"]

_ENDINGS: Final = (*SOUND_FORMATS, *FORMATS)
"""Endings of all files that a result may have: whose number has one of them is taken, whoever wrote it."""

_NUMBERED: Final = re.compile(r"[1-9]\d*(?=\.)")
"""How the names of numbered results begin."""


class Place(Protocol):
    """Where results lie."""

    def path(self, name: str) -> str:
        """Return the path or URI of a file."""
        ...

    def exists(self, path: str) -> bool:
        """Return whether one of its files is there."""
        ...

    def claim(self, least: int) -> int:
        """Return the next free number, which nobody else takes."""
        ...

    def release(self, number: int) -> None:
        """Give a number up: its result is written, or will never be."""
        ...

    def claimed(self) -> set[int]:
        """Return the numbers for which claims of a batch are there."""
        ...

    def tidy(self, names: Iterable[str]) -> None:
        """Remove what a process that was killed left of files that begin with names."""
        ...

    def conversion(self, item: WorkItem) -> Conversion | None:
        """Return the conversion that lies here for an item; None if it is not complete."""
        ...


class Folder:
    """A folder of this machine, as `Place`.

    Args:
        folder: Its path.
        owner: Who claims numbers.
    """

    def __init__(self, folder: Path, owner: str) -> None:
        self._folder = folder
        self._owner = owner

    def path(self, name: str) -> str:
        """Return the path of a file."""
        return str(self._folder / name)

    def exists(self, path: str) -> bool:
        """Return whether a file is there."""
        return Path(path).exists()

    def claim(self, least: int) -> int:
        """Return the next free number; a file says that it is taken."""
        return claim(self._folder, self._owner, least=least, endings=_ENDINGS)

    def release(self, number: int) -> None:
        """Give a number up."""
        release(self._folder, number)

    def claimed(self) -> set[int]:
        """Return the numbers that the owner holds."""
        return claimed_by(self._folder, self._owner)

    def tidy(self, names: Iterable[str]) -> None:
        """Remove temporary files that a process left when it was killed."""
        remove_temporary(self._folder, names)

    def conversion(self, item: WorkItem) -> Conversion | None:
        """Return the conversion that lies here for an item; texts that are missing are written."""
        return converted_before(item)


class StoredFolder:
    """A place in object storage, as `Place`.

    A number is taken as soon as it stands in the journal, which only one batch can write at a time.

    Args:
        uri: Its URI.

    Raises:
        UsageError: There is no such place, or results cannot be put there.
        EngineMissing: The package that speaks to it is not installed.
    """

    def __init__(self, uri: str | Path) -> None:
        self.root = Stored(uri)
        self.root.require_writable()
        self._largest: int | None = None

    def path(self, name: str) -> str:
        """Return the URI of a file."""
        return f"{self.root.uri.rstrip('/')}/{name}"

    def exists(self, path: str) -> bool:
        """Return whether a file is there."""
        return Stored(path).exists()

    def claim(self, least: int) -> int:
        """Return the next number that nothing has that is there."""
        if self._largest is None:
            numbers = [int(found[0]) for name in self.root.names() if (found := _NUMBERED.match(name))]
            self._largest = max(numbers, default=0)
        self._largest = max(least, self._largest + 1)
        return self._largest

    def release(self, number: int) -> None:
        """Do nothing: the journal remembers numbers."""

    def claimed(self) -> set[int]:
        """Return nothing: the journal remembers numbers."""
        return set()

    def tidy(self, names: Iterable[str]) -> None:
        """Do nothing: files appear whole or not at all."""

    def conversion(self, item: WorkItem) -> Conversion | None:
        """Return the conversion that lies here for an item; its sound is the last file to appear."""
        if not all(self.exists(file) for file in files_of(item)):
            return None
        described = Stored(re.sub(r"\.\w+$", ".json", item.output))
        try:
            return moved(Conversion.from_dict(json.loads(described.read())), item) if described.exists() else None
        except (ValueError, KeyError, TypeError):
            return None
