"""`detect.py evaluate`: how good an emotion model is on speakers that it has not heard."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from pipeline.cli import options
from pipeline.cli.console import results, set_up, write_json
from pipeline.cli.text_training import evaluate_on_both, evaluate_on_text, modality
from pipeline.cli.training import (
    Also,
    Cache,
    Corpus,
    Data,
    Device,
    FeaturesOption,
    Folds,
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
from pipeline.core.errors import UsageError

__all__ = ["evaluate"]


def evaluate(
    data: Data,
    config: TrainingConfig = Path("configs/cnn1d.yaml"),
    run: Run = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FOLDER", help="Write report.md and report.html with plots.")
    ] = None,
    robustness: Annotated[
        int, typer.Option("--robustness", metavar="N", help="Clips per fold to judge in noise, at other levels, ...")
    ] = 0,
    test_corpus: Annotated[
        str | None, typer.Option("--test-corpus", metavar="NAME", help="Another corpus to judge the models on.")
    ] = None,
    test_data: Annotated[
        Path | None, typer.Option("--test-data", metavar="FOLDER", help="Folder of that corpus.")
    ] = None,
    corpus: Corpus = "ravdess",
    also: Also = None,
    features: FeaturesOption = None,
    protocol: Protocol = "folds",
    folds: Folds = 5,
    seeds: Seeds = "0",
    device: Device = "auto",
    cache: Cache = None,
    threads: TrainingThreads = 1,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Score an emotion model on speakers that it has not heard, fold by fold."""
    set_up(quiet=quiet, verbose=verbose)
    numbers = parsed_seeds(seeds)
    if bool(test_corpus) != bool(test_data):
        raise UsageError("--test-corpus and --test-data belong together.", hint="Give both, or neither.")
    kind = modality(config)
    if robustness and kind != "speech":
        raise UsageError("--robustness is about sound; these settings read words.", hint="Leave it out.")
    if kind == "both":
        place = run_folder(config, run, "folds", None)
        evaluate_on_both(config, data, place, corpus, numbers[0], cache, json=json, threads=threads)
        return
    if kind == "text":
        other = (test_corpus, test_data) if test_corpus and test_data else None
        place = run_folder(config, run, "folds", None)
        evaluate_on_text(config, data, place, corpus, also or [], numbers, report, other, json=json, threads=threads)
        return
    if not folds:
        protocol, folds = "speaker", 5

    from pipeline.training.speech.feature_store import CACHE
    from pipeline.training.speech.robustness import cross_corpus, measured_robustness
    from pipeline.training.speech.training import evaluate as evaluate_model

    settings = configured(config, features, device)
    place = run_folder(config, run, protocol, features)
    with shown_progress() as progress:
        scores = evaluate_model(
            settings,
            data,
            place,
            corpus=corpus,
            also=named_folders(also),
            protocol=protocol,
            folds=folds,
            seeds=numbers,
            cache=cache or CACHE,
            threads=threads,
            progress=progress,
        ).to_dict()
        if robustness:
            scores["robustness"] = measured_robustness(
                place, data, clips=robustness, seed=numbers[0], threads=threads, progress=progress
            )
        if test_corpus and test_data:
            scores["other_corpora"] = {
                test_corpus: cross_corpus(
                    place, test_corpus, test_data, seed=numbers[0], cache=cache or CACHE, progress=progress
                )
            }
    if report:
        from pipeline.training.speech.report import write_report

        write_report(place, scores, report)
    if json:
        write_json(scores)
        return
    for line in score_lines(scores):
        results.print(line)
    if report:
        results.print(f"report: {escape(str(report / 'report.html'))}")
