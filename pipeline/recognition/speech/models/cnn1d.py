"""CNN1D: a 1-D convolution network over the layers of a speech encoder.

Two views of a clip are pooled over time by mean, deviation, maximum and minimum, and read together:
the encoder's layers as they are, and what convolutions along time find in them.
A linear discriminant of the first view, found in closed form, votes beside the trained network:
on a thousand clips it errs on other clips than the network does.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from pydantic import Field

from pipeline.core.errors import SettingsError
from pipeline.recognition.speech.models.discriminant import linear_discriminant
from pipeline.recognition.speech.models.keras_backend import dataset, exported, load_keras, padded
from pipeline.recognition.speech.models.settings import ModelSettings

if TYPE_CHECKING:
    import onnx

__all__ = ["Cnn1d", "Cnn1dSettings"]

Frames = NDArray[np.float16]
"""One clip: (frames, size)."""

Versions = Sequence[Frames]
"""One clip as it is, then at other speeds, then its augmented copies."""


class Cnn1dSettings(ModelSettings):
    """Settings of the network and of its training, in the words of this field."""

    model: Literal["cnn1d"] = "cnn1d"
    features: Literal["moonshine-layers"] = "moonshine-layers"
    epochs: int = Field(60, ge=1)
    """Times that every clip is seen, each time as the clean clip or as one of its other versions."""
    batch_size: int = Field(32, ge=1)
    lr: float = Field(1e-3, gt=0)
    """Highest learning rate; it rises over a tenth of the steps and falls along a cosine."""
    weight_decay: float = Field(0.05, ge=0)
    layers: tuple[int, ...] = (2, 3, 4)
    """Which of the encoder's hidden states the convolutions see; 0 is its stem. The statistics are of all."""
    n_kernels: int = Field(64, ge=1)
    """Channels of every convolution."""
    kernel_sizes: tuple[int, ...] = (5, 5)
    """Frames that each convolution sees; a frame is 24 ms."""
    dropout: float = Field(0.5, ge=0, lt=1)
    hidden_size: int = Field(128, ge=1)
    discriminant: float = Field(1.6, ge=0)
    """Weight of the discriminant's logits beside the network's; 0 for none."""
    ridge: float = Field(3e-4, gt=0)
    """Shrinkage of the discriminant's covariance, as a share of its trace."""
    label_smoothing: float = Field(0.1, ge=0, lt=1)
    mixup: float = Field(0.4, ge=0)
    """Both parameters of the beta distribution that mixes pairs of clips (Zhang et al., 2018); 0 for none."""
    copies: int = Field(4, ge=0)
    clean: float = Field(0.3, ge=0, le=1)
    """Share of the clips that are seen clean."""


@dataclass(frozen=True, eq=False)
class _Example:
    """What is kept of a clip for training."""

    statistics: NDArray[np.float32]
    frames: Frames


class Cnn1d:
    """The network, from training to export.

    Args:
        settings: How it is built and trained.
        size: Numbers per frame.
        labels: Number of emotions.
        threads: Threads of TensorFlow; 0 leaves the choice to it.

    Raises:
        EngineMissing: TensorFlow is not installed.
    """

    def __init__(self, settings: Cnn1dSettings, size: int, labels: int, threads: int = 0) -> None:
        load_keras(threads)
        self.settings = settings
        self.size = size
        self.labels = labels
        self.network, self._head = self._built()

    def fit(
        self,
        clips: Iterable[Versions],
        labels: Sequence[int],
        *,
        seed: int,
        progress: Callable[[int, dict[str, float]], None] = lambda epoch, values: None,
    ) -> None:
        """Train from nothing.

        Args:
            clips: For every clip its versions, the clean one first.
            labels: Number of each clip's emotion.
            seed: Seed of all chance.
            progress: Called after every epoch with its number and `{"loss", "accuracy"}`.
        """
        keras = load_keras()
        keras.backend.clear_session()
        keras.utils.set_random_seed(seed)
        self.network, self._head = self._built()
        examples = [[self._example(frames) for frames in versions] for versions in clips]
        self._head.get_layer("pooled").adapt(np.stack([versions[0].statistics for versions in examples]))
        if self.settings.kernel_sizes:
            self._head.get_layer("frames").adapt(np.concatenate([versions[0].frames for versions in examples]))

        settings = self.settings
        steps_per_epoch = math.ceil(len(examples) / settings.batch_size)
        steps = settings.epochs * steps_per_epoch
        rate = keras.optimizers.schedules.CosineDecay(
            0.0, steps - steps // 10, warmup_target=settings.lr, warmup_steps=steps // 10
        )
        self._head.compile(
            keras.optimizers.AdamW(rate, weight_decay=settings.weight_decay, clipnorm=1.0),
            keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=settings.label_smoothing),
            metrics=["accuracy"],
        )
        targets = np.eye(self.labels, dtype=np.float32)[list(labels)]
        with dataset(lambda: _batches(examples, targets, settings, seed)) as batches:
            self._head.fit(
                batches,
                epochs=settings.epochs,
                steps_per_epoch=steps_per_epoch,
                verbose=0,
                callbacks=[
                    keras.callbacks.LambdaCallback(
                        on_epoch_end=lambda epoch, values: progress(
                            epoch + 1, {name: float(value) for name, value in values.items()}
                        )
                    )
                ],
            )
        if settings.discriminant:
            self._discriminate(examples, labels)

    def logits(self, clips: Iterable[Frames]) -> NDArray[np.float32]:
        """Return float32 (clips, labels), each clip judged alone as it is in serving."""
        return np.concatenate([np.asarray(self.network(clip[np.newaxis].astype(np.float32))) for clip in clips])

    def save_weights(self, path: Path) -> None:
        """Write the weights as safetensors."""
        from safetensors.numpy import save

        path.write_bytes(save({weight.path: np.asarray(weight) for weight in self.network.weights}))

    def load_weights(self, path: Path) -> None:
        """Read weights that `save_weights` wrote for the same settings.

        Raises:
            SettingsError: The weights are those of another network.
        """
        from safetensors.numpy import load_file

        stored = load_file(path)
        if {name: value.shape for name, value in stored.items()} != {
            weight.path: tuple(weight.shape) for weight in self.network.weights
        }:
            raise SettingsError(f"{path} holds the weights of another network than these settings describe.")
        for weight in self.network.weights:
            weight.assign(stored[weight.path])

    def graph(self) -> onnx.ModelProto:
        """Return the network as ONNX: `layers`, float32 (batch, frames, size), to `logits` (batch, labels)."""
        return exported(self.network)

    def _discriminate(self, examples: Sequence[Sequence[_Example]], labels: Sequence[int]) -> None:
        """Find the discriminant of the standardised statistics of all versions."""
        values = np.stack([version.statistics for versions in examples for version in versions])
        classes = np.repeat(np.asarray(labels), [len(versions) for versions in examples])
        standardised = np.asarray(self._head.get_layer("pooled")(values))
        weights, bias = linear_discriminant(standardised, classes, self.labels, self.settings.ridge)
        self.network.get_layer("discriminant").set_weights([weights, bias])

    def _example(self, frames: Frames) -> _Example:
        whole = frames.astype(np.float32)
        return _Example(statistics(whole), frames[:, self._seen])

    @property
    def _seen(self) -> list[int]:
        """Columns of the frames that the convolutions see."""
        return [column for layer in self.settings.layers for column in range(layer * 288, (layer + 1) * 288)]

    def _built(self) -> tuple[Any, Any]:
        """Return the network, and its head alone: what is trained, on statistics that were taken once."""
        from pipeline.recognition.speech.models.layers import Columns, FrameMask, Standardise, StatisticsPooling, keras

        settings, layers = self.settings, keras.layers
        pooled = keras.Input((4 * self.size,), name="statistics")
        frames = keras.Input((None, len(self._seen)), name="seen")
        mask = FrameMask(name="mask")(frames)
        joined = Standardise(name="pooled")(pooled)
        hidden = Standardise(name="frames")(frames) * mask
        if settings.kernel_sizes:
            for number, kernel_size in enumerate(settings.kernel_sizes):
                hidden = layers.SpatialDropout1D(settings.dropout / 2, name=f"conv_{number}_dropout")(hidden)
                hidden = layers.Conv1D(settings.n_kernels, kernel_size, padding="same", name=f"conv_{number}")(hidden)
                hidden = layers.Activation("silu", name=f"conv_{number}_silu")(hidden) * mask
            found = StatisticsPooling(name="convolution_statistics")(hidden, mask)
            joined = layers.Concatenate(name="joined")([joined, found])
        joined = layers.Dropout(settings.dropout, name="joined_dropout")(joined)
        joined = layers.Dense(settings.hidden_size, activation="silu", name="hidden")(joined)
        joined = layers.Dropout(settings.dropout, name="hidden_dropout")(joined)
        head = keras.Model([pooled, frames], layers.Dense(self.labels, name="logits")(joined), name="head")
        whole = keras.Input((None, self.size), name="layers")
        taken = StatisticsPooling(name="layer_statistics")(whole, FrameMask(name="layer_mask")(whole))
        logits = head([taken, Columns(self._seen, name="columns")(whole)])
        if settings.discriminant:
            # Outside the gradient: beside a discriminant that knows every training clip nothing would be learnt.
            discriminant = layers.Dense(self.labels, trainable=False, name="discriminant")
            logits = logits + settings.discriminant * discriminant(head.get_layer("pooled")(taken))
        return keras.Model(whole, logits, name="cnn1d"), head


def statistics(frames: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return mean, standard deviation, maximum and minimum over time, as `StatisticsPooling` does: (4 * size,)."""
    deviation = np.sqrt(frames.var(axis=0) + 1e-6)
    return np.concatenate([frames.mean(axis=0), deviation, frames.max(axis=0), frames.min(axis=0)])


def _batches(
    examples: Sequence[Sequence[_Example]], targets: NDArray[np.float32], settings: Cnn1dSettings, seed: int
) -> Iterator[tuple[tuple[NDArray[np.float32], NDArray[np.float32]], NDArray[np.float32]]]:
    """Yield batches for ever: statistics (batch, 4 * size), frames (batch, time, seen), targets (batch, labels)."""
    random = np.random.default_rng(seed)
    while True:
        order = random.permutation(len(examples))
        for first in range(0, len(order), settings.batch_size):
            chosen = order[first : first + settings.batch_size]
            batch = [_version(examples[index], settings.clean, random) for index in chosen]
            pooled = np.stack([example.statistics for example in batch])
            frames = [example.frames.astype(np.float32) for example in batch]
            target = targets[chosen]
            if settings.mixup:
                share = random.beta(settings.mixup, settings.mixup, (len(batch), 1)).astype(np.float32)
                partners = random.permutation(len(batch))
                pooled = share * pooled + (1 - share) * pooled[partners]
                target = share * target + (1 - share) * target[partners]
                frames = [  # The partner is repeated or cut to the clip's length.
                    own * clip + (1 - own) * np.resize(frames[partner], clip.shape)
                    for clip, partner, own in zip(frames, partners, share, strict=True)
                ]
            yield (pooled, padded(frames)), target


def _version(versions: Sequence[_Example], clean: float, random: Generator) -> _Example:
    if len(versions) == 1 or random.random() < clean:
        return versions[0]
    return versions[int(random.integers(1, len(versions)))]
