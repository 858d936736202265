"""CNN and Transformer in parallel over log-mel frames.

Two convolution networks of different kernels see the spectrogram as a picture,
a Transformer encoder (Vaswani et al., 2017, arXiv:1706.03762) sees it as a sequence; all three are read together.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from pipeline.training.speech.models.frame_model import FrameModel
from pipeline.training.speech.models.settings import NetworkSettings

__all__ = ["CnnTransformer", "CnnTransformerSettings"]


class CnnTransformerSettings(NetworkSettings):
    """Settings of the network and of its training."""

    model: Literal["cnn_transformer"] = "cnn_transformer"
    features: str = "log-mel"
    n_kernels: int = Field(8, ge=1)
    """Channels of the first convolution of each network; every further one has twice as many."""
    kernel_sizes: tuple[int, int] = (3, 5)
    """Frames and bands that the convolutions of the two networks see."""
    stride: int = Field(2, ge=1)
    """Frames that are averaged to one before anything else."""
    heads: int = Field(4, ge=1)
    """Heads of the Transformer's attention."""
    size: int = Field(64, ge=4, multiple_of=4)
    """Numbers per frame in the Transformer."""
    blocks: int = Field(2, ge=1)
    """Blocks of the Transformer."""


class CnnTransformer(FrameModel):
    """The network."""

    settings: CnnTransformerSettings

    def hidden(self, frames: Any, mask: Any) -> Any:
        """Return (batch, hidden_size)."""
        from pipeline.training.speech.models.layers import FewerFrames, keras

        layers, settings = keras.layers, self.settings
        if settings.stride > 1:
            frames, mask = FewerFrames(settings.stride, name="fewer")(frames, mask)
        views = [self._picture(frames, mask, number) for number in range(len(settings.kernel_sizes))]
        joined = layers.Concatenate(name="views")([*views, self._sequence(frames, mask)])
        joined = layers.Dropout(settings.dropout, name="views_dropout")(joined)
        joined = layers.Dense(settings.hidden_size, activation="relu", name="hidden")(joined)
        return layers.Dropout(settings.dropout, name="hidden_dropout")(joined)

    def _picture(self, frames: Any, mask: Any, number: int) -> Any:
        """Return one convolution network's view, (batch, numbers)."""
        from pipeline.training.speech.models.layers import StatisticsPooling, keras

        layers, settings = keras.layers, self.settings
        kernel_size = settings.kernel_sizes[number]
        found = layers.Reshape((-1, frames.shape[-1], 1), name=f"picture_{number}")(frames)
        for block in range(3):
            name = f"picture_{number}_{block}"
            found = layers.Conv2D(settings.n_kernels << block, kernel_size, padding="same", name=name)(found)
            found = layers.LayerNormalization(name=f"{name}_norm")(found)
            found = layers.Activation("relu", name=f"{name}_relu")(found) * mask[..., None]
            found = layers.MaxPooling2D((2, 2 if block else 4), padding="same", name=f"{name}_fewer")(found)
            mask = layers.MaxPooling1D(2, padding="same", name=f"{name}_mask")(mask)
            found = layers.Dropout(settings.dropout, name=f"{name}_dropout")(found)
        flat = layers.Reshape((-1, found.shape[2] * found.shape[3]), name=f"picture_{number}_flat")(found)
        return StatisticsPooling(name=f"picture_{number}_statistics")(flat, mask)

    def _sequence(self, frames: Any, mask: Any) -> Any:
        """Return the Transformer's view, (batch, numbers)."""
        from pipeline.training.speech.models.layers import (
            FewerFrames,
            FrameAttention,
            PositionalEncoding,
            StatisticsPooling,
            keras,
        )

        layers, settings = keras.layers, self.settings
        found, mask = FewerFrames(2, name="sequence_fewer")(frames, mask)
        found = PositionalEncoding(name="positions")(layers.Dense(settings.size, name="sequence")(found))
        for block in range(settings.blocks):
            name = f"block_{block}"
            normal = layers.LayerNormalization(name=f"{name}_norm")(found)
            attended = FrameAttention(settings.heads, settings.size, name=f"{name}_attention")(normal, mask)
            found = found + layers.Dropout(settings.dropout, name=f"{name}_dropout")(attended)
            normal = layers.LayerNormalization(name=f"{name}_forward_norm")(found)
            wide = layers.Dense(2 * settings.size, activation="silu", name=f"{name}_wide")(normal)
            narrow = layers.Dense(settings.size, name=f"{name}_narrow")(wide)
            found = found + layers.Dropout(settings.dropout, name=f"{name}_forward_dropout")(narrow)
        return StatisticsPooling(name="sequence_statistics")(found, mask)
