"""Moonshine's encoder under an emotion head. Importing this module imports torch."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from pipeline.recognition.speech.features.moonshine import LAYER_SIZE, LAYERS
from pipeline.training.speech.models.moonshine_encoder import MoonshineEncoder, pretrained_encoder
from pipeline.training.speech.models.torch_layers import EmotionHead, FineTunedNetwork, Kept, pooled

__all__ = ["MoonshineNetwork"]


class MoonshineNetwork(FineTunedNetwork):
    """The network.

    Args:
        frozen_layers: Transformer layers, from below, that stay as they are.
        hidden_size: Width of the head's hidden layer.
        labels: Number of emotions.
        dropout: Dropout of the head.
    """

    encoder: MoonshineEncoder

    def __init__(self, frozen_layers: int, hidden_size: int, labels: int, dropout: float) -> None:
        super().__init__()
        self.encoder = pretrained_encoder()
        self.frozen_layers = frozen_layers
        known = 4 * LAYER_SIZE * (1 + frozen_layers)
        self.head = EmotionHead(4 * LAYER_SIZE * len(LAYERS), hidden_size, labels, dropout, known)

    def kept(self, waveform: Tensor) -> Kept:
        """Return the highest frozen state, and the statistics of all frozen ones."""
        hidden = self.encoder.stem(waveform)
        states = [hidden, *self.encoder.through(hidden, last=self.frozen_layers)]
        return Kept(states[-1], None, torch.cat([pooled(state) for state in states], dim=1))

    def vectors(self, kept: Kept) -> Tensor:
        """Return the statistics of all hidden states, (batch, 4 * 288 * 8), stem first and output last."""
        states = self.encoder.through(kept.frames, kept.own, first=self.frozen_layers)
        states.append(self.encoder.layer_norm(states[-1] if states else kept.frames))
        return torch.cat([kept.statistics, *(pooled(state, kept.own) for state in states)], dim=1)

    def trained_layers(self) -> list[list[nn.Parameter]]:
        """Return the parameters of the layers above the frozen ones, the highest first; the last norm goes with it."""
        layers = [list(layer.parameters()) for layer in list(self.encoder.layers)[self.frozen_layers :]][::-1]
        if layers:
            layers[0].extend(self.encoder.layer_norm.parameters())
        return layers
