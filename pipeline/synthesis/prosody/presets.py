"""The four speaking tones that every neutral speaker is turned into."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Final

import numpy as np

from pipeline.core.voices import Voice
from pipeline.synthesis.world.timbre import stretched
from pipeline.synthesis.world.vocoder import Spoken

__all__ = ["TONES", "Tone", "toned"]


@dataclass(frozen=True)
class Tone:
    """A speaking tone: pitch, length of the vocal tract, source."""

    voice: Voice
    """What a person sees of it."""
    pitch: float
    """Usual fundamental frequency in Hz."""
    range: float
    """Ratio of the F0 range, in semitones, to the neutral speaker's."""
    formants: float
    """How much higher than an average woman's the formants are; below 1 is a longer vocal tract."""
    highest: float
    """Hz that no melody passes."""
    breath: float = 0.0
    """dB of noise in the voice beyond the usual."""
    shift: float = 1.0
    """Share of an emotion's rise of the voice that this tone follows: a voice that is high already rises less."""


TONES: Final = {
    tone.voice.name: tone
    for tone in (
        Tone(Voice("youngwoman", "female", "200 Hz, formants of a woman"), 200, 1.05, 1.03, 480),
        Tone(Voice("youngman", "male", "125 Hz, formants 12 % below a woman's"), 125, 1.0, 0.88, 330),
        Tone(Voice("smallgirl", "female", "270 Hz, formants 15 % above a woman's"), 270, 1.15, 1.15, 540, 2.0, 0.7),
        Tone(Voice("middlemale", "male", "102 Hz, formants 18 % below a woman's"), 102, 0.9, 0.82, 290),
    )
}
"""Name to tone, the default first. Fundamental frequencies and formants follow the spread of men, women and children
in Peterson and Barney (1952), moved in until recognisers still understood every word."""


def toned(spoken: Spoken, tone: Tone, *, pitch: float, formants: float) -> Spoken:
    """Return the sentence in a tone.

    Args:
        spoken: The sentence as the neutral speaker says it.
        tone: The tone.
        pitch: Usual fundamental frequency of the neutral speaker in Hz.
        formants: How much higher than an average woman's the neutral speaker's formants are.
    """
    melody = np.zeros(len(spoken))
    melody[spoken.voiced] = tone.pitch * (spoken.pitch[spoken.voiced] / pitch) ** tone.range
    changed = dataclasses.replace(spoken, pitch=melody, breath=spoken.breath + tone.breath)
    return stretched(changed, tone.formants / formants)
