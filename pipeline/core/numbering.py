"""Results on disk: a sound with its description beside it, numbered or named.

Numbered results are `output/N.wav` (or another format of sound) with `output/N.json`; each N is used once.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from pipeline.core.errors import OutputError
from pipeline.core.files import as_json, atomic
from pipeline.core.messages import advice, reason

__all__ = ["claim", "claimed_by", "release", "write_named", "write_numbered"]

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


def claim(folder: Path, owner: str, *, least: int = 1, endings: Iterable[str] = ("wav",)) -> int:
    """Claim the next free number of a folder until `release`; nobody else takes it meanwhile, nor after a crash.

    Args:
        folder: Where the results go; created if it is missing.
        owner: Who claims it: kept in the claim, for `claimed_by`.
        least: The smallest number to try.
        endings: Endings of the files that a result may have beside `N.json`: a number is free if none is there.

    Raises:
        OutputError: The folder cannot take a claim.
    """
    endings = ("json", *endings)
    number = least
    try:
        folder.mkdir(parents=True, exist_ok=True)
        while True:
            if not _used(folder, number, endings) and _create(_claim(folder, number), owner):
                # Another process may have used it between the look and the claim.
                if not _used(folder, number, endings):
                    return number
                release(folder, number)
            number = max(number, _largest(folder)) + 1
    except OSError as error:
        raise _no_place(folder, error) from error


def release(folder: Path, number: int) -> None:
    """Give a claim up: its result is written, or will never be."""
    _claim(folder, number).unlink(missing_ok=True)


def claimed_by(folder: Path, owner: str) -> set[int]:
    """Return the numbers of a folder that an owner holds."""
    if not folder.is_dir():
        return set()
    held = set()
    for path in folder.glob(".*.claim"):
        with suppress(FileNotFoundError):  # Others release theirs at any time.
            if (match := _NUMBERED.match(path.name)) and path.read_text(encoding="utf-8") == owner:
                held.add(int(match[1]))
    return held


def _claim(folder: Path, number: int) -> Path:
    return folder / f".{number}.claim"


def _used(folder: Path, number: int, endings: Iterable[str]) -> bool:
    return any(os.path.lexists(folder / f"{number}.{ending}") for ending in endings)


def _create(path: Path, content: str) -> bool:
    """Create a file with its content in one step; return whether it was not there yet."""
    temporary = path.with_name(f".claim.{secrets.token_hex(6)}.tmp")
    try:
        temporary.write_text(content, encoding="utf-8")
        try:
            os.link(temporary, path)
        except FileExistsError:
            return False
        except OSError:
            # A file system without links: the name is exclusive all the same, and its content follows.
            with path.open("x", encoding="utf-8") as file:
                file.write(content)
    except FileExistsError:
        return False
    finally:
        temporary.unlink(missing_ok=True)
    return True


def _no_place(folder: Path, error: OSError) -> OutputError:
    return OutputError(f"The folder {folder} cannot take a result: {reason(error)}.", hint=advice(error))


@contextmanager
def _claimed(folder: Path, ending: str) -> Iterator[Path]:
    """Claim the number after the largest while a block writes its files; provide the path of its sound."""
    try:
        least = _largest(folder) + 1 if folder.exists() else 1
    except OSError as error:
        raise _no_place(folder, error) from error
    number = claim(folder, "", least=least, endings=(ending,))
    try:
        yield folder / f"{number}.{ending}"
    finally:
        release(folder, number)


def _largest(folder: Path) -> int:
    """Return the largest number in use or claimed; 0 in an empty folder."""
    return max((int(match[1]) for entry in folder.iterdir() if (match := _NUMBERED.match(entry.name))), default=0)
