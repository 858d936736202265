"""Warnings on what is unlike the training: given for what is spoiled, and not for what is not."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.core.values import Audio
from pipeline.recognition.speech.conditioning import phrases
from pipeline.recognition.speech.input_quality import InputQuality
from pipeline.training.speech.augmentation import add_noise, band_limited

RATE = 16000


def warnings(samples):
    quality = InputQuality()
    audio = Audio(np.asarray(samples, np.float32), RATE)
    for phrase in phrases(audio):
        quality.add(phrase)
    # That made vowels are no speech is right, and no fault of the recording.
    return tuple(found for found in quality.warnings(audio.duration) if "hardly sounds" not in found)


@pytest.fixture(scope="module")
def voice(make_vowels):
    """Vowels with breath above them and pauses between them, as speech has."""
    samples = make_vowels(4.0).samples
    breath = band_limited(np.random.default_rng(0).standard_normal(len(samples)).astype(np.float32), 4000, 7500)
    words = np.sin(np.pi * np.arange(len(samples)) / RATE / 0.8) ** 2 > 0.1
    return (samples + 0.01 * breath) * np.convolve(words, np.ones(160) / 160, "same").astype(np.float32)


def clipped(samples, rate=RATE):
    import soxr

    fast = soxr.resample(samples, RATE, rate)
    most = np.abs(fast).max() / 6
    return soxr.resample(np.clip(fast, -most, most), rate, RATE)


SPOILED = {
    "clipped": clipped,
    "clipped at another rate": lambda samples: clipped(samples, 48000),
    "clipped and made quieter": lambda samples: 0.1 * clipped(samples),
    "telephone": lambda samples: band_limited(samples, 300, 3400),
    "noise": lambda samples: add_noise(samples, np.random.default_rng(0), 8),
    "short": lambda samples: samples[RATE : RATE + 6000],
    "silence": lambda samples: np.concatenate([samples, np.zeros(60 * RATE)]),
}
SAID = {"clipped": "clipped", "telephone": "telephone", "noise": "noise or music", "short": "too short"}


@pytest.mark.parametrize("gain", [0.03, 1.0, 3.0])
def test_ordinary_speech_gets_no_warning_at_any_level(voice, gain):
    assert warnings(gain * voice) == ()


@pytest.mark.parametrize("way", SPOILED)
def test_each_fault_gets_its_own_warning_and_no_other(voice, way):
    found = warnings(SPOILED[way](voice))
    said = SAID.get(way.split()[0], "of the recording is speech")
    assert len(found) == 1, found
    assert said in found[0]


def test_the_noise_is_measured(voice):
    found = warnings(add_noise(voice, np.random.default_rng(0), 5))
    decibels = int(found[0].split(" dB")[0].split()[-1])
    assert 4 <= decibels <= 10


def test_a_recording_without_speech_has_nothing_to_warn_of():
    assert InputQuality().warnings(10.0) == ()
