"""Files of subtitles in the formats of the world, read as cues: what stands on the screen, from when until when."""

from __future__ import annotations

import html
import math
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

__all__ = ["SUBTITLE_ENDINGS", "WrittenCue", "is_cut_short", "parse_cues"]

SUBTITLE_ENDINGS: Final = (
    "srt", "vtt", "ass", "ssa", "sub", "sbv", "ttml", "dfxp", "smi", "sami", "mpl", "tmp",
)  # fmt: skip
"""Endings that files of subtitles have; the content decides on the format."""

# Every repetition that another one touches is possessive (`++`): no file takes longer than in step with its length.
_TIME: Final = r"(-?)\s*+(?:(\d{1,9})\s*+:\s*+)?(\d{1,2})\s*+:\s*+(\d{1,2})(?:\s*+[,.:]\s*+(\d++)(?:\.\d++)?)?"
_TIMES: Final = re.compile(rf"^\s*+{_TIME}\s*+(?:[-–—]++\s*+>|,(?!\d++\s*+-))\s*+{_TIME}(?!\d|\s*+[:;])(?P<behind>\S?)")
_CLOCK: Final = re.compile(_TIME)
_ARROW: Final = r"(?:[-–—=]\s*+)++(?:>|&gt;)|[→⇒➔➜⟶]"
_DAMAGED: Final = re.compile(rf"^([\dOo\s:;：,.]*+)(?:{_ARROW})([\dOo\s:;：,.]*+)(?:[A-Za-z]\w*+:\S*+(?:\s++|$))*+$")
"""Parts like times beside an arrow, such as `00:00:0 4,000 →`."""
_REPAIRED: Final = str.maketrans({"O": "0", "o": "0", ";": ":", "：": ":", " ": "", "\t": ""})
_READ_ALOUD: Final = 15.0
"""Characters that are said in a second, for a cue whose end is not known; subtitles are made for about as many."""
_FRAMES: Final = re.compile(
    r"""\b(begin|end|duration)(\s*=\s*["'])(?:(\d+):(\d\d):(\d\d):(\d+)(?:\.\d+)?|(\d+)([ft]))(?=["'])"""
)
"""A time of TTML that counts frames or ticks."""
_FRAME_RATE: Final = 30.0
"""Frames in a second of TTML that does not tell."""
_CODES: Final = re.compile(r"(\{[^{}]*+\})")
_PICTURE: Final = re.compile(r"\\p(\d)")
"""A code that begins a picture of ASS (from 1 on), or ends it (0)."""
_FIELDS: Final = {
    "layer": "0", "start": "0:00:00.00", "end": "0:00:00.00", "style": "Default", "name": "", "marginl": "0",
    "marginr": "0", "marginv": "0", "effect": "", "text": "",
}  # fmt: skip
"""Fields of a line of ASS in their usual order, each with what it holds where a file leaves it out."""
_DIALOGUE: Final = re.compile(r"^Dialogue:.*,", re.MULTILINE)
_STYLES: Final = re.compile(r"V4\+? Styles", re.IGNORECASE)
_NUMBER: Final = re.compile(r"^\s*+(\d{1,30})\s*$")
_TORN: Final = re.compile(r"\n[ \t]*+\n(?:[ \t]*+\d{1,9}[ \t]*+\n)?[ \t]*+\d[\d:.,]{0,30}[ \t]*+-{0,2}[ \t]*+\n?\Z")
"""The beginning of a cue, up to somewhere in its times, at the end of a file."""
_CLOSED: Final = frozenset(".!?…。！？\"'’”»)]}♪>-–—")
"""What the last line of a whole file ends in, if not in the end of the line."""
_FEW: Final = 3
"""Cues of a file from which its last line is like that of a file, and not like that of an example."""
_TTML: Final = "http://www.w3.org/ns/ttml"
"""What pysubs2 knows TTML by."""
_UNKNOWN: Final = -2
"""Number of a cue that has none."""
_NOTES: Final = re.compile(r"(?<=\n\n)(?:NOTE|STYLE|REGION)(?=\s)(?:.*\n)(?:.+\n)*")
_VOICE: Final = re.compile(r"<(v|c)((?:\.[^\s.<>]{1,99}){0,9})(?:\s++([^<>]{0,200}))?>")
_READING: Final = re.compile(r"<rt>[^<>]{0,99}(?:</rt>)?", re.IGNORECASE)
"""How a character is read, above it."""
_BREAK: Final = re.compile(r"<br\s*/?>|\\N|\[br\]", re.IGNORECASE)
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
    repaired: bool = False
    """Whether the line of its times was damaged, and is understood in part."""
    early: bool = False
    """Whether it is said to begin before zero, and is taken to begin there."""


def parse_cues(text: str) -> list[WrittenCue]:
    """Return the cues of a file in order of time; none if it holds no subtitles.

    SRT, WebVTT and SBV are read as leniently as players do, with the voice tags and classes of WebVTT.
    ASS, SSA, TTML, SAMI, MicroDVD, MPL2 and TMP are read by pysubs2.

    Args:
        text: Content of the file.

    Raises:
        ValueError: It is of such a format, and damaged.
    """
    text = _without_torn_end(_with_one_kind_of_line_end(text))
    if text.lstrip().startswith("WEBVTT"):
        found = [part for cue in _timed(_NOTES.sub("", text), named=True) for part in _voices(cue)]
    elif any(_times(line) for line in text.split("\n")):
        found = [replace(cue, text=_plain(cue.text)) for cue in _timed(text, named=False)]
    else:
        found = _others(text)
    return sorted(map(_from_zero, found), key=lambda cue: cue.start)


def _from_zero(cue: WrittenCue) -> WrittenCue:
    return replace(cue, start=0.0, end=max(0.0, cue.end), early=True) if cue.start < 0 else cue


def is_cut_short(text: str, cues: Sequence[WrittenCue]) -> bool:
    """Return whether a file of subtitles seems to end where nobody ended it.

    Args:
        text: Content of the file.
        cues: What was found in it.
    """
    text = _with_one_kind_of_line_end(text)
    if text.endswith("\ufffd") or _without_torn_end(text) != text:
        return True
    last = text.rstrip("\n").rpartition("\n")[2]
    if _times(last) and not text.endswith("\n\n"):
        return True
    return len(cues) >= _FEW and not text.endswith("\n") and last.rstrip()[-1:] not in _CLOSED


def _with_one_kind_of_line_end(text: str) -> str:
    return re.sub(r"\r+\n?", "\n", text)


def _without_torn_end(text: str) -> str:
    """Return a text without a cue that ends in its times: they would be taken for words of the one before.

    A number alone is left out only if it counts on, and a time alone if its line has no end, as somebody may say them.
    """
    torn = _TORN.search(text)
    if not torn:
        return text
    first, *more = torn[0].split()
    before = text[: torn.start()]
    counts_on = first.isdecimal() and str(int(first) - 1) in map(str.strip, before.split("\n"))
    breaks_off = ":" in first and not torn[0].endswith("\n")
    return f"{before}\n" if more or counts_on or breaks_off else text


def _timed(text: str, *, named: bool) -> Iterator[WrittenCue]:
    """Yield what follows each line of times with its mark-up, empty lines included.

    A start that cannot be read is the end of the cue before; an end, the start of the next one or the time
    that the words take.

    Args:
        text: SRT, WebVTT or SBV.
        named: Whether any line before the times may name a cue; otherwise only a number does.
    """
    current: WrittenCue | None = None
    number: int | None = None
    lines = [""]
    for line in text.split("\n"):
        times = _times(line)
        if times is None:
            lines.append(line)
            continue
        number, content = _without_name(lines, number, named)
        start, end, repaired = times
        if current:
            current = _ended(replace(current, text=content), start)
            yield current
        begins = start if start is not None else current.end if current else 0.0
        current = WrittenCue(begins, math.nan if end is None else end, "", repaired=repaired)
        lines = []
    if current:
        yield _ended(replace(current, text="\n".join(lines)), None)


def _times(line: str) -> tuple[float | None, float | None, bool] | None:
    """Return start and end of a line of times, None where it cannot be read, and whether it is damaged."""
    if match := _TIMES.match(line):
        return _seconds(match.groups()[:5]), _seconds(match.groups()[5:10]), bool(match["behind"])
    damaged = _DAMAGED.match(line)
    if damaged is None:
        return None
    parts = [part.translate(_REPAIRED) for part in damaged.groups()]
    colons = [part.count(":") for part in parts]
    if max(colons) < 2 and min(colons) < 1:
        return None
    start, end = (_seconds(match.groups()) if (match := _CLOCK.fullmatch(part)) else None for part in parts)
    return start, end, True


def _ended(cue: WrittenCue, following: float | None) -> WrittenCue:
    """Return a cue with an end, which is before the next cue if it was not known."""
    if not math.isnan(cue.end):
        return cue
    end = cue.start + len(_plain(cue.text).strip()) / _READ_ALOUD
    return replace(cue, end=min(end, following) if following is not None and following > cue.start else end)


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
    if (named_by := _NUMBER.match(last)) and (number is None or int(named_by[1]) == number + 1 or (adjacent and alone)):
        return int(named_by[1]), "\n".join(kept[:-1])
    return _UNKNOWN, "\n".join(kept[:-1] if named and adjacent and alone else kept)


def _voices(cue: WrittenCue) -> Iterator[WrittenCue]:
    """Yield the parts of a WebVTT cue, one for each voice tag; a class that is no colour is the emotion."""
    start, end, content = cue.start, cue.end, cue.text
    begins = [match.start() for match in _VOICE.finditer(content) if match[1] == "v"]
    blank = len(content) - len(content.lstrip())
    bounds = [0, *(begin for begin in begins if begin > blank), len(content)]
    total = max(len(content), 1)
    for first, last in pairwise(bounds):
        part, speaker, mood = content[first:last], "", ""
        for kind, classes, name in _VOICE.findall(part):
            moods = [one.replace("-", " ") for one in classes.split(".") if one and not _COLOURS.fullmatch(one)]
            speaker = html.unescape(name.strip()) if kind == "v" and name.strip() else speaker
            mood = ("" if "unsure" in moods else moods[0]) if moods else mood
        length = end - start
        yield WrittenCue(
            start + length * first / total, start + length * last / total, _plain(part), speaker, mood, cue.repaired
        )


def _others(text: str) -> list[WrittenCue]:
    """Return the cues of the formats that pysubs2 reads; MicroDVD without a rate has 25 frames a second."""
    from xml.etree.ElementTree import ParseError

    import pysubs2
    from pysubs2.exceptions import FormatAutodetectionError, Pysubs2Error, UnknownFPSError

    bare = _DIALOGUE.search(text) and not _STYLES.search(text)
    try:
        if _TTML in text:
            _require_harmless(text)
            text = _as_pysubs2_reads(text)
        with warnings.catch_warnings():
            # It warns of fields that say nothing of what is spoken.
            warnings.simplefilter("ignore", RuntimeWarning)
            try:
                events = pysubs2.SSAFile.from_string(_with_usual_fields(text), format_="ass" if bare else None)
            except UnknownFPSError:
                events = pysubs2.SSAFile.from_string(text, fps=25)
    except FormatAutodetectionError:
        return []
    except ParseError as error:
        raise ValueError(f"it is no whole XML (line {error.position[0]}): it may be cut short") from error
    except RecursionError as error:
        raise ValueError("its parts lie in each other too deeply") from error
    except (
        Pysubs2Error,
        NotImplementedError,  # A time of TTML that is none, or cues of TTML that follow each other without times.
        KeyError,  # A cue of TTML without an end, of SAMI without a start.
        IndexError,  # An empty colour in ASS.
        AttributeError,  # JSON of other parts than its own format has, as in the next.
        TypeError,
    ) as error:
        raise ValueError(str(error)) from error
    return [
        WrittenCue(event.start / 1000, event.end / 1000, _plain(_shown(event.text)), event.name)
        for event in events
        if not event.is_comment
    ]


def _shown(text: str) -> str:
    """Return a line of ASS without codes and pictures, each from the code that begins it to the one that ends it."""
    parts = _CODES.split(text)
    kept, drawn = parts[:1], False
    for codes, part in zip(parts[1::2], parts[2::2], strict=True):
        if scales := _PICTURE.findall(codes):
            drawn = scales[-1] != "0"
        kept.append("" if drawn else part)
    return "".join(kept).replace("\\n", "\n")


def _with_usual_fields(text: str) -> str:
    """Return ASS or SSA with the fields that pysubs2 takes for granted, where the file states others."""
    lines, stated = [], list(_FIELDS)
    for line in text.split("\n"):
        kind, _, content = line.partition(":")
        if kind.strip() == "[Events]":
            stated = []
        elif kind == "Format" and not stated:
            stated = [name.strip().casefold() for name in content.split(",")]
        elif kind == "Dialogue" and stated and stated[1:] != list(_FIELDS)[1:] and {"start", "end"} < set(stated):
            own = dict(zip(stated, content.split(",", len(stated) - 1), strict=False))
            own["name"] = own.get("name", own.get("actor", ""))
            line = "Dialogue: " + ",".join(own.get(name, usual).strip() for name, usual in _FIELDS.items())
        lines.append(line)
    return "\n".join(lines)


def _require_harmless(text: str) -> None:
    """Refuse XML that makes itself larger or reads other files, before anything is made of it.

    Raises:
        ValueError: It defines entities, or reads its definitions from elsewhere.
        ParseError: It is no XML.
    """
    from defusedxml import DefusedXmlException, ElementTree

    try:
        ElementTree.fromstring(text, forbid_external=True)
    except DefusedXmlException as error:
        raise ValueError("it defines entities of its own, which is not safe") from error


def _as_pysubs2_reads(text: str) -> str:
    """Return TTML as pysubs2 reads it: times in seconds where they count frames or ticks, and `dur` spelt out."""

    def parameter(name: str, default: float) -> float:
        match = re.search(rf"""\b{name}\s*=\s*["'](\d{{1,9}})(?:\s+(\d{{1,9}}))?["']""", text)
        return (int(match[1]) / int(match[2] or 1) if match and int(match[2] or 1) else 0) or default

    frames = parameter("frameRate", _FRAME_RATE) * parameter("frameRateMultiplier", 1)
    ticks = parameter("tickRate", frames)

    def in_seconds(match: re.Match[str]) -> str:
        hours, minutes, seconds, frame, count, kind = match.groups()[2:]
        if kind:
            total = int(count) / (frames if kind == "f" else ticks)
        else:
            total = int(hours) * 3600 + int(minutes) * 60 + int(seconds) + int(frame) / frames
        return f"{match[1]}{match[2]}{total:.3f}s"

    return _FRAMES.sub(in_seconds, re.sub(r"""\bdur(?=\s*=\s*["'])""", "duration", text))


def _plain(text: str) -> str:
    """Return lines without mark-up, entities and marks that nobody sees."""
    text = _MARKUP.sub("", _BREAK.sub("\n", _READING.sub("", text)))
    text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    return _UNSEEN.sub("", _OVERRIDE.sub("", _ESCAPED_MARKUP.sub("", text))).replace("\\h", " ")


def _seconds(parts: tuple[str | None, ...]) -> float:
    minus, hours, minutes, seconds, fraction = parts
    total = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0) + float(f"0.{fraction or 0}")
    return -total if minus else total
