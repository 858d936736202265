"""Work in a folder of its own, for results whose place the worker cannot reach: they are written there afterwards."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from pipeline.batch.items import Outcome, WorkItem
from pipeline.batch.plan import STANDARD_INPUT
from pipeline.batch.storage import Stored, fetch
from pipeline.batch.work import Tell, files_of, moved, perform
from pipeline.chain import VoicePipeline
from pipeline.core.errors import ResayError
from pipeline.core.files import as_json, atomic, is_uri
from pipeline.core.results import Conversion
from pipeline.core.temporary import temporary_folder

__all__ = ["Delivery", "content_of", "deliver", "perform_apart", "work_on"]

_SOURCE: Final = "source"
"""Folder of the copy of a recording."""

_RESULTS: Final = "results"
"""Folder of what is written."""


@dataclass(frozen=True)
class Delivery:
    """What became of an item, and the files that are to be written."""

    outcome: Outcome
    """As it is told, with the paths that the files will have."""
    files: dict[str, bytes] = field(default_factory=dict)
    """Name of a file to its content, in the order in which they are to appear: the sound is the last."""


def perform_apart(
    pipeline: VoicePipeline, item: WorkItem, content: bytes | None = None, tell: Tell | None = None
) -> Delivery:
    """Do what an item asks for in a temporary folder.

    Args:
        pipeline: Keeps the engines loaded.
        item: The recording, and what is done to it; its output need not be reachable from here.
        content: The recording itself; None if it can be read from its path.
        tell: As `perform`.

    Raises:
        ResayError: As `perform`; it names the recording, not its copy.
    """
    with temporary_folder() as folder:
        results = folder / _RESULTS
        results.mkdir()
        here = dataclasses.replace(item, output=str(results / Path(item.output).name) if item.output else "")
        if content is not None:
            path = Path(folder, _SOURCE, Path(item.source).name)
            path.parent.mkdir()
            path.write_bytes(content)
            here = dataclasses.replace(here, source=str(path))
        with _named_as(here.source, item.name):
            outcome = perform(pipeline, here, tell)
        if isinstance(outcome.result, Conversion):
            outcome = dataclasses.replace(outcome, result=moved(outcome.result, item))
        files = {path.name: path.read_bytes() for path in results.iterdir()}
    if isinstance(outcome.result, Conversion) and item.output:
        described = as_json(outcome.result.to_dict(), indent=2) + "\n"
        files[f"{Path(item.output).stem}.json"] = described.encode()
    last = Path(item.output).name
    ordered = {name: files[name] for name in sorted(files, key=lambda name: (name == last, not name.endswith(".json")))}
    return Delivery(dataclasses.replace(outcome, files=files_of(item)), ordered)


def work_on(
    pipeline: VoicePipeline, item: WorkItem, tell: Tell | None = None, *, standard_input: BinaryIO | None = None
) -> Outcome:
    """Do what an item asks for, wherever its recording and its results lie.

    Args:
        pipeline: As `perform`.
        item: As `perform`; source and output may be URIs.
        tell: As `perform`.
        standard_input: As `perform`.

    Raises:
        ResayError: As `perform`.
    """
    if not (is_uri(item.source) or is_uri(item.output)):
        return perform(pipeline, item, tell, standard_input=standard_input)
    content = content_of(item, pipeline.options.max_bytes)
    if item.source == STANDARD_INPUT and standard_input is not None:
        content = standard_input.read()
    return deliver(perform_apart(pipeline, item, content, tell), item)


def content_of(item: WorkItem, max_bytes: int) -> bytes | None:
    """Return the content of a recording that a URI names; None for any other.

    Raises:
        UnreadableAudio: It cannot be read, or is too large.
    """
    return fetch(item.source, max_bytes=max_bytes) if is_uri(item.source) else None


def deliver(delivery: Delivery, item: WorkItem) -> Outcome:
    """Write the files of a delivery where the item wants them, each complete or not at all; return the outcome.

    Raises:
        OutputError: A file cannot be written.
    """
    for name, content in delivery.files.items():
        if is_uri(item.output):
            (Stored(item.output.rpartition("/")[0]) / name).write(content)
            continue
        with atomic(Path(item.output).with_name(name)) as temporary:
            temporary.write_bytes(content)
    return delivery.outcome


@contextmanager
def _named_as(path: str, name: str) -> Iterator[None]:
    """Let errors of a block name a recording instead of its copy."""
    try:
        yield
    except ResayError as error:
        told = copy.copy(error)
        told.message = error.message.replace(path, name)
        raise told from error
