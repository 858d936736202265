"""Scoring and building an ensemble from the runs of its members; nothing is trained again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.core.emotions import EMOTIONS
from pipeline.core.errors import SettingsError
from pipeline.recognition.calibration import cross_fitted
from pipeline.recognition.checkpoint import CARD, MODEL, read_card
from pipeline.training.corpora import Recording
from pipeline.training.corpora.recordings import numbers_of
from pipeline.training.libraries import load_onnx
from pipeline.training.runs import read_about
from pipeline.training.speech.evaluation import read_logits
from pipeline.training.speech.models.ensemble import EnsembleSettings, averaged, merged
from pipeline.training.speech.scores import SpeechScores, calibration_folds, scored
from pipeline.training.splits import described, split_recordings

if TYPE_CHECKING:
    import onnx

__all__ = ["evaluated", "features", "graph"]


def evaluated(
    settings: EnsembleSettings,
    recordings: Sequence[Recording],
    *,
    protocol: str,
    folds: int,
    seeds: Sequence[int],
) -> SpeechScores:
    """Score the mean of what the members answered on the clips that they had not heard.

    Raises:
        SettingsError: A member has no such run, or one over other clips or folds.
    """
    for member in settings.members:
        known = read_about(member)
        if (known["clips"], known["folds"], known["protocol"]) != (len(recordings), folds, protocol):
            raise SettingsError(f"{member} was scored on other clips or folds.", "Evaluate it as the ensemble is.")
    labels = numbers_of(recordings)
    places = np.stack([split_recordings(recordings, protocol, folds, seed) for seed in seeds])
    together = np.full((*places.shape, len(EMOTIONS)), np.nan)
    answers = [read_logits(member, seeds, places) for member in settings.members]
    for number, place in enumerate(places):
        judged = np.flatnonzero(place >= 0)
        parts = calibration_folds(place[judged])
        together[number, judged] = averaged(
            [cross_fitted(logits[number, judged], labels[judged], parts) for logits in answers]
        )
    total = int(places.max()) + 1
    return scored(together, labels, places, recordings, seeds, described(protocol, total if total > 1 else folds))


def graph(settings: EnsembleSettings, temperature: float) -> onnx.ModelProto:
    """Return the members' graphs as one.

    Raises:
        EngineMissing: The package `onnx` is not installed.
        WeightsMissing: A member has no checkpoint.
        SettingsError: A member hears clips at several speeds, which one graph cannot.
    """
    for member in settings.members:
        if read_card(_checkpoint(member)).speeds != (1.0,):
            raise SettingsError(f"{member} hears clips at other speeds than their own.", "Train it with 'speeds: []'.")
    onnx = load_onnx()
    return merged([onnx.load(str(_checkpoint(member) / MODEL)) for member in settings.members], temperature)


def features(settings: EnsembleSettings) -> str:
    """Return the names of the features that the members hear, joined by plus signs.

    Raises:
        WeightsMissing: A member has no checkpoint.
    """
    return "+".join(sorted({read_card(_checkpoint(member)).features for member in settings.members}))


def _checkpoint(member: Path) -> Path:
    """Return the checkpoint of a run, or the folder itself where it is one."""
    return member if (member / CARD).exists() else member / "checkpoint"
