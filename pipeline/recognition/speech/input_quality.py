"""Input quality: warns a person if a recording is unlike the training data of the models.

Each measure is taken from the input of the model, so that level and the silence around speech do not matter.
It is a mean over the phrases, weighted by their seconds of speech.

`benchmarks/unusual.py` measures how often a warning is given.
Half a second of a clip gets the same answer as the whole clip in 47 % of cases, one second in 58 %, one and a half
in 88 % (`benchmarks/timeline.py`); less than a second is called too short.
On 202 clean clips of RAVDESS, TESS, LibriSpeech (test-other) and LJSpeech,
the warnings about silence, clipping and a narrow band were never given, the one about short speech once.
The warning about noise was given on no clip of RAVDESS and LJSpeech, on 5 % of TESS,
and on 12 % of LibriSpeech, where some readers record in noise.
Detection rates, from the worst corpus to the best: clipping by 12 dB 100 %, by 6 dB 70 to 100 %,
by 12 dB at 48 kHz before resampling 74 to 100 %; a rate of 8 kHz 100 %; 300 to 3400 Hz 80 to 100 %;
noise at 10 dB 100 %; music at 5 dB 100 %, at 10 dB 28 to 100 %; noise at 20 dB, which does little harm, 0 to 14 %.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.resampling import SAMPLE_RATE
from pipeline.core.values import Samples
from pipeline.recognition.speech.conditioning import Phrase

__all__ = ["SYLLABLE", "InputQuality", "background", "crest", "plateau", "treble"]

SYLLABLE: Final = 0.5
"""Seconds of speech; less is hardly more than a syllable, too little to judge an emotion."""

_SHORT: Final = 1.0
"""Seconds of speech below which a warning is given; for the accuracy see the top of this file."""

_MOSTLY_SILENCE: Final = 0.1
"""Share of the recording that should be speech; set by hand."""

HARDLY: Final = 0.5
"""Likelihood of speech below which a recording is called hardly speech: the other answer is likelier."""

_CREST: Final = 10.0
"""Decibels by which the peaks of unclipped speech exceed its level; set by hand."""

_PLATEAU: Final = 0.001
"""Share of samples on flat peaks above which a recording is clipped; set by hand."""

_TREBLE: Final = -31.0
"""Decibels of the treble against the middle band, below which it is missing; set by hand."""

_BACKGROUND: Final = -15.0
"""Decibels of the background against the speech, above which it is noise; set by hand."""

_FRAME: Final = 512
"""Samples per frame: 32 ms, short enough to fit between words; set by hand."""

_ACTIVE: Final = 10**-1.5
"""Share of the mean power from which on a frame counts as active speech: -15 dB; set by hand."""

_NOTHING: Final = 1e-12
"""Power that is added before a logarithm, so that silence has a finite level: -120 dB."""


class InputQuality:
    """Measures the quality of a recording, phrase by phrase."""

    def __init__(self) -> None:
        self._speech = 0.0
        self._likely = 0.0
        self._sums = np.zeros(4)

    def add(self, phrase: Phrase) -> None:
        """Add a phrase."""
        self._speech += phrase.speech
        self._likely += phrase.speech * phrase.likelihood
        powers = _powers(phrase.samples)
        self._sums += phrase.speech * np.array(
            [
                crest(phrase.samples, powers),
                plateau(phrase.samples),
                treble(phrase.samples, powers),
                background(powers),
            ]
        )

    @property
    def too_short(self) -> bool:
        """Whether there is too little speech for a sure answer."""
        return self._speech < _SHORT

    def warnings(self, duration: float) -> tuple[str, ...]:
        """Return one sentence for each problem.

        Args:
            duration: Seconds of the whole recording.
        """
        if not self._speech:
            return ()
        crest_factor, flat, high, behind = self._sums / self._speech
        found = []
        if self._likely < HARDLY * self._speech:
            found.append("This hardly sounds like speech.")
        if self.too_short:
            found.append(f"Only {self._speech:.1f} s of speech: too short for a sure answer.")
        if self._speech < _MOSTLY_SILENCE * duration:
            found.append(f"Only {self._speech / duration:.0%} of the recording is speech.")
        if self._speech < SYLLABLE:
            # A single syllable has no pauses and does not fill the frequency band of speech.
            return tuple(found)
        if crest_factor < _CREST or flat > _PLATEAU:
            found.append("The recording is clipped: its peaks are cut off.")
        if high < _TREBLE:
            found.append("The recording lacks what lies above 4 kHz, as a telephone line does.")
        if behind > _BACKGROUND:
            found.append(f"There is noise or music {-behind:.0f} dB below the speech.")
        return tuple(found)


def crest(samples: Samples, powers: NDArray[np.float64]) -> float:
    """Return by how many dB the peaks exceed the active speech; below 10 they were cut off.

    The peak is the magnitude that one sample in ten thousand exceeds.
    A recording that was clipped before resampling loses its flat peaks, but keeps its low crest factor.
    """
    peak = float(np.quantile(np.abs(samples), 0.9999))
    return _decibel(peak**2) - _decibel(_active(powers))


def plateau(samples: Samples) -> float:
    """Return the share of samples within 0.2 % of the highest or lowest one, three or more in a row."""
    extreme = (samples >= 0.998 * samples.max()) | (samples <= 0.998 * samples.min())
    return float(np.mean(extreme[2:] & extreme[1:-1] & extreme[:-2]))


def treble(samples: Samples, powers: NDArray[np.float64]) -> float:
    """Return the power from 4.2 to 7 kHz relative to that from 0.5 to 3.2 kHz, in dB, without the faintest frames.

    If the band ends at 3.4 or 4 kHz, it is less than -31.
    """
    frames = samples[: len(powers) * _FRAME].reshape(-1, _FRAME)[powers >= powers.mean() * _ACTIVE / 10]
    spectrum = np.square(np.abs(np.fft.rfft(frames * np.hanning(_FRAME), axis=1))).sum(axis=0)
    frequency = np.fft.rfftfreq(_FRAME, 1 / SAMPLE_RATE)
    high = spectrum[(frequency > 4200) & (frequency < 7000)].mean()
    middle = spectrum[(frequency > 500) & (frequency < 3200)].mean()
    return _decibel(float(high)) - _decibel(float(middle))


def background(powers: NDArray[np.float64]) -> float:
    """Return the level of the faintest twentieth of the frames relative to the active speech, in dB."""
    return _decibel(float(np.quantile(powers, 0.05))) - _decibel(_active(powers))


def _powers(samples: Samples) -> NDArray[np.float64]:
    """Return the power of every whole frame of 32 ms."""
    whole = len(samples) // _FRAME * _FRAME
    return np.asarray(np.square(samples[:whole].reshape(-1, _FRAME), dtype=np.float64).mean(axis=1))


def _active(powers: NDArray[np.float64]) -> float:
    return float(powers[powers >= powers.mean() * _ACTIVE].mean())


def _decibel(power: float) -> float:
    return 10 * math.log10(power + _NOTHING)
