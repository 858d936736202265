"""Work that can be stopped: whoever started it says when, and what takes long asks whether to go on.

The loops and networks of the program ask, so that no caller needs to hand anything through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from typing import ParamSpec, TypeVar

__all__ = ["go_on", "stoppable", "with_stops"]

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")

_check: ContextVar[Callable[[], None] | None] = ContextVar("resay_stopping", default=None)


@contextmanager
def stoppable(check: Callable[[], None]) -> Iterator[None]:
    """Let the work inside be stopped.

    Args:
        check: Called often, from any thread of the work; raises what ends it.
    """
    before = _check.set(check)
    try:
        yield
    finally:
        _check.reset(before)


def go_on() -> None:
    """Raise what ends the work that asks, if somebody has stopped it; it costs less than a microsecond."""
    if check := _check.get():
        check()


def with_stops(function: Callable[_Given, _Result]) -> Callable[_Given, _Result]:
    """Return a function for another thread that is stopped when the work that starts it is."""
    context = copy_context()

    def carried(*values: _Given.args, **options: _Given.kwargs) -> _Result:
        return context.copy().run(function, *values, **options)

    return carried
