"""Which of the plain arguments are recordings, which is the emotion, which the voice."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pipeline.core.emotions import is_degree, parse_mood
from pipeline.core.errors import UnknownName, UsageError
from pipeline.core.files import similar_file
from pipeline.core.spelling import nearest
from pipeline.core.voices import VOICE_PRESETS, canonical_voice

if TYPE_CHECKING:
    from pipeline.core.settings import Settings

__all__ = [
    "engine_voices",
    "is_emotion",
    "is_recording",
    "is_voice",
    "manner",
    "require_text",
    "split_arguments",
    "with_degrees",
]

_SPOKEN: Final = re.compile(r"""[^\s.,;:!?…'"“”‘’()\[\]{}<>—–\-。，、；：！？（）「」『』]""")
"""Any character but white space and marks that nobody says."""
_NAME: Final = re.compile(
    r"[^\s.]+\.(?:wav|wave|mp3|flac|ogg|oga|opus|m4a|aac|aiff?|wma|webm|mp4|mkv|mov|avi|txt|md|srt|vtt|ass|csv|tsv|json)",
    re.IGNORECASE,
)
"""What is the name of a file, and hardly anything that somebody says."""
_PEOPLE: Final = {
    "man": "youngman", "male": "youngman", "boy": "youngman", "guy": "youngman",
    "woman": "youngwoman", "female": "youngwoman", "lady": "youngwoman",
    "girl": "smallgirl", "child": "smallgirl", "kid": "smallgirl",
}  # fmt: skip
"""Words for people to the voice that is proposed for each."""
_SLIP: Final = 0.8
"""Likeness in [0, 1] from which a word is a mistyped voice, not a mood; set by hand."""


def split_arguments(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Tell recordings from the words after them.

    The first argument is always a recording.
    The recordings end where an argument is a word for an emotion or a voice,
    or where it neither exists nor looks like a path.

    Args:
        arguments: `AUDIO... [EMOTION] [SPEAKER]`.

    Returns:
        The recordings, and the words.

    >>> split_arguments(["a.wav", "b.wav", "happy", "youngwoman"])
    (['a.wav', 'b.wav'], ['happy', 'youngwoman'])
    """
    end = 1
    while end < len(arguments) and is_recording(arguments[end]):
        end += 1
    return list(arguments[:end]), list(arguments[end:])


def manner(words: Sequence[str], asked: dict[str, Any], voices: Callable[[], Iterable[str]] = tuple) -> tuple[str, str]:
    """Return the emotion and the voice that words and options name, in any order; an empty text for what is not named.

    Args:
        words: At most an emotion and a voice. A degree may stand before the emotion: `very happy`.
        asked: The values of options; `emotion` and `voice` are taken out.
        voices: Returns the engine's own voices; called only for words that nobody else knows.

    Raises:
        UsageError: There are too many words, or two emotions or voices.

    >>> manner(["youngman", "a", "bit", "sad"], {})
    ('a bit sad', 'youngman')
    >>> manner(["Middlemale"], {"emotion": "happy"})
    ('happy', 'Middlemale')
    """
    if not all(map(str.strip, words)):
        raise UsageError("A word is empty.", hint="Leave it out, or look at what should stand in its place.")
    emotion, voice = _sorted(with_degrees(words), voices)
    other_emotion, other_voice = str(asked.pop("emotion", "")), str(asked.pop("voice", ""))
    if emotion and other_emotion and _same_mood(emotion) != _same_mood(other_emotion):
        raise UsageError(f"These are two emotions: {emotion} and {other_emotion}.", hint="Leave one of them out.")
    if voice and other_voice and canonical_voice(voice) != canonical_voice(other_voice):
        raise UsageError(f"These are two voices: {voice} and {other_voice}.", hint="Leave one of them out.")
    if other_voice.isdecimal() and len(other_voice) < 3:
        raise UsageError(f"There is no voice '{other_voice}'.", hint=f"Did you mean --speakers {other_voice}?")
    return emotion or other_emotion, voice or other_voice


def _sorted(words: Sequence[str], voices: Callable[[], Iterable[str]]) -> tuple[str, str]:
    """Return which of at most two words is the emotion, and which the voice."""
    if len(words) > 2:
        raise UsageError(f"There are too many words: {' '.join(words)}.", hint="Give AUDIO... [EMOTION] [SPEAKER].")
    known = {word for word in words if is_voice(word)}
    if any(word not in known and not is_emotion(word) for word in words):
        own = {voice.casefold() for voice in voices()}
        known |= {word for word in words if word.casefold() in own and not is_emotion(word)}
    for word in words:
        if word in known or is_emotion(word):
            continue
        if near := _PEOPLE.get(word.casefold()) or "".join(nearest(word, VOICE_PRESETS, likeness=_SLIP)):
            raise UsageError(f"There is no voice '{word}'.", hint=f"Did you mean {near}?")
        parts = [part for part in re.split(r"[\s,;/+&]+", word) if part]
        if len(parts) > 1 and all(map(is_emotion, parts)):
            raise UsageError(f"These are {len(parts)} emotions: {', '.join(parts)}.", hint="Give one of them.")
    if len(words) == 2:
        first, second = words
        if first.casefold() == second.casefold() and not (first.isdecimal() and voices()):
            raise UsageError(f"'{first}' stands there twice.", hint="Leave one of them out.")
        if first in known and second in known:
            raise UsageError(f"These are two voices: {first} and {second}.", hint="Leave one of them out.")
        if is_emotion(first) and is_emotion(second):
            raise UsageError(f"These are two emotions: {first} and {second}.", hint="Leave one of them out.")
        swapped = first in known or is_emotion(second) or (first.isdecimal() and not is_emotion(first))
        return (second, first) if swapped else (first, second)
    word = words[0] if words else ""
    return ("", word) if word in known else (word, "")


def with_degrees(words: Sequence[str]) -> list[str]:
    """Return the words, a degree together with what follows it: `a bit sad` is one."""
    found: list[str] = []
    held = ""
    for word in words:
        held = f"{held} {word}".strip()
        if not is_degree(held):
            found.append(held)
            held = ""
    return [*found, held] if held else found


def _same_mood(text: str) -> tuple[str, float | None]:
    mood = parse_mood(text)
    return mood.word.casefold(), mood.strength


def engine_voices(settings: Settings) -> tuple[str, ...]:
    """Return the voices of the synthesis engine that would run, if it lists them without being loaded."""
    from pipeline.core.errors import EngineMissing
    from pipeline.synthesis import SYNTHESISERS

    try:
        spec = SYNTHESISERS.choose(settings.tts, settings.spoken_language)
    except (EngineMissing, UnknownName):
        return ()
    return tuple(voice.name for voice in spec.listed_voices())


def require_text(argument: str) -> None:
    """Refuse what is the name of a file or folder where a text is expected: nobody wants to hear the name.

    Args:
        argument: What was typed; a file that is there has been looked for already.

    Raises:
        UsageError: It is a folder, or named like a file.
    """
    if os.path.isdir(argument) and (argument.strip(".") == "" or any(sign in argument for sign in "/\\")):
        raise UsageError(f"{argument} is a folder, and no text.", hint="Give words, or a file.")
    if not _SPOKEN.search(argument):
        raise UsageError(f"There is nothing to say in '{argument}'.", hint="Give words.")
    name = argument.strip()
    if _NAME.fullmatch(name):
        said = f"To use the name itself as a text, end it with a full stop: '{name}.'"
        raise UsageError(f"There is no file {name}.", hint=similar_file(Path(name)) or said)


def is_recording(argument: str) -> bool:
    """Return whether an argument names a recording: it exists or looks like a path, and is no emotion and no voice."""
    if argument == "-":
        return True
    if is_voice(argument) or is_emotion(argument):
        return False
    return os.path.exists(argument) or bool(Path(argument).suffix) or any(sign in argument for sign in "/\\*?[")


def is_voice(argument: str) -> bool:
    """Return whether an argument is one of the four voices that every engine offers."""
    return canonical_voice(argument) in VOICE_PRESETS


def is_emotion(argument: str) -> bool:
    """Return whether an argument is `auto` or a word for one of the eight emotions."""
    try:
        return not parse_mood(argument).is_custom
    except UnknownName:
        return False
