"""The settings of a training of the embedded voice's decoder: `configs/decoder.yaml`."""

from __future__ import annotations

from pydantic import Field

from pipeline.core.options import Options

__all__ = ["DecoderSettings"]


class DecoderSettings(Options):
    """What the teacher says, how large the student is, and how it learns."""

    voices: dict[str, float] = Field(default={"af_heart": 2.0, "am_fenrir": 1.0, "am_michael": 1.0}, min_length=1)
    """Voices of the teacher, and how often each speaks beside the others."""
    sentences: int = Field(1200, ge=2)
    """Sentences that the teacher says."""
    girls: int = Field(250, ge=0)
    """Sentences more, that the first voice says as high as a girl."""
    held_out: int = Field(24, ge=1)
    """How many of them the figures are taken from, and nothing is learned from."""
    seed: int = 0
    """Of the choice of sentences, the changes, the weights and the batches."""
    moved: float = Field(0.8, ge=0, le=1)
    """Share of sentences whose F0 and durations are changed as acting changes them."""
    channels: int = Field(320, ge=8)
    """Width of the layers."""
    hidden: int = Field(960, ge=8)
    """Width within a layer."""
    layers: int = Field(8, ge=1)
    """How many of them."""
    steps: int = Field(16000, ge=1)
    """Batches that are learned from."""
    batch_size: int = Field(4, ge=1)
    """Stretches of a step."""
    stretch: int = Field(80, ge=16)
    """Frames of 12.5 ms of each."""
    learning_rate: float = Field(0.001, gt=0)
    """Until the last third of the steps, in which it falls to almost nothing."""
    weight_decay: float = Field(0.01, ge=0)
    """Of AdamW."""
