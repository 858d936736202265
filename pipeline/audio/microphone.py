"""The microphone: which ones there are, and the sound that one of them hears."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from pipeline.audio.resampling import SAMPLE_RATE
from pipeline.core.errors import EngineFailed, EngineMissing, UnknownName
from pipeline.core.failures import one_line
from pipeline.core.values import Plain, Samples

__all__ = ["Device", "devices", "hear", "require_device"]

_BLOCK: Final = 0.05
"""Seconds of a block: often enough for a meter that seems to move. Set by hand."""

_SILENT: Final = 5.0
"""Seconds without a block after which the device is taken for gone; set by hand."""


@dataclass(frozen=True)
class Device(Plain):
    """What can hear."""

    number: int
    """By which it is chosen."""
    name: str
    channels: int
    """How many it hears at once."""
    rate: float
    """Samples per second."""
    is_default: bool
    """Whether it is the one that the system takes."""


def devices() -> tuple[Device, ...]:
    """Return what can hear on this machine.

    Raises:
        EngineMissing: The package or the library of the system is not installed.
    """
    library = _library()
    try:
        found, default = library.query_devices(), library.default.device[0]
    except library.PortAudioError as error:
        raise _failed(error) from error
    return tuple(
        Device(number, str(each["name"]), each["max_input_channels"], each["default_samplerate"], number == default)
        for number, each in enumerate(found)
        if each["max_input_channels"] > 0
    )


def require_device(wanted: str = "") -> Device:
    """Return the device that is asked for.

    Args:
        wanted: Its number or a part of its name; the one that the system takes by default.

    Raises:
        EngineMissing: There is none at all, or a library is missing.
        UnknownName: There is none of this name, or several.
    """
    found = devices()
    if not found:
        raise EngineMissing(
            "There is no microphone on this machine.",
            hint="Connect one, or let a recording be heard: --file recording.wav.",
        )
    if not wanted:
        return next((device for device in found if device.is_default), found[0])
    if wanted.isdecimal():
        fitting = [device for device in found if device.number == int(wanted)]
    else:
        fitting = [device for device in found if wanted.casefold() in device.name.casefold()]
        fitting = [device for device in fitting if device.name.casefold() == wanted.casefold()] or fitting
    if len(fitting) != 1:
        known = ", ".join(f"{device.number} ({device.name})" for device in found)
        many = "Several devices are" if fitting else "No device is"
        raise UnknownName(f"{many} called '{wanted}'.", hint=f"Give a number with --microphone: {known}.")
    return fitting[0]


def hear(device: Device) -> Iterator[Samples]:
    """Yield what a device hears, block by block, until the iterator is closed.

    Args:
        device: Of `require_device`.

    Yields:
        float32 (time,) in [-1, 1] at 16 kHz, mono.

    Raises:
        EngineFailed: The device cannot be opened, or is gone.
    """
    import soxr

    library = _library()
    waiting: queue.SimpleQueue[Samples] = queue.SimpleQueue()

    def heard(block: Samples, frames: int, time: Any, status: Any) -> None:
        # In a thread of the library, which must not be held up.
        waiting.put(block[:, 0].copy())

    rate = round(device.rate)
    resampler = None if rate == SAMPLE_RATE else soxr.ResampleStream(rate, SAMPLE_RATE, 1, dtype="float32")
    try:
        with library.InputStream(
            device=device.number,
            samplerate=rate,
            channels=1,
            dtype="float32",
            blocksize=round(_BLOCK * rate),
            callback=heard,
        ):
            while True:
                block = waiting.get(timeout=_SILENT)
                yield resampler.resample_chunk(block) if resampler else block
    except queue.Empty:
        raise EngineFailed(f"{device.name} gives no sound.", hint="Is it still connected?") from None
    except library.PortAudioError as error:
        raise _failed(error, device.name) from error


def _library() -> Any:
    """Return the package that talks to microphones.

    Raises:
        EngineMissing: It is not installed, or the library of the system that it needs.
    """
    try:
        import sounddevice
    except ImportError as error:
        raise EngineMissing("sounddevice is not installed.", hint="Run pip install '.[microphone]'.") from error
    except OSError as error:
        raise EngineMissing(
            "PortAudio, a library of the system for microphones, is not installed.",
            hint="On Debian and Ubuntu: apt install libportaudio2.",
        ) from error
    return sounddevice


def _failed(error: Exception, name: str = "The microphone") -> EngineFailed:
    return EngineFailed(
        f"{name} cannot be heard: {one_line(error)}.", hint="May this program use it? detect.py listen --devices."
    )
