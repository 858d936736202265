"""Moonshine: the encoder itself is fine-tuned, its upper layers most.

All hidden states are pooled over time by mean, deviation, maximum and minimum, and a small network reads them.
A linear discriminant of the frozen layers' statistics, found in closed form, votes beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from pipeline.training.speech.models.torch_model import FineTuningSettings, TorchModel

if TYPE_CHECKING:
    from pipeline.training.speech.models.torch_layers import FineTunedNetwork

__all__ = ["Moonshine", "MoonshineSettings"]


class MoonshineSettings(FineTuningSettings):
    """Settings of the network and of its training."""

    model: Literal["moonshine"] = "moonshine"
    frozen_layers: int = Field(3, ge=0, le=6)
    """Of the six Transformer layers, from below, those that stay as they are; the convolutions below always do."""
    discriminant: float = Field(0.4, ge=0)
    """Weight of the discriminant's logits beside the network's; 0 for none."""
    ridge: float = Field(3e-4, gt=0)
    """Shrinkage of the discriminant's covariance, as a share of its trace."""


class Moonshine(TorchModel):
    """The model."""

    settings: MoonshineSettings

    def __init__(self, settings: MoonshineSettings, size: int, labels: int, threads: int = 1) -> None:
        super().__init__(settings, size, labels, threads)
        self.discriminant, self.ridge = settings.discriminant, settings.ridge

    def built(self) -> FineTunedNetwork:
        """Return Moonshine's encoder and a head that knows nothing."""
        from pipeline.training.speech.models.moonshine_network import MoonshineNetwork

        settings = self.settings
        return MoonshineNetwork(settings.frozen_layers, settings.hidden_size, self.labels, settings.dropout)
