"""Reads files as streams of blocks of samples, by soundfile or PyAV.

Both get a file object without a name, so that only the content decides on the format.
Damage in the middle ends the stream or is skipped. It is not an error, because the sound before it is useful.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np

from pipeline.core.values import Samples

__all__ = ["Stream", "container_tags", "open_stream"]

_BLOCK: Final = 1 << 16
"""Frames per block of soundfile: 1.4 s at 48 kHz; set by hand."""

_ENDLESS: Final = 1 << 62
"""Frames from which on the length that soundfile states means that it is unknown."""

_FORMATS: Final = (
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,eac3,flac,flv,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mp3,mpegts,ogg"
    ",tta,w64,wav,wv"
)
"""FFmpeg's demuxers for recordings, without those that open other files (hls, dash, concat, image2 …)."""


@dataclass(frozen=True)
class Stream:
    """The sound of a file; it can be read once."""

    sample_rate: int
    """Hertz, as the file says."""
    channels: int
    """Number of channels, as the file says."""
    blocks: Iterator[Samples]
    """Consecutive frames: float32, shape (frames, channels)."""
    seconds: float = 0.0
    """Length that the file states, which may be wrong; 0 if it states none."""


def open_stream(file: BinaryIO, *, maximum_channels: int) -> Iterator[Stream]:
    """Yield the sound of a file once for each library that can read it.

    soundfile comes first, except for mp3, where its decoder writes warnings to stderr.
    PyAV follows, for a caller that found no sound in the first stream.

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
    """A file object that hides its name and stays open when it is closed."""

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
            # A damaged header may ask for positions before the start; the library needs an answer, not an exception.
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
                packet = next(packets)
            except (StopIteration, *errors):
                return
            try:
                for frame in packet.decode():
                    for part in planar.resample(frame):
                        yield np.ascontiguousarray(part.to_ndarray().T)
            except errors:
                continue

    with container:
        # A track whose codec FFmpeg does not know has no context.
        track = next((track for track in container.streams.audio if track.codec_context is not None), None)
        if track is not None:
            fits = track.channels <= maximum_channels
            seconds = (container.duration or 0) / av.time_base
            yield Stream(track.rate or 0, track.channels, blocks(track) if fits else iter(()), seconds)


def container_tags(path: Path) -> dict[str, str] | None:
    """Return what a file says of itself by the names of its container, in lower case; None if it cannot be read."""
    import av

    try:
        with (
            open(path, "rb") as file,
            av.open(
                _Nameless(file),
                mode="r",
                container_options={"format_whitelist": _FORMATS, "protocol_whitelist": "none"},
                metadata_errors="ignore",
                io_open=_refuse,
            ) as container,
        ):
            sources = (container.metadata, *(stream.metadata for stream in container.streams.audio))
            return {name.casefold(): text for tags in sources for name, text in tags.items()}
    except (av.FFmpegError, OSError, ValueError, IndexError, OverflowError):
        return None
