"""An encoder of the package transformers under an emotion head. Importing this module imports torch."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from pipeline.core.errors import SettingsError, WeightsMissing
from pipeline.core.messages import reason
from pipeline.training.libraries import load_transformers
from pipeline.training.speech.models.torch_layers import EmotionHead, FineTunedNetwork, Kept, pooled

__all__ = ["Wav2vec2Network"]


class Wav2vec2Network(FineTunedNetwork):
    """The network.

    Args:
        name: Folder of the encoder, or its name on the hub; it is looked for on this machine alone.
        frozen_layers: Transformer layers, from below, that stay as they are.
        hidden_size: Width of the head's hidden layer.
        labels: Number of emotions.
        dropout: Dropout of the head.

    Raises:
        EngineMissing: transformers is not installed.
        WeightsMissing: The encoder is not on this machine, or not as safetensors.
        SettingsError: It is none that hears sound as wav2vec 2.0 does, or has fewer layers than shall be frozen.
    """

    encoder: Any

    def __init__(self, name: str, frozen_layers: int, hidden_size: int, labels: int, dropout: float) -> None:
        super().__init__()
        self.encoder, self.normalised = _pretrained(name)
        layers = len(self.encoder.encoder.layers)
        if frozen_layers > layers:
            raise SettingsError(f"{name} has {layers} layers, of which {frozen_layers} cannot be frozen.")
        self.frozen_layers = frozen_layers
        self.layer_weights = nn.Parameter(torch.zeros(layers + 1))
        self.head = EmotionHead(4 * self.encoder.config.hidden_size, hidden_size, labels, dropout, discriminated=0)

    def kept(self, waveform: Tensor) -> Kept:
        """Return what the convolutions find, (batch, time, channels); nothing is known of the clips yet."""
        if self.normalised:
            centred = waveform - waveform.mean(1, keepdim=True)
            waveform = centred * torch.rsqrt(centred.square().mean(1, keepdim=True) + 1e-7)
        frames = self.encoder.feature_extractor(waveform).transpose(1, 2)
        return Kept(frames, None, frames.new_zeros(len(frames), 0))

    def vectors(self, kept: Kept) -> Tensor:
        """Return the statistics of the weighted mean of all hidden states, (batch, 4 * hidden size)."""
        projected = self.encoder.feature_projection(kept.frames)
        frames = projected[0] if isinstance(projected, tuple) else projected
        states = self.encoder.encoder(frames, attention_mask=kept.own, output_hidden_states=True).hidden_states
        shares = self.layer_weights.softmax(0)
        return pooled(sum(share * state for share, state in zip(shares, states, strict=True)), kept.own)

    def trained_layers(self) -> list[list[nn.Parameter]]:
        """Return the parameters of the layers above the frozen ones, the highest first; what is below them last."""
        layers = [list(layer.parameters()) for layer in self.encoder.encoder.layers[self.frozen_layers :]][::-1]
        if self.frozen_layers:
            return layers
        known = {parameter for layer in layers for parameter in layer}
        known |= set(self.encoder.feature_extractor.parameters())
        return [*layers, [parameter for parameter in self.encoder.parameters() if parameter not in known]]


def _pretrained(name: str) -> tuple[Any, bool]:
    """Return an encoder that is on this machine, and whether each clip is to be given to it at mean 0 and deviation 1.

    Only safetensors are read: other weights are pickles, which can run anything.
    """
    transformers = load_transformers()
    try:
        encoder = transformers.AutoModel.from_pretrained(name, local_files_only=True, use_safetensors=True)
    except (OSError, ValueError) as error:
        raise WeightsMissing(
            f"The encoder '{name}' cannot be read: {reason(error)}.",
            hint=f"Give a folder with config.json and model.safetensors, or run hf download {name} once.",
        ) from error
    parts = ("feature_extractor", "feature_projection", "encoder")
    if not all(hasattr(encoder, part) for part in parts) or not hasattr(encoder.encoder, "layers"):
        raise SettingsError(
            f"'{name}' is a {encoder.config.model_type}.", hint="Give an encoder of wav2vec 2.0, HuBERT or WavLM."
        )
    encoder.config.layerdrop = 0.0  # Whole layers left out by chance belong to pretraining.
    try:
        normalised = bool(transformers.AutoFeatureExtractor.from_pretrained(name, local_files_only=True).do_normalize)
    except (OSError, ValueError):  # A folder without preprocessor_config.json; nearly all of these want it.
        normalised = True
    return encoder, normalised
