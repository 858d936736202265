"""A sentence before there is sound: how long, how high and how strong each of its tokens is going to be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from emotivoice.acoustic import Adjustment, Predictions
from emotivoice.control import ENERGY_DEVIATION, ENERGY_MEAN, PITCH_DEVIATION, PITCH_MEAN, Control
from emotivoice.frontend import Utterance
from emotivoice.voices import VoicePreset

__all__ = ["PlannedSentence", "TokenProsody"]

Floats = npt.NDArray[np.floating]

_LOWEST_PITCH: Final = 40.0
"""Hertz that no token is taken to be below: what the model predicts is a number, and may be under zero."""
_LEAST_ENERGY: Final = 0.1
"""Norm of a frame's spectrum that no token is taken to be below, 50 dB under the mean of all speech."""


@dataclass(frozen=True, eq=False)
class TokenProsody:
    """How the tokens of a sentence are said, as they are heard in the finished sound."""

    seconds: Floats
    """How long each lasts, (tokens,)."""
    pitch: Floats
    """Fundamental frequency in Hz, (tokens,); a token without a voice has that of its neighbours."""
    energy: Floats
    """Norm of the magnitude spectrum in dB, (tokens,)."""


@dataclass(frozen=True, eq=False)
class PlannedSentence:
    """A sentence of which everything is known but its sound."""

    text: str
    """As it was written, with its markup."""
    utterance: Utterance
    """What the model is to say."""
    names: tuple[str, ...]
    """The tokens that the model reads."""
    predictions: Predictions
    """What the model says of this sentence alone, as the prompt asks."""
    adjustment: Adjustment
    """What the listener and the preset change in it."""
    control: Control
    """What the listener turns."""
    preset: VoicePreset | None
    """The preset that speaks, if one was asked for."""
    frames_per_second: float
    """Of the model; the preset's sound may be played faster."""
    neutral_predictions: Predictions | None = None
    """What the model says with the neutral prompt, if that was asked for and is something else."""

    @property
    def faster(self) -> float:
        """How many times as fast the sound is played for the preset's formants."""
        return self.preset.faster if self.preset else 1.0

    @property
    def prompted(self) -> TokenProsody:
        """How the sentence is said as the prompt asks."""
        return self._heard(self.predictions)

    @property
    def neutral(self) -> TokenProsody:
        """How the sentence is said with the neutral prompt; as the prompt asks where that is not known."""
        return self._heard(self.neutral_predictions or self.predictions)

    def asked(self, prosody: TokenProsody) -> Adjustment:
        """Return what makes the model say the sentence so."""
        pitch = (prosody.pitch / self.faster - PITCH_MEAN) / PITCH_DEVIATION
        energy = (10 ** (prosody.energy / 20) - ENERGY_MEAN) / ENERGY_DEVIATION
        return replace(
            self.adjustment,
            pitch_scale=0.0,
            pitch_shift=self._tensor(pitch),
            energy_scale=0.0,
            energy_shift=self._tensor(energy),
            fixed_durations=self._tensor(prosody.seconds * self.faster * self.frames_per_second),
        )

    def _heard(self, predictions: Predictions) -> TokenProsody:
        spans, pitch, energy = (values[0].cpu().double().numpy() for values in predictions.adjusted(self.adjustment))
        return TokenProsody(
            seconds=spans / (self.faster * self.frames_per_second),
            pitch=np.maximum(pitch * PITCH_DEVIATION + PITCH_MEAN, _LOWEST_PITCH) * self.faster,
            energy=20 * np.log10(np.maximum(energy * ENERGY_DEVIATION + ENERGY_MEAN, _LEAST_ENERGY)),
        )

    def _tensor(self, values: Floats) -> Tensor:
        return torch.from_numpy(values[None]).float().to(self.predictions.pitch.device)
