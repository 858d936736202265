"""CNN with attention: convolutions along time, then frames that weigh each other and themselves.

Attentive statistics pooling: Okabe et al., Interspeech 2018 (arXiv:1803.10963).
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from pipeline.training.speech.models.frame_model import FrameModel
from pipeline.training.speech.models.settings import NetworkSettings

__all__ = ["CnnAttention", "CnnAttentionSettings"]


class CnnAttentionSettings(NetworkSettings):
    """Settings of the network and of its training."""

    model: Literal["cnn_attention"] = "cnn_attention"
    features: str = "moonshine-layers"
    n_kernels: int = Field(64, ge=1)
    """Channels of every convolution."""
    kernel_sizes: tuple[int, ...] = Field((5, 5), min_length=1)
    """Frames that each convolution sees."""
    heads: int = Field(4, ge=1)
    """Heads of the attention between frames."""


class CnnAttention(FrameModel):
    """The network."""

    settings: CnnAttentionSettings

    def hidden(self, frames: Any, mask: Any) -> Any:
        """Return (batch, hidden_size)."""
        from pipeline.training.speech.models.layers import AttentivePooling, FrameAttention, keras

        layers, settings = keras.layers, self.settings
        found = layers.Dropout(settings.dropout, name="frames_dropout")(frames)
        for number, kernel_size in enumerate(settings.kernel_sizes):
            found = layers.Conv1D(settings.n_kernels, kernel_size, padding="same", name=f"conv_{number}")(found)
            found = layers.Activation("silu", name=f"conv_{number}_silu")(found) * mask
            found = layers.Dropout(settings.dropout, name=f"conv_{number}_dropout")(found)
        found = found + FrameAttention(settings.heads, settings.n_kernels, name="attention")(found, mask)
        found = layers.LayerNormalization(name="attention_norm")(found)
        found = AttentivePooling(settings.hidden_size, name="pooling")(found, mask)
        found = layers.Dense(settings.hidden_size, activation="silu", name="hidden")(found)
        return layers.Dropout(settings.dropout, name="hidden_dropout")(found)
