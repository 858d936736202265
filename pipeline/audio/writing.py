"""Finishes synthetic speech and writes it as wav, flac, mp3 or opus, in files that declare it synthetic."""

from __future__ import annotations

import datetime
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from pipeline.audio.headers import is_plain, tags_are_in_info
from pipeline.audio.long_sounds import blocks
from pipeline.audio.resampling import resampled_blocks
from pipeline.audio.streams import container_tags
from pipeline.core.errors import OutputError, UnknownName, UnreadableAudio
from pipeline.core.failures import one_line
from pipeline.core.files import atomic, target_of
from pipeline.core.values import Audio, Speech

__all__ = [
    "SOUND_FORMATS",
    "SoundInformation",
    "comment_of",
    "finished",
    "is_result",
    "parse_sounds",
    "read_information",
    "sound_format",
    "write_sound",
    "write_speech",
]

_FADE_SECONDS: Final = 0.01
"""Seconds of the fades at both ends: enough to avoid a click, too short to be noticed; set by hand."""

_LONGEST: Final = 200
"""Characters of each text that a file keeps; set by hand."""

_FIELDS: Final = ("engine", "voice", "emotion")
_COMMENT: Final = "Synthetic speech: engine {}, voice {}, emotion {}."
_QUOTED: Final = r'("(?:[^"\\]|\\.)*")'


@dataclass(frozen=True)
class _Format:
    """How a kind of file is written; all by libsndfile."""

    container: str
    subtype: str
    compression: float | None = None
    """Compression of a lossy format in [0, 1]; 1 gives the smallest file."""
    rates: tuple[int, ...] = ()
    """Sample rates in hertz that the format allows; empty for any."""
    latin: bool = False
    """Whether its texts can hold ASCII only."""


_FORMATS: Final = {
    "wav": _Format("WAV", "PCM_16"),
    "flac": _Format("FLAC", "PCM_16"),
    "mp3": _Format("MP3", "MPEG_LAYER_III", 0.6, (16_000, 22_050, 24_000, 32_000, 44_100, 48_000), latin=True),
    "opus": _Format("OGG", "OPUS", 0.85, (16_000, 24_000, 48_000)),
}

SOUND_FORMATS: Final = tuple(_FORMATS)
"""File endings that speech can be written with, the default first.

Opus takes about 40 kbit/s here, mp3 64 at 24 kHz."""


@dataclass(frozen=True)
class SoundInformation:
    """What a result says of itself (in a wav: its LIST/INFO chunk); texts are cut to 200 characters."""

    engine: str
    """Name of the engine that spoke."""
    voice: str
    """The voice that spoke."""
    emotion: str
    """The emotion or mood of the speech."""
    title: str = ""
    """The text that is spoken."""
    software: str = "Resay"
    """Program and version that wrote the file."""
    date: str = ""
    """When it was made, ISO 8601."""


def comment_of(information: SoundInformation, *, ascii_only: bool = False) -> str:
    """Return the sentence by which a file is known as synthetic, and as a result of Resay.

    Args:
        information: Engine, voice and emotion; each is cut to 200 characters.
        ascii_only: Whether other letters are escaped.
    """
    quoted = [json.dumps(getattr(information, field)[:_LONGEST], ensure_ascii=ascii_only) for field in _FIELDS]
    return _COMMENT.format(*quoted)


def finished(audio: Audio) -> Audio:
    """Return the sound without DC offset, faded over 10 ms at both ends to avoid clicks.

    Args:
        audio: Any sound; in a very short one the fades meet in the middle.
    """
    length = len(audio.samples)
    if not length:
        return audio
    samples = audio.samples - audio.samples.mean(dtype=np.float64).astype(np.float32)
    fade = min(round(_FADE_SECONDS * audio.sample_rate), length // 2)
    # A raised cosine: no corner where the fade begins or ends.
    slope = (0.5 - 0.5 * np.cos(np.pi * np.arange(fade) / max(fade, 1))).astype(np.float32)
    samples[:fade] *= slope
    samples[length - fade :] *= slope[::-1]
    return Audio(samples, audio.sample_rate)


def parse_sounds(text: str) -> tuple[str, ...]:
    """Return the sound formats in a list such as `opus,wav`, each once; wav if the list is empty.

    Raises:
        UnknownName: There is no such format; the message lists the choices.
    """
    names = tuple(dict.fromkeys(name.strip().casefold() for name in text.split(",") if name.strip()))
    for name in names:
        if name not in _FORMATS:
            raise UnknownName(f"There is no sound format '{name}'.", hint=f"Choose from {', '.join(SOUND_FORMATS)}.")
    return names or SOUND_FORMATS[:1]


def sound_format(path: Path) -> str:
    """Return the format that the ending of a file name stands for.

    Raises:
        UnknownName: The ending is not that of a sound format; the message lists the choices.
    """
    name = path.suffix.removeprefix(".").casefold()
    if name not in _FORMATS:
        raise UnknownName(
            f"{path} cannot be written: its ending is not that of a sound format.",
            hint=f"End it in .{', .'.join(SOUND_FORMATS)}.",
        )
    return name


def write_sound(path: Path, audio: Audio, *, information: SoundInformation, compression: float | None = None) -> None:
    """Write sound with its provenance, in the format of the file ending; the file appears complete or not at all.

    The sound goes through memory block by block.
    Samples of wav and flac are rounded to the nearest of 16 bits without dither:
    speech at -23 LUFS is more than 70 dB above the rounding error, and the same sound always gives the same bytes.

    Args:
        path: Where to, ending in one of `SOUND_FORMATS`; an existing file is replaced.
        audio: The sound; it is clipped at full scale, and resampled upwards to a rate that the format allows.
        information: What the file says in addition to "synthetic".
        compression: For mp3 and opus, in [0, 1], where 1 gives the smallest file; the format's own by default.

    Raises:
        UnknownName: The ending is not that of a sound format.
        OutputError: The file cannot be written, or the sound holds samples that are not numbers.
    """
    import soundfile

    kind = _FORMATS[sound_format(path)]
    rate = audio.sample_rate
    if kind.rates and rate not in kind.rates:
        rate = next((allowed for allowed in kind.rates if allowed >= rate), kind.rates[-1])
    asked = kind.compression if compression is None else compression
    options = {} if kind.compression is None else {"compression_level": asked}
    with atomic(path) as temporary:
        temporary.touch()  # So that what forbids it is told by the system; libsndfile knows no reason.
        try:
            with soundfile.SoundFile(
                _system_name(temporary), "w", rate, 1, kind.subtype, format=kind.container, **options
            ) as file:
                for field, text in _texts(information, ascii_only=kind.latin).items():
                    # libsndfile refuses an empty text, and a zero byte would end it.
                    if storable := text.replace("\0", " ").encode(errors="replace").decode():
                        setattr(file, field, storable)
                for block in resampled_blocks(blocks(audio.samples), audio.sample_rate, rate):
                    if not np.isfinite(block).all():
                        raise OutputError(
                            f"{target_of(path)} cannot be written: the sound contains samples that are no numbers."
                        )
                    file.write(np.clip(np.rint(block * np.float32(32768)), -32768, 32767).astype(np.int16))
        except soundfile.SoundFileError as error:
            why = one_line(getattr(error, "error_string", error))
            raise OutputError(f"{target_of(path)} cannot be written: {why}.", hint="Is the disk full?") from error


def write_speech(path: Path, speech: Speech) -> None:
    """Write synthetic speech to a file that says what it is and what made it.

    Args:
        path: Where to, ending in one of `SOUND_FORMATS`; an existing file is replaced.
        speech: The speech; its engine, voice, emotion and text go into the file.

    Raises:
        UnknownName: The ending is not that of a sound format.
        OutputError: The file cannot be written.
    """
    information = SoundInformation(
        engine=speech.engine,
        voice=speech.voice,
        emotion=speech.emotion,
        title=speech.text,
        date=datetime.datetime.now(datetime.UTC).date().isoformat(),
    )
    write_sound(path, speech.audio, information=information)


def read_information(path: Path) -> SoundInformation | None:
    """Read the information that `write_sound` wrote; mp3 keeps no program name, and only the ASCII part of a title.

    Other programs keep it when they turn a result into another format, such as m4a or webm: it is found there as well.

    Args:
        path: A file of any of `SOUND_FORMATS`, or another recording.

    Returns:
        None if the file does not declare itself as Resay's synthetic speech.

    Raises:
        UnreadableAudio: The file cannot be read as a recording.
    """
    readable = False
    for tags in _all_tags(path):
        readable = True
        if match := re.fullmatch(_COMMENT.format(_QUOTED, _QUOTED, _QUOTED), tags.get("comment", "")):
            engine, voice, emotion = map(json.loads, match.groups())
            software = tags.get("software", "").split(" (libsndfile")[0]
            return SoundInformation(engine, voice, emotion, tags.get("title", ""), software, tags.get("date", ""))
    if not readable:
        raise UnreadableAudio(f"{path} cannot be read as a recording.")
    return None


def is_result(path: Path) -> bool:
    """Return whether a file is a result of Resay: it declares itself as such. A pipe is not looked into."""
    try:
        return path.is_file() and read_information(path) is not None
    except (UnreadableAudio, OSError, ValueError):
        return False


def _all_tags(path: Path) -> Iterator[dict[str, str]]:
    """Yield what a file says of itself, once for each library that can read it."""
    if (tags := _tags(path)) is not None:
        yield tags
        with open(path, "rb") as file:
            if tags_are_in_info(file):
                # FFmpeg would find no others, and takes longer to load than such a file to read.
                return
    if (tags := container_tags(path)) is not None:
        yield tags


def _tags(path: Path) -> dict[str, str] | None:
    """Return what a file says of itself, by libsndfile; None if it cannot read it, or only with warnings of its own."""
    import soundfile

    try:
        with open(path, "rb") as content:
            if not is_plain(content):
                return None
        with soundfile.SoundFile(_system_name(path)) as file:
            return {name: getattr(file, name) for name in ("comment", "title", "software", "date")}
    except (soundfile.SoundFileError, OSError):
        return None


def _system_name(path: Path) -> str | bytes:
    """Return a path as soundfile can open it: as the system's bytes, for a name need not be text in UTF-8."""
    return os.fsencode(path) if os.name == "posix" else str(path)


def _texts(information: SoundInformation, *, ascii_only: bool) -> dict[str, str]:
    """Return what the file says, by libsndfile's names."""
    texts = {
        "title": information.title[:_LONGEST],
        "artist": f"{information.voice} ({information.engine})",
        "comment": comment_of(information, ascii_only=ascii_only),
        "genre": "Synthetic speech",
        "software": information.software,
        "date": information.date,
    }
    if ascii_only:
        return {name: text.encode("ascii", errors="replace").decode() for name, text in texts.items()}
    return texts
