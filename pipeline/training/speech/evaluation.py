"""Training a model once per fold, and judging what was held out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.core.emotions import EMOTIONS
from pipeline.core.errors import SettingsError
from pipeline.core.files import atomic
from pipeline.training.corpora import Recording
from pipeline.training.runs import Progress, mean_seconds, write_array, write_json
from pipeline.training.speech.feature_store import FeatureStore, Frames, StoredClips
from pipeline.training.speech.models import EmotionModel
from pipeline.training.speech.models.settings import OWN_SPEED, training_speeds
from pipeline.training.speech.scores import SpeechScores, scored
from pipeline.training.splits import described, held_speakers, split_recordings

__all__ = ["cross_validated", "fold_file", "judged", "read_logits", "trained"]


def fold_file(run: Path, seed: int, fold: int, suffix: str = ".npy") -> Path:
    """Return where a run keeps what one of its models answered (`.npy`) or is (`.safetensors`)."""
    return run / "folds" / f"seed-{seed}-fold-{fold}{suffix}"


def cross_validated(
    build: Callable[[], EmotionModel],
    store: FeatureStore,
    recordings: Sequence[Recording],
    copies: int,
    speeds: Sequence[float] = (OWN_SPEED,),
    *,
    reading: Sequence[Recording] = (),
    protocol: str = "folds",
    folds: int = 5,
    seeds: Sequence[int] = (0,),
    run: Path,
    stop_early: bool = False,
    progress: Progress = lambda step, done, total, values: None,
) -> SpeechScores:
    """Train once per fold and seed, and score what was held out.

    A fold that the run's folder already holds is not trained again.

    Args:
        build: Returns an untrained model.
        store: Where features come from.
        recordings: All recordings.
        copies: Augmented copies that the model trains on; what is held out is judged as it is.
        speeds: Speeds at which the model hears every clip when it judges; it trains on those and on the clip as it is.
        reading: Recordings of people who read aloud elsewhere, for a model that uses them.
        protocol: How clips are split, one of `PROTOCOLS`.
        folds: Number of folds.
        seeds: Seeds; all scores are means over them.
        run: Folder for the logits and the weights of each fold.
        stop_early: Hold some speakers out of each training part, to tell when to stop; never those of the fold.
        progress: Told after every epoch.

    Raises:
        UsageError: There are fewer speakers than folds, or no such protocol.
    """
    labels = np.array([EMOTIONS.index(recording.emotion) for recording in recordings])
    places = np.stack([split_recordings(recordings, protocol, folds, seed) for seed in seeds])
    total = int(places.max()) + 1
    for seed, place in zip(seeds, places, strict=True):
        for fold in range(total):
            kept = fold_file(run, seed, fold)
            held = np.flatnonzero(place == fold)
            if not kept.exists():
                model = build()
                step = f"seed {seed} fold {fold + 1}/{total}"
                begun = time.process_time()
                trained(
                    model,
                    store,
                    [recordings[int(index)] for index in np.flatnonzero(place != fold)],
                    copies,
                    speeds,
                    reading=reading,
                    seed=seed,
                    stop_early=stop_early,
                    progress=lambda epoch, values, step=step: progress(step, epoch, 0, values),  # type: ignore[misc]
                )
                seconds = round(time.process_time() - begun, 2)
                with atomic(fold_file(run, seed, fold, ".safetensors")) as temporary:
                    model.save_weights(temporary)
                tested = StoredClips(store, [recordings[int(index)] for index in held], speeds=speeds)
                write_array(kept, judged(model, tested))
                write_json(fold_file(run, seed, fold, ".json"), {"training_seconds": seconds})
    logits = read_logits(run, seeds, places)
    scores = scored(logits, labels, places, recordings, seeds, described(protocol, total if total > 1 else folds))
    return replace(scores, training_seconds=mean_seconds(run))


def read_logits(run: Path, seeds: Sequence[int], places: NDArray[np.integer]) -> NDArray[np.float32]:
    """Return what the models of a run answered, (seeds, clips, labels); not a number where a clip was not judged.

    Args:
        run: Folder of the run.
        seeds: Its seeds.
        places: (seeds, clips), the fold of every clip, or -1.

    Raises:
        SettingsError: The run has not come to its end.
    """
    logits = np.full((*places.shape, len(EMOTIONS)), np.nan, np.float32)
    for number, (seed, place) in enumerate(zip(seeds, places, strict=True)):
        for fold in range(int(places.max()) + 1):
            kept = fold_file(run, seed, fold)
            if not kept.exists():
                raise SettingsError(f"{run} has not judged fold {fold + 1} of seed {seed}.", "Evaluate it first.")
            logits[number, place == fold] = np.load(kept, allow_pickle=False)
    return logits


def judged(model: EmotionModel, clips: Iterable[Sequence[Frames]]) -> NDArray[np.float32]:
    """Return float32 (clips, labels): for each clip the mean of the logits of all speeds at which it is heard.

    Args:
        model: A trained model.
        clips: For every clip its features at every speed.
    """
    return np.stack([model.logits(heard).mean(axis=0) for heard in clips])


def trained(
    model: EmotionModel,
    store: FeatureStore,
    recordings: Sequence[Recording],
    copies: int,
    speeds: Sequence[float] = (OWN_SPEED,),
    *,
    reading: Sequence[Recording] = (),
    seed: int,
    stop_early: bool,
    progress: Callable[[int, dict[str, float]], None],
) -> None:
    """Train a model on recordings, or on those of most speakers where the others tell when to stop.

    It trains on the clips as they are, at the speeds at which it will hear them, and on augmented copies.
    """
    held = np.zeros(len(recordings), bool)
    if stop_early:
        held = held_speakers([recording.speaker for recording in recordings], seed)
    learned, others = ([entry for entry, out in zip(recordings, held, strict=True) if out == side] for side in (0, 1))
    more: dict[str, Any] = {}
    if reading:
        more["reading"] = StoredClips(store, reading, speeds=training_speeds(speeds))
    if others:
        more["validation"] = (StoredClips(store, others), _labels(others))
    model.fit(
        StoredClips(store, learned, copies, training_speeds(speeds)),
        _labels(learned),
        seed=seed,
        progress=progress,
        recordings=learned,
        **more,
    )


def _labels(recordings: Sequence[Recording]) -> list[int]:
    return [EMOTIONS.index(recording.emotion) for recording in recordings]
