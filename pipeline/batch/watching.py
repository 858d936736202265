"""Recordings that arrive in folders, for as long as somebody waits for them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from pipeline.audio import is_result
from pipeline.audio.sources import is_recording
from pipeline.batch.plan import find_recordings
from pipeline.core.errors import EngineMissing, UsageError
from pipeline.core.files import is_uri

__all__ = ["arriving", "check_watching"]

_SETTLED: Final = 2.0
"""Seconds in which a file must not change before it counts as complete; set by hand, above the pauses of a copy."""

_LOOK: Final = 300
"""Milliseconds between two looks at files that may be complete."""

Stamp = tuple[int, int]
"""Bytes of a file, and nanoseconds of its last change."""


def check_watching(inputs: Sequence[str]) -> None:
    """Refuse what cannot be watched.

    Raises:
        UsageError: There is no folder among the inputs.
        EngineMissing: The package that watches is not installed.
    """
    if stored := next((path for path in inputs if is_uri(path)), ""):
        raise UsageError(f"{stored} is no folder of this machine.", hint="Leave --watch out, or watch a folder.")
    if not any(os.path.isdir(path) for path in inputs):
        told = f"{inputs[0]} is no folder" if inputs else "There is no folder"
        raise UsageError(f"{told} to watch.", hint="Give one that is there with --watch.")
    try:
        import watchfiles  # noqa: F401
    except ImportError as error:
        raise EngineMissing("watchfiles is not installed.", hint="Run pip install '.[watch]'.") from error


def arriving(inputs: Sequence[str], *, settled: float = _SETTLED) -> Iterator[str | None]:
    """Yield recordings as soon as they are complete: those that are there, then those that arrive or change.

    Results of Resay and hidden files are left out.

    Args:
        inputs: Folders, each with its subfolders, and files.
        settled: Seconds in which a file must not change before it counts as complete.

    Yields:
        A recording, or None if none is complete at the moment. It never ends.
    """
    from watchfiles import Change, watch

    folders = {os.path.realpath(path): path for path in inputs if os.path.isdir(path)}
    waiting: dict[str, tuple[Stamp, float]] = {}
    now = time.time()
    for path in find_recordings(inputs):
        # What has not changed for a while need not be waited for.
        if (stamp := _stamp(path)) and os.path.isfile(path):
            waiting[path] = (stamp, time.monotonic() - max(0.0, now - stamp[1] / 1e9))

    def wanted(_: Change, path: str) -> bool:
        return os.path.isdir(path) or _is_wanted(path, folders)

    for changes in watch(
        *folders, watch_filter=wanted, yield_on_timeout=True, rust_timeout=_LOOK, debounce=_LOOK,
        ignore_permission_denied=True,
    ):  # fmt: skip
        for change, path in sorted(changes, key=lambda each: each[1]):
            shown = _shown(path, folders)
            # What lies in a folder that is new may have come before anybody looked there.
            is_new = os.path.isdir(shown) and os.path.realpath(path) not in folders
            found = find_recordings([shown]) if is_new else [shown]
            for each in found:
                if change is not Change.deleted and os.path.isfile(each) and (stamp := _stamp(each)):
                    waiting.setdefault(each, (stamp, time.monotonic()))
        for path, (before, since) in list(waiting.items()):
            stamp = _stamp(path)
            if stamp is None:
                del waiting[path]
            elif stamp != before:
                waiting[path] = (stamp, time.monotonic())
            elif time.monotonic() - since >= settled:
                del waiting[path]
                if not is_result(Path(path)):
                    yield path
        yield None


def _is_wanted(path: str, folders: dict[str, str]) -> bool:
    inside = Path(_shown(path, {real: "." for real in folders}))
    return is_recording(path) and not any(part.startswith(".") for part in inside.parts)


def _shown(path: str, folders: dict[str, str]) -> str:
    """Return a path as somebody named its folder."""
    for real, given in folders.items():
        if Path(path).is_relative_to(real):
            return os.path.join(given, os.path.relpath(path, real))
    return path


def _stamp(path: str) -> Stamp | None:
    """Return what changes with a file; None if it is gone or empty."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return (found.st_size, found.st_mtime_ns) if found.st_size else None
