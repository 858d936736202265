import pytest

from pipeline.core.emotions import EMOTIONS, parse_mood, words_for
from pipeline.core.errors import UnknownName


@pytest.mark.parametrize(
    ("text", "emotion"),
    [
        ("HAPPY", "happy"),
        ("Sad", "sad"),
        ("  angry ", "angry"),
        ("SURPRISED", "surprised"),
        ("Neutral", "neutral"),
        ("fear", "fearful"),
        ("DISGUST", "disgusted"),
        ("Calmness", "calm"),
        ("joyful", "happy"),
        ("furious", "angry"),
        ("01", "neutral"),
        ("08", "surprised"),
        ("开心", "happy"),
        ("生气", "angry"),
        ("惊讶", "surprised"),
        ("Auto", "auto"),
    ],
)
def test_words_are_understood(text, emotion):
    assert parse_mood(text).word == emotion


@pytest.mark.parametrize("text", ["", "   ", "09", "00", "123"])
def test_what_is_no_emotion_lists_the_choices(text):
    with pytest.raises(UnknownName, match="fearful"):
        parse_mood(text)


def test_other_words_are_custom_moods_as_given():
    mood = parse_mood("Bitter sweet")
    assert mood.is_custom
    assert mood.word == "Bitter sweet"


def test_codes_follow_ravdess():
    assert [parse_mood(f"{number:02d}").word for number in range(1, 9)] == list(EMOTIONS)


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_every_listed_word_means_its_emotion(emotion):
    assert emotion in words_for(emotion)
    assert all(parse_mood(word.upper()).word == emotion for word in words_for(emotion))
