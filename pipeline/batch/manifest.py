"""Manifests: tables of recordings that say how each is to be spoken, and who speaks in it.

CSV and TSV with a line of headings, JSON lines, and Parquet. A `metadata.csv` of Hugging Face's AudioFolder is one.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from pipeline.batch.items import Recording
from pipeline.batch.storage import readable
from pipeline.chain import VoicePipeline
from pipeline.core.errors import EngineMissing, NoSpeech, UsageError
from pipeline.core.files import is_uri
from pipeline.core.messages import reason
from pipeline.recognition.speech.speaker import SpeakerProfile

__all__ = ["read_manifest", "with_profiles"]

_NAMES: Final = {
    "file": ("file", "file_name", "path", "audio", "recording"),
    "emotion": ("emotion", "mood"),
    "voice": ("voice",),
    "strength": ("strength",),
    "speaker": ("speaker", "speaker_id"),
}
"""What a column tells to the headings that it may have; other columns are passed over."""


def read_manifest(path: str | Path) -> list[Recording]:
    """Return the recordings that a manifest names; relative paths are seen from its folder.

    Args:
        path: A file that ends in .csv, .tsv, .jsonl or .parquet.

    Raises:
        UsageError: The file cannot be read, names no recordings, or a row is wrong.
        EngineMissing: The package for Parquet is not installed.
    """
    if is_uri(path):
        raise UsageError("A manifest is a file of this machine, and this is a URI.", hint="Fetch it first.")
    path = Path(path)
    read = _FORMS.get(path.suffix.casefold())
    if read is None:
        raise UsageError(f"{path} has no form of a manifest.", hint=f"End it in {', '.join(_FORMS)}.")
    try:
        rows = list(read(path))
    except (OSError, ValueError, csv.Error, RecursionError) as error:
        raise UsageError(f"{path} cannot be read as a manifest: {reason(error)}.", hint="Check the file.") from error
    if not rows:
        raise UsageError(f"{path} names no recordings.", hint="Add a row for each.")
    return [_recording(path, number, row) for number, row in enumerate(rows, 1)]


def with_profiles(pipeline: VoicePipeline, recordings: Iterable[Recording]) -> Iterator[Recording]:
    """Give the recordings of a speaker who occurs again the profile that is learned from all of them.

    Where each is to be judged alone, they stay as they are.

    Args:
        pipeline: Learns the profiles, each when it is first needed.
        recordings: Those of the whole manifest.
    """
    recordings = list(recordings)
    if pipeline.options.each_alone:
        yield from recordings
        return
    spoken: defaultdict[str, list[str]] = defaultdict(list)
    for recording in recordings:
        if recording.speaker:
            spoken[recording.speaker].append(recording.source)
    profiles: dict[str, SpeakerProfile | None] = {}
    for recording in recordings:
        who = recording.speaker
        if len(spoken[who]) < 2:
            yield recording
            continue
        if who not in profiles:
            try:
                profiles[who] = pipeline.profile(
                    readable(source, max_bytes=pipeline.options.max_bytes) for source in spoken[who]
                )
            except NoSpeech:
                profiles[who] = None  # Each of them will be told as unreadable.
        profile = {"speaker": profiles[who]} if profiles[who] else {}
        yield replace(recording, options=recording.options | profile)


def _recording(path: Path, number: int, row: Mapping[str, Any]) -> Recording:
    """Return the recording of a row, numbered from 1."""
    known = {_heading(name): value for name, value in row.items() if name is not None}
    found: dict[str, str] = {}
    for meaning, names in _NAMES.items():
        value = next((known[name] for name in names if known.get(name) not in (None, "")), "")
        if isinstance(value, Mapping):  # Sound in a table of Hugging Face: its path, and perhaps its bytes.
            value = (value.get("path") if meaning == "file" else None) or value
        if not isinstance(value, (str, int, float)):
            raise UsageError(f"{path}, row {number}: {meaning} is neither text nor number.", hint="Change the row.")
        found[meaning] = str(value).strip()
    if not found["file"]:
        raise UsageError(f"{path}, row {number}: there is no recording.", hint="Name it in a column file or file_name.")
    options: dict[str, Any] = {name: found[name] for name in ("emotion", "voice") if found[name]}
    if found["strength"]:
        try:
            options["strength"] = float(found["strength"])
        except ValueError:
            raise UsageError(
                f"{path}, row {number}: '{found['strength']}' is no strength.", hint="Give a number from 0 to 2."
            ) from None
    source = found["file"] if is_uri(found["file"]) else str(path.parent / found["file"])
    return Recording(source, options, speaker=found["speaker"])


def _separated(path: Path) -> Iterator[Mapping[str, Any]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        headings = file.readline()
        file.seek(0)
        # Where a comma is the decimal point, spreadsheets write a semicolon.
        usual = ";" if ";" in headings and "," not in headings else ","
        rows = csv.DictReader(file, delimiter="\t" if path.suffix.casefold() == ".tsv" else usual)
        _names_once((name, None) for name in rows.fieldnames or ())
        yield from rows


def _json_lines(path: Path) -> Iterator[Mapping[str, Any]]:
    text, start = path.read_text(encoding="utf-8-sig"), 0
    for line in text.split("\n"):
        if line.strip():
            try:
                row = json.loads(line, object_pairs_hook=_names_once)
            except json.JSONDecodeError as error:
                raise json.JSONDecodeError(error.msg, text, start + error.pos) from error
            if not isinstance(row, dict):
                raise ValueError("a line is no object")
            yield row
        start += len(line) + 1


def _names_once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return names with values.

    Raises:
        ValueError: A name stands twice: the second value would replace the first in silence.
    """
    found: dict[str, Any] = {}
    headings = set()
    for name, value in pairs:
        if _heading(name) in headings:
            raise ValueError(f"'{name}' stands in it twice")
        headings.add(_heading(name))
        found[name] = value
    return found


def _heading(name: object) -> str:
    """Return a heading as it is compared."""
    return str(name).strip().casefold()


def _parquet(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise EngineMissing(
            "pyarrow is not installed.", hint="Run pip install pyarrow, or give the manifest as CSV."
        ) from error
    known = {name for names in _NAMES.values() for name in names}
    file = pyarrow.parquet.ParquetFile(path)
    columns = [name for name in file.schema_arrow.names if name.strip().casefold() in known]
    for batch in file.iter_batches(columns=columns):
        yield from batch.to_pylist()


_FORMS: Final[dict[str, Callable[[Path], Iterator[Mapping[str, Any]]]]] = {
    ".csv": _separated,
    ".tsv": _separated,
    ".jsonl": _json_lines,
    ".parquet": _parquet,
}
"""Ending of a manifest to what reads its rows."""
