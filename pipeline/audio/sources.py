"""What a recording may be given as, and how it is opened: a path, bytes or an open file, within a limit on its size."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final, cast

from pipeline.core.errors import AudioTooLarge, UnreadableAudio
from pipeline.core.files import similar_file
from pipeline.core.messages import in_bytes, reason

__all__ = [
    "EXTENSIONS",
    "LARGEST",
    "AudioSource",
    "is_recording",
    "opened",
    "require_recording",
    "rereadable",
    "shown_name",
]

AudioSource = str | Path | bytes | BinaryIO
"""A path, the bytes of a file, or an open binary file; one that can seek is read from its start."""

LARGEST: Final = 2 * 1024**3
"""Bytes of the largest file that is read by default; set by hand."""

_IN_MEMORY: Final = 1 << 24
"""Bytes of a pipe that are kept in memory; more goes to a temporary file."""

_LONGEST_NAME: Final = 240
"""Characters of a file name that a message shows; set by hand, so that an absurd name leaves it readable."""

EXTENSIONS: Final = frozenset(
    ".3g2 .3gp .aac .ac3 .aif .aifc .aiff .amr .ape .asf .au .avi .caf .eac3 .f4v .flac .flv .m2ts .m4a .m4b .m4v .mka"
    " .mkv .mov .mp3 .mp4 .mts .oga .ogg .ogv .opus .rf64 .snd .spx .ts .tta .w64 .wav .wave .webm .wma .wmv"
    " .wv".split()
)
"""File endings that are taken from a folder; a file that is named itself may have any ending."""

_PACKETS: Final = {".ts": (188, 204)}
"""Endings that other files have as well, such as programs in TypeScript, to the lengths of their packets."""

_SYNC: Final = b"G"
"""First byte of each packet of a transport stream."""


@contextmanager
def opened(source: AudioSource, max_bytes: int) -> Iterator[BinaryIO]:
    """Open a recording as a file that can seek, and check its size.

    Args:
        source: The recording; what is open already stays so.
        max_bytes: How many bytes it may have.

    Raises:
        AudioTooLarge: It has more.
        UnreadableAudio: There is no such file, or it is empty.
    """
    name = shown_name(source)
    with ExitStack() as stack:
        if isinstance(source, (str, Path)):
            file: BinaryIO = stack.enter_context(_open(source))
        else:
            file = BytesIO(source) if isinstance(source, (bytes, bytearray)) else source
        if not (file.seekable() and file.seek(0, 2)):
            # Pipes, and devices that claim to be empty.
            pipe = file
            file = cast(BinaryIO, stack.enter_context(tempfile.SpooledTemporaryFile(_IN_MEMORY)))
            while file.tell() <= max_bytes and (data := pipe.read(1 << 20)):
                file.write(data)
        size = file.seek(0, 2)
        if not size:
            raise UnreadableAudio(f"{name} is empty.", hint="Give a recording.")
        _check_size(name, size, max_bytes)
        yield file


@contextmanager
def rereadable(source: AudioSource, *, max_bytes: int = LARGEST) -> Iterator[AudioSource]:
    """Give a recording that can be read more than once: a pipe as a temporary file, anything else as it is.

    Args:
        source: The recording.
        max_bytes: How many bytes a pipe or a file may hold.

    Raises:
        AudioTooLarge: It holds more.
        UnreadableAudio: The pipe is empty.
    """
    if isinstance(source, (str, Path)) and os.path.isfile(source):
        _check_size(shown_name(source), os.path.getsize(source), max_bytes)
    if isinstance(source, (str, Path, bytes, bytearray)) or source.seekable():
        yield source
        return
    with opened(source, max_bytes) as file:
        yield file


def _check_size(name: str, size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise AudioTooLarge(f"{name} is larger than {in_bytes(max_bytes)}.", hint="Cut it, or raise max_bytes.")


def is_recording(path: str | Path) -> bool:
    """Return whether a file of a folder is a recording, as its ending tells, and its beginning where others have it."""
    ending = os.path.splitext(path)[1].casefold()
    if ending not in _PACKETS:
        return ending in EXTENSIONS
    try:
        with open(path, "rb") as file:
            start = file.read(2 * max(_PACKETS[ending]))
    except OSError:
        return False
    return any(start[::length][:2] == 2 * _SYNC for length in _PACKETS[ending])


def require_recording(path: str | Path) -> None:
    """Refuse a path under which there is nothing to read, without reading: a pipe can be read only once.

    Raises:
        UnreadableAudio: There is no such file, it is a folder, or it must not be read.
    """
    if not stat.S_ISFIFO(_mode(path)):
        with _open(path):
            pass


def shown_name(source: AudioSource) -> str:
    """Return the name of a recording for a message: one printable line."""
    if isinstance(source, (bytes, bytearray)):
        return "The recording"
    text = str(source if isinstance(source, (str, Path)) else getattr(source, "name", None) or "The recording")
    if text in ("-", "<stdin>"):
        return "Standard input"
    if len(text) > _LONGEST_NAME:
        text = f"{text[: _LONGEST_NAME // 2]}…{text[-_LONGEST_NAME // 2 :]}"
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def _open(path: str | Path) -> BinaryIO:
    name = shown_name(path)
    try:
        return open(path, "rb")
    except FileNotFoundError as error:
        raise UnreadableAudio(f"{name} does not exist.", hint=similar_file(Path(path)) or "Check the path.") from error
    except IsADirectoryError as error:
        raise UnreadableAudio(f"{name} is a folder without recordings.", hint="Give a recording.") from error
    except OSError as error:
        raise UnreadableAudio(f"{name} cannot be read: {reason(error)}.") from error
    except ValueError as error:
        raise UnreadableAudio(f"{name} cannot be read: no file can have this name.") from error


def _mode(path: str | Path) -> int:
    """Return what kind of file lies under a path; 0 if that cannot be told."""
    try:
        return os.stat(path).st_mode
    except (OSError, ValueError):
        return 0
