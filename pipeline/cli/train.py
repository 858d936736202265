"""`detect.py train`: from a corpus to a checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from pipeline.cli import options
from pipeline.cli.console import results, set_up, write_json
from pipeline.cli.training import (
    Cache,
    Corpus,
    Data,
    Folds,
    Run,
    Seeds,
    TrainingConfig,
    TrainingThreads,
    parsed_seeds,
    score_lines,
    shown_progress,
)

__all__ = ["train"]


def train(
    data: Data,
    config: TrainingConfig = Path("configs/cnn1d.yaml"),
    run: Run = Path("runs/cnn1d"),
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FOLDER", help="Folder of the checkpoint.")
    ] = None,
    corpus: Corpus = "ravdess",
    folds: Folds = 5,
    seeds: Seeds = "0",
    cache: Cache = None,
    threads: TrainingThreads = 1,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Train an emotion model on all speakers of a corpus, with its score on unheard ones."""
    set_up(quiet=quiet, verbose=verbose)
    numbers = parsed_seeds(seeds)

    from pipeline.recognition.speech.features.store import CACHE
    from pipeline.recognition.speech.training import train as train_model

    with shown_progress() as progress:
        card = train_model(
            config,
            data,
            run,
            output,
            corpus=corpus,
            folds=folds,
            seed=numbers[0],
            seeds=numbers,
            cache=cache or CACHE,
            threads=threads,
            progress=progress,
        )
    if json:
        write_json(card.to_dict())
        return
    if card.scores:
        for line in score_lines(card.scores):
            results.print(line)
    results.print(f"checkpoint: {escape(str(output or run / 'checkpoint'))}")
