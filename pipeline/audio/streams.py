"""Files as streams of blocks of samples, by soundfile or PyAV.

Both get a file object without a name, so that the content alone decides on the format.
Damage in the middle ends a stream, or is skipped; it is no error, for what came before it is worth having.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import numpy as np

from pipeline.core.values import Samples

__all__ = ["Stream", "open_stream"]

_BLOCK: Final = 1 << 16
"""Frames that soundfile gives at a time."""

_ENDLESS: Final = 1 << 62
"""Frames that soundfile tells of a file without an end, nearly."""

_FORMATS: Final = (
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,eac3,flac,flv,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mp3,mpegts,ogg"
    ",tta,w64,wav,wv"
)
"""FFmpeg's demuxers for recordings; none that reads a list of other files (hls, dash, concat, image2 …)."""


@dataclass(frozen=True)
class Stream:
    """The sound of a file, to be read once."""

    sample_rate: int
    """Hertz, as the file says."""
    channels: int
    """How many channels a frame has, as the file says."""
    blocks: Iterator[Samples]
    """Consecutive frames: float32, shape (frames, channels)."""
    seconds: float = 0.0
    """How long the file says that it is; 0 where it does not say, and not to be relied upon."""


def open_stream(file: BinaryIO, *, maximum_channels: int) -> Iterator[Stream]:
    """Yield the sound of a file as each library that understands it sees it.

    The first is soundfile, which is not asked about mp3, for its decoder writes warnings to stderr.
    The second is for the caller who found nothing in the first.

    Args:
        file: Open for reading, seekable; stays open.
        maximum_channels: A stream with more is yielded without blocks.
    """
    file.seek(0)
    head = file.read(3)
    mpeg = head == b"ID3" or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0)
    for library in (_pyav,) if mpeg else (_soundfile, _pyav):
        file.seek(0)
        yield from library(_Nameless(file), maximum_channels)


class _Nameless(io.RawIOBase):
    """A file object whose name nobody learns, and that closing does not close."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._file.read(len(buffer))
        except OSError:
            return 0
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        try:
            return self._file.seek(offset, whence)
        except (OSError, ValueError):
            # A damaged header asks for places before the start; the library must see an answer, not an exception.
            return self._file.tell()

    def tell(self) -> int:
        return self._file.tell()


def _soundfile(file: _Nameless, maximum_channels: int) -> Iterator[Stream]:
    import soundfile

    try:
        sound = soundfile.SoundFile(file)
    except (soundfile.SoundFileError, ValueError, OverflowError):
        return

    def blocks() -> Iterator[Samples]:
        while True:
            try:
                block = sound.read(_BLOCK, dtype="float32", always_2d=True)
            except (soundfile.SoundFileError, ValueError):
                return
            if not len(block):
                return
            yield block

    with sound:
        seconds = sound.frames / sound.samplerate if 0 < sound.frames < _ENDLESS else 0.0
        fits = sound.channels <= maximum_channels
        yield Stream(sound.samplerate, sound.channels, blocks() if fits else iter(()), seconds)


def _refuse(url: str, flags: int, options: dict[str, Any]) -> Any:
    raise PermissionError(f"A recording may not open another file: {url}")


def _pyav(file: _Nameless, maximum_channels: int) -> Iterator[Stream]:
    import av

    errors = (av.FFmpegError, ValueError, IndexError, OverflowError)
    try:
        container = av.open(
            file,
            mode="r",
            container_options={"format_whitelist": _FORMATS, "protocol_whitelist": "none"},
            metadata_errors="ignore",
            io_open=_refuse,
        )
    except errors:
        return

    def blocks(track: Any) -> Iterator[Samples]:
        planar = av.AudioResampler(format="fltp")
        packets = container.demux(track)
        while True:
            try:
                packet = next(packets, None)
            except errors:
                return
            if packet is None:
                return
            try:
                for frame in packet.decode():
                    for part in planar.resample(frame):
                        yield np.ascontiguousarray(part.to_ndarray().T)
            except errors:
                continue

    with container:
        # A track whose codec FFmpeg does not know has no context, and nothing else to ask.
        track = next((track for track in container.streams.audio if track.codec_context is not None), None)
        if track is not None:
            fits = track.channels <= maximum_channels
            seconds = (container.duration or 0) / av.time_base
            yield Stream(track.rate or 0, track.channels, blocks(track) if fits else iter(()), seconds)
