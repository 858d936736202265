"""How English sentences are read: words in context, breaks, the lexicon."""

from __future__ import annotations

import random

import pytest

from pipeline.frontend.english.homographs import pronounce_in_context
from pipeline.frontend.english.lexicon import lexicon, look_up
from pipeline.frontend.english.reading import read_sentence


@pytest.mark.parametrize(
    ("sentence", "word", "phonemes"),
    [
        ("we live in boston", "live", "L IH1 V"),
        ("a live concert", "live", "L AY1 V"),
        ("daniel lives here", "lives", "L IH1 V Z"),
        ("they saved many of their lives", "lives", "L AY1 V Z"),
        ("i have read it", "read", "R EH1 D"),
        ("i read it yesterday", "read", "R EH1 D"),
        ("he read the letter", "read", "R EH1 D"),
        ("please read this", "read", "R IY1 D"),
        ("they will read it", "read", "R IY1 D"),
        ("use the lift", "use", "Y UW1 Z"),
        ("it is of no use", "use", "Y UW1 S"),
        ("they used to sing", "used", "Y UW1 S T"),
        ("he used a knife", "used", "Y UW1 Z D"),
        ("close the door", "close", "K L OW1 Z"),
        ("the shop is close to us", "close", "K L OW1 S"),
        ("they record a song", "record", "R AH0 K AO1 R D"),
        ("a new record", "record", "R EH1 K ER0 D"),
        ("it records everything", "records", "R AH0 K AO1 R D Z"),
        ("old records", "records", "R EH1 K ER0 D Z"),
        ("she will present it", "present", "P R IY0 Z EH1 N T"),
        ("the present", "present", "P R EH1 Z AH0 N T"),
        ("we separate them", "separate", "S EH1 P ER0 EY2 T"),
        ("the wind is cold", "wind", "W IH1 N D"),
        ("they lead us", "lead", "L IY1 D"),
        ("a house", "house", "HH AW1 S"),
    ],
)
def test_homographs_by_their_neighbours(sentence: str, word: str, phonemes: str) -> None:
    words = sentence.split()
    assert pronounce_in_context(words, words.index(word)) == phonemes


def test_most_words_have_one_pronunciation() -> None:
    words = "the children were playing football in the rain".split()
    assert not any(pronounce_in_context(words, place) for place in range(len(words)))


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("It cost $5.50 in 1999.", "it cost five dollars fifty cents | in nineteen ninety nine"),
        ("Well, no!", "well, no"),
        ("He (my uncle) left - at last.", "he, my uncle, left, at last"),
        ("A well-known man", "a well known man"),
        ("I don’t know Zoë", "i don't know zoe"),
        ("We live in the old house near the river because it rains a lot there.",
         "we live in the old house | near the river because it rains a lot there"),
        ("She wanted to call you but the phone was broken.", "she wanted to call you | but the phone was broken"),
        ("It rained and it snowed", "it rained and it snowed"),
        ("😀 ?!", "grinning face"),
        ("ц", ""),
    ],
)  # fmt: skip
def test_sentences_are_read_with_breaks(text: str, spoken: str) -> None:
    marks = {"": "", "comma": ",", "phrase": " |", "end": ""}
    words = read_sentence(text)
    assert " ".join(word.text + marks[word.followed_by] for word in words) == spoken
    assert all(word.phonemes for word in words)
    assert [word.followed_by for word in words].count("end") == bool(words)


@pytest.mark.parametrize(
    ("text", "phonemes"),
    [
        ("the apple", "DH IY0"),
        ("the table", "DH AH0"),
        ("to eat", "T UW0"),
        ("to go", "T AH0"),
        ("a man", "AH0"),
    ],
)
def test_little_words_sound_as_before_the_next(text: str, phonemes: str) -> None:
    assert " ".join(read_sentence(text)[0].phonemes) == phonemes


def test_content_words_are_told_apart() -> None:
    words = read_sentence("The dog is in the garden.")
    assert [word.text for word in words if word.is_content] == ["dog", "garden"]


def test_a_word_is_found_without_reading_the_lexicon() -> None:
    words = random.Random(0).sample(sorted(lexicon()), 500)
    assert all(look_up(word) == lexicon()[word] for word in words)
    assert look_up("live") == ("L AY1 V", "L IH1 V")
    assert not any(look_up(word) for word in ("", "qqq", "zzzzzz", "it'", "Live", "é"))
