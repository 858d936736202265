"""What the networks in Keras share: training in epochs, early stopping, weights, export."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from pipeline.core.errors import SettingsError
from pipeline.core.files import named_if_damaged
from pipeline.training.corpora import Recording
from pipeline.training.speech.models import Clips, Validation
from pipeline.training.speech.models.keras_backend import exported, load_keras
from pipeline.training.speech.models.settings import NetworkSettings

if TYPE_CHECKING:
    import onnx

__all__ = ["KerasModel"]


class KerasModel(ABC):
    """A network over the frames of a clip; what it is made of and how it is fed, a subclass says.

    Args:
        settings: How it is built and trained.
        size: Numbers per frame.
        labels: Number of emotions.
        threads: Threads of TensorFlow; 0 leaves the choice to it.

    Raises:
        EngineMissing: TensorFlow is not installed.
    """

    def __init__(self, settings: NetworkSettings, size: int, labels: int, threads: int = 0) -> None:
        load_keras(threads)
        self.settings = settings
        self.size = size
        self.labels = labels
        self.network, self.head = self.built()

    @abstractmethod
    def built(self) -> tuple[Any, Any]:
        """Return the Keras model over whole frames, and its head: what is trained, over what `batch` gives."""

    @abstractmethod
    def example(self, frames: NDArray[np.floating]) -> Any:
        """Return what is kept of a version of a clip, (frames, size), for training."""

    @abstractmethod
    def adapt(
        self,
        examples: Sequence[Sequence[Any]],
        labels: Sequence[int],
        recordings: Sequence[Recording] = (),
        reading: Sequence[Any] = (),
    ) -> None:
        """Set what is found in closed form, before the epochs.

        Args:
            examples: For every clip what is kept of its versions, the clean one first.
            labels: Number of each clip's emotion.
            recordings: What else is known of the clips, or nothing.
            reading: What is kept of clips of people who read aloud elsewhere.
        """

    @abstractmethod
    def batch(
        self, examples: Sequence[Any], targets: NDArray[np.float32], random: Generator
    ) -> tuple[Any, NDArray[np.float32]]:
        """Return what the head is fed, and the targets, (batch, labels), which it may have changed.

        Args:
            examples: One version of each clip of the batch.
            targets: What is to be answered, (batch, labels).
            random: Source of all chance.
        """

    @abstractmethod
    def logits(self, clips: Iterable[NDArray[np.floating]]) -> NDArray[np.float32]:
        """Return float32 (clips, labels), each clip judged as if it were alone."""

    def fit(
        self,
        clips: Clips,
        labels: Sequence[int],
        *,
        seed: int,
        progress: Callable[[int, dict[str, float]], None] = lambda epoch, values: None,
        validation: Validation | None = None,
        recordings: Sequence[Recording] = (),
        reading: Clips = (),
    ) -> None:
        """Train from nothing, and keep the best epoch where `validation` and `patience` are given.

        Args:
            clips: For every clip its versions, the clean one first.
            labels: Number of each clip's emotion.
            seed: Seed of all chance.
            progress: Called after every epoch with its number and `{"loss", "accuracy", "validation"}`.
            validation: Clips of other speakers, whose accuracy tells when to stop.
            recordings: What else is known of the clips, for the model that uses it.
            reading: Clips of people who read aloud elsewhere, likewise.
        """
        keras, settings = load_keras(), self.settings
        keras.backend.clear_session()
        keras.utils.set_random_seed(seed)
        self.network, self.head = self.built()
        examples = [[self.example(frames) for frames in versions] for versions in clips]
        held = [versions[0] for versions in validation[0]] if validation else []
        self.adapt(examples, labels, recordings, [self.example(frames) for heard in reading for frames in heard])
        steps = math.ceil(len(examples) / settings.batch_size)
        self.head.compile(
            keras.optimizers.AdamW(self._rate(steps), weight_decay=settings.weight_decay, clipnorm=1.0),
            keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=settings.label_smoothing),
            metrics=["accuracy"],
        )
        batches = self._batches(examples, np.eye(self.labels, dtype=np.float32)[list(labels)], seed)
        best, best_epoch, kept = -1.0, 0, self.head.get_weights()
        for epoch in range(1, settings.epochs + 1):
            told = [self.head.train_on_batch(*next(batches), return_dict=True) for _ in range(steps)]
            figures = {name: float(np.mean([values[name] for values in told])) for name in told[0]}
            if validation:
                figures["validation"] = float(np.mean(self.logits(held).argmax(axis=1) == np.asarray(validation[1])))
                if figures["validation"] > best:
                    best, best_epoch, kept = figures["validation"], epoch, self.head.get_weights()
            progress(epoch, figures)
            if validation and settings.patience and epoch - best_epoch >= settings.patience:
                break
        if validation and settings.patience:
            self.head.set_weights(kept)

    def save_weights(self, path: Path) -> None:
        """Write the weights as safetensors."""
        from safetensors.numpy import save

        path.write_bytes(save({weight.path: np.ascontiguousarray(weight) for weight in self._weights}))

    def load_weights(self, path: Path) -> None:
        """Read weights that `save_weights` wrote for the same settings.

        Raises:
            SettingsError: The weights are those of another network.
        """
        from safetensors.numpy import load_file

        with named_if_damaged(path):
            stored = load_file(path)
        if {name: value.shape for name, value in stored.items()} != {
            weight.path: tuple(weight.shape) for weight in self._weights
        }:
            raise SettingsError(f"{path} holds the weights of another network than these settings describe.")
        for weight in self._weights:
            weight.assign(stored[weight.path])

    def graph(self) -> onnx.ModelProto:
        """Return the network as ONNX, from float32 (batch, frames, size) to logits (batch, labels)."""
        return exported(self.network)

    @property
    def seen_columns(self) -> list[int]:
        """Columns of the layers that the settings choose; none where they choose no layers.

        Raises:
            SettingsError: The features have fewer layers.
        """
        width = self.settings.layer_size
        chosen = [column for layer in self.settings.layers for column in range(layer * width, (layer + 1) * width)]
        if chosen and max(chosen) >= self.size:
            raise SettingsError(f"The features '{self.settings.features}' have no layer {max(self.settings.layers)}.")
        return chosen

    @property
    def _weights(self) -> list[Any]:
        """What the network remembers; the state of the dropout's dice is no part of it."""
        return [weight for weight in self.network.weights if "seed_generator" not in weight.path]

    def _rate(self, steps_per_epoch: int) -> Any:
        """Return the learning rate, or its way over the steps."""
        settings = self.settings
        if settings.schedule == "constant":
            return settings.lr
        steps = settings.epochs * steps_per_epoch
        warm = max(1, steps // 10)
        return load_keras().optimizers.schedules.CosineDecay(
            0.0, max(1, steps - steps // 10), warmup_target=settings.lr, warmup_steps=warm
        )

    def _batches(
        self, examples: Sequence[Sequence[Any]], targets: NDArray[np.float32], seed: int
    ) -> Iterator[tuple[Any, NDArray[np.float32]]]:
        """Yield batches for ever, of each clip the clean version or one of the others."""
        random, size = np.random.default_rng(seed), self.settings.batch_size
        while True:
            order = random.permutation(len(examples))
            for chosen in (order[first : first + size] for first in range(0, len(order), size)):
                yield self.batch([self._version(examples[index], random) for index in chosen], targets[chosen], random)

    def _version(self, versions: Sequence[Any], random: Generator) -> Any:
        if len(versions) == 1 or random.random() < self.settings.clean:
            return versions[0]
        return versions[int(random.integers(1, len(versions)))]
