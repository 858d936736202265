"""The settings of a training of the embedded voice: `configs/voice.yaml`."""

from __future__ import annotations

from pydantic import Field

from pipeline.core.options import Options

__all__ = ["VoiceSettings"]


class VoiceSettings(Options):
    """How much the teacher reads, how large the student is, and how it learns."""

    sentences: int = Field(3600, ge=10)
    """Sentences that the teacher reads."""
    held_out: int = Field(60, ge=1)
    """How many of them the figures are taken from, and nothing is learned from."""
    seed: int = 0
    """Of the choice of sentences, the weights and the batches."""
    encoder_channels: int = Field(128, ge=8)
    """Width of the layers that see phones."""
    encoder_layers: int = Field(4, ge=1)
    """How many of them."""
    decoder_channels: int = Field(160, ge=8)
    """Width of the layers that see frames."""
    decoder_layers: int = Field(6, ge=1)
    """How many of them."""
    dropout: float = Field(0.05, ge=0, lt=1)
    """Share of activations that are dropped while learning."""
    epochs: int = Field(10, ge=1)
    """Times that every sentence is learned from."""
    batch_size: int = Field(8, ge=1)
    """Sentences of a step."""
    learning_rate: float = Field(0.0015, gt=0)
    """At the start; it falls to zero in a straight line."""
    weight_decay: float = Field(0.01, ge=0)
    """Of AdamW."""
