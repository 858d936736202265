"""The plan of a batch: its recordings, and the files that each of them produces."""

from __future__ import annotations

import glob
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from pipeline.audio.sources import is_recording
from pipeline.batch.journal import Journal, fingerprint
from pipeline.core.errors import UsageError
from pipeline.core.files import names_a_file, require_writable
from pipeline.core.results import Transcript
from pipeline.transcripts.formats import write_transcript

__all__ = ["STANDARD_INPUT", "TranscriptFiles", "find_recordings", "free_stems"]

STANDARD_INPUT: Final = "-"
"""The name that stands for standard input."""


_LONGEST_STEM: Final = 200
"""Bytes; file systems take 255, and an ending, a number and the marks of temporary files need the rest."""


def find_recordings(inputs: Sequence[str | Path]) -> list[str]:
    """Return the recordings that files, folders, globs and `-` stand for.

    A folder stands for all recordings in it and its subfolders except hidden ones, `2.wav` before `10.wav`.
    A path that does not exist stays in the list, and so does a folder without recordings:
    reading it raises the error that the batch reports.

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
            if not name.startswith(".") and is_recording(path := os.path.join(parent, name)):
                yield path


def _natural(path: str) -> list[list[tuple[bool, int, str]]]:
    """Return the key that sorts paths part by part, numbers by value and before letters."""
    pieces = [re.findall(r"[0-9]+|[^0-9]+", part.casefold()) for part in Path(path).parts]
    return [
        [(False, int(piece), "") if piece[0] in "0123456789" else (True, 0, piece) for piece in part] for part in pieces
    ]


def free_stems(recordings: Iterable[str]) -> list[str]:
    """Return a name for the files of each recording: its own without the ending, numbered if it is taken.

    >>> free_stems(["a/talk.wav", "b/talk.mp3", "-"])
    ['talk', 'talk-2', 'standard-input']
    """
    taken: set[str] = set()
    stems: list[str] = []
    for recording in recordings:
        name = "standard-input" if recording == STANDARD_INPUT else _fitting(Path(recording).stem)
        stem, number = name, 2
        while stem.casefold() in taken:
            stem, number = f"{name}-{number}", number + 1
        taken.add(stem.casefold())
        stems.append(stem)
    return stems


def _fitting(stem: str) -> str:
    """Return a name, cut off where an ending and a number would make it too long for a file."""
    if len(encoded := os.fsencode(stem)) <= _LONGEST_STEM:
        return stem
    return encoded[:_LONGEST_STEM].decode(sys.getfilesystemencoding(), "ignore")


class TranscriptFiles:
    """The files of the recordings of a batch, in order.

    Args:
        folder: Where they go.
        recordings: All recordings.
        formats: Endings of the files of each.
        overwrite: Whether existing files may be replaced.
        resume: Whether recordings whose files exist are skipped.

    Raises:
        UsageError: A file exists already, and neither option was given; or the folder is named like a file.
        OutputError: The folder or a file cannot be written.
    """

    def __init__(
        self, folder: Path, recordings: Sequence[str], formats: Sequence[str], *, overwrite: bool, resume: bool
    ) -> None:
        if names_a_file(folder):
            raise UsageError(
                f"{folder} is the name of a file, but the files are named after the recordings.",
                hint="Give a folder as --output, and the formats as -f srt,vtt.",
            )
        self._folder = folder
        self._formats = formats
        self._overwrite = overwrite
        self._resume = resume
        stems = free_stems(recordings)
        taken = [path for stem in stems for path in self._paths(stem) if path.exists()]
        if taken and not (overwrite or resume):
            raise UsageError(
                f"{taken[0]} exists already.",
                hint="Give another --output, --overwrite to replace it, or --resume to leave it as it is.",
            )
        require_writable((path for stem in stems for path in self._paths(stem)), overwrite=True)
        self._stems: Iterator[str] = iter(stems)
        self._stem = ""

    def next(self) -> bool:
        """Go to the next recording; return whether it still has to be transcribed."""
        self._stem = next(self._stems)
        done = all(path.exists() for path in self._paths(self._stem))
        return self._overwrite or not done

    def journal(self, recording: str, work: dict[str, Any]) -> Journal:
        """Open the journal of the recording, next to its files.

        Args:
            recording: Its path, or `-`.
            work: What its segments depend on in addition to the recording.
        """
        path = self._folder / f"{self._stem}.journal.jsonl"
        known = {"recording": fingerprint(recording) if recording != STANDARD_INPUT else recording} | work
        return Journal(path, known, resume=self._resume, overwrite=self._overwrite)

    def write(self, transcript: Transcript) -> list[Path]:
        """Write the files of the recording and return their paths."""
        overwrite = self._overwrite or self._resume
        return write_transcript(transcript, self._folder, self._stem, self._formats, overwrite=overwrite)

    def _paths(self, stem: str) -> list[Path]:
        return [self._folder / f"{stem}.{name}" for name in self._formats]
