"""What a listener may turn: speed, pitch, energy, strength of the emotion, volume, pauses."""

from __future__ import annotations

from dataclasses import dataclass, fields

from torch import Tensor

from emotivoice.acoustic import Adjustment
from pipeline.core.errors import SettingsError

__all__ = ["ENERGY_DEVIATION", "ENERGY_MEAN", "PITCH_DEVIATION", "PITCH_MEAN", "Control"]

PITCH_MEAN, PITCH_DEVIATION = 225.089, 53.78
"""Hertz; how the official model normalises pitch."""

ENERGY_MEAN, ENERGY_DEVIATION = 30.610, 21.78
"""Of the norm of a frame's magnitude spectrum; how the official model normalises energy."""

_RANGES = {
    "speed": (0.25, 4.0),
    "pitch": (0.25, 4.0),
    "energy": (0.0, 4.0),
    "emotion_strength": (0.0, 4.0),
    "volume": (0.0, 10.0),
    "sentence_pause": (0.0, 10.0),
}
"""Lowest and highest value of each setting: two octaves of pitch and speed either way, and sounds that stay finite."""


@dataclass(frozen=True)
class Control:
    """Factors on what the model would do by itself."""

    speed: float = 1.0
    """2 is twice as fast."""
    pitch: float = 1.0
    """Factor on the fundamental frequency in Hertz."""
    energy: float = 1.0
    """Factor on the energy that the model puts into each sound; it changes the voice's effort, not just its level."""
    emotion_strength: float = 1.0
    """0 is the neutral prompt, 1 the prompt as given, more goes beyond it."""
    volume: float = 1.0
    """Factor on the finished samples."""
    sentence_pause: float = 0.2
    """Seconds of silence between two sentences."""

    def __post_init__(self) -> None:
        for item in fields(self):
            lowest, highest = _RANGES[item.name]
            value = getattr(self, item.name)
            if not lowest <= value <= highest:
                raise SettingsError(f"{item.name} is {value}; it can be from {lowest:g} to {highest:g}.")

    def adjustment(self, fixed_durations: Tensor | None = None, stretch: float = 1.0, pitch: float = 1.0) -> Adjustment:
        """Return the same for the acoustic model, whose pitch and energy are normalised.

        Args:
            fixed_durations: `(batch, tokens)` in frames; negative if the model decides.
            stretch: Further factor on durations.
            pitch: Further factor on pitch.
        """
        pitch = self.pitch * pitch
        return Adjustment(
            duration_scale=stretch / self.speed,
            pitch_scale=pitch,
            pitch_shift=(pitch - 1) * PITCH_MEAN / PITCH_DEVIATION,
            energy_scale=self.energy,
            energy_shift=(self.energy - 1) * ENERGY_MEAN / ENERGY_DEVIATION,
            fixed_durations=fixed_durations,
        )
