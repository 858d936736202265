"""`detect.py read TEXT|FILE|-`: tell the emotion of words, written or in subtitles."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from pipeline.cli import options
from pipeline.cli.arguments import require_text
from pipeline.cli.console import note, print_error, results, talk, write_json
from pipeline.cli.convert import emotion_table
from pipeline.core.errors import ResayError, UsageError
from pipeline.core.failures import named
from pipeline.core.messages import reason

if TYPE_CHECKING:
    from pipeline.core.settings import Settings
    from pipeline.recognition.text.recogniser import Reading, TextRecogniser

__all__ = ["check_texts", "read", "read_texts"]


@options.takes("text_model")
def read(
    text: Annotated[
        list[str],
        typer.Argument(
            metavar="TEXT|FILE|-",
            help="A text, a file or standard input with one text per line, or subtitles.",
            show_default=False,
        ),
    ],
    model: Annotated[
        Path | None,
        typer.Option(
            "--model", "--checkpoint", metavar="FOLDER", help="As `train` wrote it; the shipped one by default."
        ),
    ] = None,
    spoken: Annotated[bool, typer.Option("--spoken", help="Somebody said it: a transcript, subtitles.")] = False,
    json: options.Json = False,
    *,
    settings: Settings,
) -> None:
    """Tell the emotion of words: the probability of each, and of each sentence."""
    check_texts(text)

    from pipeline.recognition.text import READERS

    spec = READERS.choose(str(model.absolute()) if model else settings.text_model)
    read_texts(READERS.create(spec, threads=settings.threads), text, spoken=spoken, as_json=json)


def check_texts(arguments: Iterable[str]) -> None:
    """Refuse names of files and folders among texts, before anything is loaded.

    Raises:
        UsageError: A folder is named, or a file that is not there, or every text is empty.
    """
    if not any(argument.strip() for argument in arguments):
        raise UsageError("There is no text to read.", hint="Give words, a file with one text per line, or -.")
    for argument in filter(str.strip, arguments):
        if argument != "-" and not os.path.isfile(argument):
            require_text(argument)


def read_texts(recogniser: TextRecogniser, arguments: list[str], *, spoken: bool = False, as_json: bool) -> None:
    """Show the emotion of each text that arguments stand for; a text that cannot be read is told and passed over.

    Raises:
        UsageError: There is no text at all, a file cannot be read, or the only text cannot be judged.
        typer.Exit: One of several texts failed: exit code 1.
    """
    done = failed = 0
    last: ResayError | None = None
    for text in _texts(arguments):
        done += 1
        try:
            found = recogniser.read(text, spoken=spoken)
        except UsageError as error:
            failed, last = failed + 1, error
            if as_json:
                write_json({"text": text, "error": error.to_dict()})
            print_error(named(error, text[:40]))
            continue
        if as_json:
            write_json(found.to_dict())
        else:
            _show(found)
    if not done:
        raise UsageError("There is no text to read.", hint="Give words, a file with one text per line, or -.")
    if last and done == 1:
        raise last
    if failed:
        talk.print(f"{failed} of {done} texts failed.")
        raise typer.Exit(1)


def _texts(arguments: list[str]) -> Iterator[str]:
    """Yield texts: arguments as they are, files and standard input line by line without empty lines."""
    for argument in arguments:
        if argument == "-":
            yield from _lines(sys.stdin.buffer.read(), "standard input")
        elif os.path.isfile(argument):
            yield from _texts_of(Path(argument))
        elif argument.strip():
            yield argument


def _texts_of(path: Path) -> Iterator[str]:
    """Yield the phrases of subtitles, or the lines of another file."""
    from pipeline.transcripts.subtitle_files import SUBTITLE_ENDINGS
    from pipeline.transcripts.subtitle_reading import read_subtitles

    if path.suffix.removeprefix(".").casefold() in SUBTITLE_ENDINGS:
        written = read_subtitles(path)
        for text in written.notes:
            note(text)
        yield from (segment.text for segment in written.segments)
        return
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {reason(error)}.") from error
    yield from _lines(content, str(path))


def _lines(content: bytes, source: str) -> Iterator[str]:
    from pipeline.frontend.encodings import NotText, decoded

    try:
        written = decoded(content)
    except NotText as error:
        raise UsageError(f"{source} cannot be read: {error}.", hint="Is it a recording?") from error
    for text in written.notes(source):
        note(text)
    yield from (line for line in written.text.split("\n") if line.strip())


def _show(reading: Reading) -> None:
    results.print(f"[bold]{escape(_short(reading.text))}[/]  {reading.scores.top} {reading.scores.confidence:.0%}")
    results.print(emotion_table(reading.scores))
    if reading.sentences:
        table = Table.grid(padding=(0, 2))
        for part in reading.sentences:
            table.add_row("", part.scores.top, f"{part.scores.confidence:4.0%}", escape(_short(part.text)))
        results.print(table)
    for text in (*reading.scores.warnings, *reading.scores.notes):
        note(text)


def _short(text: str, length: int = 100) -> str:
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1] + "…"
