"""wav2vec2: an encoder of the package transformers is fine-tuned: wav2vec 2.0, HuBERT or WavLM.

Baevski et al., 2020, arXiv:2006.11477; Hsu et al., 2021, arXiv:2106.07447; Chen et al., 2022, arXiv:2110.13900.
A trained mean of all hidden states (Yang et al., 2021, arXiv:2105.01051)
is pooled over time by mean, deviation, maximum and minimum, and a small network reads it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from pipeline.training.speech.models.torch_model import FineTuningSettings, TorchModel

if TYPE_CHECKING:
    from pipeline.training.speech.models.torch_layers import FineTunedNetwork

__all__ = ["Wav2vec2", "Wav2vec2Settings"]


class Wav2vec2Settings(FineTuningSettings):
    """Settings of the network and of its training."""

    model: Literal["wav2vec2"] = "wav2vec2"
    encoder: str = "facebook/wav2vec2-base"
    """A folder in the layout of transformers, with safetensors; or the hub's name of one that is on this machine."""
    frozen_layers: int = Field(0, ge=0)
    """Transformer layers, from below, that stay as they are; the convolutions below them always do."""


class Wav2vec2(TorchModel):
    """The model."""

    settings: Wav2vec2Settings

    def built(self) -> FineTunedNetwork:
        """Return the encoder as it was found, and a head that knows nothing.

        Raises:
            EngineMissing: transformers is not installed.
            WeightsMissing: The encoder is not on this machine, or not as safetensors.
            SettingsError: It is none that hears sound as these three do, or has fewer layers than shall be frozen.
        """
        from pipeline.training.speech.models.wav2vec2_network import Wav2vec2Network

        settings = self.settings
        return Wav2vec2Network(
            settings.encoder, settings.frozen_layers, settings.hidden_size, self.labels, settings.dropout
        )
