"""What a job has found or made, as JSON and as files that can be fetched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from pipeline.chain.curves import curves
from pipeline.core.files import as_json
from pipeline.core.results import Rendition, Transcript
from pipeline.transcripts.formats import FORMATS
from pipeline.web.errors import NotFound
from pipeline.web.sounds import MEDIA_TYPES, SOUND_TYPES, information_of, whole
from pipeline.web.work import Job

__all__ = ["TEXT_TYPES", "Said", "file_of", "json_of"]

TEXT_TYPES: Final = {
    "txt": "text/plain; charset=utf-8",
    "json": "application/json",
    "srt": "application/x-subrip; charset=utf-8",
    "vtt": "text/vtt; charset=utf-8",
    "tsv": "text/tab-separated-values; charset=utf-8",
}
"""Ending of a transcript to what `Content-Type` says."""


@dataclass(frozen=True)
class Said:
    """Speech that was made, and what is known about it."""

    values: dict[str, Any]
    """As JSON, without where the sound is."""
    rendition: Rendition
    """The speech."""
    spoken: Transcript
    """What is said in it, with times."""
    heard: Transcript | None = None
    """What was said in the recording, if there was one."""


def json_of(job: Job) -> dict[str, Any]:
    """Return what a finished job has found; what can be fetched stands under `files`."""
    result = job.result
    if isinstance(result, Said):
        place = f"/v1/jobs/{job.id}"
        files = {f"sound.{kind}": f"{place}/sound.{kind}" for kind in SOUND_TYPES}
        files["curves.json"] = f"{place}/curves.json"
        for name, transcript in (("spoken", result.spoken), ("heard", result.heard)):
            if transcript:
                files |= {f"{name}.{ending}": f"{place}/{name}.{ending}" for ending in FORMATS}
        key = "output" if "output" in result.values else "file"
        return {"id": job.id} | result.values | {key: files["sound.wav"], "files": files}
    values: dict[str, Any] = result.to_dict()
    if isinstance(result, Transcript):
        values["files"] = {f"heard.{ending}": f"/v1/jobs/{job.id}/heard.{ending}" for ending in FORMATS}
    return {"id": job.id} | values


def file_of(job: Job, name: str) -> tuple[bytes, str]:
    """Return the content of a file of a finished job, and what `Content-Type` says.

    Args:
        job: Done.
        name: As `json_of` lists it.

    Raises:
        NotFound: There is no such file.
    """
    result = job.result
    what, _, ending = name.partition(".")
    if what == "sound" and ending in SOUND_TYPES and isinstance(result, Said):
        speech = result.rendition.speech
        return whole(speech.audio, ending, information_of(speech)), MEDIA_TYPES[ending]
    if name == "curves.json" and isinstance(result, Said):
        return as_json(curves([result.rendition.audio]).to_dict()).encode(), TEXT_TYPES["json"]
    transcript: Transcript | None = None
    if isinstance(result, Said):
        transcript = {"spoken": result.spoken, "heard": result.heard}.get(what)
    elif isinstance(result, Transcript) and what == "heard":
        transcript = result
    if transcript is None or ending not in FORMATS:
        raise NotFound(f"This job has no file '{name[:40]}'.", hint="Its result lists what it has.")
    return FORMATS[ending](transcript).encode(errors="replace"), TEXT_TYPES[ending]
