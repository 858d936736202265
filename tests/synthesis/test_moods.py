"""Custom moods are placed among the known emotions."""

from __future__ import annotations

import pytest

from pipeline.core.emotions import EMOTIONS, Mood
from pipeline.core.errors import UnknownName
from pipeline.synthesis.prosody.moods import mixture


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_a_known_emotion_is_itself(emotion: str) -> None:
    assert mixture(Mood(emotion)) == {emotion: 1.0}


@pytest.mark.parametrize(
    ("word", "emotion"),
    [
        ("heartbroken", "sad"), ("Gloomy", "sad"), ("enraged", "angry"), ("panicked", "fearful"), ("ecstatic", "happy"),
        ("soothing", "calm"), ("revolted", "disgusted"), ("startled", "surprised"), ("matter-of-fact", "neutral"),
        ("gently", "calm"), ("nervously", "fearful"), ("merrily", "happy"),
    ],
)  # fmt: skip
def test_a_word_is_nearest_to_its_emotion(word: str, emotion: str) -> None:
    shares = mixture(Mood(word))
    assert next(iter(shares)) == emotion
    assert sum(shares.values()) == pytest.approx(1)
    assert min(shares.values()) >= 0.15


def test_an_unknown_word_names_its_neighbours() -> None:
    with pytest.raises(UnknownName) as caught:
        mixture(Mood("nostalgik"))
    assert "nostalgic" in caught.value.hint
    assert "neutral" in caught.value.hint
