"""Files as decoders get them: without a name, from the start of the recording on, and with what was mended in them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, BinaryIO

__all__ = ["NamelessFile"]


class NamelessFile(io.RawIOBase):
    """A file object that hides its name and what stands before a place, and stays open when it is closed.

    Args:
        file: Open for reading, seekable.
        start: The place.
        changes: What is read instead of what the file holds: place to bytes.
    """

    def __init__(self, file: BinaryIO, start: int = 0, changes: Mapping[int, bytes] = MappingProxyType({})) -> None:
        self._file = file
        self._start = start
        self._changes = changes

    def readable(self) -> bool:
        """Return whether it can be read: always."""
        return True

    def seekable(self) -> bool:
        """Return whether it can seek: always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer; return how many bytes, 0 where the disk fails."""
        begin = self.tell() if self._changes else 0
        try:
            data = self._file.read(len(buffer))
        except OSError:
            return 0
        buffer[: len(data)] = data
        for place, change in self._changes.items():
            for at, byte in enumerate(change, start=place - begin):
                if 0 <= at < len(data):
                    buffer[at] = byte
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move, and return the new place."""
        try:
            return self._file.seek(offset + self._start if whence == io.SEEK_SET else offset, whence) - self._start
        except (OSError, ValueError):
            # A damaged header may ask for positions before the start; the library needs an answer, not an exception.
            return self.tell()

    def tell(self) -> int:
        """Return the place, from the start of the recording."""
        return self._file.tell() - self._start
