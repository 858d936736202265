"""Results on disk: a sound with its description beside it, numbered or named.

Numbered results are `output/N.wav` (or another format of sound) with `output/N.json`; each N is used once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from pipeline.core.errors import OutputError
from pipeline.core.files import as_json, atomic
from pipeline.core.messages import advice, reason

__all__ = ["write_named", "write_numbered"]

_NUMBERED = re.compile(r"^\.?([1-9]\d*)\.")


def write_numbered(
    folder: Path,
    write_sound: Callable[[Path], None],
    describe: Callable[[Path], dict[str, Any]],
    *,
    formats: Sequence[str] = ("wav",),
) -> Path:
    """Write a sound and its description under the next free number of a folder.

    The number follows the largest in the folder.
    It is claimed by the exclusive creation of `.N.claim`, so that no two processes use the same one,
    and all files appear complete or not at all, the description first.

    Args:
        folder: Where the results go; created if it is missing.
        write_sound: Writes the sound to the given path; called once per format.
        describe: Returns the content of `N.json`, given the path of the sound in the first format.
        formats: Endings of the files of the sound, at least one.

    Returns:
        The path of the sound in the first format.

    Raises:
        OutputError: The folder or a file cannot be written.
    """
    with _claimed(folder, formats[0]) as path:
        return write_named(path, write_sound, describe, formats=formats)


def write_named(
    path: Path,
    write_sound: Callable[[Path], None],
    describe: Callable[[Path], dict[str, Any]],
    *,
    formats: Sequence[str],
    overwrite: bool = True,
) -> Path:
    """Write a sound and its description.

    All files appear complete or not at all, the description first.

    Args:
        path: The sound in the first format; the others and the description have its name and their own ending.
        write_sound: As `write_numbered`.
        describe: As `write_numbered`.
        formats: As `write_numbered`.
        overwrite: Whether existing files are replaced.

    Returns:
        The path of the sound in the first format.

    Raises:
        UsageError: A file exists, and may not be replaced.
        OutputError: A file cannot be written.
    """
    with ExitStack() as files:
        for place in (path, *(path.with_suffix(f".{ending}") for ending in formats[1:])):
            write_sound(files.enter_context(atomic(place, exclusive=not overwrite)))
        temporary = files.enter_context(atomic(path.with_suffix(".json"), exclusive=not overwrite))
        temporary.write_text(as_json(describe(path), indent=2) + "\n", encoding="utf-8")
    return path


@contextmanager
def _claimed(folder: Path, ending: str) -> Iterator[Path]:
    """Claim the next free number while a block writes its files; provide the path of its sound."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        while True:
            path = folder / f"{_largest(folder) + 1}.{ending}"
            claim = folder / f".{path.stem}.claim"
            try:
                claim.touch(exist_ok=False)
            except FileExistsError:
                continue
            # Another process may have used this number between the look and the claim.
            if not path.exists() and not path.with_suffix(".json").exists():
                break
            claim.unlink()
    except OSError as error:
        message = f"The folder {folder} cannot take a result: {reason(error)}."
        raise OutputError(message, hint=advice(error)) from error
    try:
        yield path
    finally:
        claim.unlink(missing_ok=True)


def _largest(folder: Path) -> int:
    """Return the largest number in use or claimed; 0 in an empty folder."""
    return max((int(match[1]) for entry in folder.iterdir() if (match := _NUMBERED.match(entry.name))), default=0)
