"""Containers that the tests write themselves: sound and pictures, each at the times that its stamps say."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import soundfile
from numpy.typing import NDArray

RATE = 48_000
MARK = 0.2
"""Seconds of a marker tone."""
HERTZ = 1000.0


def marks(seconds: float, *times: float, rate: int = RATE, hertz: float = HERTZ) -> NDArray[np.float32]:
    """Return silence with a tone at each of some times, float32 (time,)."""
    time = np.arange(round(seconds * rate)) / rate
    on = np.zeros(len(time), bool)
    for start in times:
        on |= (time >= start) & (time < start + MARK)
    return np.where(on, 0.5 * np.sin(2 * np.pi * hertz * time), 0).astype(np.float32)


def found(samples: NDArray[np.float32], rate: int = 16_000) -> list[float]:
    """Return when each marker tone begins, in seconds."""
    loud = np.flatnonzero(np.abs(samples) > 0.15 * max(0.1, float(np.abs(samples).max(initial=0))))
    if not len(loud):
        return []
    begins = np.concatenate([[True], np.diff(loud) > 0.1 * rate])
    return (loud[begins] / rate).tolist()


@dataclass
class Sound:
    """A sound track: pieces of sound, each with the time of its first sample."""

    pieces: Sequence[tuple[float, NDArray[np.float32]]]
    language: str = ""
    default: bool = False
    comment: bool = False
    title: str = ""
    rate: int = RATE
    frame: int = 1024
    """Samples of a packet, for codecs that leave it free."""


def film(
    kind: str,
    codec: str,
    *sounds: Sound,
    picture: tuple[float, float] | None = None,
    picture_codec: str = "mpeg4",
    picture_last: bool = False,
    live: bool = False,
    fragments: bool = False,
) -> bytes:
    """Write a container.

    Args:
        kind: FFmpeg's name of the muxer.
        codec: FFmpeg's name of the encoder of the sound.
        sounds: The tracks.
        picture: Start and end of the picture in seconds; None for no picture.
        picture_codec: FFmpeg's name of its encoder.
        picture_last: Whether its track comes after those of the sound.
        live: Whether it is written while it goes on, so that it states no end.
        fragments: Whether an mp4 is in fragments of half a second.
    """
    import av

    file = io.BytesIO()
    packets = []
    options = {"live": "1"} if live else {}
    if fragments:
        options = {"movflags": "frag_keyframe+empty_moov+default_base_moof", "frag_duration": "500000"}
    with av.open(file, "w", format=kind, options=options) as container:

        def add_picture():
            image = container.add_stream(picture_codec, rate=25)
            image.width = image.height = 64
            image.pix_fmt = "yuv420p"
            return image

        image = add_picture() if picture and not picture_last else None
        streams = []
        for sound in sounds:
            channels = 1 if sound.pieces[0][1].ndim == 1 else sound.pieces[0][1].shape[1]
            stream = container.add_stream(codec, rate=sound.rate, layout="mono" if channels == 1 else "stereo")
            if sound.language:
                stream.metadata["language"] = sound.language
            if sound.title:
                stream.metadata["title"] = sound.title
            marked = av.stream.Disposition(0)
            marked |= av.stream.Disposition.default if sound.default else marked
            marked |= av.stream.Disposition.comment if sound.comment else marked
            stream.disposition = marked
            streams.append(stream)
        if picture:
            image = image or add_picture()
            for number in range(round((picture[1] - picture[0]) * 25)):
                frame = av.VideoFrame(64, 64, "yuv420p")
                frame.pts, frame.time_base = number + round(picture[0] * 25), Fraction(1, 25)
                packets += image.encode(frame)
            packets += image.encode(None)
        for stream, sound in zip(streams, sounds, strict=True):
            for start, samples in sound.pieces:
                packets += _encoded(stream, start, samples, sound)
            packets += stream.encode(None)
        packets.sort(key=lambda packet: float(packet.dts * packet.time_base) if packet.dts is not None else 0.0)
        for packet in packets:
            container.mux(packet)
    return file.getvalue()


def _encoded(stream, start: float, samples: NDArray[np.float32], sound: Sound) -> list:
    import av

    frames = samples[:, None] if samples.ndim == 1 else samples
    size = stream.codec_context.frame_size or sound.frame
    rate = sound.rate
    layout = stream.codec_context.layout.name
    written = av.AudioResampler(format=stream.codec_context.format.name, layout=layout, rate=rate)
    packets = []
    for begin in range(0, len(frames), size):
        part = frames[begin : begin + size]
        if stream.codec_context.frame_size:
            part = np.pad(part, ((0, size - len(part)), (0, 0)))
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(part.T), format="fltp", layout=layout)
        frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), round(start * rate) + begin
        for each in written.resample(frame):
            each.pts, each.time_base = frame.pts, Fraction(1, rate)
            packets += stream.encode(each)
    return packets


def plain(samples: NDArray[np.float32], kind: str = "WAV", subtype: str | None = None, rate: int = RATE) -> bytes:
    """Write samples, (time,) or (time, channels), as soundfile does."""
    file = io.BytesIO()
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    with soundfile.SoundFile(file, "w", rate, channels, format=kind, subtype=subtype) as sound:
        for begin in range(0, len(samples), 4096):
            sound.write(samples[begin : begin + 4096])
    return file.getvalue()


def tagged(data: bytes, *, size: int = 300) -> bytes:
    """Return a file with an ID3 tag in front."""
    return b"ID3\x03\x00\x00" + bytes((size >> shift) & 0x7F for shift in (21, 14, 7, 0)) + bytes(size) + data


def faststart(data: bytes) -> bytes:
    """Return an mp4 with its index before its sound, as files for the web have it."""
    boxes, place = {}, 0
    while place < len(data):
        size, name = struct.unpack(">I4s", data[place : place + 8])
        size = size or len(data) - place
        boxes[name], place = data[place : place + size], place + size
    index = bytearray(boxes[b"moov"])
    for name, width in ((b"stco", 4), (b"co64", 8)):
        at = index.find(name)
        while at >= 0:
            count = int.from_bytes(index[at + 8 : at + 12], "big")
            for number in range(count):
                begin = at + 12 + number * width
                offset = int.from_bytes(index[begin : begin + width], "big") + len(index)
                index[begin : begin + width] = offset.to_bytes(width, "big")
            at = index.find(name, at + 4)
    return (
        boxes[b"ftyp"] + bytes(index) + b"".join(box for name, box in boxes.items() if name not in (b"ftyp", b"moov"))
    )


def edited(data: bytes, *edits: tuple[int, int]) -> bytes:
    """Return an mp4 of one track, its index last, with another edit list: lengths in milliseconds, and media times."""
    entries = b"".join(struct.pack(">IiI", length, time, 1 << 16) for length, time in edits)
    size = 16 + len(entries)
    edits_box = struct.pack(">I4sI4sII", 8 + size, b"edts", size, b"elst", 0, len(edits)) + entries
    moov, trak = data.find(b"moov") - 4, data.find(b"trak") - 4
    header = trak + 8 + int.from_bytes(data[trak + 8 : trak + 12], "big")
    old = int.from_bytes(data[header : header + 4], "big") if data[header + 4 : header + 8] == b"edts" else 0
    made = bytearray(data[:header] + edits_box + data[header + old :])
    for box in (moov, trak):
        made[box : box + 4] = (int.from_bytes(made[box : box + 4], "big") + len(edits_box) - old).to_bytes(4, "big")
    return bytes(made)


def since(data: bytes, seconds: int) -> bytes:
    """Return an Ogg, or an mp4 in fragments, of one track, whose clock began some seconds before it."""
    made = bytearray(data)
    at = made.find(b"OggS")
    while at >= 0:
        lengths = made[at + 27 : at + 27 + made[at + 26]]
        page = slice(at, at + 27 + len(lengths) + sum(lengths))
        if time := int.from_bytes(made[at + 6 : at + 14], "little"):
            made[at + 6 : at + 14] = (time + seconds * RATE).to_bytes(8, "little")
            made[at + 22 : at + 26] = bytes(4)
            made[at + 22 : at + 26] = _ogg_checksum(made[page]).to_bytes(4, "little")
        at = made.find(b"OggS", page.stop)
    at = made.find(b"tfdt")
    while at >= 0:
        width = 8 if made[at + 4] else 4
        time = int.from_bytes(made[at + 8 : at + 8 + width], "big") + seconds * RATE
        made[at + 8 : at + 8 + width] = time.to_bytes(width, "big")
        at = made.find(b"tfdt", at + 4)
    return bytes(made)


def _ogg_checksum(page: bytes) -> int:
    rest = 0
    for byte in page:
        rest ^= byte << 24
        for _ in range(8):
            rest = (rest << 1) ^ 0x104C11DB7 if rest & 0x80000000 else rest << 1
    return rest
