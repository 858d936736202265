"""The work on one recording, the same in every process and on every machine."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from pipeline.batch.items import Outcome, Piece, Result, WorkItem
from pipeline.chain import VoicePipeline
from pipeline.chain.analysis import AnalysedSegment
from pipeline.core.errors import OutputError
from pipeline.core.events import Event
from pipeline.core.files import is_uri, remove_temporary
from pipeline.core.results import Conversion, Transcript
from pipeline.transcripts.formats import write_transcript

__all__ = ["Tell", "converted_before", "files_of", "moved", "perform", "tidy"]

Tell = Callable[[WorkItem, Piece], None]
"""Gets each piece of a recording as soon as it is finished."""


def perform(
    pipeline: VoicePipeline, item: WorkItem, tell: Tell | None = None, *, standard_input: BinaryIO | None = None
) -> Outcome:
    """Do what an item asks for, and write its files; each appears complete or not at all.

    Args:
        pipeline: Keeps the engines loaded.
        item: The recording, and what is done to it.
        tell: Gets the pieces of a transcript.
        standard_input: The stream that the source `-` stands for.

    Raises:
        ResayError: As the method of the pipeline that does the job.
    """
    started = time.perf_counter()
    source: Any = standard_input if item.source == "-" and standard_input is not None else item.source
    result: Result
    if item.job == "convert":
        where: dict[str, Any] = {"output": item.output, "overwrite": True} if item.output else {}
        result = pipeline.convert(source, name=item.name, **(item.options | where))
        _write_texts(result, item.formats)
    elif item.job == "transcribe":
        result = transcript = _transcribe(pipeline, item, source, tell)
        if item.output:
            folder, stem = Path(item.output).parent, Path(item.output).name
            write_transcript(transcript, folder, stem, item.formats, overwrite=True)
    else:
        result = pipeline.recognise(source, name=item.name, **item.options)
    return Outcome(item.index, item.name, result, files=files_of(item), seconds=time.perf_counter() - started)


def _transcribe(pipeline: VoicePipeline, item: WorkItem, source: Any, tell: Tell | None) -> Transcript:
    done = [AnalysedSegment.from_dict(piece) for piece in item.done]
    known = {heard.place for heard in done}

    def watch(event: Event) -> None:
        heard = event.artefact
        if tell and isinstance(heard, AnalysedSegment):
            tell(item, heard.to_dict() | ({"known": True} if heard.place in known else {}))

    return pipeline.transcribe(source, name=item.name, done=done, on_event=watch, **item.options)


def files_of(item: WorkItem) -> tuple[str, ...]:
    """Return the paths of the files that an item writes: of a conversion its sound and the texts, not its JSON."""
    if not item.output:
        return ()
    if item.job == "convert":
        # A path would make one slash of the two of a URI.
        stem = item.output.rpartition(".")[0]
        return (item.output, *(f"{stem}.{name}" for name in _texts(item.formats)))
    return tuple(f"{item.output}.{name}" for name in item.formats)


def converted_before(item: WorkItem) -> Conversion | None:
    """Return the conversion that an earlier run wrote for an item; None if it is not complete.

    Its sound is the last to appear; texts beside it that are missing are written from what its JSON says.
    """
    path = Path(item.output)
    try:
        if not path.stat().st_size:
            return None
        conversion = Conversion.from_dict(json.loads(path.with_suffix(".json").read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not all(Path(file).exists() for file in files_of(item)):
        _write_texts(conversion, item.formats)
    return moved(conversion, item)


def moved(conversion: Conversion, item: WorkItem) -> Conversion:
    """Return a conversion whose recording and result have the names of an item, whatever they had before."""
    heard = dataclasses.replace(conversion.heard, source=item.name)
    spoken = dataclasses.replace(conversion.spoken, source=item.output)
    return dataclasses.replace(conversion, heard=heard, spoken=spoken)


def tidy(item: WorkItem) -> None:
    """Remove what a process that was killed left of an item."""
    if item.output and not is_uri(item.output):
        path = Path(item.output)
        remove_temporary(path.parent, [path.stem if item.job == "convert" else path.name])


def _write_texts(conversion: Conversion, formats: tuple[str, ...]) -> None:
    """Write what a result says beside it; its JSON is there already."""
    path = Path(conversion.output)
    if not path.parent.is_dir():
        raise OutputError(f"The folder {path.parent} is gone.", hint="Run the same command again.")
    write_transcript(conversion.spoken, path.parent, path.stem, _texts(formats), overwrite=True)


def _texts(formats: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in formats if name != "json")
