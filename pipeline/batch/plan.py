"""The plan of a batch: its recordings, and the names of the files that each of them produces."""

from __future__ import annotations

import glob
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from pipeline.audio.sources import is_recording
from pipeline.batch.storage import find_stored
from pipeline.core.files import is_uri

__all__ = ["STANDARD_INPUT", "find_recordings", "free_stems"]

STANDARD_INPUT: Final = "-"
"""The name that stands for standard input."""


_LONGEST_STEM: Final = 200
"""Bytes; file systems take 255, and an ending, a number and the marks of temporary files need the rest."""


def find_recordings(inputs: Sequence[str | Path]) -> list[str]:
    """Return the recordings that files, folders, globs and `-` stand for.

    A folder stands for all recordings in it and its subfolders except hidden ones and links that lead
    nowhere, `2.wav` before `10.wav`; a glob for the folders and recordings that it matches, or for anything if these
    are none.
    A path that does not exist stays in the list, and so does a folder without recordings:
    reading it raises the error that the batch reports.

    A URI of object storage stands for what is there: a file, a folder or a glob.

    Args:
        inputs: What was typed, in order.

    Returns:
        Paths, URIs, and `-` for standard input, in the order of the inputs.

    Raises:
        UnreadableAudio: A URI names nothing that is there.
        UsageError: A URI is of a kind that nobody knows.
        EngineMissing: The package that speaks to a store is not installed.
    """
    found: list[str] = []
    for text in map(str, inputs):
        if is_uri(text):
            found += find_stored(text)
            continue
        if text == STANDARD_INPUT or os.path.exists(text):
            paths = [text]
        else:
            matches = sorted(glob.glob(text, recursive=True), key=_natural)
            paths = [each for each in matches if os.path.isdir(each) or is_recording(each)] or matches or [text]
        for path in paths:
            found += (sorted(_walk(path), key=_natural) or [path]) if os.path.isdir(path) else [path]
    return found


def _walk(folder: str) -> Iterator[str]:
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            path = os.path.join(parent, name)
            # A pipe would be waited for, and a link may lead nowhere.
            if not name.startswith(".") and is_recording(path) and os.path.isfile(path):
                yield path


def _natural(path: str) -> list[list[tuple[bool, int, str]]]:
    """Return the key that sorts paths part by part, numbers by value and before letters."""
    pieces = [re.findall(r"[0-9]+|[^0-9]+", part.casefold()) for part in Path(path).parts]
    return [
        [(False, int(piece), "") if piece[0] in "0123456789" else (True, 0, piece) for piece in part] for part in pieces
    ]


def free_stems(recordings: Iterable[str]) -> Iterator[str]:
    """Yield a name for the files of each recording: its own without the ending, numbered if it is taken.

    >>> list(free_stems(["a/talk.wav", "b/talk.mp3", "-"]))
    ['talk', 'talk-2', 'standard-input']
    """
    taken: set[str] = set()
    for recording in recordings:
        name = "standard-input" if recording == STANDARD_INPUT else _fitting(Path(recording).stem)
        stem, number = name, 2
        while stem.casefold() in taken:
            stem, number = f"{name}-{number}", number + 1
        taken.add(stem.casefold())
        yield stem


def _fitting(stem: str) -> str:
    """Return a name, cut off where an ending and a number would make it too long for a file."""
    if len(encoded := os.fsencode(stem)) <= _LONGEST_STEM:
        return stem
    return encoded[:_LONGEST_STEM].decode(sys.getfilesystemencoding(), "ignore")
