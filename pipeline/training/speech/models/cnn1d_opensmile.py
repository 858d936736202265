"""CNN1D over openSMILE: the configuration that this field compares with.

Convolutions run along the vector of statistics of a clip, as if its neighbours were neighbours in time.
The settings are those of the common recipe for RAVDESS with the IS10 features, which keep the recording's level.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from pipeline.training.speech.models.frame_model import FrameModel
from pipeline.training.speech.models.settings import NetworkSettings

__all__ = ["Cnn1dOpensmile", "Cnn1dOpensmileSettings"]


class Cnn1dOpensmileSettings(NetworkSettings):
    """Settings of the network and of its training."""

    model: Literal["cnn1d_opensmile"] = "cnn1d_opensmile"
    features: str = "opensmile-IS10"
    epochs: int = Field(100, ge=1)
    schedule: Literal["constant", "cosine"] = "constant"
    weight_decay: float = Field(0.0, ge=0)
    label_smoothing: float = Field(0.0, ge=0, lt=1)
    n_kernels: int = Field(32, ge=1)
    """Channels of every convolution."""
    kernel_sizes: tuple[int, ...] = Field((5, 5), min_length=1)
    """Numbers that each convolution sees."""
    dropout: float = Field(0.5, ge=0, lt=1)
    hidden_size: int = Field(32, ge=1)


class Cnn1dOpensmile(FrameModel):
    """The network."""

    settings: Cnn1dOpensmileSettings

    def hidden(self, frames: Any, mask: Any) -> Any:
        """Return (batch, hidden_size); a clip of several frames is their mean."""
        from pipeline.training.speech.models.layers import StatisticsPooling, keras

        layers, settings = keras.layers, self.settings
        mean = StatisticsPooling(name="statistics")(frames, mask)[:, : frames.shape[-1]]
        found = layers.Reshape((frames.shape[-1], 1), name="along")(mean)
        for number, kernel_size in enumerate(settings.kernel_sizes):
            found = layers.Conv1D(settings.n_kernels, kernel_size, padding="same", name=f"conv_{number}")(found)
            found = layers.BatchNormalization(name=f"conv_{number}_norm")(found)
            found = layers.Activation("relu", name=f"conv_{number}_relu")(found)
        found = layers.Flatten(name="flat")(found)
        found = layers.Dropout(settings.dropout, name="flat_dropout")(found)
        found = layers.Dense(settings.hidden_size, name="hidden")(found)
        found = layers.BatchNormalization(name="hidden_norm")(found)
        found = layers.Activation("relu", name="hidden_relu")(found)
        return layers.Dropout(settings.dropout, name="hidden_dropout")(found)
