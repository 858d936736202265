"""From a corpus to a checkpoint with one call."""

from __future__ import annotations

import datetime
import difflib
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from pipeline.core.emotions import EMOTIONS
from pipeline.core.errors import SettingsError
from pipeline.core.files import atomic
from pipeline.recognition.speech.checkpoints import WEIGHTS, Card, joined, write_checkpoint
from pipeline.recognition.speech.corpora import Recording, find_corpus
from pipeline.recognition.speech.evaluation import Progress, Scores, cross_validated
from pipeline.recognition.speech.features.moonshine import MoonshineLayers, encoder_graph
from pipeline.recognition.speech.features.store import CACHE, FeatureStore, StoredClips
from pipeline.recognition.speech.models.cnn1d import Cnn1d, Cnn1dSettings

__all__ = ["evaluate", "load_config", "train"]


def load_config(config: Path) -> Cnn1dSettings:
    """Read the settings of a training from YAML.

    Raises:
        SettingsError: The file cannot be read, a key is unknown, or a value impossible.
    """
    try:
        values = yaml.safe_load(config.read_text(encoding="utf-8")) or {}
        return Cnn1dSettings.model_validate(values)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"The settings file {config} cannot be read: {error}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        known = list(Cnn1dSettings.model_fields)
        if first["type"] == "extra_forbidden":
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
            hint = f"Did you mean '{near[0]}'?" if near else f"Known are {', '.join(known)}."
            raise SettingsError(f"There is no setting '{name}' (from {config}).", hint=hint) from error
        raise SettingsError(f"The setting '{name}' (from {config}) is impossible: {first['msg']}.") from error


def evaluate(
    config: Path | Cnn1dSettings,
    data: Path,
    run: Path,
    *,
    corpus: str = "ravdess",
    folds: int = 5,
    seeds: Sequence[int] = (0,),
    cache: Path = CACHE,
    threads: int = 1,
    progress: Progress = lambda step, done, total, values: None,
) -> Scores:
    """Score a model on speakers that it has not heard.

    Args:
        config: The settings or their file.
        data: Folder of the corpus.
        run: Folder for settings, log and scores; an interrupted run goes on where it stopped.
        corpus: Name of the corpus.
        folds: Number of folds by speaker.
        seeds: Seeds; scores are means over them.
        cache: Folder for features.
        threads: Computing threads.
        progress: Told after every recording and epoch.

    Raises:
        SettingsError: The settings are wrong, or `run` holds a run with other settings.
        UsageError: The corpus is not in `data`.
        EngineMissing: A package for training is not installed.
    """
    settings = config if isinstance(config, Cnn1dSettings) else load_config(config)
    recordings = find_corpus(corpus).read(data)
    _begin(run, settings, {"corpus": corpus, "clips": len(recordings), "folds": folds})
    store = _prepared(recordings, settings, cache, threads, progress)
    scores = cross_validated(
        lambda: Cnn1d(settings, store.features.size, len(EMOTIONS), threads),
        store,
        recordings,
        settings.copies,
        folds=folds,
        seeds=seeds,
        run=run,
        progress=_logged(run, settings.epochs, progress),
    )
    _write_json(run / "scores.json", scores.to_dict())
    return scores


def train(
    config: Path | Cnn1dSettings,
    data: Path,
    run: Path,
    output: Path | None = None,
    *,
    corpus: str = "ravdess",
    folds: int = 5,
    seed: int = 0,
    seeds: Sequence[int] = (),
    cache: Path = CACHE,
    threads: int = 1,
    progress: Progress = lambda step, done, total, values: None,
) -> Card:
    """Train a model on all speakers and write its checkpoint, with its scores on unheard speakers.

    Args:
        config: The settings or their file.
        data: Folder of the corpus.
        run: Folder for settings, log, scores and weights; an interrupted run goes on where it stopped.
        output: Folder of the checkpoint; `checkpoint` in the run's folder by default.
        corpus: Name of the corpus.
        folds: Folds by speaker for the scores; 0 measures none, and the checkpoint is then not calibrated.
        seed: Seed of the shipped training.
        seeds: Seeds of the measured trainings; `seed` alone by default.
        cache: Folder for features.
        threads: Computing threads.
        progress: Told after every recording and epoch.

    Returns:
        The card of the checkpoint.

    Raises:
        SettingsError: The settings are wrong, or `run` holds a run with other settings.
        UsageError: The corpus is not in `data`.
        EngineMissing: A package for training is not installed.
        OutputError: A folder cannot be written.
    """
    settings = config if isinstance(config, Cnn1dSettings) else load_config(config)
    scores = None
    if folds:
        scores = evaluate(
            settings, data, run, corpus=corpus, folds=folds, seeds=seeds or (seed,), cache=cache, threads=threads,
            progress=progress,
        )  # fmt: skip
    source = find_corpus(corpus)
    recordings = source.read(data)
    if not folds:
        _begin(run, settings, {"corpus": corpus, "clips": len(recordings), "folds": folds})
    store = _prepared(recordings, settings, cache, threads, progress)
    model = Cnn1d(settings, store.features.size, len(EMOTIONS), threads)
    logged = _logged(run, settings.epochs, progress)
    model.fit(
        StoredClips(store, recordings, settings.copies),
        [EMOTIONS.index(recording.emotion) for recording in recordings],
        seed=seed,
        progress=lambda epoch, values: logged("all speakers", epoch, 0, values),
    )
    temperature = scores.temperature if scores else 1.0
    output = output or run / "checkpoint"
    card = write_checkpoint(
        output,
        joined(encoder_graph(), model.graph(), temperature),
        Card(
            name=settings.model,
            labels=EMOTIONS,
            features=settings.features,
            settings=settings.model_dump(mode="json"),
            data={
                "corpora": [source.name],
                "clips": len(recordings),
                "speakers": len({recording.speaker for recording in recordings}),
                "citation": source.citation,
            },
            seed=seed,
            scores=scores.to_dict() if scores else {},
            temperature=round(temperature, 4),
            calibrated=scores is not None,
            unsure_below=scores.unsure_below if scores else 0.0,
            licences={
                "encoder": "Moonshine tiny, Copyright Useful Sensors and Moonshine AI, MIT",
                f"recordings ({source.name})": source.licence,
                "weights of the network": source.weights,
            },
            sha256="",
            created=datetime.datetime.now(datetime.UTC).date().isoformat(),
        ),
    )
    for folder in (run, output):
        with atomic(folder / WEIGHTS) as temporary:
            model.save_weights(temporary)
    return card


def _prepared(
    recordings: Sequence[Recording], settings: Cnn1dSettings, cache: Path, threads: int, progress: Progress
) -> FeatureStore:
    """Compute the features that the cache lacks."""
    store = FeatureStore(MoonshineLayers(threads), cache)
    for _ in StoredClips(store, recordings, settings.copies, lambda done, total: progress("features", done, total, {})):
        pass
    return store


def _begin(run: Path, settings: Cnn1dSettings, what: dict[str, Any]) -> None:
    """Write the settings into the run's folder, or check that those there are the same."""
    path = run / "settings.json"
    values = what | settings.model_dump(mode="json")
    if path.exists() and json.loads(path.read_text(encoding="utf-8")) != values:
        raise SettingsError(f"{run} holds a run with other settings.", hint="Give another folder, or remove it.")
    _write_json(path, values)


def _logged(run: Path, epochs: int, progress: Progress) -> Callable[[str, int, int, dict[str, float]], None]:
    """Return a listener that writes every epoch to `log.jsonl` and passes it on."""
    begun = time.monotonic()

    def listen(step: str, epoch: int, total: int, values: dict[str, float]) -> None:
        line = {"step": step, "epoch": epoch, "seconds": round(time.monotonic() - begun, 1), **values}
        with (run / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")
        progress(step, epoch, total or epochs, values)

    return listen


def _write_json(path: Path, values: dict[str, Any]) -> None:
    with atomic(path) as temporary:
        temporary.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
