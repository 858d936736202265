"""What the verbs `train` and `evaluate` share: their options and how they show what is going on."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.markup import escape

from pipeline.cli import options
from pipeline.cli.console import set_up
from pipeline.cli.inputs import progress_bar
from pipeline.core.errors import UsageError, WeightsMissing
from pipeline.core.options import Options
from pipeline.core.paths import bundled

__all__ = [
    "CORPORA",
    "TrainingOptions",
    "configured",
    "named_folders",
    "parsed_seeds",
    "run_folder",
    "score_lines",
    "settings_file",
    "shown_progress",
    "takes",
]

_KEYWORD: Final = inspect.Parameter.KEYWORD_ONLY

CORPORA: Final = {"speech": "ravdess", "text": "goemotions", "both": "iemocap"}
"""Kind of a config to the corpus that is read by default."""

_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "config": {"metavar": "FILE"},
    "texts": {"metavar": "FILE"},
    "sexes": {"metavar": "FILE"},
    "seeds": {"metavar": "N,N,..."},
    "also": {"metavar": "NAME=FOLDER"},
    "copies": {"min": 0},
    "kind": {"hidden": True},
}
"""What an option has beside what its type tells."""


class TrainingOptions(Options):
    """The options of the verbs that train and evaluate; each takes some."""

    data: Path | None = None
    """Folder of the corpus."""
    texts: Path | None = None
    """For a decoder: a text on every line, up to the first tab."""
    config: Path | None = None
    """YAML file of the model and training."""
    kind: str | None = None
    """What is trained, where the verb says it instead of a file."""
    run: Path | None = None
    """Folder for log, scores, plots and weights; a run goes on there. runs/NAME for configs/NAME.yaml."""
    output: Path | None = None
    """Folder of the checkpoint; the table of emotions."""
    report: Path | None = None
    """Write report.md and report.html with plots."""
    robustness: int = 0
    """Clips per fold to judge in noise, at other levels, ..."""
    test_corpus: str | None = None
    """Another corpus to judge the models on."""
    test_data: Path | None = None
    """Folder of that corpus."""
    sexes: Path = Path("pipeline/synthesis/world/speaker_sex.json")
    """For acting: what tells a woman's voice from a man's."""
    corpus: str | None = None
    """How the folder is read: ravdess by default, goemotions for text."""
    also: list[str] | None = None
    """Another corpus to train on too: meld=DIR for words, read speech such as librispeech=DIR for voices."""
    features: str | None = None
    """Other features than those of the file."""
    copies: int | None = None
    """Augmented copies of each clip, otherwise as in the config."""
    protocol: str = "folds"
    """folds (by speaker), speaker or session (one left out at a time) or random (it leaks)."""
    folds: int = 5
    """Folds by speaker; 0 leaves one speaker out at a time."""
    seeds: str = "0"
    """Seeds; scores are means over them."""
    device: str = "auto"
    """auto, cpu, cuda, or mps for fine-tuning."""
    cache: Path | None = None
    """Folder for features, otherwise in ~/.cache/resay."""
    threads: int = 1
    """Computing threads; 0 for all."""


def takes(names: str, **others: Any) -> Callable[[Callable[[TrainingOptions, set[str], bool], None]], Any]:
    """Give a verb options; its body gets their values, the names of those that were given, and whether to print JSON.

    Args:
        names: Fields of `TrainingOptions`.
        others: Field to another description, or to a default; `...` for one that must be given.
    """

    def decorate(verb: Callable[[TrainingOptions, set[str], bool], None]) -> Callable[..., None]:
        def run(context: typer.Context, json: bool, quiet: bool, verbose: bool, **values: Any) -> None:
            set_up(quiet=quiet, verbose=verbose)
            sources = {name: context.get_parameter_source(name) for name in values}
            given = {name for name, source in sources.items() if source and source.name == "COMMANDLINE"}
            chosen = TrainingOptions(**values)
            if chosen.config:
                chosen = chosen.model_copy(update={"config": settings_file(chosen.config)})
            verb(chosen, given, json)

        parameters = [inspect.Parameter("context", _KEYWORD, annotation=typer.Context)]
        parameters += [_parameter(name, others.get(name)) for name in names.split()]
        talk = {"json": options.Json, "quiet": options.Quiet, "verbose": options.Verbose}
        parameters += [inspect.Parameter(name, _KEYWORD, default=False, annotation=kind) for name, kind in talk.items()]
        run.__name__, run.__doc__ = verb.__name__, verb.__doc__
        return options.declared(run, parameters)

    return decorate


def _parameter(name: str, other: Any) -> inspect.Parameter:
    """Return the parameter from which Typer makes the option of a field."""
    field = TrainingOptions.model_fields[name]
    kind = options.value_type(field)
    told = {"metavar": {int: "N", Path: "FOLDER"}.get(kind, "NAME"), **_OPTIONS.get(name, {})}
    option = typer.Option(*options.flags_of(name), help=other if isinstance(other, str) else field.description, **told)
    default = field.default if other is None or isinstance(other, str) else other
    annotation: Any = Annotated[kind if default is ... else field.annotation, option]
    return inspect.Parameter(
        name, _KEYWORD, default=inspect.Parameter.empty if default is ... else default, annotation=annotation
    )


def settings_file(config: Path) -> Path:
    """Return a file of settings: as it is named, or where the installation has the one of that name.

    Args:
        config: Such as `configs/cnn1d.yaml`, which another folder than that of a checkout does not hold.
    """
    if config.exists() or config.parts[:1] != ("configs",):
        return config
    try:
        return bundled(*config.parts)
    except WeightsMissing:
        return config


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


def run_folder(config: Path, options: TrainingOptions) -> Path:
    """Return where a run is kept: where a person says, or a folder of the name of the settings."""
    protocol = options.protocol if options.protocol != "folds" else ""
    return options.run or Path("runs", "-".join(filter(None, (config.stem, options.features, protocol))))


def configured(config: Path, options: TrainingOptions) -> Any:
    """Read the settings of a model, and prepare the device that it is to be trained on.

    Raises:
        SettingsError: The settings are wrong.
        UsageError: There is no such device.
    """
    from pipeline.training.configuration import load_config
    from pipeline.training.speech.models import MODELS

    settings: Any = load_config(config, features=options.features)
    MODELS.find(settings.model).use_device(options.device)
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
        kind: What was trained or evaluated: `speech`, `text`, `decoder` or `judge`.
        scores: As they stand in its card; empty where none were measured.
    """
    if not scores:
        return []
    if kind == "decoder":
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
