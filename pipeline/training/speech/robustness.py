"""What a model still tells when the sound or the corpus is not the one that it was trained on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.decoding import read_audio
from pipeline.core.emotions import EMOTIONS
from pipeline.core.errors import SettingsError, UsageError
from pipeline.recognition.speech.conditioning import at_speed
from pipeline.recognition.speech.features import Features, load_features
from pipeline.training.configuration import read_settings
from pipeline.training.corpora import CORPORA, Recording
from pipeline.training.corpora.recordings import numbers_of
from pipeline.training.runs import Progress, read_about
from pipeline.training.speech.degradations import DEGRADATIONS
from pipeline.training.speech.evaluation import fold_file, judged
from pipeline.training.speech.feature_store import CACHE, FeatureStore, StoredClips, heard_part
from pipeline.training.speech.models import MODELS, EmotionModel
from pipeline.training.speech.models.settings import speeds_of
from pipeline.training.splits import split_recordings

__all__ = ["cross_corpus", "fold_models", "measured_robustness", "require_another"]

LOUD: Final = ("happy", "angry")
"""What a model that hears level calls everything loud."""


def measured_robustness(
    run: Path,
    data: Path,
    *,
    clips: int,
    folds: int | None = None,
    seed: int = 0,
    threads: int = 1,
    progress: Progress = lambda step, done, total, values: None,
) -> dict[str, dict[str, float]]:
    """Judge held-out clips again after each degradation, each by the model of its fold.

    Args:
        run: An evaluated run, which holds the weights of its folds.
        data: Folder of its corpus.
        clips: How many of each fold, evenly drawn from them.
        folds: How many of the folds, the first ones; all by default.
        seed: Which of the run's seeds.
        threads: Computing threads.
        progress: Told after every clip.

    Returns:
        Degradation to `accuracy`, `loud` (share of the answers that are happy or angry), `truly_loud` and `clips`.

    Raises:
        SettingsError: The run holds no weights, as one that was made by an older version or of an ensemble.
    """
    about, settings = read_about(run), read_settings(run)
    features, speeds = load_features(settings.features, threads), speeds_of(settings)
    recordings = CORPORA.find(about["corpus"]).read(data)
    place = split_recordings(recordings, about["protocol"], about["folds"], seed)
    models = fold_models(run, seed, features, folds or int(place.max()) + 1)
    answers: dict[str, list[int]] = {name: [] for name in DEGRADATIONS}
    labels: list[int] = []
    for fold, model in enumerate(models):
        heard: dict[str, list[list[NDArray[np.floating]]]] = {name: [] for name in DEGRADATIONS}
        for number in _evenly(np.flatnonzero(place == fold), clips):
            labels.append(EMOTIONS.index(recordings[number].emotion))
            samples = read_audio(recordings[number].path).samples
            for name, degrade in DEGRADATIONS.items():
                changed = degrade(samples, np.random.default_rng([seed, number]))
                part = heard_part(changed, features)
                heard[name].append([features(at_speed(part, speed)).astype(features.precision) for speed in speeds])
            progress("robustness", len(labels), clips * len(models), {})
        for name, clips_heard in heard.items():
            answers[name].extend(judged(model, clips_heard).argmax(axis=1).tolist())
    return {name: _told(np.array(found), np.array(labels)) for name, found in answers.items()}


def cross_corpus(
    run: Path,
    corpus: str,
    data: Path,
    *,
    seed: int = 0,
    threads: int = 1,
    cache: Path = CACHE,
    progress: Progress = lambda step, done, total, values: None,
) -> dict[str, Any]:
    """Judge another corpus by the mean of a run's fold models, on the emotions that both have.

    Of read speech, which is all neutral, every emotion may be the answer.

    Args:
        run: An evaluated run, which holds the weights of its folds.
        corpus: Name of the other corpus.
        data: Its folder.
        seed: Which of the run's seeds.
        threads: Computing threads.
        cache: Folder for features.
        progress: Told after every recording.

    Returns:
        `clips`, `speakers`, `emotions`, `accuracy`, `unweighted_average_recall`, `recall`.

    Raises:
        SettingsError: The run holds no weights.
        UsageError: The other corpus is not in `data`, or is that of the run.
    """
    settings, about, source = read_settings(run), read_about(run), CORPORA.find(corpus)
    features = load_features(settings.features, threads)
    recordings = require_another(corpus, data, (about["corpus"], *about["also"]))
    models = fold_models(run, seed, features, None)
    store = FeatureStore(features, cache)

    clips = []
    for clip in StoredClips(store, recordings, speeds=speeds_of(settings)):
        clips.append(clip)
        progress(f"features of {corpus}", len(clips), len(recordings), {})
    total = np.zeros((len(clips), len(EMOTIONS)))
    for number, model in enumerate(models):
        total += judged(model, clips)
        progress(f"judging {corpus}", number + 1, len(models), {})
    labels = numbers_of(recordings)
    shared = sorted(set(labels.tolist()))
    possible = list(range(len(EMOTIONS))) if source.read_aloud else shared
    answers = np.array(possible)[total[:, possible].argmax(axis=1)]
    recall = {EMOTIONS[label]: float(np.mean(answers[labels == label] == label)) for label in shared}
    return {
        "clips": len(recordings),
        "speakers": len({recording.speaker for recording in recordings}),
        "emotions": [EMOTIONS[label] for label in shared],
        "accuracy": round(float(np.mean(answers == labels)), 4),
        "unweighted_average_recall": round(float(np.mean(list(recall.values()))), 4),
        "recall": {name: round(value, 4) for name, value in recall.items()},
    }


def require_another(corpus: str, data: Path, known: Sequence[str]) -> tuple[Recording, ...]:
    """Return the recordings of a corpus that a model is judged on, if it is another than those that it learns from.

    Args:
        corpus: Name of the corpus.
        data: Its folder.
        known: Names of those that the model learns from.

    Raises:
        UnknownName: There is no such corpus.
        UsageError: It is one of those, or not in `data`.
    """
    source = CORPORA.find(corpus)
    if source.name in known:
        raise UsageError(f"{source.name} is what the run was trained on.", hint="Give another corpus.")
    return source.read(data)


def fold_models(run: Path, seed: int, features: Features, folds: int | None) -> list[EmotionModel]:
    """Load the models of a run's folds; all that are there where their number is not said."""
    settings, size = read_settings(run), features.size
    if folds is None:
        folds = len(list((run / "folds").glob(f"seed-{seed}-fold-*.safetensors")))
    models = []
    for fold in range(max(folds, 1)):
        path = fold_file(run, seed, fold, ".safetensors")
        if not path.exists():
            raise SettingsError(f"{run} holds no weights of fold {fold + 1}.", hint="Evaluate it in an empty folder.")
        model = MODELS.find(settings.model).create(settings, size, len(EMOTIONS))
        model.load_weights(path)
        models.append(model)
    return models


def _evenly(indexes: NDArray[np.integer], count: int) -> Iterable[int]:
    chosen = np.linspace(0, len(indexes) - 1, min(count, len(indexes))).round().astype(int)
    return [int(index) for index in indexes[chosen]]


def _told(answers: NDArray[np.integer], labels: NDArray[np.integer]) -> dict[str, float]:
    loud = [EMOTIONS.index(name) for name in LOUD]
    return {
        "accuracy": round(float(np.mean(answers == labels)), 4),
        "loud": round(float(np.mean(np.isin(answers, loud))), 4),
        "truly_loud": round(float(np.mean(np.isin(labels, loud))), 4),
        "clips": len(labels),
    }
