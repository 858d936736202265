"""Sounds of words that no dictionary holds."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.frontend.english.g2p_rules import pronounce

KNOWN = {"shop": "SH AA P", "boy": "B OY", "door": "D AO R"}
PHONES = set(
    "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH".split()
)


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("door", "D AO R"),
        ("shopboy", "SH AA P B OY"),
        ("boy's", "B OY Z"),
        ("xbc", "EH K S B IY S IY"),
        ("knate", "N EY T"),
        ("phish", "F IH SH"),
        ("quatch", "K W AE CH"),
        ("nation", "N EY SH AH N"),
        ("zappy", "Z AE P IY"),
        ("yim", "Y IH M"),
    ],
)
def test_pronounce(word: str, phones: str) -> None:
    assert pronounce(word, KNOWN.get) == phones


@given(st.from_regex(re.compile(r"[a-z']{1,20}"), fullmatch=True))
def test_every_word_with_a_letter_has_sounds_that_the_model_knows(word: str) -> None:
    phones = pronounce(word, KNOWN.get).split()
    assert set(phones) <= PHONES
    assert bool(phones) == any(letter.isalpha() for letter in word)


def test_letters_outside_english_have_no_sound() -> None:
    assert pronounce("你", KNOWN.get) == ""
