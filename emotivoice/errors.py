"""Errors of this package: what was wrong, with which file, and what to do next."""

from __future__ import annotations

__all__ = ["CheckpointError", "CompatError", "ConfigurationError", "EmotiVoiceError", "UnknownVoice", "WeightsMissing"]


class EmotiVoiceError(Exception):
    """Root of every error that this package raises on purpose.

    Args:
        message: One sentence: what was wrong, and with which file.
        hint: One sentence: what to do next. Empty where there is nothing to do.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()


class ConfigurationError(EmotiVoiceError):
    """A configuration lacks a key or holds an impossible value."""


class CheckpointError(EmotiVoiceError):
    """A checkpoint cannot be read, or does not fit the configuration."""


class WeightsMissing(CheckpointError):
    """A file of weights is not where it should be."""


class UnknownVoice(EmotiVoiceError):
    """No speaker has this number or name."""


class CompatError(EmotiVoiceError):
    """The official front end fails on this text, and so does its faithful copy."""
