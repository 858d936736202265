"""Emotion models: each one file, all trained, evaluated, saved and served the same way.

Importing this package imports no framework; a model's own module is imported when the model is asked for.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import UnknownName, UsageError

if TYPE_CHECKING:
    import onnx
    from pydantic import BaseModel

    from pipeline.training.corpora import Recording

__all__ = ["MODELS", "Clips", "EmotionModel", "ModelSpec", "Validation", "find_model"]

Clips = Iterable[Sequence[NDArray[np.floating]]]
"""For every clip its versions, each (frames, size): as it is, at other speeds, then augmented copies."""

_BACKENDS: Final = {"keras": "keras_backend", "torch": "torch_backend"}
"""Framework to the module that knows its devices."""

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


@dataclass(frozen=True)
class ModelSpec:
    """What is known about a model without importing it."""

    name: str
    """What a person types, and the name of its module."""
    model: str
    """Class of the model, called with settings, size, labels and threads."""
    settings: str
    """Class of its settings."""
    framework: str
    """What trains it; prediction needs none of it."""
    description: str
    uses_reading: bool = False
    """Whether it learns from read speech of other places what not to listen to."""

    def _get(self, name: str) -> Any:
        return getattr(importlib.import_module(f"{__name__}.{self.name}"), name)

    def settings_class(self) -> type[BaseModel]:
        """Return the class of the settings, without importing the framework."""
        found: type[BaseModel] = self._get(self.settings)
        return found

    def create(self, settings: BaseModel, size: int, labels: int, threads: int = 1) -> EmotionModel:
        """Return an untrained model.

        Args:
            settings: How it is built and trained.
            size: Numbers per frame of its features.
            labels: Number of emotions.
            threads: Computing threads.

        Raises:
            EngineMissing: The framework is not installed.
        """
        model: EmotionModel = self._get(self.model)(settings, size, labels, threads)
        return model

    def use_device(self, device: str) -> None:
        """Say what the model shall be trained on; to be called before it is created.

        Args:
            device: `auto` takes a GPU where there is one and the framework can use it.

        Raises:
            UsageError: The framework cannot train on it, or it is not here.
            EngineMissing: A GPU is asked for, and the framework is not installed.
        """
        if self.framework in _BACKENDS:
            backend = importlib.import_module(f"{__name__}.{_BACKENDS[self.framework]}")
            backend.use_device(device)
        elif device not in ("auto", "cpu"):
            raise UsageError(f"The model {self.name} cannot be trained on '{device}'.", hint="Give --device auto.")


MODELS: Final = (
    ModelSpec(
        "cnn1d",
        "Cnn1d",
        "Cnn1dSettings",
        "keras",
        "statistics and convolutions over the encoder's layers",
        uses_reading=True,
    ),
    ModelSpec(
        "cnn1d_opensmile",
        "Cnn1dOpensmile",
        "Cnn1dOpensmileSettings",
        "keras",
        "convolutions along a vector of statistics: the reference configuration of this field",
    ),
    ModelSpec("lstm", "Lstm", "LstmSettings", "keras", "a recurrent network over frames"),
    ModelSpec("cnn_attention", "CnnAttention", "CnnAttentionSettings", "keras", "convolutions, then attention"),
    ModelSpec(
        "cnn_transformer",
        "CnnTransformer",
        "CnnTransformerSettings",
        "keras",
        "two parallel convolution networks and a Transformer encoder over log-mel frames",
    ),
    ModelSpec("mlp", "Mlp", "MlpSettings", "scikit-learn", "a multi-layer perceptron over statistics"),
    ModelSpec("svm", "Svm", "SvmSettings", "scikit-learn", "support vectors with a Gaussian kernel, one emotion each"),
    ModelSpec("logistic", "Logistic", "LogisticSettings", "scikit-learn", "logistic regression over statistics"),
    ModelSpec("forest", "Forest", "ForestSettings", "scikit-learn", "a random forest over statistics"),
    ModelSpec("moonshine", "Moonshine", "MoonshineSettings", "torch", "Moonshine's encoder, fine-tuned from above"),
    ModelSpec("wav2vec2", "Wav2vec2", "Wav2vec2Settings", "torch", "wav2vec 2.0, HuBERT or WavLM, fine-tuned"),
    ModelSpec("ensemble", "Ensemble", "EnsembleSettings", "none", "mean of the calibrated probabilities of others"),
)
"""All models."""


def find_model(name: str) -> ModelSpec:
    """Return the model of a name.

    Raises:
        UnknownName: There is none; the message lists the choices.
    """
    for spec in MODELS:
        if spec.name == name:
            return spec
    raise UnknownName(f"There is no model '{name}'.", hint=f"Choose one of {', '.join(spec.name for spec in MODELS)}.")
