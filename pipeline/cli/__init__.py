"""The command line: one file per verb, and a default verb that is the conversion."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Annotated, Final

import typer

from pipeline import __version__
from pipeline.cli.arguments import is_emotion, is_recording
from pipeline.cli.console import fail
from pipeline.core.errors import ResayError, UsageError
from pipeline.core.voices import VOICE_PRESETS, canonical_voice

__all__ = ["VERBS", "app", "main", "with_verb"]

app = typer.Typer(
    name="detect.py",
    help=(
        "Hear a recording, tell how and what was said, and say it again in the emotion and voice that you choose.\n\n"
        "[bold]python detect.py AUDIO... [EMOTION] [SPEAKER][/bold]\n\n"
        "AUDIO is a file, several files, a folder, a glob or - for standard input. "
        "EMOTION is auto (the detected one), neutral, calm, happy, sad, angry, fearful, disgusted, surprised or a mood "
        "of your own. SPEAKER is youngwoman, youngman, smallgirl or middlemale. "
        "The result is output/N.wav with output/N.json beside it."
    ),
    epilog="The options of the conversion: python detect.py convert --help. A file named like a verb: ./train",
    subcommand_metavar="AUDIO... [EMOTION] [SPEAKER] | VERB ...",
    rich_markup_mode="rich",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

VERBS: Final[dict[str, Callable[..., None]]] = {
    verb: getattr(import_module(f"{__name__}.{verb}"), verb)
    for verb in (
        "convert recognize transcribe speak read verify preprocess train evaluate predict corpora models voices "
        "emotions doctor licenses"
    ).split()
}
"""Verb to the function that does it, which bears its name in a module of its name; in the order of the help."""

_ALIASES: Final[dict[str, tuple[str, ...]]] = {
    "recognise": ("recognize",),
    **{f"train-{kind}": ("train", "--kind", kind) for kind in ("voice", "acting", "judge")},
}
"""Other names of verbs, and what they stand for."""

_SIMILAR: Final = 0.75
"""Likeness in [0, 1] from which a word is taken for a mistyped verb; set by hand."""

for verb, command in VERBS.items():
    app.command(verb)(command)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"Resay {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Take the options that stand before any verb."""


def with_verb(arguments: Sequence[str]) -> list[str]:
    """Put the default verb in front of arguments that name none, and a verb in the place of its other names.

    Raises:
        UsageError: The first argument is a mistyped verb, or a word for an emotion or a voice.

    >>> with_verb(["recording.wav", "happy"])
    ['convert', 'recording.wav', 'happy']
    >>> with_verb(["recognize", "recording.wav"])
    ['recognize', 'recording.wav']
    >>> with_verb(["train-voice", "--texts", "texts.tsv"])
    ['train', '--kind', 'voice', '--texts', 'texts.tsv']
    """
    first = arguments[0] if arguments else ""
    if first in _ALIASES:
        return [*_ALIASES[first], *arguments[1:]]
    if not arguments or first in {*VERBS, "-h", "--help", "--version"}:
        return list(arguments)
    if not (first.startswith("-") or is_recording(first)):
        if near := difflib.get_close_matches(first.casefold(), [*VERBS, *_ALIASES], n=1, cutoff=_SIMILAR):
            raise UsageError(f"There is neither a verb nor a file '{first}'.", hint=f"Did you mean {near[0]}?")
        if is_emotion(first) or canonical_voice(first) in VOICE_PRESETS:
            raise UsageError(f"'{first}' is no recording.", hint="Give AUDIO... [EMOTION] [SPEAKER].")
    return ["convert", *arguments]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and leave with its exit code.

    Args:
        arguments: What stands after the program's name; those of the process by default.
    """
    try:
        app(args=with_verb(sys.argv[1:] if arguments is None else arguments), prog_name="detect.py")
    except ResayError as error:
        fail(error)
