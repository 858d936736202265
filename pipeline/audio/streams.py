"""Reads files as streams of blocks of samples, by soundfile or PyAV.

Both get a file object without a name, so that only the content decides on the format.
Damage in the middle ends the stream or is skipped. It is not an error, because the sound before it is useful.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.edit_lists import mended_edits
from pipeline.audio.headers import (
    is_in_fragments,
    is_mpeg,
    is_plain,
    is_unended_ogg,
    own_share,
    places_in_avi,
    promised_share,
    sound_begins,
    stated_by_avi,
    states_length,
)
from pipeline.audio.nameless_files import NamelessFile
from pipeline.audio.time_stamps import TimedBlock
from pipeline.audio.tracks import SECONDARY_TITLE, NoSuchTrack, Track, choose_track, described

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

_FROM_ZERO: Final = frozenset(("mov", "matroska", "avi"))
"""Demuxers of containers whose stamps count from the start of the recording."""

_ONE_CLOCK: Final = frozenset(("mpegts", "ogg", "flv", "asf"))
"""Demuxers of containers whose tracks share a clock that begins anywhere: what comes first of any track is the start.
In all other files the sound itself is."""

_STATE_END: Final = frozenset(("matroska", "ogg"))
"""Demuxers for which FFmpeg gives the time of the end as the length, as it does for mp4 in fragments; for the others it
gives the time between."""

_LEAPING: Final = frozenset(("mpegts",))
"""Demuxers of containers whose clock may leap."""

_UNTIMED_START: Final = frozenset((("ogg", "flac"),))
"""Demuxer and codec of which FFmpeg puts the first page at zero, whenever it was: the clock leaps behind it."""

_BY_SIZE: Final = frozenset(("caf", "wav", "w64"))
"""Demuxers that give the length of what the file holds, not of what its header promises."""

_MISCOUNTED: Final = frozenset((("avi", "eac3"),))
"""Demuxer and codec of which FFmpeg counts the frames wrongly: times mean nothing there, and the sound has no gaps."""

_GUESSED: Final = frozenset(("aac", "ac3", "eac3", "amr"))
"""Demuxers of bare frames, which state no length: FFmpeg guesses it from the size of the file."""


@dataclass
class Stream:
    """The sound of a file; it can be read once."""

    sample_rate: int
    """Hertz, as the file says."""
    channels: int
    """Number of channels, as the file says."""
    blocks: Iterator[TimedBlock]
    """Consecutive frames with their times; a stream that begins with one channel may go on with more."""
    seconds: float = 0.0
    """Length that the file states, which may be wrong; 0 if it states none."""
    missing: float = 0.0
    """Seconds of it that are not there or cannot be decoded; known after the last block."""
    resolution: float = 0.0
    """Seconds to which the times are rounded."""
    leaps: bool = False
    """Whether the clock of the container may leap forward."""
    unended: bool = False
    """Whether the mark is lacking with which the format ends: such a format states no length."""
    tracks: Sequence[Track] = ()
    """All sound tracks of the file."""
    note: str = ""
    """What a person should know about the choice of this sound: a phrase that follows the name of the file."""


def open_stream(file: BinaryIO, *, maximum_channels: int, track: str = "", language: str = "") -> Iterator[Stream]:
    """Yield the sound of a file once for each library that can read it.

    soundfile comes first where it knows the format at once, except for Ogg, of which it knows neither tracks nor times;
    and never for mp3, as its decoder writes warnings to stderr. The other one
    follows, for a caller that found no sound in the first stream.

    Args:
        file: Open for reading, seekable; stays open.
        maximum_channels: A stream with more is yielded without blocks.
        track: The track to hear, as `choose_track` takes it.
        language: The language to prefer, as `choose_track` takes it.

    Raises:
        NoSuchTrack: There is no such track.
    """
    start = sound_begins(file)
    file.seek(start)
    head = file.read(4)
    if is_mpeg(file):
        libraries: tuple[Callable[..., Iterator[Stream]], ...] = (_pyav,)
    else:
        libraries = (_soundfile, _pyav) if head != b"OggS" and is_plain(file) else (_pyav, _soundfile)
    changes = mended_edits(file, start)
    for library in libraries:
        sound = NamelessFile(file, start, changes)
        sound.seek(0)
        yield from library(sound, maximum_channels, track, language)


def _soundfile(file: NamelessFile, maximum_channels: int, track: str, language: str) -> Iterator[Stream]:
    import soundfile

    share, own = promised_share(cast(BinaryIO, file)), own_share(cast(BinaryIO, file))
    file.seek(0)
    try:
        sound = soundfile.SoundFile(file)
    except (soundfile.SoundFileError, ValueError, OverflowError):
        return

    def blocks() -> Iterator[TimedBlock]:
        decoded = 0
        while True:
            try:
                block = sound.read(
                    min(_BLOCK, frames - decoded) if own < 1 else _BLOCK, dtype="float32", always_2d=True
                )
            except (soundfile.SoundFileError, ValueError):
                break
            if not len(block):
                break
            decoded += len(block)
            yield None, block
        stream.missing = max(0.0, stream.seconds - decoded / sound.samplerate)

    with sound:
        if sound.frames >= _ENDLESS:
            return  # libsndfile loses the last block of a sound whose length it does not know.
        frames = round(sound.frames * own)
        stated = frames / sound.samplerate if frames > 0 and sound.samplerate > 0 else 0.0
        if track:
            choose_track([Track(1)], track)
        fits = sound.samplerate > 0 and sound.channels <= maximum_channels
        stream = Stream(sound.samplerate, sound.channels, iter(()), stated * share)
        if fits:
            stream.blocks = blocks()
        yield stream


def _refuse(url: str, flags: int, options: dict[str, Any]) -> Any:
    raise PermissionError(f"A recording may not open another file: {url}")


def _container(file: NamelessFile) -> Any:
    """Open a file with FFmpeg, which may open no other one."""
    import av

    return av.open(
        file,
        mode="r",
        container_options={"format_whitelist": _FORMATS, "protocol_whitelist": "none"},
        metadata_errors="ignore",
        io_open=_refuse,
    )


def _pyav(file: NamelessFile, maximum_channels: int, track: str, language: str) -> Iterator[Stream]:
    import av

    bare = cast(BinaryIO, file)
    table, share, in_heads = states_length(bare), promised_share(bare), stated_by_avi(bare)
    unended, fragments = is_unended_ogg(bare), is_in_fragments(bare)
    places = places_in_avi(bare)
    file.seek(0)
    try:
        container = _container(file)
    except _errors():
        return
    with container:
        tracks = [_track(number, each) for number, each in enumerate(container.streams.audio, start=1)]
        kind = container.format.name.split(",")[0]
        if kind == "flv":
            # Where a file is cut, its last piece looks like a track of another codec.
            codecs = [each.codec_context and each.codec_context.name for each in container.streams.audio]
            tracks = [track for track, codec in zip(tracks, codecs, strict=True) if codec == codecs[0]]
        if not tracks and container.streams.video:
            raise NoSuchTrack("has a picture, but no sound track", "Give a recording with sound.")
        if not tracks:
            return
        chosen = choose_track(tracks, track, language)
        sound = container.streams.audio[chosen.number - 1]
        begin = (container.start_time or 0) / av.time_base
        seconds = max(0.0, (container.duration or 0) / av.time_base, in_heads)
        if kind in _BY_SIZE:
            seconds *= share
        end = seconds if kind in _STATE_END or fragments else begin + seconds
        # What is sent in fragments, or without a stated end, may count from when the broadcast began.
        origin = 0.0 if kind in _FROM_ZERO and seconds and not fragments else begin
        stream = Stream(sound.rate or 0, sound.channels, iter(()), max(0.0, end - origin))
        stream.unended, stream.tracks = unended, tracks
        if len(tracks) > 1:
            stream.note = f"has {len(tracks)} sound tracks: {described(tracks)}. Number {chosen.number} is heard."
        if sound.channels > maximum_channels:
            yield stream
            return
        packets = _Packets(container, sound, places.get(sound.index, ()))
        frames = packets.frames()
        first = next(frames, None)
        if first is None:
            return
        # What is decoded is right where a header differs.
        stream.sample_rate, stream.channels = first.sample_rate, first.layout.nb_channels
        stream.resolution = float(first.time_base) if first.time_base else 0.0
        codec = sound.codec_context.name
        stream.leaps = kind in _LEAPING or (kind, codec) in _UNTIMED_START
        if kind not in _FROM_ZERO | _ONE_CLOCK:
            origin = _time(first)

        def blocks() -> Iterator[TimedBlock]:
            timed = (kind, codec) not in _MISCOUNTED
            yield from _planar(itertools.chain([first], frames), origin, timed=timed, by_rate=kind in _GUESSED)
            if seconds and kind not in _GUESSED and (table or kind != "mp3"):
                stream.missing = max(0.0, end - packets.reached, packets.lost)

        stream.blocks = blocks()
        yield stream


class _Packets:
    """The packets of a container, and what becomes of them.

    Args:
        container: Open.
        sound: Its track that is decoded.
        places: As `places_in_avi` gives them: FFmpeg counts the time of an AVI without its empty chunks.
    """

    def __init__(self, container: Any, sound: Any, places: Sequence[int] | NDArray[np.integer] = ()) -> None:
        self._container = container
        self._sound = sound
        self._places = places
        self.reached = 0.0
        """Seconds by the clock of the container at which the last packet of any track ends."""
        self.lost = 0.0
        """Seconds of the track that could not be decoded."""

    def frames(self) -> Iterator[Any]:
        """Yield the frames of the track."""
        # Of all tracks, because the sound may rightly end before the picture does.
        packets = self._container.demux()
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except _errors():
                return
            own = packet.stream.index == self._sound.index
            # Where a chunk is a frame, its time is its number.
            if own and packet.duration == 1 and packet.pts is not None and packet.pts < len(self._places):
                packet.pts = packet.dts = int(self._places[packet.pts])
            time = packet.pts if packet.pts is not None else packet.dts
            seconds = float((packet.duration or 0) * packet.time_base) if packet.time_base else 0.0
            if time is not None and packet.time_base:
                self.reached = max(self.reached, float(time * packet.time_base) + seconds)
            # By the stream: the packets that end the tracks all bear the index 0.
            if not own:
                continue
            try:
                yield from packet.decode()
            except _errors():
                self.lost += seconds


def _planar(frames: Iterable[Any], origin: float, *, timed: bool, by_rate: bool) -> Iterator[TimedBlock]:
    """Yield frames as float32, (frames, channels), all with the rate and the channels of the first one.

    Where the first one is mono, others keep their channels, as FFmpeg would lose what cancels out between them.

    Args:
        frames: As FFmpeg decodes them.
        origin: Seconds by their clock at which the recording begins.
        timed: Whether the times mean anything.
        by_rate: Whether FFmpeg counts the times by the rate of the first frame, so that another rate makes them wrong.
    """
    import av

    first: Any = None
    planar: Any = None
    known: tuple[str, str, int] | None = None
    for frame in frames:
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        if first is None:
            first = frame
            planar = av.AudioResampler(format="fltp")
        elif shape != known:
            layout = first.layout if first.layout.nb_channels > 1 else frame.layout
            planar = av.AudioResampler(format="fltp", layout=layout, rate=first.sample_rate)
        known = shape
        timed &= not by_rate or frame.sample_rate == first.sample_rate
        time: float | None = _time(frame) - origin if timed and frame.pts is not None else None
        try:
            parts = planar.resample(frame)
        except _errors():
            continue
        for part in parts:
            yield time, np.ascontiguousarray(part.to_ndarray().T)
            time = None


def _track(number: int, stream: Any) -> Track:
    marks = stream.disposition
    secondary = marks.comment | marks.hearing_impaired | marks.visual_impaired | marks.descriptions | marks.karaoke
    title = stream.metadata.get("title") or stream.metadata.get("handler_name") or ""
    language = stream.language or ""
    return Track(
        number,
        # `und` is undetermined, `mul` several, `zxx` none.
        language="" if language in ("und", "mul", "zxx") else language,
        default=bool(marks & marks.default),
        # Many films tell a commentary by its title alone.
        secondary=bool(marks & secondary) or bool(SECONDARY_TITLE.search(title)),
        # A track whose codec FFmpeg does not know has no context.
        readable=stream.codec_context is not None,
    )


def _time(frame: Any) -> float:
    """Return the time of a frame by the clock of its container, in seconds; 0 if it has none."""
    return float(frame.pts * frame.time_base) if frame.pts is not None and frame.time_base else 0.0


def _errors() -> tuple[type[Exception], ...]:
    """Return what FFmpeg raises for damage."""
    import av

    return av.FFmpegError, ValueError, IndexError, OverflowError


def container_tags(path: Path) -> dict[str, str] | None:
    """Return what a file says of itself by the names of its container, in lower case; None if it cannot be read."""
    unreadable: tuple[type[Exception], ...] = (*_errors(), OSError)
    try:
        with open(path, "rb") as file, _container(NamelessFile(file)) as container:
            sources = (container.metadata, *(stream.metadata for stream in container.streams.audio))
            return {name.casefold(): text for tags in sources for name, text in tags.items()}
    except unreadable:
        return None
