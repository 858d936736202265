"""Settings that models share, in the words of this field."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, Field

from pipeline.core.options import Options

__all__ = ["OWN_SPEED", "ModelSettings", "NetworkSettings", "speeds_of", "training_speeds"]


OWN_SPEED: Final = 1.0
"""Speed of a clip as it is."""


class ModelSettings(Options):
    """What every model must know."""

    model: str
    name: str = ""
    """What the checkpoint is called; as the model by default."""
    features: str
    """Name of the features that it hears."""
    copies: int = Field(0, ge=0)
    """Augmented copies of every clip that it trains on beside the clean one."""
    speeds: tuple[Annotated[float, Field(gt=0.5, lt=2.0)], ...] = ()
    """Speeds at which a clip is heard, 1 its own; the answers are averaged. Empty for its own alone.

    A voice played faster is that of a smaller speaker: so a model hears more speakers than the corpus has,
    and an answer depends less on the one who speaks. A model trains on the clips as they are and at these speeds.
    """


def speeds_of(settings: BaseModel) -> tuple[float, ...]:
    """Return the speeds at which a model hears every clip when it judges."""
    return tuple(getattr(settings, "speeds", ())) or (OWN_SPEED,)


def training_speeds(settings: BaseModel) -> tuple[float, ...]:
    """Return the speeds at which a model hears clips that it trains on, first their own if it hears that."""
    own = (OWN_SPEED,) if getattr(settings, "own_speed", True) else ()
    return tuple(dict.fromkeys((*own, *speeds_of(settings))))


class NetworkSettings(ModelSettings):
    """Training of a network, in epochs."""

    epochs: int = Field(40, ge=1)
    """Most times that every clip is seen, each time as the clean clip or as one of its copies."""
    batch_size: int = Field(32, ge=1)
    lr: float = Field(1e-3, gt=0)
    """Learning rate; the highest one where it changes."""
    schedule: Literal["constant", "cosine"] = "cosine"
    """`cosine` rises over a tenth of the steps and falls to nothing over the others."""
    weight_decay: float = Field(0.01, ge=0)
    dropout: float = Field(0.3, ge=0, lt=1)
    hidden_size: int = Field(64, ge=1)
    label_smoothing: float = Field(0.1, ge=0, lt=1)
    clean: float = Field(0.3, ge=0, le=1)
    """Share of the clips that are seen clean where there are copies."""
    patience: int = Field(0, ge=0)
    """Epochs without a better accuracy on held-out training speakers before training stops; 0 trains to the end."""
    layers: tuple[int, ...] = ()
    """For features made of layers: which are seen; empty for all. Layer 0 of an encoder is its stem."""
    layer_size: int = Field(288, ge=1)
    """Numbers per frame and layer."""
