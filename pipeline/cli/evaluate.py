"""`detect.py evaluate`: how good an emotion model is on speakers that it has not heard."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from pipeline.cli import options
from pipeline.cli.console import results, set_up, write_json
from pipeline.cli.training import (
    CORPORA,
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
    corpus: Corpus = None,
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
    from pipeline.training.configuration import kind_of

    kind = kind_of(config)
    if kind not in CORPORA:
        raise UsageError(f"{config} is of the kind {kind}, whose scores are measured when it is trained.")
    if robustness and kind != "speech":
        raise UsageError("--robustness is about sound; these settings read words.", hint="Leave it out.")
    other = (test_corpus, test_data) if test_corpus and test_data else None
    with shown_progress() as progress:
        how: dict[str, Any] = {"corpus": corpus or CORPORA[kind], "threads": threads, "progress": progress}
        several = {"also": named_folders(also), "seeds": numbers}
        if kind != "speech":
            protocol, features = "folds", None
        elif not folds:
            protocol, folds = "speaker", 5
        place = run_folder(config, run, protocol, features)
        if kind == "both":
            scores = _both(config, data, place, seed=numbers[0], cache=cache, **how)
        elif kind == "text":
            scores = _text(config, data, place, other, **how, **several)
        else:
            settings = configured(config, features, device)
            scores = _speech(
                settings, data, place, robustness, other, protocol=protocol, folds=folds, cache=cache, **how, **several
            )
    page = _written(kind, config, place, scores, report) if report and kind != "both" else None
    if json:
        write_json(scores)
        return
    for line in _both_lines(scores) if kind == "both" else score_lines(kind, scores):
        results.print(line)
    for name, found in scores.get("other_corpora", {}).items() if kind == "text" else ():
        results.print(f"\non {escape(name)}:")
        for line in score_lines(kind, found):
            results.print(line)
    if page:
        results.print(f"report: {escape(str(page))}")


def _speech(
    settings: Any,
    data: Path,
    run: Path,
    robustness: int,
    other: tuple[str, Path] | None,
    *,
    cache: Path | None,
    **how: Any,
) -> dict[str, Any]:
    """Score a model of speech, in noise and on another corpus too where that is asked for."""
    from pipeline.training.speech.feature_store import CACHE
    from pipeline.training.speech.robustness import cross_corpus, measured_robustness
    from pipeline.training.speech.training import evaluate as evaluate_speech

    seed, progress = how["seeds"][0], how["progress"]
    scores = evaluate_speech(settings, data, run, cache=cache or CACHE, **how).to_dict()
    if robustness:
        scores["robustness"] = measured_robustness(
            run, data, clips=robustness, seed=seed, threads=how["threads"], progress=progress
        )
    if other:
        scores["other_corpora"] = {
            other[0]: cross_corpus(run, *other, seed=seed, cache=cache or CACHE, progress=progress)
        }
    return scores


def _text(config: Path, data: Path, run: Path, other: tuple[str, Path] | None, **how: Any) -> dict[str, Any]:
    """Score a text model, on another corpus too where one is given."""
    from pipeline.training.text.evaluation import judged_place
    from pipeline.training.text.training import evaluate_text, judged_elsewhere, train_text

    scores = evaluate_text(config, data, run, **how).to_dict()
    if other:
        train_text(config, data, run, **how)
        elsewhere = judged_elsewhere(run / "checkpoint", *other, threads=how["threads"])
        scores["other_corpora"] = {other[0]: elsewhere.to_dict()}
    scores["bytes"] = (judged_place(run, how["seeds"][0], 0) / "model.onnx").stat().st_size
    return scores


def _both(config: Path, data: Path, run: Path, *, cache: Path | None, **how: Any) -> dict[str, Any]:
    """Score voice, words and both, one session left out at a time."""
    from pipeline.training.joint_evaluation import evaluate_joint, load_joint_config
    from pipeline.training.speech.feature_store import CACHE

    return evaluate_joint(load_joint_config(config), data, run, cache=cache or CACHE, **how).to_dict()


def _written(kind: str, config: Path, run: Path, scores: dict[str, Any], folder: Path) -> Path:
    """Write a report and return the page to be read."""
    if kind == "text":
        from pipeline.training.text.report import write_text_report

        write_text_report(config, scores, folder)
        return folder / "report.md"
    from pipeline.training.speech.report import write_report

    write_report(run, scores, folder)
    return folder / "report.html"


def _both_lines(scores: dict[str, Any]) -> list[str]:
    lines = [
        f"{name:<7} accuracy [bold]{scores[name]['accuracy']:.1%}[/], unweighted average recall "
        f"{scores[name]['unweighted_average_recall']:.1%}, by session "
        + ", ".join(f"{value:.1%}" for value in scores[name]["accuracy_by_fold"])
        for name in ("speech", "text", "both")
    ]
    return [*lines, f"[dim]{scores['protocol']}; {scores['clips']} clips, seed {scores['seed']}[/]"]
