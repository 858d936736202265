"""What bytes tell that decoders do not: what is around a recording, and how much sound its header promises."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, Final, Literal

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "another_follows",
    "bytes_before",
    "is_in_fragments",
    "is_mpeg",
    "is_plain",
    "is_unended_ogg",
    "lacks_index",
    "own_share",
    "places_in_avi",
    "promised_share",
    "sound_begins",
    "stated_by_avi",
    "states_length",
    "tags_are_in_info",
]

_OPEN: Final = 0x7FFF0000
"""Bytes from which on a length of 32 bits means an unknown one: writers to a pipe put the largest that they know."""

_CHUNKS: Final = 1000
"""Chunks that are looked through for the sound; set by hand, so that the search in a damaged file ends."""

_PLAIN: Final = frozenset(
    (b"RIFF", b"RIFX", b"RF64", b"riff", b"FORM", b"fLaC", b"OggS", b"caff", b".snd", b"dns.", b"NIST", b"Crea",
     b"PVF1", b"2BIT", b"MATL", b"fap ", b" paf", b"ALaw", b"Exte")
)  # fmt: skip
"""First bytes of the formats that libsndfile knows by them."""

_FLAC: Final = b"fLaC\0\0\0\x22"
"""How FLAC begins, with the header of its first block, if that is not the only one; too long to occur by chance."""

_HEADER: Final = re.compile(
    rb"(?:RIFF|RIFX|RF64|BW64)....WAVE|FORM....AIF[FC]|fLaC[\x00\x80]\x00\x00\x22|OggS\x00\x02|caff\x00\x01\x00"
    rb"|\.snd\x00\x00.{6}\x00\x00\x00|riff\x2e\x91\xcf\x11|\x00\x00\x00.ftyp|\x1aE\xdf\xa3.{0,40}(?:webm|matroska)",
    re.DOTALL,
)
"""How recordings begin; long enough not to occur by chance."""

_JUNK: Final = 1 << 16
"""Bytes in which a header is looked for that does not stand at the beginning; set by hand."""

_WINDOW: Final = 1 << 20
"""Bytes that are searched at a time."""

_BEGINNING: Final = 1 << 14
"""Bytes that hold the first frame of an mp3 with the table of its length, or the heads of the tracks of an AVI;
set by hand."""

_JOINED: Final = 1 / 16
"""Share of the stated bytes of an mp3 that it may hold beyond them; FFmpeg guesses the length of others."""

_AVI_SOUND: Final = frozenset(b"%02dwb" % track for track in range(100))
"""Names of the chunks of sound of an AVI."""

_PAGE: Final = 27 + 255 + 255 * 255
"""Bytes of the largest page of Ogg."""

_ID3: Final = 10
"""Bytes of the header, and of the footer, of an ID3 tag."""


def sound_begins(file: BinaryIO) -> int:
    """Return where a recording begins behind ID3 tags that a program put in front of it.

    It is 0 if there are none, and for mp3, to which they belong.

    Args:
        file: Open for reading, seekable; its position changes.
    """
    start = _after_tags(file)
    file.seek(start)
    head = file.read(8)
    known = (b"RIFF", b"RIFX", b"RF64", b"FORM", b"fLaC", b"OggS", b"caff", b".snd", b"\x1aE\xdf\xa3")
    return start if head[:4] in known or head[4:8] == b"ftyp" else 0


def states_length(file: BinaryIO) -> bool:
    """Return whether an mp3 has the table that states its length; without one, a length is a guess from its size.

    A table that states far fewer bytes than the file holds is that of the first of several files joined to one.

    Args:
        file: Open for reading, seekable; its position changes.
    """
    begin = _after_tags(file)
    file.seek(begin)
    first = file.read(_BEGINNING)
    held = file.seek(0, 2) - begin
    for mark in (b"Xing", b"Info", b"VBRI"):
        if (at := first.find(mark)) >= 0:
            # Flags tell which fields follow: 1 the frames, 2 the bytes.
            flags = first[at + 7] if mark != b"VBRI" else 0
            field = at + 10 if mark == b"VBRI" else at + 8 + 4 * (flags & 1)
            stated = int.from_bytes(first[field : field + 4], "big") if mark == b"VBRI" or flags & 2 else 0
            return not stated or held - stated <= stated * _JOINED
    return False


def stated_by_avi(file: BinaryIO) -> float:
    """Return the seconds that the heads of the tracks of an AVI state if it holds less than it says; otherwise 0.

    Args:
        file: Open for reading, seekable; its position changes.
    """
    file.seek(0)
    head = file.read(_BEGINNING)
    if head[:4] != b"RIFF" or head[8:12] != b"AVI " or int.from_bytes(head[4:8], "little") + 8 <= file.seek(0, 2):
        return 0.0
    longest, at = 0.0, head.find(b"strh")
    while at >= 0:
        scale, rate, _, length = (int.from_bytes(head[at + 8 + place :][:4], "little") for place in (20, 24, 28, 32))
        longest = max(longest, length * scale / rate if rate and length < _OPEN else 0.0)
        at = head.find(b"strh", at + 4)
    return longest


def places_in_avi(file: BinaryIO) -> dict[int, NDArray[np.integer]]:
    """Return the place of each chunk of sound of an AVI among those of its track; empty chunks stand for a gap.

    Args:
        file: Open for reading, seekable; its position changes.

    Returns:
        Number of a track among all, from 0, to integers, (chunks,). Those without empty chunks are left out;
        there are none where the index is missing, and in other files.
    """
    file.seek(0)
    head = file.read(12)
    found = head[:4] == b"RIFF" and head[8:] == b"AVI "
    begin, size = _find(_chunks(file, 12, "little"), b"idx1") if found else (0, 0)
    file.seek(begin)
    data = file.read(size)
    entries = np.frombuffer(data[: len(data) // 16 * 16], [("name", "S4"), ("", "<u4", 2), ("size", "<u4")])
    sizes = {int(name[:2]): entries["size"][entries["name"] == name] for name in _AVI_SOUND & set(entries["name"])}
    return {track: np.flatnonzero(own) for track, own in sizes.items() if not own.all()}


def is_unended_ogg(file: BinaryIO) -> bool:
    """Return whether a file is Ogg, and its last page is cut or is not marked as the end of a stream.

    Args:
        file: Open for reading, seekable; its position changes.
    """
    file.seek(0)
    if file.read(4) != b"OggS":
        return False
    file.seek(max(0, file.seek(0, 2) - 2 * _PAGE))
    end = file.read()
    page = end[end.rfind(b"OggS\0") :]
    lengths = page[27 : 27 + page[26]] if len(page) > 26 else b""
    whole = len(page) > 26 and len(lengths) == page[26] and len(page) >= 27 + len(lengths) + sum(lengths)
    return not (whole and page[5] & 4)


def promised_share(file: BinaryIO) -> float:
    """Return how many times as many bytes of sound a header promises as the file holds; 1 if it holds them all.

    The headers of wav (RIFF, RIFX, RF64), Wave64, AIFF, CAF and AU are understood.
    For other files, and where the length is left open, the answer is 1.

    Args:
        file: Open for reading, seekable; its position changes.
    """
    return max(1.0, _promised_of_held(file))


def own_share(file: BinaryIO) -> float:
    """Return the share of a Wave64 file behind its header that is its sound, in (0, 1]: libsndfile reads to the end.

    Args:
        file: Open for reading, seekable; its position changes.
    """
    file.seek(0)
    return min(1.0, _promised_of_held(file)) if file.read(4) == b"riff" else 1.0


def _promised_of_held(file: BinaryIO) -> float:
    begin, promised = _sound_chunk(file)
    held = file.seek(0, 2) - begin
    return promised / held if held > 0 and promised > 0 else 1.0


def bytes_before(file: BinaryIO) -> int:
    """Return how many bytes stand before the header of a recording that no decoder finds; 0 if there is none.

    Args:
        file: Open for reading, seekable; its position changes.
    """
    file.seek(0)
    found = _HEADER.search(file.read(_JUNK))
    return found.start() if found else 0


def another_follows(file: BinaryIO) -> bool:
    """Return whether another recording of the same format follows the first one in a file, and no decoder hears it.

    Wav (RIFF, RIFX, RF64), Wave64, AIFF, CAF, AU, FLAC and mp4 are understood. Decoders hear all of the others.

    Args:
        file: Open for reading, seekable; its position changes.
    """
    start = sound_begins(file)
    file.seek(start)
    head = file.read(12)
    order: Literal["big", "little"] = "little" if head[:4] in (b"RIFF", b"RF64", b"BW64") else "big"
    if head[8:] == b"WAVE" or head[:4] == b"FORM":
        chunks = _chunks(file, start + 12, order)
    elif head[:4] == b"caff":
        chunks = _chunks(file, start + 8, order, length=8)
    elif head[:4] == b"riff":
        chunks = _chunks(file, start + 40, "little", name=16, length=8)
    elif head[4:8] == b"ftyp":
        # Decoders read on in one that is in fragments.
        names = _boxes(file, start)
        return names.count(b"ftyp") > 1 and b"moof" not in names
    elif head[:4] == b"fLaC":
        return _occurs(file, _FLAC, start + 4)
    elif head[:4] == b".snd":
        begin, size = (int.from_bytes(head[at : at + 4], "big") for at in (4, 8))
        file.seek(start + begin + size)
        return size < _OPEN and file.read(4) == head[:4]
    else:
        return False
    return any(name == head[:4] for name, _, _ in chunks)


def is_in_fragments(file: BinaryIO) -> bool:
    """Return whether a file is an mp4 in fragments, as they are sent while something goes on.

    Args:
        file: Open for reading, seekable; its position changes.
    """
    file.seek(4)
    return file.read(4) in (b"ftyp", b"styp", b"moov", b"moof") and b"moof" in _boxes(file, 0)


def lacks_index(file: BinaryIO) -> bool:
    """Return whether a file is an mp4 whose sound is there, but not the index, which recorders write at its end.

    Args:
        file: Open for reading, seekable; its position changes.
    """
    names = _boxes(file, sound_begins(file))
    # A picture in a file of this kind has its index in `meta`.
    indexed = {b"moov", b"moof", b"meta"} & set(names)
    return b"mdat" in names and names[0] in (b"ftyp", b"mdat", b"wide", b"free", b"skip") and not indexed


def _boxes(file: BinaryIO, place: int) -> list[bytes]:
    """Return the names of the outermost boxes of an mp4; of one in fragments, those up to the first of them."""
    names: list[bytes] = []
    for _ in range(_CHUNKS):
        file.seek(place)
        head = file.read(16)
        size, name = int.from_bytes(head[:4], "big"), head[4:8]
        size = int.from_bytes(head[8:], "big") if size == 1 else size
        if len(head) < 8:
            break
        names.append(name)
        if size < 8 or name == b"moof":
            break
        place += size
    return names


def _occurs(file: BinaryIO, wanted: bytes, place: int) -> bool:
    """Return whether some bytes occur in a file from a place on."""
    file.seek(place)
    held = b""
    while data := file.read(_WINDOW):
        if wanted in (held := held[1 - len(wanted) :] + data):
            return True
    return False


def tags_are_in_info(file: BinaryIO) -> bool:
    """Return whether a file is a wav without a chunk of ID3: then all its tags are in the chunk LIST/INFO.

    Args:
        file: Open for reading, seekable; its position changes.
    """
    file.seek(0)
    chunks = _chunks(file, 12, "little") if file.read(4) == b"RIFF" else None
    return chunks is not None and not any(name.lower() == b"id3 " for name, _, _ in chunks)


def _after_tags(file: BinaryIO) -> int:
    start = 0
    file.seek(0)
    while (head := file.read(_ID3)).startswith(b"ID3") and len(head) == _ID3:
        size = sum((byte & 0x7F) << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=True))
        start += _ID3 + size + (_ID3 if head[5] & 0x10 else 0)
        file.seek(start)
    return start


def _sound_chunk(file: BinaryIO) -> tuple[int, int]:
    """Return where the samples of a file begin, and how many bytes its header promises; 0 if it leaves that open."""
    file.seek(0)
    head = file.read(36)
    order: Literal["big", "little"] = "little" if head[:4] in (b"RIFF", b"RF64", b"BW64", b"riff") else "big"
    begin = size = 0
    if head[:4] in (b"RIFF", b"RIFX", b"RF64", b"BW64", b"FORM"):
        begin, size = _find(_chunks(file, 12, order), b"data" if head[:4] != b"FORM" else b"SSND")
        if head[12:16] == b"ds64":
            return begin, size
    elif head[:4] == b"caff":
        begin, size = _find(_chunks(file, 8, order, length=8), b"data")
        # The table of packets states the length by itself.
        packed = any(name == b"pakt" for name, _, _ in _chunks(file, 8, order, length=8))
        return begin, 0 if packed or size >= 1 << 63 else size
    elif head[:4] == b"riff":
        begin, size = _find(_chunks(file, 40, order, name=16, length=8), b"data")
        return begin, size - 24
    elif head[:4] == b".snd":
        begin, size = (int.from_bytes(head[at : at + 4], "big") for at in (4, 8))
    return begin, size if size < _OPEN else 0


def _find(chunks: Iterator[tuple[bytes, int, int]], wanted: bytes) -> tuple[int, int]:
    return next(((begin, size) for name, begin, size in chunks if name == wanted), (0, 0))


def _chunks(
    file: BinaryIO, place: int, order: Literal["big", "little"], *, name: int = 4, length: int = 4
) -> Iterator[tuple[bytes, int, int]]:
    """Yield each chunk from a place on: the first letters of its name, where its content begins, its size as stated.

    Args:
        file: Where they are.
        place: Where the first one is.
        order: Of the bytes of a size.
        name: Bytes of a name; 16 is Wave64, whose sizes count the header, and whose chunks begin at eights.
        length: Bytes of a size.
    """
    wave64 = name == 16
    long = 0
    for _ in range(_CHUNKS):
        file.seek(place)
        head = file.read(name + length)
        if len(head) < name + length:
            return
        size = int.from_bytes(head[name:], order)
        if head[:4] == b"ds64":
            long = int.from_bytes(file.read(16)[8:], "little")
        elif head[:4] == b"data" and size == 0xFFFFFFFF:
            size = long or size
        yield head[:4], place + len(head), size
        # Chunks of CAF follow each other without a gap; those of the others begin at even places.
        after = place + size if wave64 else place + len(head) + size
        place = -(-after // 8) * 8 if wave64 else after + (after & 1 if length == 4 else 0)
        if size >= 1 << 62 or (wave64 and not size):
            return


def is_mpeg(file: BinaryIO) -> bool:
    """Return whether the sound of a file begins like MPEG audio.

    Args:
        file: Open for reading, seekable; its position changes.
    """
    file.seek(sound_begins(file))
    head = file.read(4)
    return head[:3] == b"ID3" or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0)


def is_plain(file: BinaryIO) -> bool:
    """Return whether the sound of a file begins like a format that libsndfile knows by its first bytes.

    In any other file it looks for MPEG audio, whose decoder writes to standard error.

    Args:
        file: Open for reading, seekable; its position changes.
    """
    file.seek(sound_begins(file))
    return file.read(4) in _PLAIN
