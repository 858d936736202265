"""Recordings as the options of a call want them: within the limits, of the track and the channels that are chosen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from pipeline.audio import SAMPLE_RATE, AudioLimits, AudioSource, SoundChoice, read_audio, read_channels, resampled
from pipeline.audio.channels import without_crosstalk
from pipeline.audio.repair import damage_note, repaired, without_offset
from pipeline.core.options import CallOptions
from pipeline.core.values import Audio

__all__ = ["PART_SECONDS", "Source", "name_of", "read_in_parts", "read_split", "read_whole"]

Source = AudioSource | Audio
"""A recording: a path, the bytes of a file, an open file, or sound in memory."""

PART_SECONDS: Final = 120.0
"""Seconds of a recording per part: enough to measure its level. A part takes 8 MB, and more while it is read."""


def read_whole(
    source: Source, options: CallOptions, *, sample_rate: int | None = SAMPLE_RATE, notes: list[str] | None = None
) -> Audio:
    """Read a recording into memory as mono sound, within the limits.

    Args:
        source: The recording, or sound in memory.
        options: How large a recording may be, and which track and channel of it is heard; split channels are mixed.
        sample_rate: Hertz of the result; None for the rate of the recording.
        notes: Gets sentences about the recording that the person should read; they go to the log by default.

    Raises:
        UnreadableAudio: The source cannot be read, is too large or too long, or holds no sound.
    """
    if isinstance(source, Audio):
        source = _mended(source, notes)
        return resampled(source, sample_rate) if sample_rate else source
    limits = AudioLimits(max_bytes=options.max_bytes, max_seconds=options.max_seconds)
    return read_audio(source, limits=limits, sample_rate=sample_rate, choice=_choice(options), notes=notes)


def read_split(source: Source, options: CallOptions, *, notes: list[str] | None = None) -> tuple[Audio, ...]:
    """Read each channel of a recording into memory, without crosstalk, at 16 kHz, within the limits.

    Args:
        source: As `read_whole`.
        options: As `read_whole`; without split channels there is one sound.
        notes: As `read_whole`.

    Raises:
        UnreadableAudio: As `read_whole`.
    """
    heard = zip(*_parts(source, options, options.max_seconds, notes), strict=True)
    return tuple(Audio(np.concatenate([part.samples for part in channel]), SAMPLE_RATE) for channel in heard)


def read_in_parts(
    source: Source, options: CallOptions, *, notes: list[str] | None = None
) -> Iterator[tuple[Audio, ...]]:
    """Read a recording part by part, at 16 kHz, within the limits for streamed recordings.

    Args:
        source: As `read_whole`.
        options: As `read_whole`.
        notes: As `read_whole`.

    Yields:
        One sound, or one for each channel if they are split, without crosstalk.

    Raises:
        UnreadableAudio: As `read_whole`.
    """
    return _parts(source, options, options.max_streamed_seconds, notes)


def _parts(
    source: Source, options: CallOptions, max_seconds: float, notes: list[str] | None
) -> Iterator[tuple[Audio, ...]]:
    if isinstance(source, Audio):
        return iter([(resampled(_mended(source, notes)),)])
    limits = AudioLimits(max_bytes=options.max_bytes, max_seconds=max_seconds)
    parts = read_channels(source, seconds=PART_SECONDS, limits=limits, choice=_choice(options), notes=notes)
    return map(without_crosstalk, parts)


def _mended(audio: Audio, notes: list[str] | None) -> Audio:
    """Return sound in memory without damaged samples and offset, as a file is read."""
    samples, count = repaired(audio.samples[:, np.newaxis])
    if count:
        note = damage_note("The recording", count, len(samples))
        if notes is not None:
            notes.append(note)
    return Audio(without_offset(samples[:, 0].copy()), audio.sample_rate)


def _choice(options: CallOptions) -> SoundChoice:
    language = "" if options.language == "auto" else options.language
    return SoundChoice(options.track, language, options.channels)


def name_of(source: Source) -> str:
    """Return the name of a recording."""
    if isinstance(source, str | Path):
        return str(source)
    return str(getattr(source, "name", "the recording"))
