"""Transcripts as files: text, JSON, SRT, VTT and TSV, each complete or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from pipeline.core.errors import UnknownName, UsageError
from pipeline.core.files import as_json, atomic
from pipeline.core.results import Transcript
from pipeline.core.values import Segment
from pipeline.transcripts.subtitles import as_srt, as_vtt

__all__ = ["FORMATS", "parse_formats", "write_transcript"]


def _as_text(transcript: Transcript) -> str:
    return "".join(f"{_speaker(segment)}{_one_line(segment.text)}\n" for segment in transcript.segments)


def _as_json(transcript: Transcript) -> str:
    return as_json(transcript.to_dict(), indent=2) + "\n"


def _as_tsv(transcript: Transcript) -> str:
    """Return a table: start and end in whole milliseconds, text, speaker, emotion."""
    rows = ["start\tend\ttext\tspeaker\temotion"]
    for segment in transcript.segments:
        cells = (
            str(round(1000 * segment.start)),
            str(round(1000 * segment.end)),
            _one_line(segment.text),
            _one_line(segment.speaker or ""),
            segment.emotion.top if segment.emotion else "",
        )
        rows.append("\t".join(cells))
    return "\n".join(rows) + "\n"


FORMATS: Final[dict[str, Callable[[Transcript], str]]] = {
    "txt": _as_text,
    "json": _as_json,
    "srt": lambda transcript: as_srt(transcript.segments),
    "vtt": lambda transcript: as_vtt(transcript.segments),
    "tsv": _as_tsv,
}
"""Ending of the file to what makes its content."""


def parse_formats(text: str) -> tuple[str, ...]:
    """Return the formats that a list such as `srt,vtt` names, each once.

    Raises:
        UnknownName: There is no such format; the message lists the choices.
    """
    formats = tuple(dict.fromkeys(name.strip(" .").casefold() for name in text.split(",") if name.strip(" .")))
    for name in formats:
        if name not in FORMATS:
            raise UnknownName(f"There is no transcript format '{name}'.", hint=f"Choose from {', '.join(FORMATS)}.")
    return formats


def write_transcript(
    transcript: Transcript, folder: Path, stem: str, formats: Sequence[str], *, overwrite: bool = False
) -> list[Path]:
    """Write a transcript into a folder, one file per format.

    Args:
        transcript: What was said.
        folder: Made if it is not there.
        stem: Name of the files without their endings.
        formats: Of `FORMATS`.
        overwrite: Whether files that are there may be replaced.

    Returns:
        The paths of the files, in the order of the formats.

    Raises:
        UsageError: A file is there already, and nothing was written.
        OutputError: A file cannot be written.
    """
    paths = [folder / f"{stem}.{name}" for name in formats]
    taken = next((path for path in paths if path.exists()), None)
    if taken and not overwrite:
        raise UsageError(f"{taken} exists already.", hint="Give another --output, or --overwrite.")
    for path, name in zip(paths, formats, strict=True):
        content = FORMATS[name](transcript)
        with atomic(path, exclusive=not overwrite) as temporary:
            temporary.write_text(content, encoding="utf-8", errors="replace", newline="\n")
    return paths


def _speaker(segment: Segment) -> str:
    return f"{_one_line(segment.speaker)}: " if segment.speaker else ""


def _one_line(text: str) -> str:
    return " ".join(text.split())
