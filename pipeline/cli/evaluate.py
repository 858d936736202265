"""`detect.py evaluate`: how good an emotion model is on speakers that it has not heard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.markup import escape

from pipeline.cli.console import results, write_json
from pipeline.cli.training import (
    CORPORA,
    TrainingOptions,
    configured,
    named_folders,
    parsed_seeds,
    run_folder,
    score_lines,
    shown_progress,
    takes,
)
from pipeline.core.errors import UsageError

__all__ = ["evaluate"]


@takes(
    "data config run report robustness test_corpus test_data corpus also features protocol folds seeds device cache "
    "threads",
    data=...,
    config=Path("configs/cnn1d_ravdess.yaml"),
)
def evaluate(options: TrainingOptions, given: set[str], json: bool) -> None:
    """Score an emotion model on speakers that it has not heard, fold by fold."""
    seeds, test_corpus, test_data = parsed_seeds(options.seeds), options.test_corpus, options.test_data
    if bool(test_corpus) != bool(test_data):
        raise UsageError("--test-corpus and --test-data belong together.", hint="Give both, or neither.")
    from pipeline.training.configuration import kind_of

    config, data = options.config or Path(), options.data or Path()
    kind = kind_of(config)
    if kind not in CORPORA:
        raise UsageError(f"{config} is of the kind {kind}, whose scores are measured when it is trained.")
    if options.robustness and kind != "speech":
        raise UsageError("--robustness is about sound; these settings read words.", hint="Leave it out.")
    other = (test_corpus, test_data) if test_corpus and test_data else None
    if kind != "speech":
        options = options.model_copy(update={"protocol": "folds", "features": None})
    elif not options.folds:
        options = options.model_copy(update={"protocol": "speaker", "folds": 5})
    run = run_folder(config, options)
    if options.report:
        from pipeline.training.checks import require_folders
        from pipeline.transcripts.plots import check_plotting

        require_folders(report=options.report)
        if kind == "speech":
            check_plotting()
    with shown_progress() as progress:
        how: dict[str, Any] = {
            "corpus": options.corpus or CORPORA[kind],
            "threads": options.threads,
            "progress": progress,
        }
        several = {"also": named_folders(options.also), "seeds": seeds}
        if kind == "both":
            scores = _both(config, data, run, options, seed=seeds[0], **how)
        elif kind == "text":
            scores = _text(config, data, run, other, **how, **several)
        else:
            scores = _speech(config, data, run, other, options, **how, **several)
    page = _written(kind, config, run, scores, options.report) if options.report and kind != "both" else None
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
    config: Path, data: Path, run: Path, other: tuple[str, Path] | None, options: TrainingOptions, **how: Any
) -> dict[str, Any]:
    """Score a model of speech, in noise and on another corpus too where that is asked for."""
    from pipeline.training.speech.feature_store import CACHE
    from pipeline.training.speech.robustness import cross_corpus, measured_robustness, require_another
    from pipeline.training.speech.training import evaluate as evaluate_speech

    cache, seed, progress = options.cache or CACHE, how["seeds"][0], how["progress"]
    settings = configured(config, options)
    if (options.robustness or other) and settings.model == "ensemble":
        raise UsageError(
            "An ensemble keeps no models of its folds, which --robustness and --test-corpus judge.",
            hint="Evaluate its members so.",
        )
    if other:
        require_another(*other, (how["corpus"], *how["also"]))
    how |= {"protocol": options.protocol, "folds": options.folds, "cache": cache}
    scores = evaluate_speech(settings, data, run, **how).to_dict()
    if clips := options.robustness:
        scores["robustness"] = measured_robustness(
            run, data, clips=clips, seed=seed, threads=options.threads, progress=progress
        )
    if other:
        scores["other_corpora"] = {other[0]: cross_corpus(run, *other, seed=seed, cache=cache, progress=progress)}
    return scores


def _text(config: Path, data: Path, run: Path, other: tuple[str, Path] | None, **how: Any) -> dict[str, Any]:
    """Score a text model, on another corpus too where one is given."""
    from pipeline.training.text.evaluation import judged_place
    from pipeline.training.text.training import evaluate_text, judged_elsewhere, require_judgeable, train_text

    if other:
        require_judgeable(how["corpus"], data, how["also"], *other)
    scores = evaluate_text(config, data, run, **how).to_dict()
    if other:
        train_text(config, data, run, **how)
        elsewhere = judged_elsewhere(run / "checkpoint", *other, threads=how["threads"])
        scores["other_corpora"] = {other[0]: elsewhere.to_dict()}
    scores["bytes"] = (judged_place(run, how["seeds"][0], 0) / "model.onnx").stat().st_size
    return scores


def _both(config: Path, data: Path, run: Path, options: TrainingOptions, **how: Any) -> dict[str, Any]:
    """Score voice, words and both, one session left out at a time."""
    from pipeline.training.joint_evaluation import evaluate_joint, load_joint_config
    from pipeline.training.speech.feature_store import CACHE

    return evaluate_joint(load_joint_config(config), data, run, cache=options.cache or CACHE, **how).to_dict()


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
