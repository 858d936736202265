"""What the verbs `train` and `evaluate` share: their options and how they show what is going on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.markup import escape

from pipeline.cli.inputs import progress_bar
from pipeline.core.errors import UsageError

__all__ = [
    "CORPORA",
    "Also",
    "Cache",
    "Corpus",
    "Data",
    "Device",
    "FeaturesOption",
    "Folds",
    "Protocol",
    "Run",
    "Seeds",
    "TrainingConfig",
    "TrainingThreads",
    "configured",
    "given_options",
    "named_folders",
    "parsed_seeds",
    "run_folder",
    "score_lines",
    "shown_progress",
]

TrainingConfig = Annotated[Path, typer.Option("--config", metavar="FILE", help="YAML file of the model and training.")]
Data = Annotated[Path, typer.Option("--data", metavar="FOLDER", help="Folder of the corpus.", show_default=False)]
Run = Annotated[
    Path | None,
    typer.Option(
        "--run",
        metavar="FOLDER",
        help="Folder for log, scores, plots and weights; a run goes on there. runs/NAME for configs/NAME.yaml.",
    ),
]
FeaturesOption = Annotated[
    str | None, typer.Option("--features", metavar="NAME", help="Other features than those of the file.")
]
Protocol = Annotated[
    str,
    typer.Option(
        "--protocol",
        metavar="NAME",
        help="folds (by speaker), speaker or session (one left out at a time) or random (it leaks).",
    ),
]
Device = Annotated[str, typer.Option("--device", metavar="NAME", help="auto, cpu, cuda, or mps for fine-tuning.")]
Corpus = Annotated[
    str | None,
    typer.Option("--corpus", metavar="NAME", help="How the folder is read: ravdess by default, goemotions for text."),
]
CORPORA: Final = {"speech": "ravdess", "text": "goemotions", "both": "iemocap"}
"""Kind of a config to the corpus that is read by default."""

Also = Annotated[
    list[str] | None,
    typer.Option(
        "--also",
        metavar="NAME=FOLDER",
        help="Another corpus to train on too: meld=DIR for words, read speech such as librispeech=DIR for voices.",
    ),
]
Folds = Annotated[
    int, typer.Option("--folds", metavar="N", help="Folds by speaker; 0 leaves one speaker out at a time.")
]
Seeds = Annotated[str, typer.Option("--seeds", metavar="N,N,...", help="Seeds; scores are means over them.")]
Cache = Annotated[
    Path | None, typer.Option("--cache", metavar="FOLDER", help="Folder for features, otherwise in ~/.cache/resay.")
]
TrainingThreads = Annotated[int, typer.Option("--threads", metavar="N", help="Computing threads; 0 for all.")]


def given_options(context: typer.Context) -> set[str]:
    """Return the names of the options that stand on the command line."""
    sources = {name: context.get_parameter_source(name) for name in context.params}
    return {name for name, source in sources.items() if source is not None and source.name == "COMMANDLINE"}


def named_folders(given: Sequence[str] | None) -> dict[str, Path]:
    """Read what `--also` says.

    Raises:
        UsageError: It is not NAME=FOLDER.
    """
    found = {}
    for entry in given or ():
        name, separator, folder = entry.partition("=")
        if not separator:
            raise UsageError(f"--also {entry} names no folder.", hint="Give NAME=FOLDER, such as meld=../data/meld.")
        found[name.casefold()] = Path(folder)
    return found


def parsed_seeds(text: str) -> tuple[int, ...]:
    """Read seeds, such as `0,1,2`.

    Raises:
        UsageError: They are no numbers.
    """
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError as error:
        raise UsageError(
            f"'{text}' are no seeds.", hint="Give whole numbers with commas between, such as 0,1,2."
        ) from error


def run_folder(config: Path, run: Path | None, protocol: str, features: str | None) -> Path:
    """Return where a run is kept: where a person says, or a folder of the name of the settings."""
    name = "-".join([config.stem, *([features] if features else []), *([protocol] if protocol != "folds" else [])])
    return run or Path("runs", name)


def configured(config: Path, features: str | None, device: str) -> Any:
    """Read the settings of a model, and prepare the device that it is to be trained on.

    Raises:
        SettingsError: The settings are wrong.
        UsageError: There is no such device.
    """
    from pipeline.training.configuration import load_config
    from pipeline.training.speech.models import MODELS

    settings: Any = load_config(config, features=features)
    MODELS.find(settings.model).use_device(device)
    return settings


@contextmanager
def shown_progress() -> Iterator[Callable[[str, int, int, dict[str, float]], None]]:
    """Give a listener that draws one bar per step of a training."""
    with progress_bar() as progress:
        tasks: dict[str, Any] = {}

        def listen(step: str, done: int, total: int, values: dict[str, float]) -> None:
            if step not in tasks:
                tasks[step] = progress.add_task(escape(step), total=total)
            figures = " ".join(f"{name} {value:.3f}" for name, value in values.items())
            progress.update(tasks[step], completed=done, description=escape(f"{step} {figures}".rstrip()))

        yield listen


def score_lines(kind: str, scores: dict[str, Any]) -> list[str]:
    """Return scores as lines for people.

    Args:
        kind: What was trained or evaluated: `speech`, `text`, `voice` or `judge`.
        scores: As they stand in its card; empty where none were measured.
    """
    if not scores:
        return []
    if kind == "voice":
        return [f"{name.replace('_', ' ')} [bold]{value}[/]" for name, value in scores.items()]
    if kind == "judge":
        told = {how: shares for how, shares in scores.items() if how != "protocol"}
        return [
            f"right on unheard speakers, {how}: "
            + ", ".join(f"{sound} {shares['all']:.1%}" for sound, shares in found.items())
            for how, found in told.items()
        ]
    recall = f"unweighted average recall {scores['unweighted_average_recall']:.1%}"
    calibration = (
        f"calibration error {scores['calibration_error']:.3f}, calibrated {scores['calibration_error_calibrated']:.3f}"
    )
    if kind == "text":
        by_seed = ", ".join(f"{value:.3f}" for value in scores["macro_f1_by_seed"])
        low, high = scores["macro_f1_interval"]
        return [
            f"macro F1 [bold]{scores['macro_f1']:.3f}[/] ({low:.3f} to {high:.3f}; by seed {by_seed}), "
            f"accuracy {scores['accuracy']:.1%}, {recall}",
            f"several emotions: macro F1 {scores['several_macro_f1']:.3f}",
            calibration,
            f"[dim]{scores['protocol']}; {scores['texts']} texts of one emotion, {scores['several_texts']} in all[/]",
        ]
    return [
        f"accuracy [bold]{scores['accuracy']:.1%}[/]  by seed "
        + ", ".join(f"{value:.1%}" for value in scores["accuracy_by_seed"])
        + ", by fold "
        + ", ".join(f"{value:.1%}" for value in scores["accuracy_by_fold"]),
        "between {:.1%} and {:.1%} with other speakers (95 %)".format(*scores["accuracy_interval"]),
        f"{recall}, macro F1 {scores['macro_f1']:.3f}",
        calibration,
        f"[dim]{scores['protocol']}; {scores['clips']} clips, {scores['speakers']} speakers[/]",
    ]
