"""Texts of both languages: each written word has what is said for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.frontend.reading import read_text, spoken_text
from pipeline.frontend.words import written_words


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("还剩5%。", [("还", "还"), ("剩", "剩"), ("5%。", "百分之五.")]),
        ("2024年，50µg", [("2024", "二零二四"), ("年，", "年,"), ("50µg", "五十微克")]),
        ("<b>好</b>", [("<b>", ""), ("好</", "好"), ("b>", "")]),
        ("共-$5。", [("共", "共"), ("-$5。", "负五美元.")]),
        ("有3个，3块", [("有", "有"), ("3", "三"), ("个，", "个,"), ("3", "三"), ("块", "块")]),
        ("a b c 3 苹果", [("a", "a"), ("b", "b"), ("c", "c"), ("3", "three"), ("苹", "苹"), ("果", "果")]),
        ("约5 kg/m²", [("约", "约"), ("5", "五公斤每平方米"), ("kg/m²", "")]),
        ("9.8 m/s² 吗", [("9.8", "九点八米每二次方秒"), ("m/s²", ""), ("吗", "吗")]),
        ("5 kg", [("5", "five"), ("kg", "kilograms")]),
        ("ＡＢＣ好", [("ＡＢＣ", "ABC"), ("好", "好")]),
    ],
)  # fmt: skip
def test_a_voice_of_both_languages_reads_each_sentence_in_its_own(text: str, said: list[tuple[str, str]]) -> None:
    assert [(word.written, word.said) for word in read_text(text, han=True)] == said


def test_what_chinese_has_no_reading_for_is_told() -> None:
    words = read_text("你好 привет <b>好</b>", han=True)
    assert [part for word in words for part in word.left_out] == ["привет"]
    assert "".join(part for word in words for part in word.markup) == "<b></b>"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("2月30日开会。", [("2月30日", "二月三十日")]),
        ("13月5日见", [("13月5日", "十三月五日")]),
        ("2023年2月29日", [("2023年2月29日", "二零二三年二月二十九日")]),
        ("到4月31号为止", [("4月31号", "四月三十一号")]),
        ("（２月３０日）", [("２月３０日", "二月三十日")]),
        ("2024-02-30", [("2024-02-30", "二零二四杠零二杠三零")]),
        ("14点75分", [("14点75分", "十四点七十五分")]),
        ("2月29日", []),
        ("2024年2月29日14:30", []),
        ("12月31日24点0分", []),
        ("2024-02-29", []),
        ("0月", []),
        ("3个月5日元", []),
    ],
)
def test_dates_that_do_not_exist_are_told(text: str, named: list[tuple[str, str]]) -> None:
    assert [each for word in read_text(text, han=True) for each in word.named] == named


@given(st.text(st.sampled_from("0123456789.,:%¥$年月个我好，。a B<b>&; é😀"), max_size=40))
def test_no_written_word_is_lost(text: str) -> None:
    for han in (True, False):
        assert [word.written for word in read_text(text, han=han)] == written_words(text)


def test_what_is_compared_with_the_heard_is_in_words() -> None:
    assert spoken_text("Dr. Hale took 50 µg. 还剩5%。") == "doctor Hale took fifty micrograms. 还 剩 百分之五."
    assert spoken_text("$1,000,000.01") == "one million dollars one cent"
