"""Temporary folders of our own that a killed process does not leave for ever: the next one removes them."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from filelock import BaseFileLock

__all__ = ["TemporaryFolder", "temporary_folder"]

_PREFIX: Final = "resay-"
"""How the names of our folders begin."""

_LOCK: Final = ".lock"
"""A file that a folder's process keeps locked; the system opens the lock when the process ends, however it does."""


class TemporaryFolder:
    """A folder in the temporary folder, until `close`.

    Folders of processes that were killed are removed when a process makes its first: their locks are open.

    Raises:
        OSError: The temporary folder cannot be written.
    """

    def __init__(self) -> None:
        # An import of this module must cost nothing.
        from filelock import FileLock

        _remove_abandoned(Path(tempfile.gettempdir()))
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        """Where it is."""
        # Nobody sees a lock that is not locked yet: the file gets its name afterwards.
        unseen = self.path / f"{_LOCK}.new"
        lock = FileLock(unseen)
        lock.acquire()
        unseen.rename(self.path / _LOCK)
        self._end = weakref.finalize(self, _remove, self.path, lock)

    def close(self) -> None:
        """Remove the folder, as far as the system lets us; this happens too when nothing refers to it any more."""
        self._end()


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Provide a `TemporaryFolder` for a block.

    Raises:
        OSError: The temporary folder cannot be written.
    """
    folder = TemporaryFolder()
    try:
        yield folder.path
    finally:
        folder.close()


def _remove(folder: Path, lock: BaseFileLock) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    lock.release()


@cache
def _remove_abandoned(place: Path) -> None:
    """Remove folders of ours whose processes are gone; one look in the life of a process will do."""
    from filelock import FileLock, Timeout

    with os.scandir(place) as entries:
        ours = [Path(entry.path) for entry in entries if entry.name.startswith(_PREFIX) and _is_ours(entry)]
    for folder in ours:
        # Somebody is at work in it, or has just removed it.
        with suppress(Timeout, OSError), FileLock(folder / _LOCK, timeout=0):
            shutil.rmtree(folder, ignore_errors=True)


def _is_ours(entry: os.DirEntry[str]) -> bool:
    """Return whether an entry is a folder of this user with a lock in it, and no link to one."""
    with suppress(OSError):
        if entry.is_dir(follow_symlinks=False) and os.path.lexists(Path(entry.path, _LOCK)):
            return not hasattr(os, "getuid") or entry.stat(follow_symlinks=False).st_uid == os.getuid()
    return False
