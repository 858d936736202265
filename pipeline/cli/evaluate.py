"""`detect.py evaluate`: how good an emotion model is on speakers that it has not heard."""

from __future__ import annotations

from pathlib import Path

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

__all__ = ["evaluate"]


def evaluate(
    data: Data,
    config: TrainingConfig = Path("configs/cnn1d.yaml"),
    run: Run = Path("runs/cnn1d"),
    corpus: Corpus = "ravdess",
    folds: Folds = 5,
    seeds: Seeds = "0",
    cache: Cache = None,
    threads: TrainingThreads = 1,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Score an emotion model on speakers that it has not heard, fold by fold."""
    set_up(quiet=quiet, verbose=verbose)
    numbers = parsed_seeds(seeds)

    from pipeline.recognition.speech.features.store import CACHE
    from pipeline.recognition.speech.training import evaluate as evaluate_model

    with shown_progress() as progress:
        scores = evaluate_model(
            config,
            data,
            run,
            corpus=corpus,
            folds=folds,
            seeds=numbers,
            cache=cache or CACHE,
            threads=threads,
            progress=progress,
        ).to_dict()
    if json:
        write_json(scores)
        return
    for line in score_lines(scores):
        results.print(line)
