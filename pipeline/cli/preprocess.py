"""`detect.py preprocess`: the features of a corpus, computed ahead of training."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli import options
from pipeline.cli.console import results, set_up, write_json
from pipeline.cli.training import (
    Also,
    Cache,
    Corpus,
    Data,
    FeaturesOption,
    TrainingConfig,
    TrainingThreads,
    named_folders,
    shown_progress,
)

__all__ = ["preprocess"]


def preprocess(
    data: Data,
    config: TrainingConfig = Path("configs/cnn1d.yaml"),
    features: FeaturesOption = None,
    corpus: Corpus = None,
    also: Also = None,
    copies: Annotated[
        int | None,
        typer.Option("--copies", metavar="N", min=0, help="Augmented copies of each clip, otherwise as in the config."),
    ] = None,
    cache: Cache = None,
    threads: TrainingThreads = 1,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Compute the features that a model is trained on and keep them; training then starts at once."""
    set_up(quiet=quiet, verbose=verbose)

    from pipeline.core.errors import UsageError
    from pipeline.training.configuration import load_config
    from pipeline.training.corpora import CORPORA
    from pipeline.training.speech.feature_store import CACHE
    from pipeline.training.speech.models.settings import training_speeds
    from pipeline.training.speech.preprocessing import preprocess as preprocess_recordings
    from pipeline.training.speech.training import read_speech

    model = load_config(config, features=features)
    settings = model.model_dump()
    if "features" not in settings:
        raise UsageError(f"The model of {config} has no features of its own.", hint="Give the config of a member.")
    recordings = CORPORA.find(corpus or "ravdess").read(data)
    reading = read_speech(named_folders(also), model, recordings)
    with shown_progress() as progress:
        done = preprocess_recordings(
            recordings,
            settings["features"],
            settings.get("copies", 0) if copies is None else copies,
            training_speeds(settings.get("speeds", ())),
            reading=reading,
            cache=cache or CACHE,
            threads=threads,
            progress=lambda number, total: progress("features", number, total, {}),
        )
    if json:
        write_json(done.to_dict())
        return
    results.print(
        f"{done.features}: {done.versions} versions of {done.recordings} recordings, "
        f"{done.bytes / 1e6:.1f} MB; {done.computed} were computed, in {done.seconds:.1f} s"
    )
