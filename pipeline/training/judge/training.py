"""A judge of synthetic speech: which emotion a voice departs towards from its own neutral.

It is learned from recordings as they are and as a vocoder says them again in other voices, with the emotions that the
speakers acted: never from speech that was synthesised in an emotion, which would teach it what the synthesis believes.
A linear discriminant looks at means and deviations of the layers of Moonshine's encoder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.core.emotions import EMOTIONS
from pipeline.core.options import Options
from pipeline.recognition.calibration import fitted_temperature
from pipeline.recognition.checkpoint import EMOTION_MEANS, SPEAKER, STATISTICS, Card
from pipeline.recognition.speech.features.moonshine import MoonshineLayers
from pipeline.training.checkpoints import licence_lines, model_card, today, write_checkpoint
from pipeline.training.graphs import CLAMP, GraphBuilder, checked_model, pooling, standardisation
from pipeline.training.judge.revoiced_copies import RECORDED, SIZE, Renditions, Vectors
from pipeline.training.libraries import load_onnx
from pipeline.training.markdown import table
from pipeline.training.speech.models.discriminant import linear_discriminant
from pipeline.training.splits import speaker_folds

if TYPE_CHECKING:
    import onnx

__all__ = ["NAME", "JudgeSettings", "train_judge"]

NAME: Final = "moonshine-judge"
"""Name of the model."""

_NEUTRAL: Final = EMOTIONS.index("neutral")
_BESIDE, _ALONE = "beside one neutral clip of the speaker", "alone"


class JudgeSettings(Options):
    """How the judge is trained: `configs/judge.yaml`."""

    ridge: float = Field(1e-3, gt=0)
    """Shrinkage of the discriminant's covariance, as a share of its trace."""
    folds: int = Field(5, ge=2)
    """Folds by speaker for the scores."""


@dataclass(frozen=True, eq=False)
class _Judge:
    """What is learned: a linear discriminant of standardised statistics."""

    mean: Vectors
    deviation: Vectors
    weights: Vectors
    bias: Vectors
    emotions: Vectors
    """Mean statistics of each emotion, (labels, size)."""

    @classmethod
    def learned(cls, renditions: Renditions, settings: JudgeSettings) -> _Judge:
        """Learn from clips of speakers whose neutral is known, and from the same clips of unknown speakers."""
        labels = renditions.labels
        shown = [labels == label for label in range(len(EMOTIONS))]
        emotions = np.stack([renditions.statistics[one if one.any() else ...].mean(axis=(0, 1)) for one in shown])
        ways = len(renditions.names)
        known = renditions.departures() + emotions[_NEUTRAL]
        rows = np.concatenate([known.reshape(-1, SIZE), renditions.statistics.reshape(-1, SIZE)])
        mean, deviation = rows.mean(axis=0), rows.std(axis=0) + 1e-4
        weights, bias = linear_discriminant(
            _standardised(rows, mean, deviation), np.tile(np.repeat(labels, ways), 2), len(EMOTIONS), settings.ridge
        )
        return cls(mean, deviation, weights, bias, emotions)

    def alone(self, statistics: Vectors) -> NDArray[np.floating]:
        """Return logits (..., labels) of clips of unknown speakers."""
        return _standardised(statistics, self.mean, self.deviation) @ self.weights + self.bias

    def beside(self, departures: Vectors) -> NDArray[np.floating]:
        """Return logits (..., labels) of clips that depart so from their speaker's neutral; that of neutral is low."""
        logits = self.alone(departures + self.emotions[_NEUTRAL])
        logits[..., _NEUTRAL] = -100.0
        return logits

    def graph(self, temperature: float) -> onnx.ModelProto:
        """Return the judge as `SpeechRecogniser` reads it: from layers to `probabilities`, the speaker known or not.

        Raises:
            EngineMissing: The package `onnx` is not installed.
        """
        graph, layers = GraphBuilder(), MoonshineLayers.name
        statistics = graph.add("Concat", pooling(graph, layers), STATISTICS, axis=1)
        standardised = standardisation(graph, graph.add("Sub", [statistics, SPEAKER], "own"))
        logits = graph.add("Gemm", [standardised, "weights", "bias"], "logits")
        graph.add("Softmax", [graph.add("Div", [logits, "temperature"], "softer")], "probabilities", axis=-1)
        graph.add("Cast", ["emotions"], EMOTION_MEANS, to=load_onnx().TensorProto.FLOAT)
        graph.constants |= {
            "mean": self.mean,
            "deviation": self.deviation,
            "weights": self.weights,
            "bias": self.bias,
            "temperature": np.float32(temperature),
            "emotions": self.emotions.astype(np.float16),
            SPEAKER: np.zeros((1, SIZE), np.float32),
        }
        return checked_model(
            NAME,
            graph.nodes,
            graph.constants,
            {layers: (1, "frames", MoonshineLayers.size), SPEAKER: (1, SIZE)},
            {
                **dict.fromkeys(("logits", "probabilities"), (1, len(EMOTIONS))),
                STATISTICS: (1, SIZE),
                EMOTION_MEANS: (len(EMOTIONS), SIZE),
            },
        )


def train_judge(
    renditions: Renditions,
    settings: JudgeSettings,
    folder: Path,
    *,
    data: Mapping[str, Any],
    licences: Mapping[str, str],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Card:
    """Score a judge on speakers whom it has not heard, train it on all, and write its checkpoint.

    Args:
        renditions: What it learns from.
        settings: How.
        folder: Where the checkpoint goes.
        data: `corpora` and their `citation`, for the card.
        licences: Part to licence, for the card.
        progress: Told how many of how many trainings are done.

    Raises:
        UsageError: There are fewer speakers than folds, or one has no neutral recordings to compare with.
        OutputError: The folder cannot be written.
    """
    labels = renditions.labels
    places = np.asarray(speaker_folds([recording.speaker for recording in renditions.recordings], settings.folds))
    beside, alone = (np.zeros((*renditions.statistics.shape[:2], len(EMOTIONS))) for _ in range(2))
    for fold in range(settings.folds):
        progress(fold, settings.folds + 1)
        held = places == fold
        judge = _Judge.learned(renditions.part(~held), settings)
        unheard = renditions.part(held)
        beside[held] = judge.beside(unheard.departures(single=True))
        alone[held] = judge.alone(unheard.statistics)
    progress(settings.folds, settings.folds + 1)
    acted = labels != _NEUTRAL
    ways = len(renditions.names)
    temperature = fitted_temperature(beside[acted].reshape(-1, len(EMOTIONS)), np.repeat(labels[acted], ways))
    scores = {
        "protocol": f"{settings.folds} folds by speaker: each clip judged by a model that never heard its speaker",
        _BESIDE: _shares(beside[acted], labels[acted], renditions.names),
        _ALONE: _shares(alone, labels, renditions.names),
    }
    judge = _Judge.learned(renditions, settings)
    card = Card(
        name=NAME,
        labels=EMOTIONS,
        features=MoonshineLayers.name,
        settings=settings.model_dump(mode="json"),
        data={
            **data,
            "clips": len(renditions.recordings),
            "speakers": len({recording.speaker for recording in renditions.recordings}),
            "renditions": list(renditions.names),
        },
        seed=0,
        scores=scores,
        temperature=round(temperature, 4),
        calibrated=True,
        unsure_below=0.0,
        licences=dict(licences),
        created=today(),
    )
    card = write_checkpoint(folder, judge.graph(temperature), card, _described)
    progress(settings.folds + 1, settings.folds + 1)
    return card


def _standardised(statistics: Vectors, mean: Vectors, deviation: Vectors) -> Vectors:
    """Return statistics in deviations from the mean, clamped."""
    scaled: Vectors = np.clip((statistics - mean) / deviation, -CLAMP, CLAMP)
    return scaled


def _shares(
    logits: NDArray[np.floating], labels: NDArray[np.integer], ways: Sequence[str]
) -> dict[str, dict[str, float]]:
    """Return for recordings and for moved ones the share of right answers, of all clips and of each emotion.

    Args:
        logits: (clips, ways, labels).
        labels: (clips,).
        ways: Names of the ways.
    """
    right = logits.argmax(axis=2) == labels[:, None]
    recorded = np.array([way == RECORDED for way in ways])
    return {
        kind: {"all": round(float(right[:, chosen].mean()), 4)}
        | {
            emotion: round(float(right[labels == label][:, chosen].mean()), 4)
            for label, emotion in enumerate(EMOTIONS)
            if (labels == label).any()
        }
        for kind, chosen in (("recorded", recorded), ("moved", ~recorded))
        if chosen.any()
    }


def _described(card: Card, size: int) -> str:
    """Return the card for people, in Markdown."""
    moved = [name for name in card.data["renditions"] if name != RECORDED]
    rows = [
        (f"{kind}, {how}", *(f"{shares[name]:.1%}" if name in shares else "" for name in ("all", *EMOTIONS)))
        for how in (_BESIDE, _ALONE)
        for kind, shares in card.scores[how].items()
    ]
    return model_card(
        "judge",
        card=card,
        megabytes=size / 1e6,
        corpora=", ".join(card.data["corpora"]),
        moved=", ".join(moved),
        protocol=card.scores["protocol"].capitalize(),
        scores=table(("clips", "all", *EMOTIONS), rows),
        licences=licence_lines(card),
    )
