"""Subtitles: SubRip (SRT) and WebVTT, with who speaks and how."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from pipeline.core.values import Segment
from pipeline.transcripts.cues import Cue, cues

__all__ = ["NEUTRAL_TAG", "UNSURE", "as_srt", "as_vtt"]

NEUTRAL_TAG: Final = "neutral"
"""Tag of neutral speech that follows a phrase with a tag."""

UNSURE: Final = "unsure"
"""Tag or class of an emotion that is not certain."""

_COLOURS: Final = {
    "calm": "#a8d8b9",
    "happy": "#ffd75e",
    "sad": "#8fb8ff",
    "angry": "#ff7b72",
    "fearful": "#c9a3ff",
    "disgusted": "#a3c76d",
    "surprised": "#ffab5e",
}
"""Light enough to be read on black; neutral speech stays white."""


def as_srt(segments: Iterable[Segment]) -> str:
    """Return SubRip subtitles.

    The first cue of a segment begins with its speaker and emotion in square brackets, as subtitles for the deaf do:
    `[speaker 1, angry]`. Neutral speech, and an emotion that is not certain, have no tag of their own;
    after a phrase with a tag they are `[neutral]` or `[unsure]`, so that a tag holds until the next one.

    Args:
        segments: In order of time.
    """
    blocks = []
    held = ""
    for number, cue in enumerate(cues(segments), start=1):
        lines = cue.lines
        if cue.first:
            tag = _tag(cue.segment)
            if not tag and held:
                tag = UNSURE if cue.segment.emotion and cue.segment.emotion.unsure else NEUTRAL_TAG
            held = "" if tag in (UNSURE, NEUTRAL_TAG) else tag
            lines = (f"[{tag}] {lines[0]}", *lines[1:]) if tag else lines
        text = "\n".join(map(_without_arrow, lines))
        blocks.append(f"{number}\n{_time(cue.start, ',')} --> {_time(cue.end, ',')}\n{text}\n")
    return "\n".join(blocks)


def as_vtt(segments: Sequence[Segment]) -> str:
    """Return WebVTT subtitles (W3C, "WebVTT: The Web Video Text Tracks Format").

    A speaker is a voice tag.
    An emotion is a class of the text, with a style that colours it, and the class `unsure` if it is not certain.

    Args:
        segments: In order of time.
    """
    emotions = sorted({segment.emotion.top for segment in segments if segment.emotion} & _COLOURS.keys())
    styles = [f"::cue(.{emotion}) {{ color: {_COLOURS[emotion]}; }}" for emotion in emotions]
    if any(segment.emotion and segment.emotion.unsure for segment in segments):
        styles.append("::cue(.unsure) { font-style: italic; }")
    blocks = ["WEBVTT\n", *(["STYLE\n" + "\n".join(styles) + "\n"] if styles else [])]
    blocks += [f"{_time(cue.start, '.')} --> {_time(cue.end, '.')}\n{_marked(cue)}\n" for cue in cues(segments)]
    return "\n".join(blocks)


def _tag(segment: Segment) -> str:
    """Return who speaks and how; empty for nobody in particular who speaks neutrally."""
    emotion = segment.emotion
    tags = [segment.speaker] if segment.speaker else []
    if emotion and not emotion.unsure and emotion.top != NEUTRAL_TAG:
        tags.append(emotion.top)
    return ", ".join(tags)


def _marked(cue: Cue) -> str:
    text = "\n".join(map(_escaped, cue.lines))
    emotion = cue.segment.emotion
    classes = f".{_class(emotion.top)}" + (f".{UNSURE}" if emotion.unsure else "") if emotion else ""
    if cue.segment.speaker:
        return f"<v{classes} {_escaped(cue.segment.speaker)}>{text}</v>"
    return f"<c{classes}>{text}</c>" if classes else text


def _class(emotion: str) -> str:
    """Return an emotion, or the words of a custom mood, as the name of a class."""
    return re.sub(r"\W+", "-", emotion).strip("-")


def _without_arrow(line: str) -> str:
    """Return a line that no reader of SubRip, which has no escapes, takes for the times of a cue."""
    return line.replace("-->", "→")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _time(seconds: float, point: str) -> str:
    """Return a time of day.

    >>> _time(3725.2, ",")
    '01:02:05,200'
    """
    whole, milliseconds = divmod(round(1000 * seconds), 1000)
    minutes, whole = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{whole:02d}{point}{milliseconds:03d}"
