"""English is read as a careful native speaker reads it: a table in the classes of text normalisation, its limits."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from readings import Case, english_cases, folded

from pipeline.frontend.english.capitals import sounds_spelled
from pipeline.frontend.english.normalisation import normalise_english, read_words
from pipeline.frontend.words import WordReading
from tests.growth import grows_in_step

_PARTS = st.sampled_from(
    "a the I A US UN $ £ € ¢ µg km/h °C ° % 5 10 1999 2½ 1/2 3.14 1,000 10:30 p.m. May Jan. Dr. St. No. VIII x² H2O @ #"
    " & + - – — ( ) [ ] < > <b> </b> &amp; :) 😀 привет 你好 α √ ± ≤ / \\ _ * ** ` ~ = . , ; : ! ? ' \" ’ “ ” … Zoë w/o"
    " a@b.co www.a.com #Tag v1.2 C++ +1 555-0199 Nf3 \u200b \ue000 ﬁ １２ ٣ 𝟜".split(" ")
)


@pytest.mark.parametrize("case", english_cases(), ids=lambda case: f"{case.group}: {case.written}")
def test_english_is_read_as_people_read_it(case: Case) -> None:
    assert folded(normalise_english(case.written)) in case.readings


@pytest.mark.parametrize(
    ("text", "read_as"),
    [
        ("Take 50 µg daily.", [None, "fifty", "micrograms", None]),
        ("a loss of $3.2 million", [None, None, None, "three point two", "million dollars"]),
        ("on 3 May 2024", [None, "the third of", None, "twenty twenty four"]),
        ("1 1/2 cups", ["one and", "a half", None]),
        ("The U.S. won 3 - 2", [None, None, None, "three", "to", "two"]),
        ("AT&T paid A LOT", ["A T and T", None, None, None]),
        ("<b>Hello</b> Zoë’s well-known café", ["Hello", None, None, None]),
        ("6 ft 2 in", ["six", "feet", "two", "inches"]),
        ("10 000 people", ["ten thousand", "", None]),
    ],
)
def test_each_written_word_has_what_is_said_for_it(text: str, read_as: list[str | None]) -> None:
    words = read_words(text)
    assert [word.written for word in words] == text.split()
    assert [word.read_as for word in words] == read_as


@pytest.mark.parametrize(
    ("text", "said", "word"),
    [
        ("Fine 😀", "Fine, grinning face", WordReading("😀", "grinning face", named=(("😀", "grinning face"),))),
        ("Fine ⚗ now", "Fine, alembic, now", WordReading("⚗", "alembic,", named=(("⚗", "alembic"),))),
        ("He said привет.", "He said.", WordReading("привет.", "", left_out=("привет",))),
        ("a \ue000 b", "a b", WordReading("\ue000", "", left_out=("\ue000",))),
        ("https://a.org", "ay dot org", WordReading("https://a.org", "ay dot org", markup=("https://",))),
        ("Take 5 Mg.", "Take five M G.", WordReading("5", "five", named=(("5 Mg", "five M G"),))),
        (
            "at 12:60", "at twelve colon sixty",
            WordReading("12:60", "twelve colon sixty", named=(("12:60", "twelve colon sixty"),)),
        ),
        ("Hi <br/> you", "Hi you", WordReading("<br/>", "", markup=("<br/>",))),
    ],
)  # fmt: skip
def test_what_has_no_reading_is_named_or_told(text: str, said: str, word: WordReading) -> None:
    assert normalise_english(text) == said
    assert [each for each in read_words(text) if each.is_remarkable] == [word]


@settings(deadline=None, max_examples=400)
@given(st.lists(_PARTS, max_size=8).map(" ".join) | st.lists(_PARTS, max_size=6).map("".join) | st.text(max_size=40))
def test_nothing_is_dropped_in_silence(text: str) -> None:
    words = read_words(text)
    assert [word.written for word in words] == [word.written for word in read_words(text, han=True)]
    for word in words:
        assert word.said.isascii()
        assert not any(character.isdigit() for character in word.said)
    told = "".join(word.said + "".join((*word.left_out, *word.markup)) for word in words)
    if any(unicodedata.category(character)[0] in "LN" for character in text):
        assert told.strip(".,;:!? -")


@pytest.mark.parametrize(
    "piece",
    ["1", "1,", "a.", "A ", "1-", "(", "<", "$", "_a", "1/2 ", "a@", "x²", "'6 ", "I ", "/a", ". ", "A.B", "1 ", "H2",
     '1" ', "1,5 ", "<!--", "10/20/", "3x - 2 ", "5 A ", "1 234 ", "😀"],
)  # fmt: skip
def test_no_text_takes_forever(piece: str) -> None:
    assert grows_in_step(read_words, piece, 1_000)


@pytest.mark.parametrize("word", ["O'CLOCK", "CAN'T", "A'S"])
def test_words_with_marks_are_not_spelled(word: str) -> None:
    assert not sounds_spelled(word)
