"""How good a model is on speakers that it has not heard.

Speakers are dealt to the folds in turn: of 20 actors and five folds, fold i holds out the actors i, i+5, i+10, i+15.
Each clip is judged by a model that was trained without its speaker.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.core.emotions import EMOTIONS
from pipeline.core.errors import UsageError
from pipeline.core.files import atomic
from pipeline.recognition.speech.calibration import (
    cross_fitted,
    expected_calibration_error,
    fitted_temperature,
    softmax,
    unsure_threshold,
)
from pipeline.recognition.speech.corpora import Recording
from pipeline.recognition.speech.features.store import FeatureStore, StoredClips
from pipeline.recognition.speech.models import EmotionModel

__all__ = ["Scores", "cross_validated", "scored", "speaker_folds"]

Progress = Callable[[str, int, int, dict[str, float]], None]
"""Called with what is being done, how much is done, of how much, and figures to show."""


@dataclass(frozen=True)
class Scores:
    """What a model reached; shares and errors in [0, 1]."""

    protocol: str
    """How speakers were parted, in words."""
    clips: int
    speakers: int
    seeds: tuple[int, ...]
    accuracy: float
    """Mean over the seeds."""
    accuracy_by_seed: tuple[float, ...]
    accuracy_by_fold: tuple[float, ...]
    """Mean over the seeds."""
    accuracy_by_sex: dict[str, float]
    accuracy_by_intensity: dict[str, float]
    unweighted_average_recall: float
    """Mean over the emotions of the share that was found (UAR)."""
    macro_f1: float
    recall: dict[str, float]
    """Share of each emotion's clips that was found."""
    confusion: tuple[tuple[int, ...], ...]
    """Clips of the first seed: rows are the true emotions, columns the answers."""
    calibration_error: float
    """Expected calibration error of the raw probabilities."""
    calibration_error_calibrated: float
    """The same with temperatures fitted on the other folds."""
    temperature: float
    """Fitted on all folds and seeds: what the shipped model divides its logits by."""
    unsure_below: float
    """Calibrated confidence under which fewer than half of the answers are right."""
    surest_accuracy: float
    """Accuracy on the 60 % of clips with the highest calibrated confidence."""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields, numbers rounded to four places."""
        values: dict[str, Any] = json.loads(json.dumps(asdict(self)), parse_float=lambda text: round(float(text), 4))
        return values


def speaker_folds(speakers: Sequence[str], folds: int = 5) -> NDArray[np.int64]:
    """Return the fold of every clip, so that no speaker is in two folds.

    Args:
        speakers: The speaker of every clip.
        folds: How many; as many as speakers leaves one speaker out at a time.

    Raises:
        UsageError: There are fewer speakers than folds.
    """
    names = sorted(set(speakers))
    if not 2 <= folds <= len(names):
        raise UsageError(f"{len(names)} speakers cannot be parted into {folds} folds.", "Give between 2 and that many.")
    place = {name: index % folds for index, name in enumerate(names)}
    return np.array([place[speaker] for speaker in speakers])


def cross_validated(
    build: Callable[[], EmotionModel],
    store: FeatureStore,
    recordings: Sequence[Recording],
    copies: int,
    *,
    folds: int = 5,
    seeds: Sequence[int] = (0,),
    run: Path,
    progress: Progress = lambda step, done, total, values: None,
) -> Scores:
    """Train once per fold and seed, and score what was held out.

    A fold that the run's folder already holds is not trained again.

    Args:
        build: Returns an untrained model.
        store: Where features come from.
        recordings: All recordings.
        copies: Augmented copies that the model trains on; what is held out is judged as it is.
        folds: Number of folds.
        seeds: Seeds; all scores are means over them.
        run: Folder for the logits of each fold.
        progress: Told after every epoch.

    Raises:
        UsageError: There are fewer speakers than folds.
    """
    labels = np.array([EMOTIONS.index(recording.emotion) for recording in recordings])
    place = speaker_folds([recording.speaker for recording in recordings], folds)
    logits = np.zeros((len(seeds), len(recordings), len(EMOTIONS)), np.float32)
    for number, seed in enumerate(seeds):
        for fold in range(folds):
            kept = run / "folds" / f"seed-{seed}-fold-{fold}.npy"
            held = np.flatnonzero(place == fold)
            if not kept.exists():
                train = np.flatnonzero(place != fold)
                model = build()
                step = f"seed {seed} fold {fold + 1}/{folds}"
                model.fit(
                    StoredClips(store, [recordings[int(index)] for index in train], copies),
                    labels[train].tolist(),
                    seed=seed,
                    progress=lambda epoch, values, step=step: progress(step, epoch, 0, values),  # type: ignore[misc]
                )
                tested = StoredClips(store, [recordings[int(index)] for index in held])
                with atomic(kept) as temporary, temporary.open("wb") as file:
                    np.save(file, model.logits(versions[0] for versions in tested), allow_pickle=False)
            logits[number, held] = np.load(kept, allow_pickle=False)
    return scored(logits, labels, place, recordings, seeds)


def scored(
    logits: NDArray[np.floating],
    labels: NDArray[np.integer],
    folds: NDArray[np.integer],
    recordings: Sequence[Recording],
    seeds: Sequence[int],
) -> Scores:
    """Score held-out logits.

    Args:
        logits: (seeds, clips, labels), each clip judged without its speaker.
        labels: (clips,).
        folds: (clips,).
        recordings: The clips.
        seeds: One per first axis of the logits.
    """
    answers = logits.argmax(axis=2)
    right = answers == labels
    confusions = np.array([_confusion(answer, labels) for answer in answers])
    recalls = np.array([_share(np.diag(table), table.sum(axis=1)) for table in confusions])
    precisions = np.array([_share(np.diag(table), table.sum(axis=0)) for table in confusions])
    harmonic = _share(2 * recalls * precisions, recalls + precisions)
    raw = [expected_calibration_error(softmax(values), labels) for values in logits]
    calibrated = [cross_fitted(values, labels, folds) for values in logits]
    pooled = np.concatenate(calibrated)
    every = np.tile(labels, len(logits))
    surest = np.argsort(-pooled.max(axis=1))[: round(0.6 * len(pooled))]

    def by(names: Sequence[str]) -> dict[str, float]:
        return {name: float(right[:, [entry == name for entry in names]].mean()) for name in sorted(set(names)) if name}

    present = [index for index in range(len(EMOTIONS)) if (labels == index).any()]
    return Scores(
        protocol=f"{len(np.unique(folds))} folds by speaker: each clip judged by a model that never heard its speaker",
        clips=len(labels),
        speakers=len({recording.speaker for recording in recordings}),
        seeds=tuple(seeds),
        accuracy=float(right.mean()),
        accuracy_by_seed=tuple(right.mean(axis=1).tolist()),
        accuracy_by_fold=tuple(float(right[:, folds == fold].mean()) for fold in np.unique(folds)),
        accuracy_by_sex=by([recording.sex for recording in recordings]),
        accuracy_by_intensity=by([recording.intensity for recording in recordings]),
        unweighted_average_recall=float(recalls[:, present].mean()),
        macro_f1=float(harmonic[:, present].mean()),
        recall={EMOTIONS[index]: float(recalls[:, index].mean()) for index in present},
        confusion=tuple(tuple(row) for row in confusions[0].tolist()),
        calibration_error=float(np.mean(raw)),
        calibration_error_calibrated=float(np.mean([expected_calibration_error(part, labels) for part in calibrated])),
        temperature=fitted_temperature(np.concatenate(list(logits)), every),
        unsure_below=unsure_threshold(pooled, every),
        surest_accuracy=float((pooled.argmax(axis=1) == every)[surest].mean()),
    )


def _confusion(answers: NDArray[np.integer], labels: NDArray[np.integer]) -> NDArray[np.int64]:
    table = np.zeros((len(EMOTIONS), len(EMOTIONS)), np.int64)
    np.add.at(table, (labels, answers), 1)
    return table


def _share(part: NDArray[Any], whole: NDArray[Any]) -> NDArray[np.float64]:
    shares: NDArray[np.float64] = np.divide(part, whole, out=np.zeros(np.shape(part)), where=whole > 0)
    return shares
