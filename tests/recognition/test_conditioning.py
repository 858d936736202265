"""What a model hears does not depend on the recorder."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from pipeline.audio.loudness import LISTENING_LEVEL, level
from pipeline.core.values import Audio
from pipeline.recognition.speech.conditioning import LONGEST, phrases


def only(audio: Audio):
    (phrase,) = phrases(audio)
    return phrase


def test_silence_is_cut_and_level_is_set(speech):
    phrase = only(speech)
    assert 0.7 <= phrase.start <= 1.1
    assert 3.9 <= phrase.end <= 4.3
    assert 2.5 < phrase.speech <= phrase.end - phrase.start
    assert level(phrase.samples) == pytest.approx(LISTENING_LEVEL, abs=0.1)


@pytest.mark.parametrize("decibels", [-40, -20, 20])
def test_gain_changes_nothing(speech, decibels):
    louder = Audio(speech.samples * np.float32(10 ** (decibels / 20)), speech.sample_rate)
    before, after = only(speech), only(louder)
    assert (before.start, before.end) == (after.start, after.end)
    np.testing.assert_allclose(before.samples, after.samples, atol=1e-4)


def test_a_constant_offset_is_taken_away(speech):
    phrase = only(Audio(speech.samples + np.float32(0.02), speech.sample_rate))
    assert abs(phrase.samples.mean()) < 1e-4


def test_speech_is_found_under_noise(speech):
    random = np.random.default_rng(0)
    power = np.sqrt(np.mean(np.square(speech.samples)))
    noise = (power * 10 ** (-20 / 20) * random.standard_normal(len(speech.samples))).astype(np.float32)
    found = list(phrases(Audio(speech.samples + noise, speech.sample_rate)))
    assert sum(phrase.speech for phrase in found) > 1.5
    assert found[0].start > 0.5
    assert found[-1].end < 4.5


def test_long_recordings_come_in_phrases_of_bounded_length(long_speech):
    found = list(phrases(long_speech))
    assert len(found) >= 15
    assert all(phrase.end - phrase.start <= LONGEST + 1e-6 for phrase in found)
    assert all(first.end <= second.start + 1e-6 for first, second in itertools.pairwise(found))
    assert sum(phrase.speech for phrase in found) > 50


@pytest.mark.parametrize("samples", [np.zeros(32000), np.zeros(1), np.zeros(0)], ids=["silence", "one", "nothing"])
def test_silence_holds_no_phrase(samples):
    assert list(phrases(Audio(samples.astype(np.float32), 16000))) == []
