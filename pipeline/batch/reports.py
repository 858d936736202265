"""Reports on a batch: what was heard in the folder, by whom, what failed, how fast; as JSON, CSV or HTML."""

from __future__ import annotations

import csv
import html
import io
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pipeline.batch.items import Outcome
from pipeline.batch.storage import Stored
from pipeline.core.cells import cell
from pipeline.core.errors import UsageError
from pipeline.core.files import as_json, atomic, is_uri, require_writable
from pipeline.core.results import Conversion, Recognition, Transcript

__all__ = ["Summary", "check_report", "write_report"]

SCHEMA: Final = 1
"""Version of the format of the JSON."""

_COLUMNS: Final = (
    "file", "output", "emotion", "confidence", "unsure", "emotion_spoken", "voice", "speakers", "text", "duration",
    "output_duration", "seconds", "done_before", "passed", "error",
)  # fmt: skip
"""What is told of each recording; empty where a job does not find it out."""


_TITLE: Final = "Report on recordings"

_MARKS: Final = {
    ".json": f'"schema": {SCHEMA},\n  "recordings": ',
    ".csv": ",".join(_COLUMNS),
    ".html": f"<title>{_TITLE}</title>",
}
"""Ending of a report to what stands at its beginning."""

_BEGINNING: Final = 512
"""Bytes of a file in which that is looked for."""


@dataclass
class Summary:
    """What became of the recordings of a batch."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    """One for each recording, with the keys of `_COLUMNS`."""
    timings: Counter[str] = field(default_factory=Counter)
    """Seconds of work by stage, over the recordings of this run."""
    by_speaker: dict[str, Counter[str]] = field(default_factory=dict)
    """Speaker to how often each emotion was heard: in a segment, or in a recording whose speaker a manifest names."""
    seconds: float = 0.0
    """Seconds of work of this run, over all workers."""
    elapsed: float = 0.0
    """Seconds that this run took."""
    heard: float = 0.0
    """Seconds of the recordings on which this run worked, where a job tells them."""

    @property
    def done(self) -> int:
        """Recordings that have a result."""
        return sum(row["error"] is None for row in self.rows)

    @property
    def failed(self) -> int:
        """Recordings that have none."""
        return len(self.rows) - self.done

    @property
    def done_before(self) -> int:
        """Recordings that an earlier run has done."""
        return sum(row["done_before"] for row in self.rows)

    def emotions(self, column: str = "emotion") -> dict[str, int]:
        """Return each emotion with the number of its recordings, the most frequent first."""
        counted = Counter(row[column] for row in self.rows if row[column])
        return dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))

    def add(self, outcome: Outcome) -> None:
        """Take a recording into account."""
        row: dict[str, Any] = dict.fromkeys(_COLUMNS)
        row |= {"file": outcome.source, "done_before": outcome.resumed}
        row["seconds"] = None if outcome.resumed else round(outcome.seconds, 3)
        row["output"] = outcome.files[0] if outcome.files else None
        row["error"] = str(outcome.error) if outcome.error else None
        result = outcome.result
        if isinstance(result, Conversion):
            row |= _scores(result.emotion_detected)
            row |= {"output": result.output, "emotion_spoken": result.emotion_spoken, "voice": result.voice}
            row["output_duration"] = round(result.spoken.duration, 3)
            row["passed"] = result.verification.passed if result.verification else None
            if not outcome.resumed:
                self.timings.update({stage: spent for stage, spent in result.timings.items() if stage != "total"})
        elif isinstance(result, Recognition):
            row |= _scores(result.scores)
            row["duration"] = round(result.duration, 3) if result.duration else None
            row["text"] = result.fused.transcript if result.fused else None
        transcript = result.heard if isinstance(result, Conversion) else result
        if isinstance(transcript, Transcript):
            self._hear(row, transcript, one_speaker=bool(outcome.speaker))
        if outcome.speaker:
            row["speakers"] = outcome.speaker
            if row["emotion"]:
                self.by_speaker.setdefault(outcome.speaker, Counter())[row["emotion"]] += 1
        self.seconds += outcome.seconds
        if not outcome.resumed:
            self.heard += row["duration"] or 0.0
        self.rows.append(row)

    def _hear(self, row: dict[str, Any], transcript: Transcript, *, one_speaker: bool) -> None:
        speakers = dict.fromkeys(segment.speaker for segment in transcript.segments if segment.speaker)
        row |= {
            "text": transcript.text,
            "duration": round(transcript.duration, 3),
            "speakers": ", ".join(speakers) or None,
        }
        told = Counter(segment.emotion.top for segment in transcript.segments if segment.emotion)
        if told and row["emotion"] is None:
            row["emotion"] = told.most_common(1)[0][0]
        for segment in () if one_speaker else transcript.segments:
            if segment.speaker and segment.emotion:
                self.by_speaker.setdefault(segment.speaker, Counter())[segment.emotion.top] += 1

    def to_dict(self) -> dict[str, Any]:
        """Return everything, ready for JSON."""
        return {
            "schema": SCHEMA,
            "recordings": len(self.rows),
            "done": self.done,
            "done_before": self.done_before,
            "failed": self.failed,
            "emotions": self.emotions(),
            "emotions_spoken": self.emotions("emotion_spoken"),
            "speakers": {name: dict(counted.most_common()) for name, counted in self.by_speaker.items()},
            "seconds_elapsed": round(self.elapsed, 3),
            "seconds_of_work": round(self.seconds, 3),
            "seconds_heard": round(self.heard, 3),
            "real_time_factor": round(self.seconds / self.heard, 4) if self.heard else None,
            "timings": {stage: round(seconds, 3) for stage, seconds in self.timings.most_common()},
            "files": self.rows,
        }


def check_report(path: Path, *, overwrite: bool) -> None:
    """Refuse a report that could not be written; an earlier report may be replaced, so that a batch can go on.

    Raises:
        UsageError: Its ending tells no form, or the file exists already and is no report.
        OutputError: It cannot be written.
    """
    if path.suffix.casefold() not in _FORMS:
        raise UsageError(f"{path} has no form of a report.", hint=f"End it in {', '.join(_FORMS)}.")
    if is_uri(path):
        place = Stored(path)
        place.require_writable()
        if place.exists() and not overwrite and not _is_report(place.read(), path):
            raise UsageError(
                f"{place.uri} exists already.", hint="Give another --report, or --overwrite to replace it."
            )
        return
    if path.is_file() and not overwrite:
        with path.open("rb") as file:
            overwrite = _is_report(file.read(_BEGINNING), path)
    require_writable([path], overwrite=overwrite, option="--report")


def write_report(summary: Summary, path: Path) -> None:
    """Write a report in the form that its ending tells; a file that is there is replaced.

    Raises:
        OutputError: It cannot be written.
    """
    content = _FORMS[path.suffix.casefold()](summary)
    if is_uri(path):
        Stored(path).write(content.encode(errors="replace"))
        return
    with atomic(path) as temporary:
        temporary.write_text(content, encoding="utf-8", errors="replace", newline="\n")


def _is_report(content: bytes, path: Path) -> bool:
    """Return whether a file that would be replaced is a report of the same form."""
    return _MARKS[path.suffix.casefold()] in content[:_BEGINNING].decode(errors="replace")


def _scores(scores: Any) -> dict[str, Any]:
    return {"emotion": scores.top, "confidence": round(scores.confidence, 4), "unsure": scores.unsure}


def _json(summary: Summary) -> str:
    return as_json(summary.to_dict(), indent=2) + "\n"


def _csv(summary: Summary) -> str:
    text = io.StringIO()
    table = csv.DictWriter(text, _COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows({name: cell(value) for name, value in row.items()} for row in summary.rows)
    return text.getvalue()


def _html(summary: Summary) -> str:
    values = summary.to_dict()
    told = f"{summary.done} of {len(summary.rows)} recordings done, {summary.failed} failed"
    told += f", {summary.done_before} of them by an earlier run." if summary.done_before else "."
    if summary.heard:
        told += f" {summary.heard:.0f} s of sound in {summary.elapsed:.0f} s, with {summary.seconds:.0f} s of work."
    emotions = sorted(
        {*values["emotions"], *values["emotions_spoken"]}, key=lambda word: -values["emotions"].get(word, 0)
    )
    counted = [(word, *(values[kind].get(word, "") for kind in ("emotions", "emotions_spoken"))) for word in emotions]
    parts = [
        f"<p>{html.escape(told)}</p>",
        _table("Emotions", ("emotion", "heard", "spoken"), counted),
        _table(
            "Speakers",
            ("speaker", "emotion", "segments or recordings"),
            [(who, what, count) for who, found in values["speakers"].items() for what, count in found.items()],
        ),
        _table("Errors", ("file", "error"), [(row["file"], row["error"]) for row in summary.rows if row["error"]]),
        _table("Seconds by stage, which overlap", ("stage", "seconds"), list(values["timings"].items())),
        _table("Recordings", _COLUMNS, [[row[name] for name in _COLUMNS] for row in summary.rows]),
    ]
    style = "body{font-family:sans-serif;margin:2em}td,th{text-align:left;padding:.2em .8em .2em 0;vertical-align:top}"
    head = f'<meta charset="utf-8"><title>{_TITLE}</title><style>{style}</style>'
    body = "\n".join(filter(None, parts))
    page = f'<html lang="en"><head>{head}</head>\n<body><h1>{_TITLE}</h1>\n{body}\n</body></html>'
    return f"<!doctype html>\n{page}\n"


def _table(title: str, headings: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """Return a table in HTML; nothing if it has no rows."""
    lines = ["".join(f"<td>{html.escape('' if cell is None else str(cell))}</td>" for cell in row) for row in rows]
    if not lines:
        return ""
    head = "".join(f"<th>{html.escape(heading)}</th>" for heading in headings)
    return f"<h2>{title}</h2>\n<table><tr>{head}</tr>\n" + "\n".join(f"<tr>{line}</tr>" for line in lines) + "</table>"


_FORMS: Final[dict[str, Callable[[Summary], str]]] = {".json": _json, ".csv": _csv, ".html": _html}
"""Ending of a report to what writes it."""
