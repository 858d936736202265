"""What the verbs `train` and `evaluate` do for settings that say `modality: text` or `both`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.markup import escape

from pipeline.cli.console import results, write_json
from pipeline.cli.training import named_folders, shown_progress

__all__ = ["evaluate_on_both", "evaluate_on_text", "modality", "train_on_text"]


def modality(config: Path) -> str:
    """Return what settings are of: `speech`, `text` or `both`."""
    from pipeline.training.configuration import kind_of

    return kind_of(config)


def train_on_text(
    config: Path,
    data: Path,
    run: Path,
    output: Path | None,
    corpus: str,
    also: Sequence[str],
    seeds: Sequence[int],
    *,
    json: bool,
    threads: int,
) -> None:
    """Train a text model, write its checkpoint and show its scores."""
    from pipeline.training.text.training import train_text

    how = {"corpus": _corpus(corpus), "also": named_folders(also), "seeds": seeds, "threads": threads}
    with shown_progress() as progress:
        card = train_text(config, data, run, output, **how, progress=progress)  # type: ignore[arg-type]
    if json:
        write_json(card.to_dict())
        return
    _show(card.scores)
    results.print(f"checkpoint: {escape(str(output or run / 'checkpoint'))}")


def evaluate_on_text(
    config: Path,
    data: Path,
    run: Path,
    corpus: str,
    also: Sequence[str],
    seeds: Sequence[int],
    report: Path | None,
    other: tuple[str, Path] | None,
    *,
    json: bool,
    threads: int,
) -> None:
    """Score a text model, on another corpus too where one is given, and show the scores."""
    from pipeline.training.text.evaluation import judged_place
    from pipeline.training.text.report import write_text_report
    from pipeline.training.text.training import evaluate_text, judged_elsewhere, train_text

    how = {"corpus": _corpus(corpus), "also": named_folders(also), "seeds": seeds, "threads": threads}
    with shown_progress() as progress:
        scores: dict[str, Any] = evaluate_text(config, data, run, **how, progress=progress).to_dict()  # type: ignore[arg-type]
        if other:
            train_text(config, data, run, **how, progress=progress)  # type: ignore[arg-type]
            elsewhere = judged_elsewhere(run / "checkpoint", *other, threads=threads)
            scores["other_corpora"] = {other[0]: elsewhere.to_dict()}
    size = (judged_place(run, seeds[0], 0) / "model.onnx").stat().st_size
    scores["bytes"] = size
    if report:
        write_text_report(config, scores, report)
    if json:
        write_json(scores)
        return
    _show(scores)
    for name, found in scores.get("other_corpora", {}).items():
        results.print(f"\non {escape(name)}:")
        _show(found)
    if report:
        results.print(f"report: {escape(str(report / 'report.md'))}")


def evaluate_on_both(
    config: Path, data: Path, run: Path, corpus: str, seed: int, cache: Path | None, *, json: bool, threads: int
) -> None:
    """Score voice, words and both, one session left out at a time, and show what each reached."""
    from pipeline.training.joint_evaluation import evaluate_joint, load_joint_config
    from pipeline.training.speech.feature_store import CACHE

    with shown_progress() as progress:
        scores = evaluate_joint(
            load_joint_config(config), data, run, corpus=corpus, seed=seed, cache=cache or CACHE, threads=threads,
            progress=progress,
        )  # fmt: skip
    if json:
        write_json(scores.to_dict())
        return
    for name, share in (("speech", scores.speech), ("text", scores.text), ("both", scores.both)):
        results.print(
            f"{name:<7} accuracy [bold]{share.accuracy:.1%}[/], unweighted average recall "
            f"{share.unweighted_average_recall:.1%}, by session "
            + ", ".join(f"{value:.1%}" for value in share.accuracy_by_fold)
        )
    results.print(f"[dim]{scores.protocol}; {scores.clips} clips, seed {scores.seed}[/]")


def _corpus(name: str) -> str:
    """Return the corpus of text; the verbs' default is one of speech."""
    return "goemotions" if name == "ravdess" else name


def _show(scores: dict[str, Any]) -> None:
    by_seed = ", ".join(f"{value:.3f}" for value in scores["macro_f1_by_seed"])
    low, high = scores["macro_f1_interval"]
    results.print(
        f"macro F1 [bold]{scores['macro_f1']:.3f}[/] ({low:.3f} to {high:.3f}; by seed {by_seed}), "
        f"accuracy {scores['accuracy']:.1%}, unweighted average recall {scores['unweighted_average_recall']:.1%}"
    )
    results.print(f"several emotions: macro F1 {scores['several_macro_f1']:.3f}")
    results.print(
        f"calibration error {scores['calibration_error']:.3f}, calibrated {scores['calibration_error_calibrated']:.3f}"
    )
    results.print(
        f"[dim]{scores['protocol']}; {scores['texts']} texts of one emotion, {scores['several_texts']} in all[/]"
    )
