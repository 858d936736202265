"""What a job has found or made, as JSON and as files that can be fetched."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from fastapi.responses import Response, StreamingResponse

from pipeline.audio.long_sounds import blocks
from pipeline.chain.curves import Curves, curves
from pipeline.chain.recordings import PART_SECONDS
from pipeline.core.results import Rendition, Transcript
from pipeline.core.values import Audio
from pipeline.transcripts.formats import FORMATS
from pipeline.web.errors import NotFound
from pipeline.web.sounds import MEDIA_TYPES, SOUND_TYPES, encoded, information_of
from pipeline.web.wording import sentence_for_clients
from pipeline.web.work import Job

__all__ = ["TEXT_TYPES", "Said", "curves_of", "file_of", "json_of"]

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


def file_of(job: Job, name: str) -> Response:
    """Return a file of a finished job as an answer; sound is encoded while it is sent, so that no copy lies in memory.

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
        samples, rate = speech.audio.samples, speech.audio.sample_rate
        sound = encoded([samples], rate, ending, information_of(speech), length=len(samples))
        return StreamingResponse(sound, media_type=MEDIA_TYPES[ending])
    transcript: Transcript | None = None
    if isinstance(result, Said):
        transcript = {"spoken": result.spoken, "heard": result.heard}.get(what)
    elif isinstance(result, Transcript) and what == "heard":
        transcript = result
    if transcript is None or ending not in FORMATS:
        raise _no_file(name)
    transcript = replace(transcript, notes=tuple(map(sentence_for_clients, transcript.notes)))
    return Response(FORMATS[ending](transcript).encode(errors="replace"), media_type=TEXT_TYPES[ending])


def curves_of(job: Job, name: str) -> Curves:
    """Return the curves of the sound of a finished job.

    Args:
        job: Done.
        name: Of the file that is asked for.

    Raises:
        NotFound: It has no sound.
    """
    if not isinstance(job.result, Said):
        raise _no_file(name)
    audio = job.result.rendition.audio
    parts = blocks(audio.samples, round(PART_SECONDS * audio.sample_rate))
    return curves(Audio(part, audio.sample_rate) for part in parts)


def _no_file(name: str) -> NotFound:
    return NotFound(f"This job has no file '{name[:40]}'.", hint="Its result lists what it has.")
