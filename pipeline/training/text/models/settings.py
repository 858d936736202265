"""Settings that text models share."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from pipeline.core.options import Options

__all__ = ["TextNetworkSettings", "TextSettings"]

Share = Annotated[float, Field(ge=0, le=1)]
"""A share, 0 to 1."""


class TextSettings(Options):
    """What every text model must know."""

    modality: Literal["text"] = "text"
    model: str
    longest: int = Field(128, ge=4)
    """Tokens that are read at once; a longer text is cut into sentences."""


class TextNetworkSettings(TextSettings):
    """Training of a network, in epochs."""

    epochs: int = Field(3, ge=1)
    batch_size: int = Field(32, ge=1)
    lr: float = Field(1e-3, gt=0)
    """Highest learning rate; it rises over `warm_up` of the steps and falls to nothing over the others."""
    head_lr: float = Field(1e-3, gt=0)
    """The same for the layers that give the answers."""
    warm_up: float = Field(0.06, ge=0, lt=1)
    weight_decay: float = Field(0.01, ge=0)
    dropout: float = Field(0.1, ge=0, lt=1)
    several: float = Field(0.5, ge=0)
    """Weight in the loss of the answer that allows several emotions."""
    finer: float = Field(0.5, ge=0)
    """Weight in the loss of the corpus's own finer labels, where it has such."""
    averaged: bool = True
    """Whether the weights are a running mean over the last hundredths of the training."""
    trained_tokens: int = Field(40, ge=4)
    """Tokens of a text that are seen in training."""
    balance: dict[str, Share] = Field(default_factory=dict)
    """Name of a corpus to the share of its own frequencies that its texts do not teach: at 0 rare emotions are answered
    as rarely as they are in it, at 1 as if all were equally frequent there."""
