"""Keras layers that the networks over frames share. Importing this module imports TensorFlow."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.recognition.speech.models.keras_backend import load_keras

keras = load_keras()
ops = keras.ops

__all__ = ["Columns", "FrameMask", "Standardise", "StatisticsPooling"]


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
