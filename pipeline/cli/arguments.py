"""Which of the plain arguments are recordings, which is the emotion, which the voice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.core.emotions import parse_mood
from pipeline.core.errors import UnknownName, UsageError
from pipeline.core.voices import VOICE_PRESETS, canonical_voice

__all__ = ["is_emotion", "is_recording", "split_arguments"]


def split_arguments(arguments: Sequence[str]) -> tuple[list[str], str, str]:
    """Tell recordings from the emotion and the voice after them.

    The first argument is always a recording.
    The recordings end where an argument is a word for an emotion or a voice,
    or where it neither exists nor looks like a path.

    Args:
        arguments: `AUDIO... [EMOTION] [SPEAKER]`.

    Returns:
        The recordings, the emotion and the voice; an empty text if one was not given.

    Raises:
        UsageError: More stands after the recordings than an emotion and a voice.

    >>> split_arguments(["a.wav", "b.wav", "happy", "youngwoman"])
    (['a.wav', 'b.wav'], 'happy', 'youngwoman')
    >>> split_arguments(["a.wav", "Middlemale"])
    (['a.wav'], '', 'Middlemale')
    >>> split_arguments(["a.wav", "youngman", "happy"])
    (['a.wav'], 'happy', 'youngman')
    """
    end = 1
    while end < len(arguments) and is_recording(arguments[end]):
        end += 1
    recordings, rest = list(arguments[:end]), list(arguments[end:])
    if len(rest) == 1 and canonical_voice(rest[0]) in VOICE_PRESETS:
        return recordings, "", rest[0]
    if len(rest) > 2:
        raise UsageError(
            f"Too many words after the recordings: {' '.join(rest)}.",
            hint="Give AUDIO... [EMOTION] [SPEAKER], and put quotation marks around a mood of several words.",
        )
    if len(rest) == 2 and canonical_voice(rest[0]) in VOICE_PRESETS and is_emotion(rest[1]):
        rest.reverse()
    emotion, voice = [*rest, "", ""][:2]
    return recordings, emotion, voice


def is_recording(argument: str) -> bool:
    """Return whether an argument names a recording: it exists or looks like a path, and is no emotion and no voice."""
    if argument == "-":
        return True
    if canonical_voice(argument) in VOICE_PRESETS or is_emotion(argument):
        return False
    return Path(argument).exists() or bool(Path(argument).suffix) or any(sign in argument for sign in "/\\*?[")


def is_emotion(argument: str) -> bool:
    """Return whether an argument is `auto` or a word for one of the eight emotions."""
    try:
        return not parse_mood(argument).is_custom
    except UnknownName:
        return False
