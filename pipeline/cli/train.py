"""`detect.py train`: whatever can be trained, as a file of `configs/` says."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.markup import escape

from pipeline.cli import options
from pipeline.cli.console import results, set_up, write_json
from pipeline.cli.training import (
    CORPORA,
    Also,
    Cache,
    Corpus,
    Device,
    FeaturesOption,
    Protocol,
    Run,
    Seeds,
    TrainingThreads,
    configured,
    given_options,
    named_folders,
    parsed_seeds,
    run_folder,
    score_lines,
    shown_progress,
)
from pipeline.core.errors import EngineMissing, UsageError

__all__ = ["train"]

_OPTIONS: Final = {
    "speech": "data run output corpus also features protocol folds seeds device cache threads",
    "text": "data run output corpus also seeds threads",
    "voice": "texts run output threads",
    "acting": "data output sexes",
    "judge": "data output cache",
}
"""Kind of a file to the options that mean something to it, beside those of every verb."""

_OUTPUTS: Final = {
    "voice": Path("checkpoints/voice"),
    "acting": Path("pipeline/synthesis/prosody/emotions.json"),
    "judge": Path("checkpoints/judge"),
}
"""Kind to where its result goes by default; that of a recogniser goes into the run's folder."""


def train(
    context: typer.Context,
    data: Annotated[
        Path | None, typer.Option("--data", metavar="FOLDER", help="Folder of the corpus; of RAVDESS for acting.")
    ] = None,
    texts: Annotated[
        Path | None,
        typer.Option("--texts", metavar="FILE", help="For a voice: a text on every line, up to the first tab."),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", metavar="FILE", help="YAML file of what is trained and how, otherwise configs/cnn1d.yaml."
        ),
    ] = None,
    kind: Annotated[str | None, typer.Option("--kind", hidden=True)] = None,
    run: Run = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FOLDER", help="Folder of the checkpoint; the table of emotions."),
    ] = None,
    sexes: Annotated[
        Path, typer.Option("--sexes", metavar="FILE", help="For acting: what tells a woman's voice from a man's.")
    ] = Path("pipeline/synthesis/world/speaker_sex.json"),
    corpus: Corpus = None,
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
    """Train a model of speech or text, a voice, its acting or the judge: the config says which.

    A recogniser is trained on all speakers of a corpus, with its score on unheard ones.
    """
    set_up(quiet=quiet, verbose=verbose)
    from pipeline.training.configuration import kind_of

    config = config or Path("configs", f"{kind or 'cnn1d'}.yaml")
    kind = kind or kind_of(config)
    if kind not in _OPTIONS:
        raise UsageError(f"{config} is only evaluated, not trained.", hint="Run detect.py evaluate with it.")
    needed, source = ("texts", texts) if kind == "voice" else ("data", data)
    given = given_options(context) - {"config", "kind", "json", "quiet", "verbose"}
    if source is None:
        raise UsageError(f"Missing option '--{needed}'.", hint="Say where what is learned from lies.")
    if foreign := sorted(given - set(_OPTIONS[kind].split())):
        raise UsageError(
            f"--{foreign[0]} means nothing to {config}, which is of the kind {kind}.", hint="Leave it out."
        )
    with shown_progress() as progress:
        shown: dict[str, Any]
        if kind in ("speech", "text"):
            numbers = parsed_seeds(seeds)
            place = run_folder(config, run, protocol, features)
            output = output or place / "checkpoint"
            how: dict[str, Any] = {
                "corpus": corpus or CORPORA[kind],
                "also": named_folders(also),
                "seeds": numbers,
                "threads": threads,
                "progress": progress,
            }
            if kind == "speech":
                from pipeline.training.speech.feature_store import CACHE
                from pipeline.training.speech.training import train as train_speech

                settings = configured(config, features, device)
                how |= {"protocol": protocol, "folds": folds, "seed": numbers[0], "cache": cache or CACHE}
                shown = train_speech(settings, source, place, output, **how).to_dict()
            else:
                from pipeline.training.text.training import train_text

                shown = train_text(config, source, place, output, **how).to_dict()
        else:
            output = output or _OUTPUTS[kind]
            shown = _train_other(kind, config, source, run, output, sexes, cache, threads, progress)
    if json:
        write_json(shown)
        return
    for line in score_lines(kind, shown.get("scores", {})):
        results.print(line)
    what = {"voice": "voice", "acting": "emotions"}.get(kind, "checkpoint")
    results.print(f"{what}: {escape(str(output))}")


def _train_other(
    kind: str,
    config: Path,
    source: Path,
    run: Path | None,
    output: Path,
    sexes: Path,
    cache: Path | None,
    threads: int,
    progress: Any,
) -> dict[str, Any]:
    """Train what is no recogniser; return its card, or the paths of its tables."""
    from pipeline.training.configuration import load_settings

    if kind == "voice":
        from pipeline.training.voice.settings import VoiceSettings

        try:
            from pipeline.training.voice.training import train as train_voice
        except ModuleNotFoundError as error:
            raise EngineMissing(
                f"The training of the voice cannot be loaded: {error}.", hint="Run pip install '.[emotivoice,train]'."
            ) from error
        return train_voice(
            load_settings(VoiceSettings, config),
            source,
            run or Path("runs/voice"),
            output,
            threads=threads,
            progress=lambda step, done, total: progress(step, done, total, {}),
        )
    if kind == "judge":
        from pipeline.training.judge.actors import train_on_actors
        from pipeline.training.judge.revoiced_copies import CACHE
        from pipeline.training.judge.training import JudgeSettings

        settings = load_settings(JudgeSettings, config)
        return train_on_actors(settings, source, output, cache=cache or CACHE, progress=progress).to_dict()
    from pipeline.training.acting.actors import learn_from_actors
    from pipeline.training.acting.learning import ActingSettings

    learn_from_actors(load_settings(ActingSettings, config), source, output, sexes, progress=progress)
    return {"emotions": str(output), "sexes": str(sexes)}
