"""`detect.py train-voice`: from a file of texts to the embedded voice."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from pipeline.cli import options
from pipeline.cli.console import results, set_up, write_json
from pipeline.cli.training import TrainingThreads, shown_progress

__all__ = ["train_voice"]


def train_voice(
    texts: Annotated[
        Path,
        typer.Option("--texts", metavar="FILE", help="A text on every line, up to the first tab.", show_default=False),
    ],
    config: Annotated[Path, typer.Option("--config", metavar="FILE", help="YAML file of sizes and schedule.")] = Path(
        "configs/voice.yaml"
    ),
    run: Annotated[
        Path, typer.Option("--run", metavar="FOLDER", help="Folder for what the teacher read; a run goes on there.")
    ] = Path("runs/voice"),
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FOLDER", help="Folder of the voice.")] = Path(
        "checkpoints/voice"
    ),
    threads: TrainingThreads = 1,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Train the embedded voice on what Festival's HTS voice reads (needs Festival and torch)."""
    set_up(quiet=quiet, verbose=verbose)

    from pipeline.core.errors import EngineMissing
    from pipeline.training.configuration import load_settings
    from pipeline.training.voice.settings import VoiceSettings

    try:
        from pipeline.training.voice.training import train
    except ModuleNotFoundError as error:
        raise EngineMissing(
            f"The training of the voice cannot be loaded: {error}.", hint="Run pip install '.[emotivoice,train]'."
        ) from error

    settings = load_settings(VoiceSettings, config)
    with shown_progress() as progress:
        card = train(
            settings,
            texts,
            run,
            output,
            threads=threads,
            progress=lambda step, done, total: progress(step, done, total, {}),
        )
    if json:
        write_json(card)
        return
    for name, value in card["scores"].items():
        results.print(f"{name.replace('_', ' ')} [bold]{value}[/]")
    results.print(f"voice: {escape(str(output))}")
