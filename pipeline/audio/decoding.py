"""Decodes any recording to float32 at one rate, within limits that no header can get around."""

from __future__ import annotations

import logging
import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from pipeline.audio.channels import ChannelComparison, ChannelMix, regrouped
from pipeline.audio.headers import another_follows, bytes_before, lacks_index
from pipeline.audio.loudness import level
from pipeline.audio.repair import damage_note, repaired, without_offset
from pipeline.audio.resampling import SAMPLE_RATE, resampled, resampled_blocks
from pipeline.audio.sources import LARGEST, AudioSource, opened, shown_name
from pipeline.audio.speech_segments import speech_segments
from pipeline.audio.streams import Stream, open_stream
from pipeline.audio.time_stamps import TimedBlock, placed
from pipeline.audio.tracks import NoSuchTrack, described
from pipeline.core.errors import AudioTooLarge, NoSpeech, ResayError, UnreadableAudio
from pipeline.core.stopping import go_on
from pipeline.core.values import Audio, Samples

__all__ = [
    "HEAR_EACH_CHANNEL",
    "AudioLimits",
    "SoundChoice",
    "read_audio",
    "read_channels",
    "read_parts",
    "require_sound",
    "sound_of",
    "stated_seconds",
]

_log = logging.getLogger(__name__)

HEAR_EACH_CHANNEL: Final = "--channels split hears each for itself."
"""What to do where each channel holds a speaker."""

_LOWEST_RATE: Final = 1000
"""Hertz; a header with less is damaged, and resampling would turn a small file into an enormous sound."""

_SILENCE: Final = -80.0
"""dBFS RMS: three steps of 16-bit audio. Dither alone is at -93, the quietest speech of RAVDESS at about -50."""

_NOTHING: Final = 1e-4
"""Peak (-80 dBFS) under which a track is silent; what an encoder makes of silence is far below."""

_MISSING: Final = 0.05
"""Share of its stated length (or one second) that a file may lack before it counts as damaged or cut short."""
_MISSING_OF_SHORT: Final = 0.2
"""Share of the length of a file of less than five seconds that it may lack: what encoders round is a tenth at most."""


@dataclass(frozen=True)
class AudioLimits:
    """How large a recording may be."""

    max_bytes: int = LARGEST
    """Bytes of the file."""
    max_seconds: float = 7200.0
    """Seconds of sound, counted while decoding."""
    max_channels: int = 32
    """Channels."""
    max_sample_rate: int = 384_000
    """Hertz."""


@dataclass(frozen=True)
class SoundChoice:
    """Which of the sounds in a recording is heard."""

    track: str = ""
    """Number of a sound track, counted from 1, or its language; empty for what `language` and the file prefer."""
    language: str = ""
    """Language whose track is preferred, as an ISO 639 code; empty for the default track."""
    channels: str = "mix"
    """`mix` for the average of all channels, `split` for each of them, or the number of one, counted from 1."""


def read_audio(
    source: AudioSource,
    *,
    limits: AudioLimits = AudioLimits(),
    sample_rate: int | None = SAMPLE_RATE,
    choice: SoundChoice = SoundChoice(),
    notes: list[str] | None = None,
) -> Audio:
    """Decode a recording.

    The format is recognised from the content, never from the name:
    wav, flac, mp3, ogg, opus, m4a, mp4, webm and more, of any rate and any number of channels.
    Sound lies where a player would show it: a late start and gaps are silence, what an encoder put before it is gone.
    Channels are averaged; if they cancel each other out, the loudest one is taken.
    Samples that are no numbers are filled in from those beside them, and an offset is taken away.
    Sound beyond full scale is made quieter as a whole, not clipped.
    Of a damaged file, what can be decoded is returned; a note tells if that is less than the file states.

    Args:
        source: A path, the bytes of a file, or an open binary file; one that can seek is read from its start.
        limits: How large the recording may be.
        sample_rate: Hertz of the result; None for the rate of the recording.
        choice: Which track and channel; split channels are mixed.
        notes: Gets sentences that the person should read; they go to the log by default.

    Returns:
        Mono, float32, in [-1, 1].

    Raises:
        AudioTooLarge: The recording is beyond a limit.
        UnreadableAudio: There is no such file, no such track or channel, or no sound in it.

    Only the result and one block are held, so an hour costs about 230 MB at 16 kHz.
    """
    parts = read_parts(source, seconds=math.inf, limits=limits, sample_rate=sample_rate, choice=choice, notes=notes)
    return next(parts)


def read_parts(
    source: AudioSource,
    *,
    seconds: float = 600.0,
    limits: AudioLimits = AudioLimits(),
    sample_rate: int | None = SAMPLE_RATE,
    choice: SoundChoice = SoundChoice(),
    notes: list[str] | None = None,
) -> Iterator[Audio]:
    """Decode a recording part by part, so that its length costs no memory.

    Args:
        source: As `read_audio`.
        seconds: Length of a part; the last one is shorter. Infinity gives the whole as one part.
        limits: How large the recording may be.
        sample_rate: Hertz of the result; None for the rate of the recording.
        choice: As `read_audio`.
        notes: As `read_audio`; what is told about the whole comes with the last part.

    Yields:
        Consecutive parts, at least one; each as `read_audio` returns a whole recording,
        so a part with sound beyond full scale is quieter than its neighbours.

    Raises:
        AudioTooLarge: The recording is beyond a limit; the parts before the limit were given.
        UnreadableAudio: There is no such file, no such track or channel, or no sound in it.
    """
    if choice.channels == "split":
        choice = SoundChoice(choice.track, choice.language)
    for (part,) in read_channels(
        source, seconds=seconds, limits=limits, sample_rate=sample_rate, choice=choice, notes=notes
    ):
        yield part


def read_channels(
    source: AudioSource,
    *,
    seconds: float = 600.0,
    limits: AudioLimits = AudioLimits(),
    sample_rate: int | None = SAMPLE_RATE,
    choice: SoundChoice = SoundChoice(channels="split"),
    notes: list[str] | None = None,
) -> Iterator[tuple[Audio, ...]]:
    """Decode a recording part by part, each channel for itself if they should be split.

    Args:
        source: As `read_audio`.
        seconds: As `read_parts`.
        limits: How large the recording may be.
        sample_rate: Hertz of the result; None for the rate of the recording.
        choice: Which track and channels.
        notes: As `read_parts`.

    Yields:
        Consecutive parts, at least one: one sound for each channel, of equal length.

    Raises:
        AudioTooLarge: As `read_parts`.
        UnreadableAudio: As `read_parts`.
    """
    name = shown_name(source)
    told: list[str] = []
    with opened(source, limits.max_bytes) as file, _decoding(name):
        if another_follows(file):
            told.append(f"In {name} another recording follows the first one. It is not heard: save it as its own file.")
        for stream in open_stream(
            file, maximum_channels=limits.max_channels, track=choice.track, language=choice.language
        ):
            _check(stream, name, limits)
            rate = sample_rate or stream.sample_rate
            size = round(seconds * rate) if math.isfinite(seconds) else sys.maxsize
            sound = _chosen(_whole(stream, name, limits, told), stream, name, choice.channels, told)
            # A bytearray grows in place; a list of blocks and their concatenation would hold everything twice.
            held: list[bytearray] = []
            given = False
            for block in resampled_blocks(sound, stream.sample_rate, rate):
                go_on()
                channels = block.T if block.ndim > 1 else block[np.newaxis]
                held = held or [bytearray() for _ in channels]
                for one, samples in zip(held, channels, strict=True):
                    one += samples.tobytes()
                while len(held[0]) >= 4 * size:
                    yield tuple(_part(one[: 4 * size], rate) for one in held)
                    held = [one[4 * size :] for one in held]
                    given = True
            if given or (held and held[0]):
                _tell(told, notes)
                if held[0]:
                    yield tuple(_part(one, rate) for one in held)
                return
        if before := bytes_before(file):
            raise UnreadableAudio(
                f"{name} does not begin with its header: {before:,} {'byte stands' if before == 1 else 'bytes stand'}"
                " in front of it.",
                hint="Cut them off, or save or download it again.",
            )
        if lacks_index(file):
            raise UnreadableAudio(
                f"{name} is cut short: the index at its end is missing, without which nothing of it can be decoded.",
                hint="Copy or download it again; a recorder has to be stopped before its file is whole.",
            )
    raise UnreadableAudio(
        f"{name} holds no sound that can be decoded.",
        hint="Give a recording such as wav, flac, mp3, ogg, opus, m4a, mp4 or webm.",
    )


def stated_seconds(path: str | Path) -> float:
    """Return the length in seconds that a recording states, for a progress bar; 0 if it is unknown or unreadable."""
    try:
        with opened(path, LARGEST) as file, _decoding(str(path)):
            return next((stream.seconds for stream in open_stream(file, maximum_channels=0)), 0.0)
    except UnreadableAudio:
        return 0.0


def sound_of(path: str | Path) -> str:
    """Return a sentence that says which tracks and channels a recording has; empty if it cannot be read."""
    try:
        with opened(path, LARGEST) as file, _decoding(str(path)):
            for stream in open_stream(file, maximum_channels=0):
                if len(stream.tracks) > 1:
                    return f"{path} has {len(stream.tracks)} sound tracks: {described(stream.tracks)}."
                return f"{path} has one sound track with {_counted(stream.channels)}."
    except UnreadableAudio:
        pass
    return ""


def require_sound(audio: Audio, source: AudioSource = "-") -> Audio:
    """Return the sound if there is any in it: something louder than -80 dBFS, or speech, however quiet.

    Args:
        audio: What was read.
        source: Where it was read from, for the message.

    Raises:
        NoSpeech: There is not.
    """
    quiet = level(audio.samples) < _SILENCE
    if quiet and not any(segment.is_speech for segment in speech_segments(resampled(audio))):
        raise NoSpeech(f"{shown_name(source)} holds only silence.", hint="Check the microphone, channel and track.")
    return audio


def _counted(channels: int) -> str:
    return f"{channels} channels" if channels > 1 else "one channel"


def _check(stream: Stream, name: str, limits: AudioLimits) -> None:
    if stream.channels > limits.max_channels:
        raise AudioTooLarge(
            f"{name} has {stream.channels} channels; at most {limits.max_channels} are read.", hint="Mix it down."
        )
    if stream.sample_rate > limits.max_sample_rate:
        raise AudioTooLarge(
            f"{name} has a sample rate of {stream.sample_rate} Hz; at most {limits.max_sample_rate} Hz are read.",
            hint="Resample it.",
        )
    if stream.sample_rate < _LOWEST_RATE:
        raise UnreadableAudio(f"{name} has a sample rate of {stream.sample_rate} Hz, which no recording has.")


@contextmanager
def _decoding(name: str) -> Iterator[None]:
    """Turn whatever a decoder raises into an error that names the file."""
    try:
        yield
    except ResayError:
        raise
    except NoSuchTrack as error:
        raise UnreadableAudio(f"{name} {error}.", hint=error.hint) from error
    except Exception as error:
        raise UnreadableAudio(
            f"{name} is damaged: it cannot be decoded ({type(error).__name__}).", hint="Convert it, or record it again."
        ) from error


def _whole(stream: Stream, name: str, limits: AudioLimits, told: list[str]) -> Iterator[Samples]:
    """Decode a stream up to where it is damaged, each block in its place; tell if it ends too early.

    Yields:
        float32, shape (frames, channels); a stream that begins with one channel may go on with more.
    """
    seen, unusable, peak, frames = 0, 0, 0.0, 0
    longest = limits.max_seconds
    hint = "Cut it, or raise max_seconds."

    def sound() -> Iterator[TimedBlock]:
        nonlocal seen, unusable, peak
        for time, block in stream.blocks:
            seen += block.size
            block, count = repaired(block)
            unusable += count
            peak = max(peak, float(block.max(initial=0)), -float(block.min(initial=0)))
            yield time, block

    def allow(gap: float, until: float) -> None:
        if until > longest:
            raise AudioTooLarge(
                f"{name} is longer than {longest:,.0f} seconds: its time stamps leave {gap:,.0f} seconds of silence.",
                hint=hint,
            )

    for block in placed(sound(), stream.sample_rate, resolution=stream.resolution, leaps=stream.leaps, allow=allow):
        frames += len(block)
        if frames > longest * stream.sample_rate:
            raise AudioTooLarge(f"{name} is longer than {longest:,.6g} second{'' if longest == 1 else 's'}.", hint=hint)
        yield block
    if stream.note:
        silent = " It holds only silence." if peak < _NOTHING else ""
        told.append(f"{name} {stream.note}{silent} --track N or --track LANGUAGE chooses another.")
    if unusable:
        told.append(damage_note(name, unusable, seen))
    if seen and stream.missing > max(min(1.0, _MISSING_OF_SHORT * stream.seconds), _MISSING * stream.seconds):
        digits = 1 if stream.seconds < 9.5 else 0
        told.append(
            f"{name} states {stream.seconds:.{digits}f} seconds, of which {stream.seconds - stream.missing:.{digits}f}"
            " could be decoded: it may be damaged or cut short."
        )
    elif seen and stream.unended:
        told.append(f"{name} lacks the mark with which its format ends: it may be cut short.")


def _chosen(blocks: Iterator[Samples], stream: Stream, name: str, channels: str, told: list[str]) -> Iterator[Samples]:
    """Yield the channels that are asked for: one as (frames,), several as (frames, channels)."""
    if channels.isdecimal():
        index = int(channels) - 1
        if not 0 <= index < stream.channels:
            raise UnreadableAudio(
                f"{name} has {_counted(stream.channels)}: there is no channel {channels}.",
                hint=f"Give --channels a number from 1 to {stream.channels}, mix or split."
                if stream.channels > 1
                else "Leave --channels out.",
            )
        for block in blocks:
            yield np.ascontiguousarray(block[:, index])
        return
    split = channels == "split"
    mix, comparison = ChannelMix(stream.sample_rate), ChannelComparison(stream.sample_rate)
    for block in regrouped(blocks, stream.sample_rate):
        comparison.add(block)
        yield block if split and stream.channels > 1 else mix(block)
    if split and stream.channels == 1:
        told.append(f"{name} has one channel: there is nothing to split.")
    elif split and comparison.same:
        told.append(f"Both channels of {name} hold the same sound: they tell no speakers apart.")
    elif mix.alone is not None:
        part, there = ("", "") if mix.throughout else (" in part", " there")
        told.append(
            f"The channels of {name} cancel each other out{part}: channel {mix.alone + 1} is heard alone{there}."
        )
    elif not split and comparison.apart:
        told.append(f"{name} seems to hold one speaker on each channel, as recorded calls do: {HEAR_EACH_CHANNEL}")


def _tell(told: Sequence[str], notes: list[str] | None) -> None:
    if notes is not None:
        notes += told
        return
    for text in told:
        _log.warning("%s", text)


def _part(samples: bytearray, rate: int) -> Audio:
    return Audio(_within_full_scale(without_offset(np.frombuffer(samples, np.float32))), rate)


def _within_full_scale(samples: Samples) -> Samples:
    """Make sound beyond full scale quieter, in place."""
    peak = float(max(samples.max(), -samples.min())) if len(samples) else 0.0
    if peak > 1:
        samples /= peak
    return samples
