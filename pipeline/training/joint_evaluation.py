"""Speech, text and both on one corpus, on the same clips and the same folds: how IEMOCAP is reported.

Both models are trained without a session and judge it; temperature and fusion weights of a session are fitted on the
others. Four classes, happy with excited, weighted and unweighted accuracy, as in most papers on that corpus.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.core.emotions import EMOTIONS
from pipeline.core.files import named_if_damaged
from pipeline.core.options import Options
from pipeline.recognition.calibration import cross_fitted
from pipeline.recognition.fusion import fitted_weights, pooled
from pipeline.training.configuration import load_config, load_settings
from pipeline.training.corpora import CORPORA, TEXT_CORPORA
from pipeline.training.corpora.recordings import numbers_of
from pipeline.training.runs import Progress, write_json
from pipeline.training.speech.evaluation import read_logits
from pipeline.training.speech.feature_store import CACHE
from pipeline.training.speech.training import evaluate
from pipeline.training.splits import split_recordings, split_texts
from pipeline.training.text.evaluation import emotions_of, judged_place
from pipeline.training.text.models import TEXT_MODELS
from pipeline.training.text.training import evaluate_text

__all__ = ["JointScores", "JointSettings", "Share", "evaluate_joint", "load_joint_config"]


class JointSettings(Options):
    """Which models are judged, alone and together."""

    modality: Literal["both"] = "both"
    speech: Path
    """Settings of a model of speech."""
    text: Path
    """Settings of a text model."""


@dataclass(frozen=True)
class Share:
    """What one of the three reached; shares in [0, 1]."""

    accuracy: float
    """Over all clips: weighted accuracy (WA)."""
    unweighted_average_recall: float
    """Mean over the emotions: unweighted accuracy (UA)."""
    accuracy_by_fold: tuple[float, ...]


@dataclass(frozen=True)
class JointScores:
    """What voice, words and both reached on the clips that have both."""

    protocol: str
    clips: int
    seed: int
    speech: Share
    text: Share
    both: Share
    fusion: dict[str, float]
    """Weights fitted on all folds."""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields, ready for JSON."""
        return asdict(self)


def load_joint_config(config: Path) -> JointSettings:
    """Read which models are judged together; their files are looked for beside this one.

    Raises:
        SettingsError: The file cannot be read, a key is unknown, or a value impossible.
    """
    settings = load_settings(JointSettings, config)
    return JointSettings(speech=config.parent / settings.speech, text=config.parent / settings.text)


def evaluate_joint(
    settings: JointSettings,
    data: Path,
    run: Path,
    *,
    corpus: str = "iemocap",
    seed: int = 0,
    cache: Path = CACHE,
    threads: int = 1,
    progress: Progress = lambda step, done, total, values: None,
) -> JointScores:
    """Score a model of speech, a text model and their fusion, one session left out at a time.

    Args:
        settings: The models.
        data: Folder of the corpus.
        run: Folder of the run, with `speech` and `text` in it; an interrupted one goes on where it stopped.
        corpus: Name of a corpus that is one of speech and of text.
        seed: Seed of both trainings.
        cache: Folder for features.
        threads: Computing threads.
        progress: Told after every recording and epoch.

    Raises:
        SettingsError: The settings are wrong, or `run` holds results of other settings.
        UsageError: The corpus is not in `data`.
        EngineMissing: A package for training is not installed.
    """
    voice_settings, text_settings = load_config(settings.speech), load_config(settings.text)
    TEXT_MODELS.find(text_settings.model).require()
    texts = TEXT_CORPORA.find(corpus).read(data)
    split_texts(texts)
    how = {"corpus": corpus, "seeds": (seed,), "threads": threads, "progress": progress}
    heard = evaluate(voice_settings, data, run / "speech", protocol="session", cache=cache, **how)  # type: ignore[arg-type]
    evaluate_text(text_settings, data, run / "text", **how)  # type: ignore[arg-type]

    recordings = CORPORA.find(corpus).read(data)
    places = split_recordings(recordings, "session", 0, seed)
    logits = read_logits(run / "speech", (seed,), places[None])[0]
    by_key = {recording.path.stem: number for number, recording in enumerate(recordings)}
    rows = np.array([by_key[text.key] for text in texts])
    folds, labels = places[rows], numbers_of(recordings)[rows]

    emotions, split = emotions_of(texts), split_texts(texts)
    said = np.full((len(texts), len(emotions)), np.nan)
    for fold in range(split.folds):
        kept = judged_place(run / "text", seed, fold) / "answers.npy"
        with named_if_damaged(kept):
            said[split.places == fold] = np.load(kept, allow_pickle=False)[0]
    wanted = np.array([emotions.index(text.emotions[0]) for text in texts])

    voice, words = cross_fitted(logits[rows], labels, folds), cross_fitted(said, wanted, folds)
    together = np.zeros_like(voice)
    for fold in np.unique(folds):
        held = folds == fold
        weights = fitted_weights(voice[~held], EMOTIONS, words[~held], emotions, labels[~held])
        together[held] = pooled(voice[held], EMOTIONS, words[held], emotions, weights)
    scores = JointScores(
        protocol=heard.protocol,
        clips=len(texts),
        seed=seed,
        speech=_share(voice.argmax(axis=1), labels, folds),
        text=_share(np.array([EMOTIONS.index(name) for name in emotions])[words.argmax(axis=1)], labels, folds),
        both=_share(together.argmax(axis=1), labels, folds),
        fusion=fitted_weights(voice, EMOTIONS, words, emotions, labels).to_dict(),
    )
    write_json(run / "scores.json", scores.to_dict())
    return scores


def _share(answers: NDArray[np.integer], labels: NDArray[np.integer], folds: NDArray[np.integer]) -> Share:
    mean: Callable[[NDArray[np.bool_]], float] = lambda part: float((answers == labels)[part].mean())  # noqa: E731
    return Share(
        accuracy=float((answers == labels).mean()),
        unweighted_average_recall=float(np.mean([mean(labels == label) for label in np.unique(labels)])),
        accuracy_by_fold=tuple(mean(folds == fold) for fold in np.unique(folds)),
    )
