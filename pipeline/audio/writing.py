"""Finishing synthetic speech and writing it to a file that says that it is synthetic."""

from __future__ import annotations

import datetime
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from pipeline.core.errors import OutputError, UnreadableAudio
from pipeline.core.files import atomic
from pipeline.core.values import Audio, Speech

__all__ = ["WavInformation", "finished", "read_information", "write_speech", "write_wav"]

_FADE_SECONDS: Final = 0.01
_LONGEST: Final = 200
_FIELDS: Final = ("engine", "voice", "emotion")
_COMMENT: Final = "Synthetic speech: engine {}, voice {}, emotion {}."
_QUOTED: Final = r'("(?:[^"\\]|\\.)*")'


@dataclass(frozen=True)
class WavInformation:
    """What the RIFF LIST/INFO chunk of a result says; of each text at most 200 letters are written."""

    engine: str
    """Name of the engine that spoke."""
    voice: str
    """The voice that spoke."""
    emotion: str
    """The emotion or mood that it spoke in."""
    title: str = ""
    """What is said."""
    software: str = "Resay"
    """Program and version that wrote the file."""
    date: str = ""
    """When it was made, ISO 8601."""


def finished(audio: Audio) -> Audio:
    """Return the sound without offset (DC), and faded over 10 ms at both ends so that there is no click.

    Args:
        audio: Any sound; the fades of a shorter one meet in its middle.
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


def write_wav(path: Path, audio: Audio, *, information: WavInformation) -> None:
    """Write 16-bit PCM with provenance; the file appears complete or not at all.

    Samples are rounded to the nearest step without dither:
    speech at -23 LUFS lies more than 70 dB above the rounding error, and the same sound always gives the same bytes.

    Args:
        path: Where to; an existing file is replaced.
        audio: The sound; beyond full scale it is clipped.
        information: What the LIST/INFO chunk says beside "synthetic".

    Raises:
        OutputError: The file cannot be written, or the sound holds samples that are no numbers.
    """
    import soundfile

    if not np.isfinite(audio.samples).all():
        raise OutputError(f"{path} cannot be written: the sound holds samples that are no numbers.")
    steps = np.clip(np.rint(audio.samples * np.float32(32768)), -32768, 32767).astype(np.int16)
    quoted = [json.dumps(getattr(information, field)[:_LONGEST], ensure_ascii=False) for field in _FIELDS]
    texts = {
        "title": information.title[:_LONGEST],
        "artist": f"{information.voice} ({information.engine})",
        "comment": _COMMENT.format(*quoted),
        "genre": "Synthetic speech",
        "software": information.software,
        "date": information.date,
    }
    with atomic(path) as temporary:
        try:
            with soundfile.SoundFile(
                temporary, "w", samplerate=audio.sample_rate, channels=1, subtype="PCM_16", format="WAV"
            ) as file:
                for field, text in texts.items():
                    # libsndfile refuses an empty text, and a zero would end it.
                    if storable := text.replace("\0", " ").encode(errors="replace").decode():
                        setattr(file, field, storable)
                file.write(steps)
        except soundfile.SoundFileError as error:
            raise OutputError(f"{path} cannot be written: {error}", hint="Is there room?") from error


def write_speech(path: Path, speech: Speech) -> None:
    """Write synthetic speech as a wav that says what it is and who made it.

    Args:
        path: Where to; an existing file is replaced.
        speech: The speech; its engine, voice, emotion and text go into the LIST/INFO chunk.

    Raises:
        OutputError: The file cannot be written.
    """
    information = WavInformation(
        engine=speech.engine,
        voice=speech.voice,
        emotion=speech.emotion,
        title=speech.text,
        date=datetime.datetime.now(datetime.UTC).date().isoformat(),
    )
    write_wav(path, speech.audio, information=information)


def read_information(path: Path) -> WavInformation | None:
    """Read what `write_wav` wrote into the LIST/INFO chunk.

    Args:
        path: A wav.

    Returns:
        None where the file does not say that it is Resay's synthetic speech.

    Raises:
        UnreadableAudio: The file is no readable recording.
    """
    import soundfile

    try:
        with soundfile.SoundFile(path) as file:
            comment, title, software, date = file.comment, file.title, file.software, file.date
    except (soundfile.SoundFileError, OSError) as error:
        raise UnreadableAudio(f"{path} cannot be read as a wav.") from error
    match = re.fullmatch(_COMMENT.format(_QUOTED, _QUOTED, _QUOTED), comment)
    if match is None:
        return None
    engine, voice, emotion = map(json.loads, match.groups())
    return WavInformation(engine, voice, emotion, title, software.split(" (libsndfile")[0], date)
