"""One hierarchy of errors; each says what was wrong, with which file, and what to do next.

Libraries raise; only the command line turns an error into an exit code.
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "AudioTooLarge",
    "DownloadFailed",
    "EngineFailed",
    "EngineMissing",
    "NoSpeech",
    "OutputError",
    "OutputLost",
    "ResayError",
    "SettingsError",
    "UnknownName",
    "UnreadableAudio",
    "UsageError",
    "WeightsMissing",
]


class ResayError(Exception):
    """Root of every error that Resay raises on purpose.

    Args:
        message: One sentence: what was wrong, and with which file.
        hint: One sentence: what to do next. Empty if there is nothing to do.
    """

    code: ClassVar[str] = "error"
    """Machine-readable name in `--json` output."""

    exit_code: ClassVar[int] = 1
    """Exit code of the command line."""

    http_status: ClassVar[int] = 500
    """Status of an HTTP answer."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()

    def to_dict(self) -> dict[str, str]:
        """Return `{"code", "message"}` for `--json` output."""
        return {"code": self.code, "message": str(self)}


class UsageError(ResayError):
    """The request itself is wrong."""

    code = "usage"
    exit_code = 2
    http_status = 400


class UnknownName(UsageError):
    """An emotion, voice, engine or other name that nobody knows."""

    code = "unknown-name"


class SettingsError(UsageError):
    """A setting is unknown or has an impossible value."""

    code = "settings"


class EngineMissing(ResayError):
    """An engine's package is not installed, or the machine cannot run it."""

    code = "engine-missing"
    exit_code = 3
    http_status = 503


class WeightsMissing(EngineMissing):
    """An engine is installed, but its weights are missing or damaged."""

    code = "weights-missing"


class DownloadFailed(WeightsMissing):
    """Weights could not be downloaded, or differ from the released ones."""

    code = "download-failed"


class EngineFailed(ResayError):
    """An engine failed while it worked."""

    code = "engine-failed"


class UnreadableAudio(ResayError):
    """The input cannot be read as a recording."""

    code = "unreadable-audio"
    exit_code = 4
    http_status = 422


class AudioTooLarge(UnreadableAudio):
    """The input exceeds a limit, such as that of bytes or seconds."""

    code = "audio-too-large"
    http_status = 413


class NoSpeech(UnreadableAudio):
    """The recording is readable, but contains nothing that could be understood as speech."""

    code = "no-speech"


class OutputError(ResayError):
    """A result could not be written."""

    code = "output"


class OutputLost(OutputError):
    """Standard output takes nothing more: it is closed, or its disk is full."""

    code = "output-lost"
