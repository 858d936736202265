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


@pytest.mark.parametrize(
    ("text", "word", "strength"),
    [
        ("very happy", "happy", 1.5),
        ("Very HAPPY", "happy", 1.5),
        ("really sad", "sad", 1.5),
        ("very very angry", "angry", 2.0),
        ("extremely frightened", "fearful", 2.0),
        ("slightly sad", "sad", 0.5),
        ("a bit sad", "sad", 0.5),
        ("a little bit angry", "angry", 0.5),
        ("somewhat surprised", "surprised", 0.75),
        ("very wistful", "wistful", 1.5),
        ("非常开心", "happy", 1.5),
        ("有点难过", "sad", 0.5),
        ("happy", "happy", None),
        ("wistful", "wistful", None),
        ("very", "very", None),
        ("very auto", "very auto", None),
        ("so-so", "so-so", None),
    ],
)
def test_a_degree_becomes_the_strength(text, word, strength):
    mood = parse_mood(text)
    assert (mood.word, mood.strength) == (word, strength)


@pytest.mark.parametrize("text", ["not happy", "never sad", "without anger", "very not happy", "不开心"])
def test_what_an_emotion_is_not_says_nothing(text):
    with pytest.raises(UnknownName, match="is not"):
        parse_mood(text)


@pytest.mark.parametrize(
    ("text", "word"), [("neutralise", "neutral"), ("neutralized", "neutral"), ("不满", "不满"), ("unhappy", "sad")]
)
def test_spellings_and_words_that_only_look_like_others(text, word):
    assert parse_mood(text).word == word
