"""Options that mean the same with every verb."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.console import set_up

if TYPE_CHECKING:
    from pipeline.core.settings import Settings

__all__ = [
    "Asr",
    "AudioInputs",
    "Candidates",
    "Config",
    "Device",
    "EmotionFrom",
    "Formats",
    "Hint",
    "Json",
    "KeepTiming",
    "Language",
    "Model",
    "Offline",
    "Quiet",
    "SpokenFormats",
    "Strength",
    "Threads",
    "Tts",
    "Verbose",
    "Verify",
    "settings_for",
]

_ENGINES = "Engines"
_TALK = "Talk"

AudioInputs = Annotated[
    list[str],
    typer.Argument(metavar="AUDIO...", help="Files, folders, globs, or - for standard input.", show_default=False),
]
Model = Annotated[str | None, typer.Option("--model", metavar="NAME", help="Emotion model.", rich_help_panel=_ENGINES)]
Asr = Annotated[
    str | None, typer.Option("--asr", metavar="NAME", help="Transcription engine.", rich_help_panel=_ENGINES)
]
Tts = Annotated[str | None, typer.Option("--tts", metavar="NAME", help="Synthesis engine.", rich_help_panel=_ENGINES)]
Language = Annotated[
    str | None,
    typer.Option("--language", metavar="CODE", help="Language spoken, such as en.", rich_help_panel=_ENGINES),
]
Device = Annotated[
    str | None, typer.Option("--device", metavar="NAME", help="auto, cpu, cuda or mps.", rich_help_panel=_ENGINES)
]
Threads = Annotated[
    int | None,
    typer.Option("--threads", metavar="N", help="Computing threads of an engine.", rich_help_panel=_ENGINES),
]
Offline = Annotated[
    bool,
    typer.Option("--offline", help="Forbid every engine to reach for the network.", rich_help_panel=_ENGINES),
]
Config = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="YAML file of settings.", rich_help_panel=_TALK),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object per line.", rich_help_panel=_TALK)]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Say nothing on standard error but errors.", rich_help_panel=_TALK)
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show the log of every stage.", rich_help_panel=_TALK)]
Formats = Annotated[
    str,
    typer.Option(
        "--formats", "-f", metavar="LIST", help="Write the text as files: txt, json, srt, vtt, tsv.", show_default=False
    ),
]
SpokenFormats = Annotated[
    str,
    typer.Option(
        "--formats",
        "-f",
        metavar="LIST",
        help="Kinds of files: wav, flac, mp3, opus for the sound; txt, srt, vtt, tsv for what it says.",
        show_default=False,
    ),
]
Hint = Annotated[
    str | None,
    typer.Option("--hint", metavar="WORDS", help="Names and words to expect, separated by commas."),
]
EmotionFrom = Annotated[
    str | None,
    typer.Option(
        "--emotion-from",
        metavar="PART|AUDIO",
        help="What auto goes by: speech, text (its words) or both; or another recording, whose emotion and strength it"
        " takes.",
        show_default=False,
    ),
]
KeepTiming = Annotated[
    bool | None,
    typer.Option("--keep-timing", help="Fit every phrase to its place, at 0.8 to 1.25 times its duration."),
]
Verify = Annotated[
    bool | None,
    typer.Option("--verify", help="Listen to the result again; exit code 1 where it is not as asked for."),
]
Candidates = Annotated[
    int | None,
    typer.Option(
        "--candidates", metavar="N", help="Render N variants and keep the one that is heard best.", show_default=False
    ),
]
Strength = Annotated[
    float | None,
    typer.Option("--strength", metavar="X", help="How strongly the emotion is acted, 0 to 2.", show_default=False),
]


def settings_for(
    *, config: Path | None = None, quiet: bool = False, verbose: bool = False, offline: bool = False, **flags: Any
) -> Settings:
    """Set the talk up and return the settings that result from flags, environment and files.

    Raises:
        SettingsError: A value is impossible, or a file unreadable.
    """
    from pipeline.core.settings import load_settings

    set_up(quiet=quiet, verbose=verbose)
    if offline:
        _forbid_network()
    return load_settings(flags, config=config)[0]


def _forbid_network() -> None:
    """Tell the libraries that fetch weights by themselves to leave it."""
    import os

    for variable in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE"):
        os.environ[variable] = "1"
