"""A file that a test makes, and its right answer: where marker tones begin, and what is noted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from pipeline.audio import SoundChoice, read_audio
from tests.films import found

TOLERANCE = 0.02
"""Seconds by which a marker tone may lie beside its place."""


@dataclass
class Case:
    """A file, how it is asked for, and what should be heard."""

    name: str
    make: Callable[[], bytes]
    times: list[float]
    """Where the marker tones begin, in seconds."""
    note: str = ""
    """What the only note says; empty for no note."""
    ask: dict[str, str] = field(default_factory=dict)
    hertz: float = 0.0
    """Of the tones, where several tracks or channels differ in it; 0 for any."""
    seconds: float = 0.0
    """Length of the sound; 0 for any."""

    def check(self) -> None:
        """Read the file, and compare."""
        notes: list[str] = []
        audio = read_audio(self.make(), choice=SoundChoice(**self.ask), notes=notes)
        assert found(audio.samples) == pytest.approx(self.times, abs=TOLERANCE)
        assert [self.note in note for note in notes] == ([True] if self.note else []), notes
        if self.seconds:
            assert audio.duration == pytest.approx(self.seconds, abs=0.07)
        if self.hertz:
            begin = round((self.times[0] + 0.05) * 16_000)
            spectrum = np.abs(np.fft.rfft(audio.samples[begin : begin + 1600]))
            assert np.argmax(spectrum) * 10 == pytest.approx(self.hertz, abs=20)
