"""Sound as an answer: encoded piece by piece, so that it can be sent while it is still being spoken."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from pipeline.audio.long_sounds import blocks
from pipeline.audio.resampling import resampled_blocks
from pipeline.audio.writing import SoundInformation, comment_of
from pipeline.core.values import Audio, Samples, Speech

__all__ = ["MEDIA_TYPES", "SOUND_TYPES", "encoded", "information_of", "whole"]


@dataclass(frozen=True)
class _Kind:
    """How a kind of sound is encoded by FFmpeg's libraries."""

    media_type: str
    muxer: str
    codec: str
    sample_format: str = "s16"
    rates: tuple[int, ...] = ()
    """Sample rates in hertz that it allows, in rising order; empty for any."""
    bit_rate: int = 0
    """Bits per second; 0 where nothing is lost."""


_RATES: Final = (16_000, 22_050, 24_000, 32_000, 44_100, 48_000)

_KINDS: Final = {
    "wav": _Kind("audio/wav", "wav", "pcm_s16le"),
    "mp3": _Kind("audio/mpeg", "mp3", "libmp3lame", "s16p", _RATES, 64_000),
    "opus": _Kind("audio/ogg", "ogg", "libopus", "s16", (16_000, 24_000, 48_000), 40_000),
    "aac": _Kind("audio/aac", "adts", "aac", "fltp", _RATES, 64_000),
    "flac": _Kind("audio/flac", "flac", "flac"),
    "pcm": _Kind("audio/pcm", "s16le", "pcm_s16le", rates=(24_000,)),
}
"""Name of a kind, as OpenAI's API has it, to how it is made; pcm is 16 bits, mono, 24 kHz, without a header."""

_UNKNOWN: Final = 0xFFFFFFFF
"""What the header of a wav says of a length that is not known, or is more than it can tell."""

SOUND_TYPES: Final = tuple(_KINDS)
"""Kinds of sound that an answer can be."""

MEDIA_TYPES: Final = {name: kind.media_type for name, kind in _KINDS.items()}
"""Kind to what `Content-Type` says."""


def information_of(speech: Speech) -> SoundInformation:
    """Return what a file with a speech should say of itself."""
    return SoundInformation(speech.engine, speech.voice, speech.emotion, speech.text)


def encoded(
    parts: Iterable[Samples], rate: int, kind: str, information: SoundInformation, *, length: int | None = None
) -> Iterator[bytes]:
    """Yield a sound as the bytes of a file, while its parts come; what has tags says that the speech is synthetic.

    Args:
        parts: float32 (time,) in [-1, 1]; clipped at full scale.
        rate: Hertz.
        kind: One of `SOUND_TYPES`.
        information: What the file says in addition to "synthetic".
        length: Samples of all parts, if that is known: headers that have a place for it tell it.
    """
    pieces = _encode(parts, rate, kind, information)
    if length is not None and kind in _STATED:
        yield _STATED[kind](next(pieces), length)
    yield from pieces


def whole(audio: Audio, kind: str, information: SoundInformation) -> bytes:
    """Return a sound as the bytes of a file.

    Args:
        audio: Any sound.
        kind: As `encoded`.
        information: As `encoded`.
    """
    return b"".join(encoded([audio.samples], audio.sample_rate, kind, information, length=len(audio.samples)))


def _stated_in_wav(beginning: bytes, length: int) -> bytes:
    """Return the first bytes of a wav of 16 bits and one channel with its length in them."""
    data = beginning.index(b"data\xff\xff\xff\xff") + 8
    size = 2 * length
    if data + size > _UNKNOWN:
        return beginning
    riff = struct.pack("<I", data + size - 8)
    return beginning[:4] + riff + beginning[8 : data - 4] + struct.pack("<I", size) + beginning[data:]


def _stated_in_flac(beginning: bytes, length: int) -> bytes:
    """Return the first bytes of a flac with its length in them: the last 36 of 64 bits from byte 18 on."""
    (bits,) = struct.unpack_from(">Q", beginning, 18)
    return beginning[:18] + struct.pack(">Q", bits >> 36 << 36 | length) + beginning[26:]


_STATED: Final = {"wav": _stated_in_wav, "flac": _stated_in_flac}
"""Kind whose header tells how long it is to what writes that: an encoder cannot go back to it in a stream."""


def _encode(parts: Iterable[Samples], rate: int, kind: str, information: SoundInformation) -> Iterator[bytes]:
    """Yield a sound as its encoder writes it, the header in the first piece."""
    import av

    sink = _Sink()

    def taken() -> Iterator[bytes]:
        if data := sink.taken():
            yield data

    how = _KINDS[kind]
    target = next((allowed for allowed in how.rates if allowed >= rate), how.rates[-1]) if how.rates else rate
    options = {"write_xing": "0", "id3v2_version": "3"} if kind == "mp3" else {}
    with av.open(sink, "w", format=how.muxer, options=options) as container:
        container.metadata.update(
            {
                "comment": comment_of(information),
                "genre": "Synthetic speech",
                "title": information.title[:200].replace("\0", " "),
                "artist": f"{information.voice} ({information.engine})",
            }
        )
        stream: Any = container.add_stream(how.codec, rate=target, layout="mono")
        stream.codec_context.format = how.sample_format
        if how.bit_rate:
            stream.codec_context.bit_rate = how.bit_rate
        resampler = av.AudioResampler(format=how.sample_format, layout="mono", rate=target)
        for samples in resampled_blocks(_small(parts), rate, target):
            rounded = np.clip(np.rint(samples * np.float32(32768)), -32768, 32767).astype(np.int16)
            frame = av.AudioFrame.from_ndarray(rounded[None, :], format="s16", layout="mono")
            frame.sample_rate = target
            for ready in resampler.resample(frame):
                container.mux(stream.encode(ready))
            yield from taken()
        for ready in resampler.resample(None):
            container.mux(stream.encode(ready))
        container.mux(stream.encode(None))
    yield from taken()


def _small(parts: Iterable[Samples]) -> Iterator[Samples]:
    for part in parts:
        yield from blocks(part, 1 << 14)


class _Sink(io.RawIOBase):
    """Takes what an encoder writes, which cannot go back in it."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(self._parts[-1])

    def taken(self) -> bytes:
        """Return what came since the last time."""
        data, self._parts = b"".join(self._parts), []
        return data
