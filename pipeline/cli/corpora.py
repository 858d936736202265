"""`detect.py corpora`: the corpora that a model can be trained on, how to get each, and what is in one's copy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from pipeline.cli import options
from pipeline.cli.console import results, set_up, write_json
from pipeline.cli.training import shown_progress

if TYPE_CHECKING:
    from pipeline.training.corpora import Corpus, Recording

__all__ = ["corpora"]


def corpora(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="One corpus, in full.", show_default=False)] = None,
    data: Annotated[
        Path | None, typer.Option("--data", metavar="FOLDER", help="A copy of it: what is in there, and what twice.")
    ] = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """List the corpora of speech that can be read, or look into a copy of one."""
    set_up(quiet=quiet, verbose=verbose)

    from pipeline.core.errors import UsageError
    from pipeline.training.corpora import CORPORA, duplicates

    if data is not None:
        if name is None:
            raise UsageError(f"Nobody said which corpus lies in {data}.", hint="Give its name: corpora NAME --data ...")
        recordings = CORPORA.find(name).read(data)
        with shown_progress() as progress:
            twice = duplicates(recordings, lambda done, total: progress("looking for duplicates", done, total, {}))
        contents = _contents(recordings, twice)
        if json:
            write_json({"corpus": name.casefold(), "folder": str(data), **contents})
        else:
            _show_contents(contents)
        return
    chosen = CORPORA if name is None else (CORPORA.find(name),)
    if json:
        for corpus in chosen:
            write_json(corpus.model_dump(mode="json", exclude={"reader", "files", "labels"}))
    elif name is None:
        _show_table(chosen)
    else:
        _show_corpus(chosen[0])


def _show_table(chosen: Sequence[Corpus[Recording]]) -> None:
    table = Table("name", "what", "language", "speakers", "clips", "licence")
    for corpus in chosen:
        table.add_row(
            corpus.name,
            corpus.title,
            ", ".join(corpus.languages),
            str(corpus.speakers or ""),
            str(corpus.clips or ""),
            corpus.licence,
        )
    results.print(table)
    results.print("How to get one: detect.py corpora NAME. What is in a copy: detect.py corpora NAME --data FOLDER.")


def _show_corpus(corpus: Corpus[Recording]) -> None:
    results.print(f"[bold]{escape(corpus.name)}[/]: {escape(corpus.title)}")
    lines = {
        "language": ", ".join(corpus.languages),
        "complete": f"{corpus.clips} clips of {corpus.speakers} speakers" if corpus.clips else "",
        "get it": corpus.source,
        "unpack": corpus.unpack,
        "licence": corpus.licence,
        "weights": corpus.weights,
        "cite": corpus.citation,
    }
    for label, text in lines.items():
        if text:
            results.print(f"{label:<9} {escape(text)}")


def _contents(recordings: Sequence[Recording], twice: Sequence[Sequence[Recording]]) -> dict[str, Any]:
    """Return what is in a copy, as it stands in the JSON."""

    def counted(value: Callable[[Recording], str]) -> dict[str, int]:
        return dict(sorted(Counter(map(value, recordings)).items()))

    return {
        "clips": len(recordings),
        "emotions": counted(lambda recording: recording.emotion),
        "speakers": counted(lambda recording: recording.speaker),
        "sexes": counted(lambda recording: recording.sex or "unknown"),
        "intensities": counted(lambda recording: recording.intensity or "unknown"),
        "duplicates": [
            [
                {"file": str(recording.path), "speaker": recording.speaker, "emotion": recording.emotion}
                for recording in group
            ]
            for group in twice
        ],
    }


def _show_contents(contents: dict[str, Any]) -> None:
    results.print(f"{contents['clips']} clips of {len(contents['speakers'])} speakers")
    for key in ("emotions", "sexes", "intensities", "speakers"):
        counts = ", ".join(f"{name} {number}" for name, number in contents[key].items())
        results.print(f"{key:<12} {escape(counts)}")
    if not contents["duplicates"]:
        results.print("No recording is there twice.")
    for group in contents["duplicates"]:
        results.print("[yellow]the same sound:[/] " + escape(", ".join(entry["file"] for entry in group)))
