"""From what a person typed to a list of recordings."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

__all__ = ["EXTENSIONS", "STANDARD_INPUT", "find_recordings"]

STANDARD_INPUT: Final = "-"
"""What stands for standard input."""

EXTENSIONS: Final = frozenset(
    ".3gp .aac .aif .aiff .amr .au .caf .flac .m4a .m4b .mka .mkv .mov .mp3 .mp4 .oga .ogg .opus"
    " .wav .wave .webm .wma".split()
)
"""What is taken from a folder; a file that is named itself may have any name."""


def find_recordings(inputs: Sequence[str | Path]) -> list[str]:
    """Return the recordings that files, folders, globs and `-` stand for.

    A folder stands for all recordings in it and below, hidden ones left out, `2.wav` before `10.wav`.
    A path that leads to nothing stays in the list, and so does a folder without recordings:
    reading it gives the error that its line of a batch reports.

    Args:
        inputs: What was typed, in order.

    Returns:
        Paths, and `-` for standard input, in the order of the inputs.
    """
    found: list[str] = []
    for text in map(str, inputs):
        if text == STANDARD_INPUT or os.path.exists(text):
            paths = [text]
        else:
            paths = sorted(glob.glob(text, recursive=True), key=_natural) or [text]
        for path in paths:
            found += (sorted(_walk(path), key=_natural) or [path]) if os.path.isdir(path) else [path]
    return found


def _walk(folder: str) -> Iterator[str]:
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if not name.startswith(".") and os.path.splitext(name)[1].casefold() in EXTENSIONS:
                yield os.path.join(parent, name)


def _natural(path: str) -> list[list[tuple[bool, int, str]]]:
    """Order paths part by part, numbers in them by their value and before letters."""
    pieces = [re.findall(r"[0-9]+|[^0-9]+", part.casefold()) for part in Path(path).parts]
    return [
        [(False, int(piece), "") if piece[0] in "0123456789" else (True, 0, piece) for piece in part] for part in pieces
    ]
