"""Finds which seconds and which frequencies decided an answer: it removes each and measures the change of the answer.

Occlusion, after Zeiler and Fergus, Visualizing and Understanding Convolutional Networks, 2014 (arXiv:1311.2901).
Parts are removed from the input of the model, after silence and level:
otherwise removing them would also change how the recording is cut, and with that the answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.resampling import SAMPLE_RATE
from pipeline.core.explanation import Band, Explanation, Stretch
from pipeline.core.values import Samples
from pipeline.recognition.speech.conditioning import Phrase
from pipeline.recognition.speech.pooling import Pool

__all__ = ["EDGES", "explained", "without_band", "without_seconds"]

EDGES: Final = (0, 250, 500, 1000, 1500, 2500, 4000, 6000, 8000)
"""Hertz between the bands: the voice's pitch below, its formants in the middle, its breath and hiss above."""

_STEP: Final = 0.4
"""Seconds that are removed at a time: about two syllables; set by hand."""

_FADE: Final = 0.02
"""Seconds of the fades around them, so that no click is added; set by hand."""

_FRAME: Final = 256
"""Samples per frame of the noise floor: 16 ms, short enough to fit between words; set by hand."""

_STOP: Final = 10 ** (-60 / 20)
"""Gain of a removed band: -60 dB, practically silent; set by hand."""

Judge = Callable[[Samples], NDArray[np.float64]]
"""Returns the probabilities, (labels,), of one conditioned phrase."""


def explained(phrases: Iterable[Phrase], judge: Judge, labels: tuple[str, ...]) -> Explanation | None:
    """Return what decided the answer on a recording.

    The influence of a part is how much of the emotion's probability is lost without it.
    Phrases are weighted as in the answer.

    Args:
        phrases: The recording as input of the model; each is judged about 8 + 2.5 times its seconds.
        judge: The model.
        labels: Emotions, in the order of the probabilities.

    Returns:
        The explanation; None if there are no phrases.
    """
    pool = Pool()
    heard: list[tuple[float, NDArray[np.float64]]] = []
    parts: list[tuple[float, float, int, NDArray[np.float64]]] = []
    bands: list[list[NDArray[np.float64]]] = []
    for number, phrase in enumerate(phrases):
        heard.append((phrase.weight, judge(phrase.samples)))
        pool.add(phrase, heard[-1][1])
        length = phrase.end - phrase.start
        edges = np.linspace(0, length, max(1, round(length / _STEP)) + 1).tolist()
        for start, end in pairwise(edges):
            moved = judge(without_seconds(phrase.samples, start, end))
            parts.append((phrase.start + start, phrase.start + end, number, moved))
        bands.append([judge(without_band(phrase.samples, low, high)) for low, high in pairwise(EDGES)])
    if not heard:
        return None
    shares = np.array([weight for weight, _ in heard])
    shares *= pool.likelihood / shares.sum()
    whole = np.array([probabilities for _, probabilities in heard])
    answer = pool.answer
    label = int(answer.argmax())
    return Explanation(
        emotion=labels[label],
        confidence=float(answer[label]),
        seconds=tuple(
            Stretch(start, end, float(shares[number] * (whole[number, label] - moved[label])))
            for start, end, number, moved in parts
        ),
        frequencies=tuple(
            Band(low, high, float(shares @ (whole[:, label] - [moved[place][label] for moved in bands])))
            for place, (low, high) in enumerate(pairwise(EDGES))
        ),
    )


def without_seconds(samples: Samples, start: float, end: float) -> Samples:
    """Return the sound with some seconds replaced by noise at the level of its quietest tenth.

    Args:
        samples: float32 (time,) at 16 kHz.
        start: Seconds.
        end: Seconds.
    """
    first, last = round(start * SAMPLE_RATE), round(end * SAMPLE_RATE)
    place = np.arange(len(samples))
    fade = _FADE * SAMPLE_RATE
    kept = np.clip(np.maximum(first - place, place - last) / fade + 0.5, 0, 1).astype(np.float32)
    noise = np.random.default_rng(0).standard_normal(len(samples)).astype(np.float32)
    return samples * kept + _floor(samples) * noise * (1 - kept)


def without_band(samples: Samples, low: float, high: float) -> Samples:
    """Return the sound with a band of frequencies 60 dB quieter.

    Args:
        samples: float32 (time,) at 16 kHz.
        low: Hertz.
        high: Hertz.
    """
    points = 1 << math.ceil(math.log2(len(samples) + SAMPLE_RATE // 8))
    frequency = np.fft.rfftfreq(points, 1 / SAMPLE_RATE)
    gain = np.where((frequency >= low) & (frequency < high), _STOP, 1.0)
    # A slope of about 60 Hz keeps the filter from ringing.
    width = max(1, round(60 * points / SAMPLE_RATE))
    gain = np.convolve(np.pad(gain, width, mode="edge"), np.hanning(2 * width + 1) / width, mode="valid")
    return np.fft.irfft(np.fft.rfft(samples, points) * gain, points)[: len(samples)].astype(np.float32)


def _floor(samples: Samples) -> np.float32:
    """Return the RMS of the quietest tenth of a sound."""
    whole = len(samples) // _FRAME * _FRAME
    if not whole:
        return np.float32(0)
    power = np.square(samples[:whole].reshape(-1, _FRAME)).mean(axis=1)
    return np.float32(np.sqrt(np.quantile(power, 0.1)))
