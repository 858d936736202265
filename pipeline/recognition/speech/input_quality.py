"""In what a recording is unlike those that the models were trained on, in sentences for a person.

Each measure is taken from what the model hears, so that level and the silence around speech play no part,
and is a mean over the phrases, weighted by their speech.

`benchmarks/unusual.py` measures how often a warning is given.
Half a second of a clip gets the answer of the whole in 47 %, a second in 58 %, one and a half in 88 %
(`benchmarks/timeline.py`); below a second it is called too short.
On 202 clean clips of RAVDESS, TESS, LibriSpeech (test-other) and LJSpeech the warnings of
silence, clipping and a narrow band were never given, that of shortness once;
that of noise on none of RAVDESS and LJSpeech, on 5 % of TESS,
and on 12 % of LibriSpeech, where some readers sit in noise.
Found, from the worst corpus to the best: clipping by 12 dB 100 %, by 6 dB 70 to 100 %,
by 12 dB at 48 kHz before resampling 74 to 100 %; a rate of 8 kHz 100 %; 300 to 3400 Hz 80 to 100 %;
noise at 10 dB 100 %; music at 5 dB 100 %, at 10 dB 28 to 100 %; noise at 20 dB, which costs little, 0 to 14 %.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.resampling import SAMPLE_RATE
from pipeline.core.values import Samples
from pipeline.recognition.speech.conditioning import Phrase

__all__ = ["SYLLABLE", "Conditions", "background", "crest", "plateau", "treble"]

SYLLABLE: Final = 0.5
"""Seconds of speech below which there is an answer for a syllable, and none for an emotion."""

_SHORT: Final = 1.0

_MOSTLY_SILENCE: Final = 0.1
_CREST: Final = 10.0
_PLATEAU: Final = 0.001
_TREBLE: Final = -31.0
_BACKGROUND: Final = -15.0

_FRAME: Final = 512
_ACTIVE: Final = 10**-1.5
_NOTHING: Final = 1e-12


class Conditions:
    """Collects what is unusual about a recording, phrase by phrase."""

    def __init__(self) -> None:
        self._speech = 0.0
        self._sums = np.zeros(4)

    def add(self, phrase: Phrase) -> None:
        """Take a phrase into account."""
        self._speech += phrase.speech
        powers = _powers(phrase.samples)
        self._sums += phrase.speech * np.array(
            [
                crest(phrase.samples, powers),
                plateau(phrase.samples),
                treble(phrase.samples, powers),
                background(powers),
            ]
        )

    def warnings(self, duration: float) -> tuple[str, ...]:
        """Return one sentence for each thing that is unusual.

        Args:
            duration: Seconds of the whole recording.
        """
        if not self._speech:
            return ()
        crest_factor, flat, high, behind = self._sums / self._speech
        found = []
        if self._speech < _SHORT:
            found.append(f"Only {self._speech:.1f} s of speech: too short for a sure answer.")
        if self._speech < _MOSTLY_SILENCE * duration:
            found.append(f"Only {self._speech / duration:.0%} of the recording is speech.")
        if self._speech < SYLLABLE:
            # A syllable alone has no pause between its words, and not the whole band of speech.
            return tuple(found)
        if crest_factor < _CREST or flat > _PLATEAU:
            found.append("The recording is clipped: its peaks are cut off.")
        if high < _TREBLE:
            found.append("The recording lacks what lies above 4 kHz, as a telephone line does.")
        if behind > _BACKGROUND:
            found.append(f"There is noise or music {-behind:.0f} dB below the speech.")
        return tuple(found)


def crest(samples: Samples, powers: NDArray[np.float64]) -> float:
    """Return how far the peaks stand out of the active speech, in dB; below 10 they were cut off.

    The peak is the sample that one in ten thousand passes.
    A recording that was clipped at another rate or level keeps its low crest where it loses its flat tops.
    """
    peak = float(np.quantile(np.abs(samples), 0.9999))
    return _decibel(peak**2) - _decibel(_active(powers))


def plateau(samples: Samples) -> float:
    """Return the share of the samples that lie, three or more in a row, within 0.2 % of the highest or lowest."""
    extreme = (samples >= 0.998 * samples.max()) | (samples <= 0.998 * samples.min())
    return float(np.mean(extreme[2:] & extreme[1:-1] & extreme[:-2]))


def treble(samples: Samples, powers: NDArray[np.float64]) -> float:
    """Return the power from 4.2 to 7 kHz against that from 0.5 to 3.2 kHz, in dB, over all but the faintest frames.

    A band that ends at 3.4 or 4 kHz leaves less than -31.
    """
    frames = samples[: len(powers) * _FRAME].reshape(-1, _FRAME)[powers >= powers.mean() * _ACTIVE / 10]
    spectrum = np.square(np.abs(np.fft.rfft(frames * np.hanning(_FRAME), axis=1))).sum(axis=0)
    frequency = np.fft.rfftfreq(_FRAME, 1 / SAMPLE_RATE)
    high = spectrum[(frequency > 4200) & (frequency < 7000)].mean()
    middle = spectrum[(frequency > 500) & (frequency < 3200)].mean()
    return _decibel(float(high)) - _decibel(float(middle))


def background(powers: NDArray[np.float64]) -> float:
    """Return the faintest twentieth of the frames against the active speech, in dB: what sounds between the words."""
    return _decibel(float(np.quantile(powers, 0.05))) - _decibel(_active(powers))


def _powers(samples: Samples) -> NDArray[np.float64]:
    """Return the power of every 32 ms; of all where there is less."""
    whole = len(samples) // _FRAME * _FRAME
    return np.asarray(np.square(samples[:whole].reshape(-1, _FRAME), dtype=np.float64).mean(axis=1))


def _active(powers: NDArray[np.float64]) -> float:
    return float(powers[powers >= powers.mean() * _ACTIVE].mean())


def _decibel(power: float) -> float:
    return 10 * math.log10(power + _NOTHING)
