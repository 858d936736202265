"""`detect.py train`: from a corpus to a checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from pipeline.cli import options
from pipeline.cli.console import results, set_up, write_json
from pipeline.cli.text_training import modality, train_on_text
from pipeline.cli.training import (
    Also,
    Cache,
    Corpus,
    Data,
    Device,
    FeaturesOption,
    Protocol,
    Run,
    Seeds,
    TrainingConfig,
    TrainingThreads,
    configured,
    named_folders,
    parsed_seeds,
    run_folder,
    score_lines,
    shown_progress,
)

__all__ = ["train"]


def train(
    data: Data,
    config: TrainingConfig = Path("configs/cnn1d.yaml"),
    run: Run = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FOLDER", help="Folder of the checkpoint.")
    ] = None,
    corpus: Corpus = "ravdess",
    also: Also = None,
    features: FeaturesOption = None,
    protocol: Protocol = "folds",
    folds: Annotated[
        int, typer.Option("--folds", metavar="N", help="Folds by speaker for the score; 0 measures nothing.")
    ] = 5,
    seeds: Seeds = "0",
    device: Device = "auto",
    cache: Cache = None,
    threads: TrainingThreads = 1,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Train an emotion model on all speakers of a corpus, with its score on unheard ones."""
    set_up(quiet=quiet, verbose=verbose)
    numbers = parsed_seeds(seeds)
    if modality(config) == "text":
        place = run_folder(config, run, "folds", None)
        train_on_text(config, data, place, output, corpus, also or [], numbers, json=json, threads=threads)
        return

    from pipeline.training.speech.feature_store import CACHE
    from pipeline.training.speech.training import train as train_model

    settings = configured(config, features, device)
    place = run_folder(config, run, protocol, features)
    with shown_progress() as progress:
        card = train_model(
            settings,
            data,
            place,
            output,
            corpus=corpus,
            also=named_folders(also),
            protocol=protocol,
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
    results.print(f"checkpoint: {escape(str(output or place / 'checkpoint'))}")
