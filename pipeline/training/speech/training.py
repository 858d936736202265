"""From a corpus to a checkpoint with one call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from pydantic import BaseModel

from pipeline.core.emotions import EMOTIONS
from pipeline.core.errors import UsageError
from pipeline.core.files import atomic
from pipeline.recognition.checkpoint import Card, read_card
from pipeline.recognition.speech.features import load_features
from pipeline.recognition.speech.features.moonshine import MoonshineLayers, MoonshineXVector
from pipeline.recognition.speech.features.whisper import MoonshineWhisper
from pipeline.training.checkpoints import ENCODER_LICENCE, WHISPER_LICENCE, today
from pipeline.training.checks import require_folders, require_learned, require_two
from pipeline.training.configuration import load_config
from pipeline.training.corpora import CORPORA, Corpus, Recording
from pipeline.training.runs import Progress, begun, logged, of_step, write_json
from pipeline.training.speech import ensembles
from pipeline.training.speech.checkpoints import WEIGHTS, finished, write_checkpoint
from pipeline.training.speech.evaluation import Trainer, cross_validated, read_logits
from pipeline.training.speech.feature_store import CACHE, FeatureStore, StoredClips
from pipeline.training.speech.left_out import abroad
from pipeline.training.speech.models import MODELS
from pipeline.training.speech.models.ensemble import EnsembleSettings
from pipeline.training.speech.models.settings import training_speeds
from pipeline.training.speech.plots import run_plots
from pipeline.training.speech.scores import SpeechScores
from pipeline.training.splits import split_recordings

__all__ = ["evaluate", "learned_from", "load_config", "read_speech", "require_split", "train"]


def evaluate(
    config: Path | BaseModel,
    data: Path,
    run: Path,
    *,
    corpus: str = "ravdess",
    also: Mapping[str, Path] = MappingProxyType({}),
    protocol: str = "folds",
    folds: int = 5,
    seeds: Sequence[int] = (0,),
    cache: Path = CACHE,
    threads: int = 1,
    progress: Progress = lambda step, done, total, values: None,
) -> SpeechScores:
    """Score a model on speakers that it has not heard.

    Args:
        config: The settings or their file.
        data: Folder of the corpus.
        run: Folder for settings, log, scores and plots; an interrupted run goes on where it stopped.
        corpus: Name of the corpus.
        also: Corpora of read speech, name and folder, for a model that learns from them what not to listen to.
        protocol: How clips are split, one of `PROTOCOLS`.
        folds: Number of folds by speaker, or of parts of a random split.
        seeds: Seeds; scores are means over them.
        cache: Folder for features.
        threads: Computing threads.
        progress: Told after every recording and epoch.

    Raises:
        SettingsError: The settings are wrong, or `run` holds results of other settings.
        UsageError: The corpus is not in `data`, or cannot be split so.
        EngineMissing: A package for training is not installed.
        OutputError: A folder cannot be written.
    """
    settings: Any = load_config(config) if isinstance(config, Path) else config
    MODELS.find(settings.model).require()
    require_folders(run=run, cache=cache)
    recordings, reading = learned_from(corpus, data, also, settings)
    require_split(recordings, protocol, folds, seeds)
    about: dict[str, Any] = {"corpus": corpus, "also": tuple(also), "clips": len(recordings)}
    with begun(run, settings, **about, folds=folds, protocol=protocol):
        if isinstance(settings, EnsembleSettings):
            scores = ensembles.evaluated(settings, recordings, protocol=protocol, folds=folds, seeds=seeds)
        else:
            trainer = _prepared(recordings, reading, settings, cache, threads, progress)
            listen = logged(run, settings, progress)
            scores = cross_validated(
                trainer, recordings, protocol=protocol, folds=folds, seeds=seeds, run=run, progress=listen
            )
            if protocol == "corpus":
                scores = _abroad(scores, run, recordings, seeds)
        write_json(run / "scores.json", scores.to_dict())
        run_plots(run, scores)
    return scores


def _abroad(scores: SpeechScores, run: Path, recordings: Sequence[Recording], seeds: Sequence[int]) -> SpeechScores:
    """Return scores with those on each corpus that was left out, and what is calibrated on them."""
    place = split_recordings(recordings, "corpus", 0, 0)
    found = abroad(read_logits(run, seeds, np.broadcast_to(place, (len(seeds), len(place)))), recordings)
    return replace(
        scores,
        corpora=found.corpora,
        temperature=found.temperature,
        unsure_below=found.unsure_below,
        known_gain=found.known_gain,
    )


def learned_from(
    corpus: str, data: Path, also: Mapping[str, Path], settings: Any
) -> tuple[list[Recording], list[Recording]]:
    """Return the recordings that a model learns from, and those of read speech that stand beside them.

    A model for several corpora learns from all; read speech is neutral to it, and never judged.

    Args:
        corpus: Name of the corpus that is judged.
        data: Its folder.
        also: Name and folder of others.
        settings: Those of the model.

    Raises:
        UnknownName: There is no such corpus.
        UsageError: A corpus is not in its folder, or the model has no use for it.
    """
    recordings = list(_emotional(corpus).read(data))
    if getattr(settings, "corpora", "one") == "one":
        return recordings, read_speech(also, settings, recordings)
    for name, folder in also.items():
        recordings += CORPORA.find(name).read(folder)
    return recordings, []


def require_split(recordings: Sequence[Recording], protocol: str, folds: int, seeds: Sequence[int]) -> None:
    """Check that recordings can be split, and that every emotion is learned where it is judged.

    Args:
        recordings: The clips.
        protocol: One of `PROTOCOLS`.
        folds: Number of folds.
        seeds: Seeds of a random split.

    Raises:
        UsageError: There is no such protocol, or there are too few speakers, emotions or clips of one.
    """
    labels, speakers = [(clip.emotion,) for clip in recordings], [clip.speaker for clip in recordings]
    if protocol == "corpus":
        return  # What a corpus alone has is not judged.
    for seed in seeds if protocol == "random" else seeds[:1]:
        require_learned(labels, split_recordings(recordings, protocol, folds, seed), speakers, "clip")


def train(
    config: Path | BaseModel,
    data: Path,
    run: Path,
    output: Path | None = None,
    *,
    corpus: str = "ravdess",
    also: Mapping[str, Path] = MappingProxyType({}),
    protocol: str = "folds",
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
        run: Folder for settings, log, scores, plots and weights; an interrupted run goes on where it stopped.
        output: Folder of the checkpoint; `checkpoint` in the run's folder by default.
        corpus: Name of the corpus.
        also: Corpora of read speech, name and folder, for a model that learns from them what not to listen to.
        protocol: How clips are split for the scores, one of `PROTOCOLS`.
        folds: Folds by speaker for the scores; 0 measures none, and the checkpoint is then not calibrated.
        seed: Seed of the shipped training.
        seeds: Seeds of the measured trainings; `seed` alone by default.
        cache: Folder for features.
        threads: Computing threads.
        progress: Told after every recording and epoch.

    Returns:
        The card of the checkpoint.

    Raises:
        SettingsError: The settings are wrong, or `run` holds results of other settings.
        UsageError: The corpus is not in `data`, or cannot be split so.
        EngineMissing: A package for training is not installed.
        OutputError: A folder cannot be written.
    """
    settings: Any = load_config(config) if isinstance(config, Path) else config
    output = output or run / "checkpoint"
    MODELS.find(settings.model).require()
    require_folders(run=run, output=output, cache=cache)
    if isinstance(settings, EnsembleSettings):
        ensembles.graph(settings, 1.0)  # Members that cannot be one graph are refused before any is scored.
    scores = None
    if folds:
        scores = evaluate(
            settings, data, run, corpus=corpus, also=also, protocol=protocol, folds=folds, seeds=seeds or (seed,),
            cache=cache, threads=threads, progress=progress,
        )  # fmt: skip
    sources = [_emotional(corpus), *(CORPORA.find(name) for name in also)]
    recordings, reading = learned_from(corpus, data, also, settings)
    acted = [source for source in sources if not source.read_aloud and (source is sources[0] or not reading)]
    require_two(sorted({recording.emotion for recording in recordings}), len(recordings))
    temperature = scores.temperature if scores else 1.0
    weights: Callable[[Path], None] | None = None
    expert: dict[str, Any] = {}
    about: dict[str, Any] = {"corpus": corpus, "also": tuple(also), "clips": len(recordings)}
    with begun(run, settings, **about, folds=folds, protocol=protocol):
        if isinstance(settings, EnsembleSettings):
            graph, features = ensembles.graph(settings, temperature), ensembles.features(settings)
        else:
            trainer = _prepared(recordings, reading, settings, cache, threads, progress)
            model = trainer.trained(recordings, seed, of_step(logged(run, settings, progress), "all speakers"))
            features, weights = trainer.store.features.name, model.save_weights
            graph = finished(model.graph(), features, temperature)
            expert = _of_expert(settings)
    card = write_checkpoint(
        output,
        graph,
        Card(
            name=getattr(settings, "name", "") or settings.model,
            labels=EMOTIONS,
            features=features,
            settings=settings.model_dump(mode="json"),
            data={
                "corpora": [source.name for source in acted],
                "clips": len(recordings),
                "speakers": len({recording.speaker for recording in recordings}),
                "citation": " ".join(source.citation for source in acted),
            }
            | ({"reading": _told(reading)} if reading else {})
            | expert,
            seed=seed,
            scores=scores.to_dict() if scores else {},
            temperature=round(temperature, 4),
            known_gain=scores.known_gain if scores else 0.0,
            calibrated=scores is not None and protocol != "random",
            unsure_below=scores.unsure_below if scores else 0.0,
            licences=_licences(settings.model, features)
            | {
                f"recordings ({source.name})": ". ".join(filter(None, (source.licence, source.citation)))
                for source in sources
            }
            | {"weights of the network": " ".join(dict.fromkeys(source.weights for source in acted))},
            created=today(),
        ),
    )
    if weights is not None:
        with atomic(run / WEIGHTS) as temporary:
            weights(temporary)
    return card


def _emotional(corpus: str) -> Corpus[Recording]:
    """Return a corpus of emotions.

    Raises:
        UnknownName: There is none of this name.
        UsageError: Nobody plays an emotion in it.
    """
    found = CORPORA.find(corpus)
    if found.read_aloud:
        raise UsageError(
            f"Nobody plays an emotion in {found.name}.",
            hint=f"Train on another corpus, and give this one beside it: --also {found.name}=FOLDER.",
        )
    return found


def read_speech(also: Mapping[str, Path], settings: Any, beside: Sequence[Recording]) -> list[Recording]:
    """Return the recordings of corpora of read speech, in the order in which they are given.

    Args:
        also: Name and folder of each.
        settings: Those of the model.
        beside: The recordings of the corpus that it is trained on.

    Raises:
        UnknownName: There is no such corpus.
        UsageError: Emotions are played in one, or there is nothing to use them for.
    """
    recordings: list[Recording] = []
    for name, folder in also.items():
        corpus = CORPORA.find(name)
        if not corpus.read_aloud:
            raise UsageError(
                f"Emotions are played in {corpus.name}; only read speech can stand beside another corpus.",
                hint="Give such as librispeech=FOLDER.",
            )
        recordings += corpus.read(folder)
    if recordings and not MODELS.find(settings.model).uses_reading:
        raise UsageError(f"The model {settings.model} makes no use of read speech.", hint="Leave --also out.")
    if recordings and not any(recording.emotion == "neutral" for recording in beside):
        raise UsageError(
            "Read speech is compared with neutral recordings, and the corpus has none.", "Leave --also out."
        )
    return recordings


def _of_expert(settings: Any) -> dict[str, Any]:
    """Return what a card says of a model that another one stands beside; nothing if there is none."""
    if not (folder := getattr(settings, "expert", None)):
        return {}
    card = read_card(folder)
    about = {"name": card.name, "corpora": card.data["corpora"], "clips": card.data["clips"]}
    names = ("accuracy", "unweighted_average_recall", "protocol", "seeds")
    return {"expert": about | {name: card.scores[name] for name in names if name in card.scores}}


def _told(reading: Sequence[Recording]) -> dict[str, object]:
    """Say how much read speech there was."""
    return {
        "corpora": sorted({recording.corpus for recording in reading}),
        "clips": len(reading),
        "speakers": len({recording.speaker for recording in reading}),
    }


def _licences(model: str, features: str) -> dict[str, str]:
    found = {}
    names = (MoonshineLayers.name, MoonshineXVector.name, MoonshineWhisper.name)
    if model == "moonshine" or any(name in features for name in names):
        found["encoder"] = ENCODER_LICENCE
    if any(name in features for name in names[1:]):
        found["x-vector network"] = "pyannote/embedding, Copyright CNRS, MIT"
    if MoonshineWhisper.name in features:
        found["second encoder"] = WHISPER_LICENCE
    return found


def _prepared(
    recordings: Sequence[Recording],
    reading: Sequence[Recording],
    settings: Any,
    cache: Path,
    threads: int,
    progress: Progress,
) -> Trainer:
    """Compute the features that the cache lacks; return what trains on them."""
    store, speeds = FeatureStore(load_features(settings.features, threads), cache), training_speeds(settings)
    for step, heard, copies in (("features", recordings, settings.copies), ("features of read speech", reading, 0)):
        for done, _ in enumerate(StoredClips(store, heard, copies, speeds), start=1):
            progress(step, done, len(heard), {})
    return Trainer(settings, store, reading, threads)
