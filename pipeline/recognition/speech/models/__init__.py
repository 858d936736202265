"""Emotion models: each one file, all trained, evaluated, saved and served the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import onnx

__all__ = ["EmotionModel"]


class EmotionModel(Protocol):
    """A classifier over the features of a clip."""

    def fit(
        self,
        clips: Iterable[Sequence[NDArray[np.float16]]],
        labels: Sequence[int],
        *,
        seed: int,
        progress: Callable[[int, dict[str, float]], None] = ...,
    ) -> None:
        """Train from nothing.

        Args:
            clips: For every clip its versions, each float16 (frames, size), the clean one first.
            labels: Number of each clip's emotion.
            seed: Seed of all chance.
            progress: Called after every epoch with its number and `{"loss", "accuracy"}`.
        """
        ...

    def logits(self, clips: Iterable[NDArray[np.float16]]) -> NDArray[np.float32]:
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
        """Return the model as ONNX: `layers`, float32 (batch, frames, size), to `logits` (batch, labels)."""
        ...
