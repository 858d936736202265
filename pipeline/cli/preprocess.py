"""`detect.py preprocess`: the features of a corpus, computed ahead of training."""

from __future__ import annotations

from pathlib import Path

from pipeline.cli.console import results, write_json
from pipeline.cli.training import TrainingOptions, named_folders, shown_progress, takes

__all__ = ["preprocess"]


@takes("data config features corpus also copies cache threads", data=..., config=Path("configs/cnn1d_ravdess.yaml"))
def preprocess(options: TrainingOptions, given: set[str], json: bool) -> None:
    """Compute the features that a model is trained on and keep them; training then starts at once."""
    from pipeline.core.errors import UsageError
    from pipeline.training.checks import require_folders
    from pipeline.training.configuration import load_config
    from pipeline.training.speech.feature_store import CACHE
    from pipeline.training.speech.models.settings import training_speeds
    from pipeline.training.speech.preprocessing import preprocess as preprocess_recordings
    from pipeline.training.speech.training import learned_from

    model = load_config(options.config or Path(), features=options.features)
    settings = model.model_dump()
    if "features" not in settings:
        raise UsageError(
            f"The model of {options.config} has no features of its own.", hint="Give the config of a member."
        )
    cache = options.cache or CACHE
    require_folders(cache=cache)
    corpus = options.corpus or "ravdess"
    recordings, reading = learned_from(corpus, options.data or Path(), named_folders(options.also), model)
    with shown_progress() as progress:
        done = preprocess_recordings(
            recordings,
            settings["features"],
            settings.get("copies", 0) if options.copies is None else options.copies,
            training_speeds(model),
            reading=reading,
            cache=cache,
            threads=options.threads,
            progress=lambda number, total: progress("features", number, total, {}),
        )
    if json:
        write_json(done.to_dict())
        return
    results.print(
        f"{done.features}: {done.versions} versions of {done.recordings} recordings, "
        f"{done.bytes / 1e6:.1f} MB; {done.computed} were computed, in {done.seconds:.1f} s"
    )
