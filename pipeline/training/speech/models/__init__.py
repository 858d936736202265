"""Emotion models: each one file, all trained, evaluated, saved and served the same way.

Importing this package imports no framework; a model's own module is imported when the model is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.core.catalogue import Catalogue
from pipeline.training.model_specs import ModelSpec

if TYPE_CHECKING:
    import onnx

    from pipeline.training.corpora import Recording

__all__ = ["MODELS", "Clips", "EmotionModel", "Validation"]

Clips = Iterable[Sequence[NDArray[np.floating]]]
"""For every clip its versions, each (frames, size): as it is, at other speeds, then augmented copies."""

Validation = tuple[Clips, Sequence[int]]
"""Clips of speakers that are not trained on, and the numbers of their emotions."""


class EmotionModel(Protocol):
    """A classifier over the features of a clip."""

    def fit(
        self,
        clips: Clips,
        labels: Sequence[int],
        *,
        seed: int,
        progress: Callable[[int, dict[str, float]], None] = ...,
        validation: Validation | None = None,
        recordings: Sequence[Recording] = (),
        reading: Clips = (),
    ) -> None:
        """Train from nothing.

        Args:
            clips: For every clip its versions, each (frames, size), the clean one first.
            labels: Number of each clip's emotion.
            seed: Seed of all chance.
            progress: Called after every epoch with its number and figures such as `{"loss", "accuracy"}`.
            validation: Clips that tell when to stop, for models that train in epochs.
            recordings: What else is known of the clips, such as who speaks and how strongly; none is needed.
            reading: Clips of people who read aloud elsewhere, for models whose `ModelSpec` says that they use them.
        """
        ...

    def logits(self, clips: Iterable[NDArray[np.floating]]) -> NDArray[np.float32]:
        """Return float32 (clips, labels), each clip judged alone as it is in serving."""
        ...

    def save_weights(self, path: Path) -> None:
        """Write the weights as safetensors."""
        ...

    def load_weights(self, path: Path) -> None:
        """Read weights that `save_weights` wrote for the same settings.

        Raises:
            SettingsError: The weights are those of another model.
        """
        ...

    def graph(self) -> onnx.ModelProto:
        """Return the model as ONNX: one input, float32 (batch, frames, size), to one output (batch, labels).

        Where it hears sound the input is `waveform`, (1, samples).
        """
        ...


MODELS: Final[Catalogue[ModelSpec[EmotionModel]]] = Catalogue(
    "There is no model",
    ModelSpec(
        "cnn1d",
        "Cnn1d",
        "keras",
        "statistics and convolutions over the encoder's layers",
        uses_reading=True,
    ),
    ModelSpec(
        "cnn1d_experts",
        "Cnn1dExperts",
        "numpy",
        "a trained cnn1d and, beside it, a linear discriminant of several corpora",
    ),
    ModelSpec(
        "cnn1d_opensmile",
        "Cnn1dOpensmile",
        "keras",
        "convolutions along a vector of statistics: the reference configuration of this field",
    ),
    ModelSpec("lstm", "Lstm", "keras", "a recurrent network over frames"),
    ModelSpec("cnn_attention", "CnnAttention", "keras", "convolutions, then attention"),
    ModelSpec(
        "cnn_transformer",
        "CnnTransformer",
        "keras",
        "two parallel convolution networks and a Transformer encoder over log-mel frames",
    ),
    ModelSpec("mlp", "Mlp", "scikit-learn", "a multi-layer perceptron over statistics"),
    ModelSpec("svm", "Svm", "scikit-learn", "support vectors with a Gaussian kernel, one emotion each"),
    ModelSpec("logistic", "Logistic", "scikit-learn", "logistic regression over statistics"),
    ModelSpec("forest", "Forest", "scikit-learn", "a random forest over statistics"),
    ModelSpec("moonshine", "Moonshine", "torch", "Moonshine's encoder, fine-tuned from above"),
    ModelSpec("wav2vec2", "Wav2vec2", "torch, transformers", "wav2vec 2.0, HuBERT or WavLM, fine-tuned"),
    ModelSpec("ensemble", "Ensemble", "none", "mean of the calibrated probabilities of others"),
)
"""All models."""
