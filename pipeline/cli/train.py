"""`detect.py train`: whatever can be trained, as a file of `configs/` says."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

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
    settings_file,
    shown_progress,
    takes,
)
from pipeline.core.errors import EngineMissing, UsageError
from pipeline.core.messages import reason

__all__ = ["train"]

_OPTIONS: Final = {
    "speech": "data run output corpus also features protocol folds seeds device cache threads",
    "text": "data run output corpus also seeds threads",
    "decoder": "texts run output threads",
    "acting": "data output sexes",
    "judge": "data output cache",
}
"""Kind of a file to the options that mean something to it, beside those of every verb."""

_OUTPUTS: Final = {
    "decoder": Path("checkpoints/kokoro"),
    "acting": Path("pipeline/synthesis/prosody/emotions.json"),
    "judge": Path("checkpoints/judge"),
}
"""Kind to where its result goes by default; that of a recogniser goes into the run's folder."""


@takes(
    "data texts config kind run output sexes corpus also features protocol folds seeds device cache threads",
    data="Folder of the corpus; of RAVDESS for acting.",
    config="YAML file of what is trained and how, otherwise configs/cnn1d_ravdess.yaml.",
    folds="Folds by speaker for the score; 0 measures nothing.",
)
def train(options: TrainingOptions, given: set[str], json: bool) -> None:
    """Train a model of speech or text, a voice's decoder, its acting or the judge: the config says which.

    A recogniser is trained on all speakers of a corpus, with its score on unheard ones.
    """
    from pipeline.training.configuration import kind_of

    config = options.config or settings_file(Path("configs", f"{options.kind or 'cnn1d_ravdess'}.yaml"))
    kind = options.kind or kind_of(config)
    if kind not in (*_OPTIONS, "both"):
        raise UsageError(f"Nothing of the kind '{kind}' can be trained.", hint=f"Choose one of {', '.join(_OPTIONS)}.")
    if kind not in _OPTIONS:
        raise UsageError(f"{config} is only evaluated, not trained.", hint="Run detect.py evaluate with it.")
    needed, source = ("texts", options.texts) if kind == "decoder" else ("data", options.data)
    if source is None:
        hint = (
            "Give a file with a text on every line."
            if needed == "texts"
            else "Give the folder of a corpus: detect.py corpora lists them, and how to get each."
        )
        raise UsageError(f"Missing option '--{needed}'.", hint=hint)
    if foreign := sorted(given - {"config", "kind"} - set(_OPTIONS[kind].split())):
        raise UsageError(
            f"--{foreign[0]} means nothing to {config}, which is of the kind {kind}.", hint="Leave it out."
        )
    run = run_folder(config, options)
    output = options.output or _OUTPUTS.get(kind, run / "checkpoint")
    with shown_progress() as progress:
        teach = _recogniser if kind in ("speech", "text") else _other
        shown = teach(kind, config, source, run, output, options, progress)
    if json:
        write_json(shown)
        return
    for line in score_lines(kind, shown.get("scores", {})):
        results.print(line)
    what = {"decoder": "voice", "acting": "emotions"}.get(kind, "checkpoint")
    results.print(f"{what}: {escape(str(output))}")


def _recogniser(
    kind: str, config: Path, source: Path, run: Path, output: Path, options: TrainingOptions, progress: Any
) -> dict[str, Any]:
    """Train a model of speech or text; return its card."""
    seeds = parsed_seeds(options.seeds)
    how: dict[str, Any] = {
        "corpus": options.corpus or CORPORA[kind],
        "also": named_folders(options.also),
        "seeds": seeds,
        "threads": options.threads,
        "progress": progress,
    }
    if kind == "text":
        from pipeline.training.text.training import train_text

        return train_text(config, source, run, output, **how).to_dict()
    from pipeline.training.speech.feature_store import CACHE
    from pipeline.training.speech.training import train as train_speech

    settings = configured(config, options)
    how |= {"protocol": options.protocol, "folds": options.folds, "seed": seeds[0], "cache": options.cache or CACHE}
    return train_speech(settings, source, run, output, **how).to_dict()


def _other(
    kind: str, config: Path, source: Path, run: Path, output: Path, options: TrainingOptions, progress: Any
) -> dict[str, Any]:
    """Train what is no recogniser; return its card, or the paths of its tables."""
    from pipeline.training.configuration import load_settings

    if kind == "decoder":
        from pipeline.training.decoder.settings import DecoderSettings
        from pipeline.weights.store import require

        decoder = load_settings(DecoderSettings, config)
        teacher = require("kokoro")
        try:
            from pipeline.training.decoder.training import train as train_decoder
        except ModuleNotFoundError as error:
            raise EngineMissing(
                f"The training of the decoder cannot be loaded: {reason(error)}.",
                hint="Run pip install '.[emotivoice,train]'.",
            ) from error
        run = options.run or Path("runs/decoder")
        return train_decoder(decoder, source, teacher, run, output, threads=options.threads, progress=progress)
    if kind == "judge":
        from pipeline.training.judge.actors import train_on_actors
        from pipeline.training.judge.revoiced_copies import CACHE
        from pipeline.training.judge.training import JudgeSettings

        settings = load_settings(JudgeSettings, config)
        return train_on_actors(settings, source, output, cache=options.cache or CACHE, progress=progress).to_dict()
    from pipeline.training.acting.actors import learn_from_actors
    from pipeline.training.acting.learning import ActingSettings

    learn_from_actors(load_settings(ActingSettings, config), source, output, options.sexes, progress=progress)
    return {"emotions": str(output), "sexes": str(options.sexes)}
