"""How a model does on corpora that it was not trained on: each is left out in turn.

Another corpus is another language, room and way of acting. What is calibrated there is honest elsewhere, and what
speakers have in common there says how much knowing one is worth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pipeline.core.emotions import EMOTIONS
from pipeline.recognition.calibration import expected_calibration_error, softmax
from pipeline.recognition.speech.speaker import judged_together
from pipeline.training.corpora import Recording
from pipeline.training.corpora.recordings import numbers_of
from pipeline.training.speech.known_speakers import Clips, fitted_gain

__all__ = ["Abroad", "abroad", "learned"]

_TEMPERATURES: Final = np.geomspace(0.2, 40.0, 200)
"""Temperatures that are tried, without a unit: a step is 2.7 %."""

_UNLEARNED: Final = -20.0
"""Logit under which an emotion that a model never answers is none that it learned."""


@dataclass(frozen=True)
class Abroad:
    """What a model reached on corpora that were left out, and what follows for the shipped one."""

    corpora: dict[str, dict[str, Any]]
    """Corpus to `clips`, `speakers`, `emotions`, `accuracy` and `unweighted_average_recall` over the emotions that it
    has and that were learned, and `calibration_error` over these; `calibration_error_all` over all eight answers;
    the same with `_known`, each clip judged knowing its speaker's others. `temperature` and `known_gain` are
    fitted on the other corpora."""
    temperature: float
    """Fitted on all of them, for clips of unknown speakers."""
    known_gain: float
    """Fitted on all of them: how much surer answers are of known speakers."""
    unsure_below: float
    """Confidence from which on at least half of the answers are right there, of unknown and of known speakers, the
    corpora counted alike."""


def abroad(logits: NDArray[np.floating], recordings: Sequence[Recording]) -> Abroad:
    """Score what models answered that had not heard the corpus of a clip.

    Args:
        logits: (seeds, clips, labels); not a number where a clip was not judged.
        recordings: The clips.
    """
    labels, names = numbers_of(recordings), np.array([each.corpus for each in recordings])
    speakers = np.array([each.speaker for each in recordings])
    seen = np.isfinite(logits).all(axis=2) & learned(logits, labels, names)
    corpora = [str(name) for name in dict.fromkeys(names[seen.any(axis=0)].tolist())]
    rows = {name: np.flatnonzero(seen[0] & (names == name)) for name in corpora}
    found: dict[str, dict[str, Any]] = {}
    sure: list[tuple[NDArray[np.float64], NDArray[np.bool_]]] = []
    for name in corpora:
        own, others = rows[name], [rows[other] for other in corpora if other != name] or [rows[name]]
        shared = np.unique(labels[own])
        told: dict[str, list[float]] = {}
        for answers in logits:
            temperature = _temperature(answers, labels, others)
            gain = fitted_gain([Clips(answers[rows], labels[rows], speakers[rows]) for rows in others], temperature)
            probabilities = softmax(answers[own], temperature)
            known = np.empty_like(probabilities)
            for speaker in np.unique(speakers[own]):
                mine = speakers[own] == speaker
                known[mine] = judged_together(probabilities[mine], gain=gain)
            measured = _measured(probabilities, labels[own], shared)
            measured |= {f"{key}_known": value for key, value in _measured(known, labels[own], shared).items()}
            measured |= {"temperature": temperature, "known_gain": gain}
            for key, value in measured.items():
                told.setdefault(key, []).append(value)
            sure += [(kind.max(axis=1), kind.argmax(axis=1) == labels[own]) for kind in (probabilities, known)]
        about: dict[str, Any] = {
            "clips": len(own),
            "speakers": len(set(speakers[own].tolist())),
            "emotions": [EMOTIONS[label] for label in shared],
        }
        found[name] = about | {key: float(np.mean(values)) for key, values in told.items()}
    every = [rows[name] for name in corpora]
    temperature = float(np.mean([_temperature(answers, labels, every) for answers in logits]))
    gains = [
        fitted_gain([Clips(answers[own], labels[own], speakers[own]) for own in every], temperature)
        for answers in logits
    ]
    return Abroad(
        corpora=found,
        temperature=temperature,
        known_gain=float(np.mean(gains)),
        unsure_below=_half_right(sure),
    )


def learned(
    logits: NDArray[np.floating], labels: NDArray[np.integer], models: NDArray[np.integer] | NDArray[np.str_]
) -> NDArray[np.bool_]:
    """Return whether the emotion of each clip could be answered, (seeds, clips): no other corpus may have it.

    A model that never learned an emotion gives it a low logit in every clip; one that is wrong does so in some.

    Args:
        logits: (seeds, clips, labels).
        labels: (clips,).
        models: (clips,) or (seeds, clips), which model judged a clip.
    """
    found = np.zeros(logits.shape[:2], bool)
    for answers, judges, could in zip(logits, np.broadcast_to(models, found.shape), found, strict=True):
        for judge in np.unique(judges):
            mine = judges == judge
            highest = np.nan_to_num(answers[mine], nan=-np.inf).max(axis=0)
            could[mine] = highest[labels[mine]] > _UNLEARNED
    return found


def _half_right(answers: Sequence[tuple[NDArray[np.float64], NDArray[np.bool_]]]) -> float:
    """Return the lowest confidence, in hundredths, from which on half of the answers are right; 1 if none is.

    Args:
        answers: Of each corpus the confidence of every answer, and whether it is right.
    """
    for threshold in np.arange(0.0, 1.0, 0.01):
        shares = [right[sure >= threshold].mean() for sure, right in answers if (sure >= threshold).any()]
        if shares and np.mean(shares) >= 0.5:
            return round(float(threshold), 2)
    return 1.0


def _temperature(
    logits: NDArray[np.floating], labels: NDArray[np.integer], parts: Sequence[NDArray[np.integer]]
) -> float:
    """Return the temperature that makes the true labels most likely; parts count alike, whatever their size."""
    losses = [
        np.mean(
            [
                -np.log(softmax(logits[part], temperature)[np.arange(len(part)), labels[part]] + 1e-12).mean()
                for part in parts
            ]
        )
        for temperature in _TEMPERATURES
    ]
    return float(_TEMPERATURES[int(np.argmin(losses))])


def _measured(
    probabilities: NDArray[np.floating], labels: NDArray[np.integer], shared: NDArray[np.integer]
) -> dict[str, float]:
    """Return accuracy, unweighted average recall and calibration error over shared emotions, and the last over all."""
    likely = probabilities[:, shared] / probabilities[:, shared].sum(axis=1, keepdims=True)
    answers = shared[probabilities[:, shared].argmax(axis=1)]
    recalls = [float(np.mean(answers[labels == label] == label)) for label in shared]
    return {
        "accuracy": float(np.mean(answers == labels)),
        "unweighted_average_recall": float(np.mean(recalls)),
        "calibration_error": expected_calibration_error(likely, np.searchsorted(shared, labels)),
        "calibration_error_all": expected_calibration_error(probabilities, labels),
    }
