"""Where nobody speaks, no emotion is sure; where somebody does, noise does not make it doubtful."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.audio import detect_speech
from pipeline.core.errors import NoSpeech
from pipeline.core.values import Audio, EmotionScores
from pipeline.recognition import RECOGNISERS
from pipeline.recognition.fusion import FusionWeights, fused
from pipeline.recognition.speech.conditioning import Phrase, phrases
from pipeline.recognition.speech.pooling import Pool
from tests.non_speech_sounds import KINDS, non_speech

RATE = 16000
VERY_SURE, EVEN = np.array([1.0, 0.0, 0.0, 0.0]), np.full(4, 0.25)


@pytest.fixture(scope="module")
def recogniser():
    return RECOGNISERS.create(RECOGNISERS.choose(), threads=1)


@pytest.mark.parametrize("kind", KINDS)
def test_an_emotion_is_never_sure_where_nobody_speaks(recogniser, kind):
    for variant in range(2):
        try:
            scores = recogniser.recognise(non_speech(kind, variant))
        except NoSpeech:
            continue
        assert scores.unsure, (scores.top, scores.confidence)


@pytest.mark.parametrize("kind", ["band", "chords", "plucked tune"])
def test_it_is_told_that_a_sound_is_hardly_speech(recogniser, kind):
    scores = recogniser.recognise(non_speech(kind, 1, 6))
    assert any("hardly sounds like speech" in warning for warning in scores.warnings)
    assert scores.confidence < 0.5


@pytest.mark.parametrize("kind", ["helicopter", "plucked tune"])
def test_a_timeline_leaves_out_what_is_hardly_speech(recogniser, say, kind):
    stream = recogniser.stream(timeline=True)
    voice, sound = say("My brother bought a new car last week.")[0], non_speech(kind, 1, 9)
    stream.add(Audio(np.concatenate([voice.samples, np.zeros(2 * RATE, np.float32), sound.samples]), RATE))
    found = stream.timeline().windows
    assert found
    assert all(window.start < voice.duration for window in found)


@pytest.mark.parametrize("noise", [None, "white noise", "pink noise", "engine", "rain", "wind", "chords"])
def test_speech_in_noise_stays_speech(say, noise):
    audio, _ = say("My brother bought a new car last week.")
    if noise:
        behind = non_speech(noise, 0, audio.duration).samples[: len(audio.samples)]
        gain = audio.samples.std() / behind.std() * 10 ** (-10 / 20)
        audio = Audio(audio.samples + np.float32(gain) * behind, RATE)
    heard = list(phrases(audio))
    assert heard
    assert np.average([phrase.likelihood for phrase in heard], weights=[phrase.speech for phrase in heard]) > 0.9


@pytest.mark.parametrize("gain", [0.01, 1.0])
def test_the_likelihood_does_not_depend_on_the_level(say, gain):
    audio, _ = say("My brother bought a new car last week.")
    assert detect_speech(Audio(audio.samples * np.float32(gain), RATE)).likelihood > 0.9


@pytest.mark.parametrize("text", ["No!", "Yes.", "Stop!"])
def test_a_word_alone_is_never_sure(recogniser, say, text):
    scores = recogniser.recognise(say(text)[0])
    assert any("too short" in warning for warning in scores.warnings)
    assert scores.unsure
    assert EmotionScores.from_dict(scores.to_dict()).unsure


def test_a_voice_that_is_too_short_makes_plain_words_no_surer():
    words = EmotionScores(("neutral", "sad"), (0.99, 0.01), "words", unsure_below=0.5)
    weights = FusionWeights(speech=1.0, text=1.0, plain=0.5, unsure_below=0.5)
    for bound, unsure in ((0.5, False), (1.0, True)):
        voice = EmotionScores(("neutral", "sad"), (0.99, 0.01), "voice", unsure_below=bound)
        assert fused(voice, words, weights).scores.unsure == unsure


def phrase(seconds, likelihood):
    return Phrase(np.zeros(RATE, np.float32), 0.0, seconds, seconds, likelihood)


def test_speech_alone_keeps_its_answer():
    pool = Pool()
    pool.add(phrase(2.0, 1.0), VERY_SURE)
    pool.add(phrase(2.0, 1.0), EVEN)
    np.testing.assert_allclose(pool.answer, (VERY_SURE + EVEN) / 2)


def test_a_bark_beside_speech_counts_little():
    pool = Pool()
    pool.add(phrase(2.0, 1.0), VERY_SURE)
    pool.add(phrase(2.0, 0.02), EVEN)
    assert pool.answer[0] > 0.95


def test_a_bark_alone_leaves_every_emotion_as_likely():
    pool = Pool()
    pool.add(phrase(2.0, 0.02), VERY_SURE)
    np.testing.assert_allclose(pool.answer, EVEN, atol=0.02)
    assert pool.answer.sum() == pytest.approx(1)
