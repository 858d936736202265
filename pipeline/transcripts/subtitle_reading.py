"""Subtitles read back, with who speaks and how: what `subtitles` writes, and what a person has edited in it."""

from __future__ import annotations

import dataclasses
import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pipeline.core.emotions import parse_mood
from pipeline.core.errors import UnknownName, UsageError
from pipeline.core.files import similar_file
from pipeline.core.messages import reason
from pipeline.core.values import EmotionScores, Segment
from pipeline.frontend.sentences import ends_sentence
from pipeline.transcripts.subtitles import NEUTRAL_TAG, UNSURE

__all__ = ["read_subtitles"]

_LARGEST: Final = 16 * 1024**2
"""Bytes of a file: the subtitles of a day have fewer."""
_TIME: Final = r"(?:(\d+):)?(\d{1,2}):(\d{1,2})[,.](\d{1,3})"
_TIMES: Final = re.compile(rf"^\s*{_TIME}\s*-->\s*{_TIME}")
_TAG: Final = re.compile(r"^\s*\[([^\]\n]*)\]\s*")
_MARK: Final = re.compile(r"<(v|c)((?:\.[^\s.>]+)*)(?:\s+([^>]*))?>")
_ANY_MARK: Final = re.compile(r"</?[a-zA-Z0-9][^>]*>")
_SAME_BREATH: Final = 0.3
"""Seconds between two cues of one sentence at most: after a longer pause a person breathes in."""

_COLOURS: Final = re.compile(r"(bg_)?(white|lime|cyan|red|yellow|magenta|blue|black)")
"""Classes that every player knows, which say nothing of how something is said."""


@dataclasses.dataclass(frozen=True)
class _Manner:
    """Who speaks, and how."""

    speaker: str | None = None
    emotion: str = ""


def read_subtitles(path: Path) -> tuple[Segment, ...]:
    """Read SubRip (SRT) or WebVTT subtitles.

    In SRT, `[speaker, emotion]`, `[speaker]` or `[emotion]` at the beginning of a cue holds until the next such tag.
    In WebVTT a voice tag names the speaker, and a class of it, or of the text, the emotion.
    A cue goes on with the one before if that ended in the middle of a sentence.

    Args:
        path: The file; its content decides on the format, not its name.

    Returns:
        The phrases in order of time; an emotion has probability 1.

    Raises:
        UsageError: The file cannot be read, or holds no subtitles.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise UsageError(f"{path} is too large to be subtitles.")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        hint = similar_file(path) or "Give a file of subtitles."
        raise UsageError(f"{path} cannot be read: {reason(error)}.", hint=hint) from error
    cues = _marked_cues(text) if text.startswith("WEBVTT") else _tagged_cues(text)
    segments = _together(sorted(cues, key=lambda segment: segment.start))
    if not segments:
        raise UsageError(f"{path} holds no subtitles.", hint="Give an .srt or .vtt file.")
    return segments


def _blocks(text: str) -> Iterator[tuple[float, float, str]]:
    """Yield start, end and content of each cue; what has no times is no cue."""
    for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        lines = block.strip("\n").split("\n")
        for index, line in enumerate(lines[:2]):
            if match := _TIMES.match(line):
                start, end = _seconds(match.groups()[:4]), _seconds(match.groups()[4:])
                yield start, max(start, end), "\n".join(lines[index + 1 :])
                break


def _tagged_cues(text: str) -> Iterator[Segment]:
    held = _Manner()
    for start, end, content in _blocks(text):
        plain = _ANY_MARK.sub("", content)
        if match := _TAG.match(plain):
            held = _tag(match[1])
            plain = plain[match.end() :]
        yield from _segment(start, end, plain, held)


def _marked_cues(text: str) -> Iterator[Segment]:
    for start, end, content in _blocks(text):
        manner = _Manner()
        for kind, classes, name in _MARK.findall(content):
            moods = [one.replace("-", " ") for one in classes.split(".") if one and not _COLOURS.fullmatch(one)]
            if kind == "v" and name.strip():
                manner = dataclasses.replace(manner, speaker=html.unescape(name.strip()))
            if moods and UNSURE not in moods:
                manner = dataclasses.replace(manner, emotion=_mood(moods[0]))
        yield from _segment(start, end, html.unescape(_ANY_MARK.sub("", content)), manner)


def _segment(start: float, end: float, text: str, manner: _Manner) -> Iterator[Segment]:
    if plain := " ".join(text.split()):
        emotion = EmotionScores((manner.emotion,), (1.0,), model="subtitles") if manner.emotion else None
        yield Segment(start, end, plain, emotion=emotion, speaker=manner.speaker)


def _tag(content: str) -> _Manner:
    """Return what a tag says: the last of several parts is the emotion, a single part is one if it is known as one."""
    parts = [part.strip() for part in content.split(",") if part.strip()]
    if not parts:
        return _Manner()
    last = parts[-1].casefold()
    if last in (UNSURE, NEUTRAL_TAG) or len(parts) > 1 or _is_known(parts[-1]):
        speaker = ", ".join(parts[:-1]) or None
        return _Manner(speaker, "" if last == UNSURE else _mood(parts[-1]))
    return _Manner(parts[0])


def _mood(word: str) -> str:
    try:
        return parse_mood(word).word
    except UnknownName:
        return ""


def _is_known(word: str) -> bool:
    try:
        return parse_mood(word).is_known
    except UnknownName:
        return False


def _together(cues: list[Segment]) -> tuple[Segment, ...]:
    """Return the cues, those of one sentence as one."""
    found: list[Segment] = []
    for cue in cues:
        held = found[-1] if found else None
        if (
            held
            and (held.speaker, held.emotion) == (cue.speaker, cue.emotion)
            and cue.start - held.end < _SAME_BREATH
            and not ends_sentence(held.text)
        ):
            found[-1] = dataclasses.replace(held, end=max(held.end, cue.end), text=f"{held.text} {cue.text}")
        else:
            found.append(cue)
    return tuple(found)


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, fraction = parts
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0) + float(f"0.{fraction}")
