"""Standard input, output and error as they may be: closed, full, or of an encoding that lacks a letter."""

from __future__ import annotations

import codecs
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, TextIO

from pipeline.core.errors import OutputLost
from pipeline.core.messages import advice, reason

__all__ = ["BROKEN_PIPE", "connected"]

BROKEN_PIPE: Final = 141
"""Exit code when nobody reads on: what a shell tells of a program that SIGPIPE ended."""

_SUBSTITUTES: Final = str.maketrans(
    {
        "█": "#", "▏": "", "▎": "", "▍": "", "▌": "", "▋": "#", "▊": "#", "▉": "#", "●": "*", "○": "o", "·": "-",
        "“": '"', "”": '"', "‘": "'", "’": "'", "…": "...", "–": "-", "—": "-", "−": "-", "→": "->", "×": "x",
    }
)  # fmt: skip
"""Signs of our own talk to what stands for them where an encoding lacks them."""

_HANDLER: Final = "resay-substitutes"


def _substituted(error: UnicodeError) -> tuple[str, int]:
    """Return what is shown instead of letters that an encoding lacks, and where it goes on."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end]
    return "".join(
        stands if (stands := letter.translate(_SUBSTITUTES)).isascii() else "?" for letter in letters
    ), error.end


codecs.register_error(_HANDLER, _substituted)


class _Stream(io.RawIOBase):
    """Writes to a stream of the process.

    Args:
        raw: The stream; None if it is closed.
        name: What it is called in an error; empty if its loss is nobody's concern.
    """

    def __init__(self, raw: io.RawIOBase | None, name: str) -> None:
        self._raw = raw
        self._name = name
        self._lost = False

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self._raw is not None and self._raw.isatty()

    def fileno(self) -> int:
        if self._raw is None:
            raise io.UnsupportedOperation("fileno")
        return self._raw.fileno()

    def write(self, data: bytes | bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Write, or tell of the first loss; what comes after a loss goes nowhere.

        Raises:
            OutputLost: Standard output takes nothing more.
            SystemExit: Nobody reads it on.
        """
        if self._raw is not None and not self._lost:
            try:
                return self._raw.write(data) or 0
            except BrokenPipeError:
                self._lost = True
                if self._name:
                    raise SystemExit(BROKEN_PIPE) from None
            except OSError as error:
                self._lost = True
                if self._name:
                    message = f"{self._name} cannot be written: {reason(error)}."
                    raise OutputLost(message, hint=advice(error)) from error
        return memoryview(data).nbytes


@contextmanager
def connected() -> Iterator[bool]:
    """Make the standard streams safe to use while a block runs; provide whether standard output is open.

    A letter that the encoding lacks is replaced. A loss of standard error is passed over.
    A loss of standard output is an error of what writes to it.
    """
    streams = sys.stdin, sys.stdout, sys.stderr
    _occupy()
    if sys.stdin is None:
        nothing = io.BytesIO()
        nothing.name = "<stdin>"
        sys.stdin = io.TextIOWrapper(nothing)
    sys.stdout, sys.stderr = _wrapped(streams[1], "Standard output"), _wrapped(streams[2], "")
    try:
        yield streams[1] is not None
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        sys.stdin, sys.stdout, sys.stderr = streams


def _occupy() -> None:
    """Open nothing under the numbers of closed streams, so that no file gets what a library prints."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # Takes the lowest free number.


def _wrapped(stream: TextIO | None, name: str) -> TextIO:
    raw = None
    if stream is not None:
        buffer = getattr(stream, "buffer", None)
        raw = getattr(buffer, "raw", buffer)  # Python without buffers (-u) has no layer between.
        if not isinstance(raw, io.RawIOBase):  # Memory that stands in for a stream.
            return stream
        stream.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(_Stream(raw, name)),  # type: ignore[type-var]
        encoding=getattr(stream, "encoding", None) or "utf-8",
        errors=_HANDLER,
        line_buffering=not name or (stream is not None and stream.isatty()),
    )
