"""Keras layers that the networks over frames share. Importing this module imports TensorFlow."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.training.speech.models.keras_backend import load_keras

keras = load_keras()
ops = keras.ops

__all__ = [
    "AttentivePooling",
    "Columns",
    "EitherStrength",
    "FewerFrames",
    "FrameAttention",
    "FrameMask",
    "NuisanceProjection",
    "PositionalEncoding",
    "Standardise",
    "StatisticsPooling",
]


class Columns(keras.layers.Layer):  # type: ignore[misc, name-defined]
    """Takes some of the numbers of every frame: (batch, time, size) to (batch, time, chosen).

    Args:
        chosen: Their places.
    """

    def __init__(self, chosen: list[int], **settings: Any) -> None:
        super().__init__(**settings)
        self.chosen = chosen

    def call(self, frames: Any) -> Any:
        """Return the chosen numbers."""
        return ops.take(frames, self.chosen, axis=-1)


class EitherStrength(keras.layers.Layer):  # type: ignore[misc, name-defined]
    """From the logits of emotions in either strength, (batch, 2 * labels), to those of emotions, (batch, labels).

    Args:
        sharpness: What the logits are multiplied by while the probabilities of both strengths are added.
    """

    def __init__(self, sharpness: float, **settings: Any) -> None:
        super().__init__(**settings)
        self.sharpness = sharpness

    def call(self, logits: Any) -> Any:
        """Return the logits of the emotions."""
        pairs = ops.reshape(logits, (-1, logits.shape[1] // 2, 2)) * self.sharpness
        return ops.logsumexp(pairs, axis=-1) / self.sharpness


class FewerFrames(keras.layers.Layer):  # type: ignore[misc, name-defined]
    """Averages frames in groups: (batch, time, size) to (batch, time / stride rounded up, size).

    Padding is left out of the averages, so that a clip does not feel what it is batched with.

    Args:
        stride: Frames of a group.
    """

    def __init__(self, stride: int, **settings: Any) -> None:
        super().__init__(**settings)
        self.stride = stride

    def call(self, frames: Any, mask: Any) -> tuple[Any, Any]:
        """Return the averages, and the mask that belongs to them."""
        count = self._summed(mask)
        return self._summed(frames * mask) / ops.maximum(count, 1.0), ops.minimum(count, 1.0)

    def _summed(self, values: Any) -> Any:
        missing = (self.stride - ops.shape(values)[1] % self.stride) % self.stride
        filled = ops.pad(values, ((0, 0), (0, missing), (0, 0)))
        return ops.sum(ops.reshape(filled, (-1, ops.shape(filled)[1] // self.stride, self.stride, values.shape[2])), 2)


class FrameMask(keras.layers.Layer):  # type: ignore[misc, name-defined]
    """Tells frames from padding: (batch, time, size) to 1 or 0 (batch, time, 1); a frame of zeros is padding."""

    def call(self, frames: Any) -> Any:
        """Return the mask."""
        return ops.cast(ops.any(ops.not_equal(frames, 0), axis=-1, keepdims=True), "float32")


class Standardise(keras.layers.Layer):  # type: ignore[misc, name-defined]
    """Subtracts a stored mean, divides by a stored deviation, and clamps.

    The clamp is what keeps a clip unlike the training data, such as a noisy one, from driving the network mad.

    Args:
        clamp: Largest magnitude of what comes out, in deviations.
    """

    def __init__(self, clamp: float = 5.0, **settings: Any) -> None:
        super().__init__(**settings)
        self.clamp = clamp

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Make room for the constants."""
        self.mean = self.add_weight(shape=(shape[-1],), initializer="zeros", trainable=False, name="mean")
        self.deviation = self.add_weight(shape=(shape[-1],), initializer="ones", trainable=False, name="deviation")

    def adapt(self, values: NDArray[np.float32]) -> None:
        """Take the constants from examples, float32 (examples, size)."""
        self.mean.assign(values.mean(axis=0, dtype=np.float64))
        self.deviation.assign(values.std(axis=0, dtype=np.float64) + 1e-4)

    def call(self, values: Any) -> Any:
        """Return the standardised values."""
        return ops.clip((values - self.mean) / self.deviation, -self.clamp, self.clamp)


class StatisticsPooling(keras.layers.Layer):  # type: ignore[misc, name-defined]
    """Mean, standard deviation, maximum and minimum over time: (batch, time, size) to (batch, 4 * size)."""

    def call(self, frames: Any, mask: Any) -> Any:
        """Return the statistics of the frames where the mask, (batch, time, 1), is 1."""
        count = ops.maximum(ops.sum(mask, axis=1), 1.0)
        mean = ops.sum(frames * mask, axis=1) / count
        square = ops.sum(ops.square((frames - mean[:, None]) * mask), axis=1) / count
        absent = (1.0 - mask) * 1e9
        return ops.concatenate(
            [mean, ops.sqrt(square + 1e-6), ops.max(frames - absent, axis=1), ops.min(frames + absent, axis=1)], axis=-1
        )


class NuisanceProjection(keras.layers.Layer):  # type: ignore[misc, name-defined]
    """Takes out of vectors, (..., size), what lies along one stored direction; at first it takes nothing.

    Solomonoff, Campbell and Boardman, Advances in channel compensation for SVM speaker recognition, ICASSP 2005.
    """

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Make room for the direction."""
        self.direction = self.add_weight(shape=(shape[-1], 1), initializer="zeros", trainable=False, name="direction")

    def adapt(self, direction: NDArray[np.float32]) -> None:
        """Store a direction, float32 (size,), of any length above 0."""
        self.direction.assign((direction / np.linalg.norm(direction))[:, np.newaxis])

    def call(self, vectors: Any) -> Any:
        """Return the vectors without it."""
        return vectors - ops.matmul(ops.matmul(vectors, self.direction), ops.transpose(self.direction))


class FrameAttention(keras.layers.Layer):  # type: ignore[misc, name-defined]
    """Scaled dot-product attention between the frames of a clip: (batch, time, size) to (batch, time, width).

    Args:
        heads: How many attentions run side by side.
        width: Numbers per frame that come out, a multiple of `heads`.
    """

    def __init__(self, heads: int, width: int, **settings: Any) -> None:
        super().__init__(**settings)
        self.heads, self.width = heads, width
        self.parts = [keras.layers.Dense(width, name=part) for part in ("query", "key", "value", "out")]

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Make the weights."""
        for part in self.parts:
            part.build((None, None, shape[-1] if part.name != "out" else self.width))

    def call(self, frames: Any, mask: Any) -> Any:
        """Return the attended frames; those where the mask, (batch, time, 1), is 0 are not attended to."""
        query, key, value = (self._split(part(frames)) for part in self.parts[:3])
        scores = ops.matmul(query, ops.transpose(key, (0, 1, 3, 2))) / (self.width // self.heads) ** 0.5
        scores = scores - 1e9 * (1.0 - ops.transpose(mask, (0, 2, 1))[:, None])
        found = ops.transpose(ops.matmul(ops.softmax(scores), value), (0, 2, 1, 3))
        return self.parts[3](ops.reshape(found, (-1, ops.shape(frames)[1], self.width)))

    def _split(self, frames: Any) -> Any:
        """Return (batch, heads, time, width / heads)."""
        heads_apart = ops.reshape(frames, (-1, ops.shape(frames)[1], self.heads, self.width // self.heads))
        return ops.transpose(heads_apart, (0, 2, 1, 3))


class AttentivePooling(keras.layers.Layer):  # type: ignore[misc, name-defined]
    """Mean and standard deviation over time, frames weighed by a small network.

    From (batch, time, size) to (batch, 2 * size).

    Args:
        hidden_size: Width of that network.
    """

    def __init__(self, hidden_size: int, **settings: Any) -> None:
        super().__init__(**settings)
        self.first = keras.layers.Dense(hidden_size, activation="tanh", name="first")
        self.second = keras.layers.Dense(1, name="second")
        self.hidden_size = hidden_size

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Make the weights."""
        self.first.build((None, None, shape[-1]))
        self.second.build((None, None, self.hidden_size))

    def call(self, frames: Any, mask: Any) -> Any:
        """Return the statistics of the frames where the mask, (batch, time, 1), is 1."""
        weight = ops.softmax(self.second(self.first(frames)) - 1e9 * (1.0 - mask), axis=1)
        mean = ops.sum(weight * frames, axis=1)
        square = ops.sum(weight * ops.square(frames - mean[:, None]), axis=1)
        return ops.concatenate([mean, ops.sqrt(square + 1e-6)], axis=-1)


class PositionalEncoding(keras.layers.Layer):  # type: ignore[misc, name-defined]
    """Adds sines and cosines of the place in time (Vaswani et al., 2017): (batch, time, size) to the same."""

    def call(self, frames: Any) -> Any:
        """Return the frames with their places."""
        size = frames.shape[-1]
        rates = np.exp(-np.log(10000.0) * np.arange(0, size, 2) / size).astype(np.float32)
        angles = ops.cast(ops.arange(ops.shape(frames)[1]), "float32")[:, None] * rates[None]
        return frames + ops.concatenate([ops.sin(angles), ops.cos(angles)], axis=-1)[None]
