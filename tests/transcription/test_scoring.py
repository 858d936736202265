"""How many words were heard wrongly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.transcription.scoring import word_error_rate, word_errors

TEXTS = st.lists(st.sampled_from(["kids", "dogs", "are", "by", "the", "door"])).map(" ".join)


@pytest.mark.parametrize(
    ("reference", "hypothesis", "wrong"),
    [
        ("Kids are talking by the door.", "kids ARE talking, by the door", 0),
        ("kids are talking by the door", "kids were talking by the door", 1),
        ("kids are talking by the door", "kids talking by the door", 1),
        ("kids are talking by the door", "the kids are talking by the door", 1),
        ("kids are talking by the door", "", 6),
        ("mister Hale paid three dollars", "Mr. Hale paid $3", 0),
        ("狗坐在门边", "狗站在门边", 1),
        ("三百二十八万一千点四八", "328万1000.48", 0),
        ("零点三三", "0.33", 0),
    ],
)
def test_word_errors(reference: str, hypothesis: str, wrong: int) -> None:
    assert word_errors(reference, hypothesis)[0] == wrong


def test_rate_is_a_share_of_the_reference() -> None:
    assert word_error_rate("one two three four", "one two three") == 0.25
    assert word_error_rate("one", "one two three") == 2.0


def test_rate_against_nothing() -> None:
    assert word_error_rate("", "") == 0.0
    assert word_error_rate("...", "hello") == 1.0


@given(TEXTS, TEXTS, TEXTS)
def test_errors_are_a_distance(first: str, second: str, third: str) -> None:
    def distance(left: str, right: str) -> int:
        return word_errors(left, right)[0]

    assert distance(first, first) == 0
    assert distance(first, second) == distance(second, first)
    assert distance(first, third) <= distance(first, second) + distance(second, third)
