"""Where the sound of a result goes: a number in a folder, or a file of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.audio.writing import parse_sounds, sound_format, write_speech
from pipeline.core.errors import UsageError
from pipeline.core.files import names_a_file, require_writable
from pipeline.core.numbering import write_named, write_numbered
from pipeline.core.values import Speech

__all__ = ["Destination"]


@dataclass(frozen=True)
class Destination:
    """Where the sound of one result goes, with its description beside it."""

    path: Path
    """The folder of the numbered results, or the file."""
    formats: tuple[str, ...]
    """Formats of the sound, at least one; the first is that of the file."""
    named: bool
    """Whether `path` is a file."""
    overwrite: bool = False
    """Whether existing files may be replaced."""

    @classmethod
    def of(cls, output: Path, sounds: str = "", *, asked: bool = True, overwrite: bool = False) -> Destination:
        """Return what an output means: a file if its name ends like one, otherwise a folder.

        Args:
            output: What a person gave; an existing folder is a folder whatever its name.
            sounds: Formats of the sound, separated by commas.
            asked: Whether somebody asked for these formats; if not, a file has only that of its ending.
            overwrite: Whether existing files may be replaced.

        Raises:
            UnknownName: There is no such format, or the name ends like a file that cannot be written.

        >>> Destination.of(Path("result.mp3"), "wav").formats, Destination.of(Path("results"), "opus").named
        (('mp3', 'wav'), False)
        """
        if not names_a_file(output):
            return cls(output, parse_sounds(sounds), named=False, overwrite=overwrite)
        own = sound_format(output)
        others = parse_sounds(sounds) if sounds and asked else ()
        formats = (own, *(name for name in others if name != own))
        return cls(output, formats, named=True, overwrite=overwrite)

    def check(self, texts: Iterable[str] = ()) -> None:
        """Refuse what could not be written, before there is anything to write.

        Args:
            texts: Endings of other files that will stand beside the sound.

        Raises:
            UsageError: A file exists already, and may not be replaced.
            OutputError: A folder or file cannot be written.
        """
        if not self.named:
            # Any name will do: numbers are free by themselves.
            require_writable([self.path / ".N.claim"], overwrite=True)
            return
        beside = (*self.formats[1:], "json", *texts)
        require_writable(
            [self.path, *(self.path.with_suffix(f".{ending}") for ending in beside)], overwrite=self.overwrite
        )

    def spare(self, recording: str | Path) -> None:
        """Refuse to replace the recording that is converted, even where files may be replaced.

        Args:
            recording: Path or URL of the recording, or `-`.

        Raises:
            UsageError: The recording is the file that would be written.
        """
        if self.named and self.path.exists() and os.path.exists(recording) and self.path.samefile(recording):
            raise UsageError(
                f"{self.path} is the recording itself and would be replaced.", hint="Give another name as --output."
            )

    def write(self, speech: Speech, describe: Callable[[Path], dict[str, Any]]) -> Path:
        """Write speech and its description; return the path of the sound.

        Args:
            speech: What was said.
            describe: Returns the content of the JSON, given the path of the sound in the first format.

        Raises:
            UsageError: A file has come there in the meantime.
            OutputError: A file cannot be written.
        """

        def sound(path: Path) -> None:
            write_speech(path, speech)

        if self.named:
            return write_named(self.path, sound, describe, formats=self.formats, overwrite=self.overwrite)
        return write_numbered(self.path, sound, describe, formats=self.formats)
