"""How written words are said."""

from __future__ import annotations

import pytest

from pipeline.frontend.english.spoken_words import spoken_words


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("Kids are talking, by the DOOR!", "kids are talking by the door"),
        ("don’t", "don't"),
        ("shop-boy", "shop boy"),
        ("Mr. and Mrs. Hale", "mister and missus hale"),
        ("0", "zero"),
        ("19", "nineteen"),
        ("42,", "forty two"),
        ("100", "one hundred"),
        ("1,234,567", "one million two hundred thirty four thousand five hundred sixty seven"),
        ("1465,", "fourteen sixty five"),
        ("1,465", "one thousand four hundred sixty five"),
        ("1900", "nineteen hundred"),
        ("1905", "nineteen oh five"),
        ("2010", "two thousand ten"),
        ("1890s", "eighteen nineties"),
        ("21st 2nd 3rd 12th 20th", "twenty first second third twelfth twentieth"),
        ("7.25%", "seven point two five percent"),
        ("$1.01", "one dollar one cent"),
        ("£3.05", "three pounds five pence"),
        ("007", "zero zero seven"),
        ("MP3", "mp three"),
        ("3:30 pm", "three thirty pm"),
        ("R&D", "r and d"),
        ("你好, Bob", "你 好 bob"),
        ("— ...", ""),
    ],
)
def test_spoken(written: str, words: str) -> None:
    assert spoken_words(written) == words.split()


def test_a_number_beyond_all_names_is_read_digit_by_digit() -> None:
    assert spoken_words("1" * 20) == ["one"] * 20
