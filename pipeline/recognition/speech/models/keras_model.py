"""What the networks in Keras share: training in epochs, early stopping, weights, export."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import SettingsError
from pipeline.recognition.speech.models import Clips, Validation
from pipeline.recognition.speech.models.keras_backend import exported, load_keras, padded
from pipeline.recognition.speech.models.settings import NetworkSettings

if TYPE_CHECKING:
    import onnx

__all__ = ["KerasModel"]


class KerasModel(ABC):
    """A network over frames; what it is made of, `hidden` says.

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
        self.network, self._head = self._built()

    @abstractmethod
    def hidden(self, frames: Any, mask: Any) -> Any:
        """Return what the answer is read from, a Keras tensor (batch, numbers).

        Args:
            frames: Standardised frames, a Keras tensor (batch, time, seen), zero where there is padding.
            mask: 1 for frames and 0 for padding, (batch, time, 1).
        """

    def fit(
        self,
        clips: Clips,
        labels: Sequence[int],
        *,
        seed: int,
        progress: Callable[[int, dict[str, float]], None] = lambda epoch, values: None,
        validation: Validation | None = None,
    ) -> None:
        """Train from nothing, and keep the best epoch where `validation` and `patience` are given.

        Args:
            clips: For every clip its versions, the clean one first.
            labels: Number of each clip's emotion.
            seed: Seed of all chance.
            progress: Called after every epoch with its number and `{"loss", "accuracy", "validation"}`.
            validation: Clips of other speakers, whose accuracy tells when to stop.
        """
        keras, settings = load_keras(), self.settings
        keras.backend.clear_session()
        keras.utils.set_random_seed(seed)
        self.network, self._head = self._built()
        examples = [[self._seen(frames) for frames in versions] for versions in clips]
        held = [self._seen(versions[0]) for versions in validation[0]] if validation else []
        self._head.get_layer("standardise").adapt(
            np.concatenate([versions[0] for versions in examples]).astype(np.float32)
        )
        steps_per_epoch = math.ceil(len(examples) / settings.batch_size)
        steps = settings.epochs * steps_per_epoch
        rate: Any = settings.lr
        if settings.schedule == "cosine":
            rate = keras.optimizers.schedules.CosineDecay(
                0.0, max(1, steps - steps // 10), warmup_target=settings.lr, warmup_steps=max(1, steps // 10)
            )
        self._head.compile(
            keras.optimizers.AdamW(rate, weight_decay=settings.weight_decay, clipnorm=1.0),
            keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=settings.label_smoothing),
            metrics=["accuracy"],
        )
        targets = np.eye(self.labels, dtype=np.float32)[list(labels)]
        batches = _batches(examples, targets, settings, seed)
        best, best_epoch, kept = -1.0, 0, self._head.get_weights()
        for epoch in range(1, settings.epochs + 1):
            told = [self._head.train_on_batch(*next(batches), return_dict=True) for _ in range(steps_per_epoch)]
            figures = {name: float(np.mean([values[name] for values in told])) for name in told[0]}
            if validation:
                answers = self._judged(held).argmax(axis=1)
                figures["validation"] = float(np.mean(answers == np.asarray(validation[1])))
                if figures["validation"] > best:
                    best, best_epoch, kept = figures["validation"], epoch, self._head.get_weights()
            progress(epoch, figures)
            if validation and settings.patience and epoch - best_epoch >= settings.patience:
                break
        if validation and settings.patience:
            self._head.set_weights(kept)

    def logits(self, clips: Iterable[NDArray[np.floating]]) -> NDArray[np.float32]:
        """Return float32 (clips, labels), each clip judged as if it were alone."""
        return self._judged([self._seen(clip) for clip in clips])

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
    def _weights(self) -> list[Any]:
        """What the network remembers; the state of the dropout's dice is no part of it."""
        return [weight for weight in self._head.weights if "seed_generator" not in weight.path]

    @property
    def _columns(self) -> list[int]:
        """Columns of the frames that are seen."""
        width = self.settings.layer_size
        chosen = [column for layer in self.settings.layers for column in range(layer * width, (layer + 1) * width)]
        if chosen and chosen[-1] >= self.size:
            raise SettingsError(f"The features '{self.settings.features}' have no layer {self.settings.layers[-1]}.")
        return chosen

    def _seen(self, frames: NDArray[np.floating]) -> NDArray[np.floating]:
        return frames[:, self._columns] if self.settings.layers else frames

    def _judged(self, clips: Sequence[NDArray[np.floating]]) -> NDArray[np.float32]:
        """Return the logits of clips, those of like length together, as padding changes nothing."""
        logits = np.zeros((len(clips), self.labels), np.float32)
        order = sorted(range(len(clips)), key=lambda index: len(clips[index]))
        for first in range(0, len(order), 64):
            chosen = order[first : first + 64]
            batch = padded([clips[index].astype(np.float32) for index in chosen])
            logits[chosen] = self._head.predict_on_batch(batch)
        return logits

    def _built(self) -> tuple[Any, Any]:
        """Return the network over whole frames, and its head over the columns that are seen."""
        from pipeline.recognition.speech.models.layers import Columns, FrameMask, Standardise, keras

        columns = self._columns
        frames = keras.Input((None, len(columns) or self.size), name="frames")
        mask = FrameMask(name="mask")(frames)
        found = self.hidden(Standardise(name="standardise")(frames) * mask, mask)
        head = keras.Model(frames, keras.layers.Dense(self.labels, name="logits")(found), name=self.settings.model)
        if not columns:
            return head, head
        whole = keras.Input((None, self.size), name="layers")
        return keras.Model(whole, head(Columns(columns, name="columns")(whole)), name="whole"), head


def _batches(
    examples: Sequence[Sequence[NDArray[np.floating]]],
    targets: NDArray[np.float32],
    settings: NetworkSettings,
    seed: int,
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Yield batches for ever: frames (batch, time, seen) and targets (batch, labels)."""
    random = np.random.default_rng(seed)
    while True:
        order = random.permutation(len(examples))
        for first in range(0, len(order), settings.batch_size):
            chosen = order[first : first + settings.batch_size]
            batch = []
            for index in chosen:
                versions = examples[index]
                clean = len(versions) == 1 or random.random() < settings.clean
                batch.append(versions[0 if clean else int(random.integers(1, len(versions)))].astype(np.float32))
            yield padded(batch), targets[chosen]
