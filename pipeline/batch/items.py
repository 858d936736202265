"""What a batch is made of: recordings to work on, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from pipeline.core.errors import ResayError
from pipeline.core.results import Conversion, Recognition, Transcript

__all__ = ["Failure", "Job", "Outcome", "Piece", "Recording", "Result", "WorkItem"]

Job = Literal["convert", "transcribe", "recognise"]
"""What is done to the recordings: the method of `VoicePipeline` that does it."""

Result = Conversion | Transcript | Recognition
"""What a job returns for one recording."""

Piece = dict[str, Any]
"""A part of a result that is worth keeping if the work is interrupted, ready for JSON: a segment of a transcript."""


@dataclass(frozen=True)
class Recording:
    """A recording of a batch."""

    source: str
    """Its path; `-` is standard input."""
    options: dict[str, Any] = field(default_factory=dict)
    """Options of its own, which win over those of the batch."""
    stem: str = ""
    """Name of the files of its transcript without their endings."""
    speaker: str = ""
    """Who speaks in it, if a manifest tells."""


@dataclass(frozen=True)
class WorkItem:
    """One recording that has to be worked on; all that a worker needs beside its pipeline, in any process."""

    index: int
    """Its place in the batch, from 0."""
    job: Job
    """What is done to it."""
    source: str
    """Path from which it is read."""
    name: str
    """What the caller calls it, such as `-` for standard input."""
    key: str = ""
    """What identifies content, options and engines; empty without a journal."""
    options: dict[str, Any] = field(default_factory=dict)
    """Keywords of the method that does the job."""
    output: str = ""
    """Path of the sound of a conversion, or of the files of a transcript without their endings; empty for no files."""
    formats: tuple[str, ...] = ()
    """Endings of the files of text, such as srt."""
    done: tuple[Piece, ...] = ()
    """What an interrupted run kept of it."""


@dataclass(frozen=True)
class Outcome:
    """What became of one recording: a result, or an error."""

    index: int
    """Its place in the batch, from 0."""
    source: str
    """The recording, as the caller named it."""
    result: Result | None = None
    """The result; None after an error, and where an earlier run has written it and it is not read again."""
    error: ResayError | None = None
    """What was wrong; None if nothing was."""
    files: tuple[str, ...] = ()
    """Paths of the files that hold the result."""
    seconds: float = 0.0
    """Seconds of work; 0 if an earlier run did it."""
    resumed: bool = False
    """Whether an earlier run did the work."""
    speaker: str = ""
    """Who speaks in it, if a manifest tells."""


@dataclass(frozen=True)
class Failure:
    """A recording that could not be worked on."""

    source: str
    """The recording, as the caller named it."""
    error: ResayError
    """What was wrong."""

    def to_dict(self) -> dict[str, object]:
        """Return the form that `--json` prints."""
        return {"file": self.source, "error": self.error.to_dict()}
