"""Files of subtitles in the formats of the world, read as cues: what stands on the screen, from when until when."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

__all__ = ["SUBTITLE_ENDINGS", "WrittenCue", "parse_cues"]

SUBTITLE_ENDINGS: Final = (
    "srt", "vtt", "ass", "ssa", "sub", "sbv", "ttml", "dfxp", "smi", "sami", "mpl", "tmp",
)  # fmt: skip
"""Endings that files of subtitles have; the content decides on the format."""

_TIME: Final = r"(-?)\s*(?:(\d{1,9})\s*:\s*)?(\d{1,2})\s*:\s*(\d{1,2})(?:\s*[,.:]\s*(\d{1,9}))?"
_TIMES: Final = re.compile(rf"^\s*{_TIME}\s*(?:[-–—]+\s*>|,(?!\d+\s*-))\s*{_TIME}")
_NUMBER: Final = re.compile(r"^\s*\d+\s*$")
_UNKNOWN: Final = -2
"""Number of a cue that has none."""
_NOTES: Final = re.compile(r"(?<=\n\n)(?:NOTE|STYLE|REGION)(?=\s)(?:.*\n)(?:.+\n)*")
_VOICE: Final = re.compile(r"<(v|c)((?:\.[^\s.<>]{1,99}){0,9})(?:\s+([^<>]{0,200}))?>")
_READING: Final = re.compile(r"<rt>[^<>]{0,99}(?:</rt>)?", re.IGNORECASE)
"""How a character is read, above it."""
_BREAK: Final = re.compile(r"<br\s*/?>|\\N", re.IGNORECASE)
_MARKUP: Final = re.compile(r"</?[a-zA-Z][^<>]{0,500}>|</?\d+(?::\d+)*(?:[.,]\d+)?>")
_OVERRIDE: Final = re.compile(r"\{\\[^{}]{0,500}\}|\{[a-zA-Z]:[^{}]{0,99}\}")
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]\w{1,30});")
_ESCAPED_MARKUP: Final = re.compile(r"</?(?:[ibus]|em|strong|font|span|br|c|v)(?:[.\s/][^<>]{0,500})?>", re.IGNORECASE)
_UNSEEN: Final = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
"""Marks of direction, and places where a line may break."""
_COLOURS: Final = re.compile(r"(bg_)?(white|lime|cyan|red|yellow|magenta|blue|black)")
"""Classes that every player knows, which say nothing of how something is said."""


@dataclass(frozen=True)
class WrittenCue:
    """What is seen at one time, or the part of it that one person says."""

    start: float
    """Seconds."""
    end: float
    """Seconds; before the start where the file says so."""
    text: str
    """Lines without mark-up."""
    speaker: str = ""
    """Who speaks, if the format has a place for it."""
    mood: str = ""
    """How, if the format has a place for it."""


def parse_cues(text: str) -> list[WrittenCue]:
    """Return the cues of a file in order of time; none if it holds no subtitles.

    SRT, WebVTT and SBV are read as leniently as players do, with the voice tags and classes of WebVTT.
    ASS, SSA, TTML, SAMI, MicroDVD, MPL2 and TMP are read by pysubs2.

    Args:
        text: Content of the file.

    Raises:
        ValueError: It is of such a format, and damaged.
    """
    text = re.sub(r"\r+\n?", "\n", text)
    if text.lstrip().startswith("WEBVTT"):
        found = [part for cue in _timed(_NOTES.sub("", text), named=True) for part in _voices(cue)]
    elif any(_TIMES.match(line) for line in text.split("\n")):
        found = [WrittenCue(start, end, _plain(content)) for start, end, content in _timed(text, named=False)]
    else:
        found = _others(text)
    return sorted(found, key=lambda cue: cue.start)


def _timed(text: str, *, named: bool) -> Iterator[tuple[float, float, str]]:
    """Yield start, end and content of what follows each line of times, empty lines included.

    Args:
        text: SRT, WebVTT or SBV.
        named: Whether any line before the times may name a cue; otherwise only a number does.
    """
    current: tuple[float, float] | None = None
    number: int | None = None
    lines = [""]
    for line in text.split("\n"):
        match = _TIMES.match(line)
        if match is None:
            lines.append(line)
            continue
        following, content = _without_name(lines, number, named)
        if current:
            yield *current, content
        current, number, lines = (_seconds(match.groups()[:5]), _seconds(match.groups()[5:])), following, []
    if current:
        yield *current, "\n".join(lines)


def _without_name(lines: list[str], number: int | None, named: bool) -> tuple[int, str]:
    """Return the number of the next cue, and the lines of this one without the number or name of the next.

    Args:
        lines: Up to the next line of times.
        number: Of this cue; None before the first one.
        named: As `_timed`.
    """
    kept = "\n".join(lines).rstrip().split("\n")
    last, alone = kept[-1], len(kept) < 2 or not kept[-2].strip()
    adjacent = len(kept) == len(lines)
    if _NUMBER.match(last) and (number is None or int(last[:9]) == number + 1 or (adjacent and alone)):
        return int(last[:9]), "\n".join(kept[:-1])
    return _UNKNOWN, "\n".join(kept[:-1] if named and adjacent and alone else kept)


def _voices(cue: tuple[float, float, str]) -> Iterator[WrittenCue]:
    """Yield the parts of a WebVTT cue, one for each voice tag; a class that is no colour is the emotion."""
    start, end, content = cue
    begins = [match.start() for match in _VOICE.finditer(content) if match[1] == "v"]
    bounds = [0, *(begin for begin in begins if content[:begin].strip()), len(content)]
    total = max(len(content), 1)
    for first, last in pairwise(bounds):
        part, speaker, mood = content[first:last], "", ""
        for kind, classes, name in _VOICE.findall(part):
            moods = [one.replace("-", " ") for one in classes.split(".") if one and not _COLOURS.fullmatch(one)]
            speaker = html.unescape(name.strip()) if kind == "v" and name.strip() else speaker
            mood = ("" if "unsure" in moods else moods[0]) if moods else mood
        length = end - start
        yield WrittenCue(start + length * first / total, start + length * last / total, _plain(part), speaker, mood)


def _others(text: str) -> list[WrittenCue]:
    """Return the cues of the formats that pysubs2 reads; MicroDVD without a rate has 25 frames a second."""
    from xml.etree.ElementTree import ParseError

    import pysubs2
    from pysubs2.exceptions import FormatAutodetectionError, Pysubs2Error, UnknownFPSError

    try:
        try:
            events = pysubs2.SSAFile.from_string(text)
        except UnknownFPSError:
            events = pysubs2.SSAFile.from_string(text, fps=25)
    except FormatAutodetectionError:
        return []
    except (Pysubs2Error, ParseError, NotImplementedError, KeyError, IndexError, AttributeError, TypeError) as error:
        raise ValueError(str(error)) from error
    return [
        WrittenCue(event.start / 1000, event.end / 1000, _plain(event.plaintext), event.name)
        for event in events
        if event.is_text
    ]


def _plain(text: str) -> str:
    """Return lines without mark-up, entities and marks that nobody sees."""
    text = _MARKUP.sub("", _BREAK.sub("\n", _READING.sub("", text)))
    text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    return _UNSEEN.sub("", _OVERRIDE.sub("", _ESCAPED_MARKUP.sub("", text))).replace("\\h", " ")


def _seconds(parts: tuple[str | None, ...]) -> float:
    minus, hours, minutes, seconds, fraction = parts
    if minus:
        return 0.0
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0) + float(f"0.{fraction or 0}")
