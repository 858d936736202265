"""Edit lists of mp4 and mov, put so that FFmpeg plays them as they are meant.

FFmpeg takes an empty edit, which is a gap, for one only at the beginning; further on, it plays the start of the track
instead. And it leaves out what an edit of length zero shows, which means all that follows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

__all__ = ["mended_edits"]

_CHUNKS: Final = 1000
"""Boxes of one level that are looked through; set by hand, so that the search in a damaged file ends."""

_ENTRIES: Final = 10_000
"""Edits of a track that are looked at; set by hand."""

_EMPTY: Final = -1
"""Media time of a gap."""


@dataclass(frozen=True)
class _Box:
    """A box of a container: where its content lies."""

    name: bytes
    begin: int
    end: int


def mended_edits(file: BinaryIO, start: int = 0) -> dict[int, bytes]:
    """Return what has to stand at which places of a file for its edit lists to be played as they are meant.

    It is empty for most files: those without edit lists, with edits that FFmpeg understands, and of other formats.

    Args:
        file: Open for reading, seekable; its position changes.
        start: Where the recording begins.

    Returns:
        Place from the start of the recording to the bytes that replace those there.
    """
    file.seek(start)
    if file.read(8)[4:8] not in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
        return {}
    end = file.seek(0, 2)
    changes: dict[int, bytes] = {}
    for moov in _inside(file, _Box(b"", start, end), b"moov"):
        movie_scale = next((_scale(file, box)[0] for box in _inside(file, moov, b"mvhd")), 0)
        for track in _inside(file, moov, b"trak"):
            media = [box for mdia in _inside(file, track, b"mdia") for box in _inside(file, mdia, b"mdhd")]
            scale, length = _scale(file, media[0]) if media else (0, 0)
            for edits in _inside(file, track, b"edts"):
                for box in _inside(file, edits, b"elst"):
                    if scale and length and movie_scale:
                        changes |= _mended(file, box, length, scale, movie_scale)
    return {place - start: data for place, data in changes.items()}


def _mended(file: BinaryIO, box: _Box, length: int, scale: int, movie_scale: int) -> dict[int, bytes]:
    """Return the changes in one edit list.

    Args:
        file: Where it is.
        box: Its place.
        length: Of the track, in its own units.
        scale: Units of the track in a second.
        movie_scale: Units of the lengths of edits in a second.
    """
    file.seek(box.begin)
    head = file.read(8)
    count = min(int.from_bytes(head[4:8], "big"), _ENTRIES)
    width = 8 if head[:1] == b"\x01" else 4
    changes: dict[int, bytes] = {}
    shown = False
    for number in range(count):
        place = box.begin + 8 + number * (2 * width + 4)
        file.seek(place)
        entry = file.read(2 * width)
        if len(entry) < 2 * width:
            break
        lasts, time = int.from_bytes(entry[:width], "big"), int.from_bytes(entry[width:], "big", signed=True)
        if time == _EMPTY and shown:
            # Behind the end of the track there is nothing to play.
            changes[place + width] = (length + scale).to_bytes(width, "big")
        elif not lasts and number == count - 1 and 0 <= time < length:
            changes[place] = ((length - time) * movie_scale // scale).to_bytes(width, "big")
        shown |= time != _EMPTY
    return changes


def _scale(file: BinaryIO, box: _Box) -> tuple[int, int]:
    """Return the units in a second and the length in such units that a header of a movie or a track states."""
    file.seek(box.begin)
    head = file.read(32)
    if head[:1] == b"\x01":
        return int.from_bytes(head[20:24], "big"), int.from_bytes(head[24:32], "big")
    return int.from_bytes(head[12:16], "big"), int.from_bytes(head[16:20], "big")


def _inside(file: BinaryIO, outer: _Box, wanted: bytes) -> Iterator[_Box]:
    """Yield the boxes of a name directly in another box."""
    place = outer.begin
    for _ in range(_CHUNKS):
        file.seek(place)
        head = file.read(16)
        size, header = int.from_bytes(head[:4], "big"), 8
        if size == 1:
            size, header = int.from_bytes(head[8:], "big"), 16
        size = size or outer.end - place
        if len(head) < 8 or size < header:
            return
        if head[4:8] == wanted:
            yield _Box(wanted, place + header, min(place + size, outer.end))
        place += size
        if place >= outer.end:
            return
