"""Sounds of any length in bounded memory: long ones lie in a temporary file, and are worked on block by block."""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, Final

import numpy as np

from pipeline.core.errors import OutputError
from pipeline.core.messages import reason
from pipeline.core.values import Samples

__all__ = ["GrowingSound", "blocks", "gathered"]

_IN_MEMORY: Final = 2**21
"""Samples that are kept in memory, 8 MiB: 87 s at 24 kHz, more than nearly every result has."""
_BLOCK: Final = 2**18
"""Samples of a block, 1 MiB: 11 s at 24 kHz."""


class GrowingSound:
    """A sound that grows at its end, and silence that takes no room.

    Beyond 8 MiB it is kept in a temporary file, which has no name and is gone with the last use of it.
    """

    def __init__(self) -> None:
        self._parts: list[Samples] = []
        self._file: IO[bytes] | None = None
        self.length = 0
        """Samples so far."""

    def add(self, samples: Samples) -> None:
        """Append samples, float32 (time,).

        Raises:
            OutputError: The temporary folder is full.
        """
        self.length += len(samples)
        self._parts.append(samples)
        # A single part is there anyway.
        if self._file or (len(self._parts) > 1 and self.length > _IN_MEMORY):
            self._store()

    def add_silence(self, length: int) -> None:
        """Append zeros; `length` is in samples, and none or less appends nothing."""
        if length > 0:
            self.add(np.broadcast_to(np.float32(0), length))

    def samples(self) -> Samples:
        """Return the whole, float32 (time,); read-only if it lies in a file. Nothing can be added after that."""
        if self._file is None:
            return self._parts[0] if len(self._parts) == 1 else np.concatenate([np.zeros(0, np.float32), *self._parts])
        self._file.truncate(4 * self.length)
        self._file.flush()
        return np.frombuffer(mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ), np.float32)

    def _store(self) -> None:
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile()
            for part in self._parts:
                for block in blocks(part):
                    if block.any():
                        self._file.write(block.tobytes())
                    else:
                        self._file.seek(4 * len(block), 1)
        except OSError as error:
            raise OutputError(
                f"The sound does not fit into the temporary folder {tempfile.gettempdir()}: {reason(error)}.",
                hint="Name one with more room in TMPDIR.",
            ) from error
        self._parts.clear()


def gathered(parts: Iterable[Samples]) -> Samples:
    """Return consecutive samples as one array, float32 (time,); a long one lies in a temporary file, and is read-only.

    Args:
        parts: float32 (time,) each; taken one at a time.

    Raises:
        OutputError: The temporary folder is full.
    """
    whole = GrowingSound()
    for part in parts:
        whole.add(part)
    return whole.samples()


def blocks(samples: Samples, size: int = _BLOCK) -> Iterator[Samples]:
    """Yield consecutive parts of a sound; what was read of a file does not stay in memory.

    Args:
        samples: float32 (time,).
        size: Samples of a part; the last one is shorter.
    """
    for start in range(0, len(samples), size):
        yield samples[start : start + size]
        _release(samples)


def _release(samples: Samples) -> None:
    """Give back the memory that reading a file took."""
    owner: object = samples
    while isinstance(owner, np.ndarray):
        owner = owner.base
    if isinstance(owner, memoryview):
        owner = owner.obj
    if isinstance(owner, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        owner.madvise(mmap.MADV_DONTNEED)
