"""Memory of a process that runs for long: what is freed goes back to the system, not into a stock for later."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any, Final

__all__ = ["give_back", "is_given_back", "keep_little"]

_ARENAS: Final = -8
_THRESHOLD: Final = -3
_TRIMMING: Final = -1
"""Numbers of M_ARENA_MAX, M_MMAP_THRESHOLD and M_TRIM_THRESHOLD in glibc's malloc.h."""

_MOST_ARENAS: Final = 2
"""Stocks of free memory in the C library, which has eight for each processor by default: threads that come and go
leave their peaks in each of them. Two, for two threads seldom allocate at the same moment."""

_LARGE: Final = 8 << 20
"""Bytes from which on an allocation is pages of its own, given back as soon as it is freed. The C library would raise
this to 32 MiB by itself. With 1 MiB speech took a quarter more computing: every array got new pages."""

_STOCK: Final = 64 << 20
"""Bytes that may stay free for the next arrays until `give_back` is called; set by hand."""

_little = False


def keep_little() -> None:
    """Let this process give freed memory back from now on; call it before the engines are loaded.

    Graphs that are opened later keep no memory of their largest run either. Without glibc the rest of it does nothing.
    """
    global _little
    _little = True
    if library := _glibc():
        library.mallopt(_ARENAS, _MOST_ARENAS)
        library.mallopt(_THRESHOLD, _LARGE)
        library.mallopt(_TRIMMING, _STOCK)


def is_given_back() -> bool:
    """Whether this process gives freed memory back."""
    return _little


def give_back() -> None:
    """Give the system what small allocations have left free; takes some milliseconds."""
    if library := _glibc():
        library.malloc_trim(0)


@cache
def _glibc() -> Any:
    """Return the C library, if it is glibc; None otherwise."""
    try:
        library = ctypes.CDLL(None)
        library.gnu_get_libc_version  # noqa: B018
    except (OSError, TypeError, AttributeError):
        return None
    return library
