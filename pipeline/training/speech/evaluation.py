"""Training a model once per fold, and judging what was held out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.core.emotions import EMOTIONS
from pipeline.core.errors import SettingsError
from pipeline.core.files import atomic, named_if_damaged
from pipeline.training.corpora import Recording
from pipeline.training.corpora.recordings import numbers_of
from pipeline.training.runs import Progress, mean_seconds, of_step, write_array, write_json
from pipeline.training.speech.feature_store import FeatureStore, Frames, StoredClips
from pipeline.training.speech.left_out import learned
from pipeline.training.speech.models import MODELS, EmotionModel
from pipeline.training.speech.models.settings import speeds_of, training_speeds
from pipeline.training.speech.scores import SpeechScores, scored
from pipeline.training.splits import described, held_speakers, split_recordings

__all__ = ["Trainer", "answered", "cross_validated", "fold_file", "judged", "read_logits"]


def fold_file(run: Path, seed: int, fold: int, suffix: str = ".npy") -> Path:
    """Return where a run keeps what one of its models answered (`.npy`) or is (`.safetensors`)."""
    return run / "folds" / f"seed-{seed}-fold-{fold}{suffix}"


@dataclass(frozen=True)
class Trainer:
    """Builds a model and trains it, as its settings say.

    It trains on the clips as they are, at the speeds at which it will hear them, and on augmented copies.
    """

    settings: Any
    """Those of the model."""
    store: FeatureStore
    """Where features come from."""
    reading: Sequence[Recording] = ()
    """Recordings of people who read aloud elsewhere, for a model that uses them."""
    threads: int = 1
    """Computing threads."""

    def trained(
        self, recordings: Sequence[Recording], seed: int, progress: Callable[[int, dict[str, float]], None]
    ) -> EmotionModel:
        """Return a model trained on recordings, or on those of most speakers where the others tell when to stop.

        Args:
            recordings: What it learns from.
            seed: Seed of all chance.
            progress: Told after every epoch.
        """
        model = MODELS.find(self.settings.model).create(
            self.settings, self.store.features.size, len(EMOTIONS), self.threads
        )
        speeds = training_speeds(self.settings)
        held = np.zeros(len(recordings), bool)
        if getattr(self.settings, "patience", 0):
            held = held_speakers([recording.speaker for recording in recordings], seed)
        taught, others = (
            [entry for entry, out in zip(recordings, held, strict=True) if out == side] for side in (0, 1)
        )
        more: dict[str, Any] = {}
        if self.reading:
            more["reading"] = StoredClips(self.store, self.reading, speeds=speeds)
        if others:
            more["validation"] = (StoredClips(self.store, others), numbers_of(others).tolist())
        clips = StoredClips(self.store, taught, self.settings.copies, speeds)
        labels = numbers_of(taught).tolist()
        model.fit(clips, labels, seed=seed, progress=progress, recordings=taught, **more)
        return model


def cross_validated(
    trainer: Trainer,
    recordings: Sequence[Recording],
    *,
    protocol: str,
    folds: int,
    seeds: Sequence[int],
    run: Path,
    progress: Progress,
) -> SpeechScores:
    """Train once per fold and seed, and score what was held out.

    Where there are several corpora the first one is scored; what is held out of the others is judged as well.

    Args:
        trainer: Trains a model.
        recordings: All recordings.
        protocol: How clips are split, one of `PROTOCOLS`.
        folds: Number of folds.
        seeds: Seeds; all scores are means over them.
        run: Folder for the logits and the weights of each fold.
        progress: Told after every epoch.

    Raises:
        UsageError: There are fewer speakers than folds, or no such protocol.
    """
    places = np.stack([split_recordings(recordings, protocol, folds, seed) for seed in seeds])
    logits = answered(trainer, recordings, places, seeds, run, progress)
    total = int(places.max()) + 1
    counts = np.array([protocol == "corpus" or each.corpus == recordings[0].corpus for each in recordings])
    labels = numbers_of(recordings)
    scored_places = np.where(counts & learned(logits, labels, places), places, -1)
    protocol = described(protocol, total if total > 1 else folds)
    scores = scored(logits, labels, scored_places, recordings, seeds, protocol)
    return replace(scores, training_seconds=mean_seconds(run))


def answered(
    trainer: Trainer,
    recordings: Sequence[Recording],
    places: NDArray[np.integer],
    seeds: Sequence[int],
    run: Path,
    progress: Progress,
) -> NDArray[np.float32]:
    """Return what models answer to the clips of the fold that they were not trained on, (seeds, clips, labels).

    A fold that the run's folder already holds is not trained again.
    Speakers that tell when to stop are taken out of each training part, never those of the fold.

    Args:
        trainer: Trains a model.
        recordings: All recordings.
        places: (seeds, clips), the fold of every clip; what is in fold -1 is trained on and never judged.
        seeds: Seeds.
        run: Folder for the logits and the weights of each fold.
        progress: Told after every epoch.
    """
    total = int(places.max()) + 1
    for seed, place in zip(seeds, places, strict=True):
        for fold in range(total):
            kept = fold_file(run, seed, fold)
            if kept.exists():
                continue
            told = of_step(progress, f"seed {seed} fold {fold + 1}/{total}")
            begun = time.process_time()
            model = trainer.trained([recordings[index] for index in np.flatnonzero(place != fold).tolist()], seed, told)
            seconds = round(time.process_time() - begun, 2)
            with atomic(fold_file(run, seed, fold, ".safetensors")) as temporary:
                model.save_weights(temporary)
            held = [recordings[index] for index in np.flatnonzero(place == fold).tolist()]
            write_array(kept, judged(model, StoredClips(trainer.store, held, speeds=speeds_of(trainer.settings))))
            write_json(fold_file(run, seed, fold, ".json"), {"training_seconds": seconds})
    return read_logits(run, seeds, places)


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
            with named_if_damaged(kept):
                logits[number, place == fold] = np.load(kept, allow_pickle=False)
    return logits


def judged(model: EmotionModel, clips: Iterable[Sequence[Frames]]) -> NDArray[np.float32]:
    """Return float32 (clips, labels): for each clip the mean of the logits of all speeds at which it is heard.

    Args:
        model: A trained model.
        clips: For every clip its features at every speed.
    """
    return np.stack([model.logits(heard).mean(axis=0) for heard in clips])
