"""Unknown words have sounds."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.frontend.english.g2p import ARPABET, EnglishPronouncer

PRONOUNCER = EnglishPronouncer()


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("door", "D AO1 R"),
        ("doorman's", "D AO1 R M AE2 N Z"),
        ("xbc", "EH1 K S B IY1 S IY1"),
        ("tbh", "T IY1 B IY1 EY1 CH"),
        ("shhhh", "SH"),
        ("phish", "F IH1 SH"),
        ("zappy", "Z AE1 P IY0"),
        ("yim", "Y IH1 M"),
    ],
)
def test_pronounce(word: str, phones: str) -> None:
    assert " ".join(PRONOUNCER.pronounce(word)) == phones


@settings(deadline=None)
@given(st.from_regex(re.compile(r"[a-z']{1,20}"), fullmatch=True))
def test_every_word_with_a_letter_has_known_sounds(word: str) -> None:
    phones = PRONOUNCER.pronounce(word)
    assert set(phones) <= ARPABET
    assert bool(phones) == any(letter.isalpha() for letter in word)


def test_letters_outside_english_have_no_sound() -> None:
    assert PRONOUNCER.pronounce("你") == []
