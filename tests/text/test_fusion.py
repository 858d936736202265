"""Voice and words together."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.core.emotions import EMOTIONS
from pipeline.core.errors import UsageError
from pipeline.core.values import EmotionScores
from pipeline.recognition.fusion import FusionWeights, fitted_weights, fused, pooled

WORDS = tuple(emotion for emotion in EMOTIONS if emotion != "calm")
WEIGHTS = FusionWeights(speech=1.0, text=0.7, plain=0.0, unsure_below=0.4)


def scores(emotion, confidence=0.9, labels=EMOTIONS, unsure_below=0.5):
    rest = (1 - confidence) / (len(labels) - 1)
    values = tuple(confidence if label == emotion else rest for label in labels)
    return EmotionScores(labels, values, model="test", calibrated=True, unsure_below=unsure_below)


def words(emotion, confidence=0.9):
    return scores(emotion, confidence, WORDS)


@pytest.mark.parametrize(
    ("speech", "text", "answer", "used"),
    [
        (scores("sad"), None, "sad", ("speech",)),
        (None, words("happy"), "happy", ("text",)),
        (scores("angry"), words("neutral"), "angry", ("speech",)),
        (scores("angry"), words("happy", 0.3), "angry", ("speech",)),
        (scores("calm", 0.3), words("sad"), "sad", ("text",)),
        (scores("angry", 0.6), words("angry", 0.6), "angry", ("speech", "text")),
        (scores("calm", 0.6), words("sad", 0.9), "sad", ("speech", "text")),
    ],
)
def test_one_answers_where_the_other_is_missing_unsure_or_says_nothing(speech, text, answer, used):
    found = fused(speech, text, WEIGHTS)
    assert (found.scores.top, found.used, found.contradiction) == (answer, used, "")
    assert (found.speech, found.text) == (speech, text)
    assert sum(found.scores.probabilities) == pytest.approx(1)


def test_agreement_is_surer_than_either():
    found = fused(scores("sad", 0.6), words("sad", 0.6), WEIGHTS)
    assert found.scores.confidence > 0.8


@pytest.mark.parametrize(("voice", "said"), [("angry", "happy"), ("sad", "happy"), ("happy", "angry")])
def test_a_contradiction_is_told_and_not_averaged_away(voice, said):
    found = fused(scores(voice), words(said), WEIGHTS)
    assert found.contradiction == f"The words are {said}, the voice is {voice}."
    assert found.scores == found.speech
    told = found.to_dict()
    assert told["contradiction"]
    assert told["used"] == ["speech"]


@pytest.mark.parametrize(
    ("voice", "said"), [("angry", "sad"), ("surprised", "happy"), ("neutral", "angry"), ("calm", "sad")]
)
def test_what_is_merely_different_is_no_contradiction(voice, said):
    assert not fused(scores(voice), words(said), WEIGHTS).contradiction


@pytest.mark.parametrize(
    ("voice", "said", "begins", "used"),
    [
        (scores("angry"), words("happy"), "The words are happy", ("speech",)),
        (scores("angry", 0.49, unsure_below=0.4), words("happy"), "Perhaps words and voice", ("speech", "text")),
        (scores("happy"), scores("sad", 0.49, WORDS, 0.4), "Perhaps words and voice", ("speech", "text")),
        (scores("angry", 0.49, unsure_below=0.5), words("happy"), "", ("text",)),
        (scores("happy"), words("sad", 0.49), "", ("speech",)),
    ],
)
def test_a_contradiction_is_told_as_certainly_as_its_parts_are_and_decides_if_it_is_certain(voice, said, begins, used):
    found = fused(voice, said, WEIGHTS)
    assert found.used == used
    assert bool(found.contradiction) == bool(begins)
    assert found.contradiction.startswith(begins)
    assert found.to_dict()["contradiction"] == found.contradiction


def test_nothing_at_all_is_an_error():
    with pytest.raises(UsageError, match="neither"):
        fused(None, None, WEIGHTS)


@pytest.mark.parametrize(("source", "answer"), [("speech", "angry"), ("text", "sad"), ("both", "angry")])
def test_each_part_can_be_asked_for(source, answer):
    assert fused(scores("angry", 0.95), words("sad", 0.55), WEIGHTS).of(source).top == answer


def drawn(true, labels, sharpness, random):
    """Calibrated-looking probabilities that favour the true label."""
    logits = random.normal(size=(len(true), len(labels)))
    places = [labels.index(EMOTIONS[number]) if EMOTIONS[number] in labels else 0 for number in true]
    logits[np.arange(len(true)), places] += sharpness
    raised = np.exp(logits)
    return raised / raised.sum(axis=1, keepdims=True)


def test_fitted_weights_gain_where_words_tell_and_lose_nothing_where_they_do_not():
    random = np.random.default_rng(0)
    true = random.integers(0, len(EMOTIONS), 900)
    voice = drawn(true, EMOTIONS, 2.0, random)
    telling, idle = drawn(true, WORDS, 2.0, random), np.tile(np.array([0.94, *[0.01] * 6]), (900, 1))
    alone = (voice.argmax(axis=1) == true).mean()
    weights = fitted_weights(voice[:450], EMOTIONS, telling[:450], WORDS, true[:450])
    together = pooled(voice[450:], EMOTIONS, telling[450:], WORDS, weights).argmax(axis=1)
    assert (together == true[450:]).mean() > alone + 0.05
    assert 0 <= weights.plain <= 1
    fitted = fitted_weights(voice[:450], EMOTIONS, idle[:450], WORDS, true[:450])
    together = pooled(voice[450:], EMOTIONS, idle[450:], WORDS, fitted).argmax(axis=1)
    assert (together == true[450:]).mean() >= (voice[450:].argmax(axis=1) == true[450:]).mean() - 0.01


def test_plain_words_pull_to_neutral_only_as_far_as_was_fitted():
    voice, text = np.array([scores("angry", 0.5).probabilities]), np.array([words("neutral", 0.99).probabilities])
    none, all_of_it = (pooled(voice, EMOTIONS, text, WORDS, FusionWeights(1.0, 1.0, plain))[0] for plain in (0.0, 1.0))
    assert EMOTIONS[int(none.argmax())] == "angry"
    assert all_of_it[0] > 0.3 > none[0]
