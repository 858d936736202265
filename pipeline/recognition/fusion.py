"""Late fusion of voice and words; the result shows both parts and any contradiction between them.

Probabilities are multiplied, each raised to a weight (a logarithmic opinion pool: Genest and Zidek, Combining
Probability Distributions, Statistical Science 1(1), 1986). Plain words are common in every emotion,
so only a fitted share of the words' probability of neutral counts for it; the rest is spread over all emotions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import UsageError
from pipeline.core.results import FusedScores
from pipeline.core.values import EmotionScores
from pipeline.recognition.calibration import low_confidence_threshold, softmax

__all__ = ["FusionWeights", "fitted_weights", "fused", "pooled"]

_GLAD: Final = frozenset({"happy"})
_BAD: Final = frozenset({"sad", "angry", "fearful", "disgusted"})
_PLAIN: Final = ("neutral", "calm")
_CONFIDENT: Final = 0.5
"""Confidence of both parts from which on a contradiction is certain: each is more likely right than wrong; by hand."""

_LITTLE: Final = 1e-4
"""Probability that is added to each before the logarithm, so that no single zero decides; set by hand."""


@dataclass(frozen=True)
class FusionWeights:
    """How much each part counts; fitted on data and kept in the checkpoint of the text model."""

    speech: float
    """Exponent of the voice's probabilities."""
    text: float
    """Exponent of the words' probabilities."""
    plain: float
    """Share of the words' probability of neutral that counts for neutral and calm, in [0, 1]."""
    unsure_below: float = 0.0
    """Confidence below which a fused answer is marked `unsure`, in [0, 1]."""

    def to_dict(self) -> dict[str, float]:
        """Return the fields."""
        return asdict(self)


def fused(speech: EmotionScores | None, text: EmotionScores | None, weights: FusionWeights) -> FusedScores:
    """Combine the scores of voice and words.

    If one part is missing, of low confidence or without information (neutral words, if those do not count),
    the other part alone decides.

    Where neither is unsure, and one is happy while the other is negative, they contradict each other.
    If both are confident as well, the contradiction is reported as certain, and the voice alone decides, because irony
    is in the voice; otherwise it is reported with "Perhaps", and both count.

    Args:
        speech: Scores of the voice.
        text: Scores of the words.
        weights: The fitted weights.

    Raises:
        UsageError: Both are missing.
    """
    if speech is None or text is None:
        alone = speech or text
        if alone is None:
            raise UsageError("There are neither a voice nor words to judge.")
        return FusedScores(alone, speech, text, ("speech",) if text is None else ("text",))
    opposed = _opposed(speech, text)
    differ = f"the words are {text.top}, the voice is {speech.top}."
    if opposed and min(speech.confidence, text.confidence) >= _CONFIDENT:
        return FusedScores(speech, speech, text, ("speech",), differ.capitalize())
    if text.unsure or (text.top == "neutral" and not weights.plain):
        return FusedScores(speech, speech, text, ("speech",))
    if speech.unsure and text.top not in _PLAIN:
        return FusedScores(_over(text, speech.labels), speech, text, ("text",))
    together = pooled(
        np.array([speech.probabilities]), speech.labels, np.array([text.probabilities]), text.labels, weights
    )
    scores = EmotionScores(
        labels=speech.labels,
        probabilities=tuple(together[0].tolist()),
        model=f"{speech.model} and {text.model}",
        calibrated=speech.calibrated and text.calibrated,
        # A voice that can never be sure, such as a syllable, makes nothing sure.
        unsure_below=1.0 if speech.unsure_below >= 1 else weights.unsure_below,
        warnings=tuple(dict.fromkeys((*speech.warnings, *text.warnings))),
        notes=(*speech.notes, *text.notes),
    )
    carefully = f"Perhaps words and voice contradict each other: {differ}" if opposed else ""
    return FusedScores(scores, speech, text, ("speech", "text"), carefully)


def pooled(
    speech: NDArray[np.floating],
    speech_labels: Sequence[str],
    text: NDArray[np.floating],
    text_labels: Sequence[str],
    weights: FusionWeights,
) -> NDArray[np.float64]:
    """Return the weighted product of probabilities, (clips, speech labels); each row sums to 1.

    Args:
        speech: (clips, speech labels), calibrated.
        speech_labels: Emotions of the voice.
        text: (clips, text labels), calibrated.
        text_labels: Emotions of the words.
        weights: Exponents, and the share of neutral that counts.
    """
    said = np.zeros((len(text), len(speech_labels)))
    for column, label in zip(text.T, text_labels, strict=True):
        if label == "neutral":
            plain = [number for number, name in enumerate(speech_labels) if name in _PLAIN]
            said += (column * (1 - (weights.plain if plain else 0)))[:, None] / len(speech_labels)
            for number in plain:
                said[:, number] += column * weights.plain / len(plain)
        elif label in speech_labels:
            said[:, list(speech_labels).index(label)] += column
    logits = weights.speech * np.log(speech + _LITTLE) + weights.text * np.log(said + _LITTLE)
    return softmax(logits)


def fitted_weights(
    speech: NDArray[np.floating],
    speech_labels: Sequence[str],
    text: NDArray[np.floating],
    text_labels: Sequence[str],
    labels: NDArray[np.integer],
) -> FusionWeights:
    """Return the weights that make the true emotions most likely, by search over a grid.

    Args:
        speech: (clips, speech labels), of clips that the model of speech was not trained on.
        speech_labels: Emotions of the voice.
        text: (clips, text labels), of texts that the text model was not trained on.
        text_labels: Emotions of the words.
        labels: (clips,), the number of each clip's true emotion among those of the voice.
    """
    rows = np.arange(len(labels))

    def loss(weights: FusionWeights) -> float:
        found = pooled(speech, speech_labels, text, text_labels, weights)[rows, labels]
        return float(-np.log(found + 1e-12).mean())

    voices, words = np.arange(0.4, 1.65, 0.1).round(2), np.arange(0.0, 1.65, 0.1).round(2)
    tried = product(voices.tolist(), words.tolist(), (0.0, 0.1, 0.25, 0.5, 0.75, 1.0))
    best = min((FusionWeights(*weights) for weights in tried), key=loss)
    found = pooled(speech, speech_labels, text, text_labels, best)
    return replace(best, unsure_below=low_confidence_threshold(found, labels))


def _opposed(speech: EmotionScores, text: EmotionScores) -> bool:
    """Return whether neither part is unsure, and one is glad while the other is not."""
    if speech.unsure or text.unsure:
        return False
    return any(glad.top in _GLAD and bad.top in _BAD for glad, bad in ((speech, text), (text, speech)))


def _over(scores: EmotionScores, labels: tuple[str, ...]) -> EmotionScores:
    """Return scores over other labels; unknown labels get 0."""
    if not set(scores.labels) <= set(labels):
        return scores
    known = dict(zip(scores.labels, scores.probabilities, strict=True))
    return replace(scores, labels=labels, probabilities=tuple(known.get(label, 0.0) for label in labels))
