"""Mandarin texts as they are spoken, in the classes of text normalisation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.frontend.chinese.normalisation import normalise_chinese, read_chinese
from pipeline.frontend.reading import read_text
from tests.growth import grows_in_step

CASES = [line.split("\t") for line in Path(__file__).with_name("mandarin.tsv").read_text("utf-8").splitlines()]
"""Class, text, and a regular expression of what may be said for it, without marks and spaces."""

WRITTEN = st.text(
    st.sampled_from(
        "0123456789.,:：/-–~～%‰¥$€°℃²³½±×÷=≤+#@&_^*()（）'\" 年月日点分秒个元万亿第约号室kmgshMWVAGHzTBIXaⅣⅮ①⒜Ⓩ甲乙"
    )
)


@pytest.mark.parametrize(("group", "written", "spoken"), CASES, ids=[f"{case[0]}-{case[1]}" for case in CASES])
def test_mandarin_is_read_as_people_say_it(group: str, written: str, spoken: str) -> None:
    said = re.sub(r"[\W_]", "", normalise_chinese(written))
    assert re.fullmatch(spoken, said, re.IGNORECASE), f"{group}: {written} was read {said}"


@given(WRITTEN)
def test_no_digit_is_left_and_nothing_written_is_lost(text: str) -> None:
    pieces = read_chinese(text)
    assert "".join(written for written, _ in pieces) == text
    assert not re.search(r"[\d²³½]", "".join(spoken for _, spoken in pieces))


@pytest.mark.parametrize(
    "text",
    [
        "你好，世界。", "他说：“好！”", "北京-上海", "约翰·史密斯", "T恤和X光", "VI设计", "XX公司",
        "A股", "The end.", "（完）", "我们去了一二三号楼",
    ],
)  # fmt: skip
def test_words_stay_as_they_are(text: str) -> None:
    assert normalise_chinese(text) == text


@pytest.mark.parametrize(("text", "said"), [("选Ⓐ或⒝", "选A或b"), ("①②", "一二"), ("Ⅾ和Ⅿ", "五百和一千")])
def test_letters_and_numbers_in_one_sign_are_read(text: str, said: str) -> None:
    assert normalise_chinese(text) == said


@pytest.mark.parametrize("piece", ["今天天气很好", "字", "1", "3个", "①", "1/"])
def test_no_text_takes_forever(piece: str) -> None:
    assert grows_in_step(lambda text: read_text(text, han=True), piece, 1_000)


def test_each_written_part_has_what_was_said_for_it() -> None:
    assert read_chinese("每次50µg，<b>共</b>-＄５。") == [
        ("每次", "每次"),
        ("50µg", "五十微克"),
        ("，<b>共", "，共"),
        ("</b>-＄５", "负五美元"),
        ("。", "。"),
    ]
