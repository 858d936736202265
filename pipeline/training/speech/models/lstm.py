"""LSTM: a recurrent network over frames, read by mean, deviation, maximum and minimum over time."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from pipeline.training.speech.models.frame_model import FrameModel
from pipeline.training.speech.models.settings import NetworkSettings

__all__ = ["Lstm", "LstmSettings"]


class LstmSettings(NetworkSettings):
    """Settings of the network and of its training."""

    model: Literal["lstm"] = "lstm"
    features: str = "moonshine-layers"
    rnn_size: int = Field(96, ge=1)
    """Cells of the recurrent layer."""
    stride: int = Field(2, ge=1)
    """Frames that are averaged to one before the recurrent layer."""


class Lstm(FrameModel):
    """The network.

    It runs forwards alone: padding then comes after everything that it has seen and cannot touch a clip.
    """

    settings: LstmSettings

    def hidden(self, frames: Any, mask: Any) -> Any:
        """Return (batch, hidden_size)."""
        from pipeline.training.speech.models.layers import FewerFrames, StatisticsPooling, keras

        layers, settings = keras.layers, self.settings
        found = layers.Dropout(settings.dropout, name="frames_dropout")(frames)
        if settings.stride > 1:
            found, mask = FewerFrames(settings.stride, name="fewer")(found, mask)
        found = layers.LSTM(settings.rnn_size, return_sequences=True, name="lstm")(found)
        found = StatisticsPooling(name="statistics")(found, mask)
        found = layers.Dropout(settings.dropout, name="statistics_dropout")(found)
        found = layers.Dense(settings.hidden_size, activation="relu", name="hidden")(found)
        return layers.Dropout(settings.dropout, name="hidden_dropout")(found)
