"""The four voice presets that every neutral voice is turned into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pipeline.core.voices import Voice
from pipeline.synthesis.prosody.f0 import Register

__all__ = ["PRESETS", "VoicePreset"]


@dataclass(frozen=True)
class VoicePreset:
    """A voice as it is set up: register, length of the vocal tract, source."""

    voice: Voice
    """What a person sees of it."""
    register: Register
    """Where it speaks."""
    range: float = 1.0
    """Ratio of the F0 range, in semitones, to the neutral voice's."""
    formants: float = 1.0
    """How much higher than an average woman's the formants are; below 1 is a longer vocal tract."""
    breath: float = 0.0
    """dB of noise in the voice beyond the usual."""


PRESETS: Final = {
    preset.voice.name: preset
    for preset in (
        VoicePreset(Voice("youngwoman", "female", "200 Hz, formants of a woman"), Register(200, 480), 1.05, 1.03),
        VoicePreset(Voice("youngman", "male", "125 Hz, formants 12 % below a woman's"), Register(125, 330), 1.0, 0.88),
        VoicePreset(
            Voice("smallgirl", "female", "270 Hz, formants 15 % above a woman's"),
            Register(270, 540, 0.7),
            1.15,
            1.15,
            2.0,
        ),
        VoicePreset(
            Voice("middlemale", "male", "102 Hz, formants 18 % below a woman's"), Register(102, 290), 0.9, 0.82
        ),
    )
}
"""Name to preset, the default first. Fundamental frequencies and formants follow the spread of men, women and children
in Peterson and Barney (1952), moved in until recognisers still understood every word."""
