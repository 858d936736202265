"""Any text becomes sentences that a voice can say."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.errors import NoSpeech
from pipeline.synthesis.sentences import Span, sentences


@pytest.mark.parametrize(
    ("text", "asks", "openly"),
    [
        ("You will come?", True, False),
        ("Will you come.", False, False),
        ("Who will come?", True, True),
        ("你要来？", True, False),
        ("几乎没人要来？", True, False),
        ("你要来吗？", True, True),
        ("你叫什么名字？", True, True),
        ("你是不是要来？", True, True),
        ("你有没有时间？", True, True),
        ("现在几点？", True, True),
        ("哪里？", True, True),
    ],
)
def test_questions_tell_whether_they_need_to_rise(text: str, asks: bool, openly: bool) -> None:
    (sentence,) = sentences(text, han=True)
    assert (sentence.asks, sentence.asks_openly) == (asks, openly)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        (
            "Dr. J. Smith came, e.g. Mr. Hale. So do I. Good.",
            ["Dr. J. Smith came, e.g. Mr. Hale.", "So do I.", "Good."],
        ),
        ("It costs 3.50 now", ["It costs 3.50 now"]),
        ('He said "No." Then left…', ['He said "No."', "Then left…"]),
        ("A title\n\nA paragraph", ["A title", "A paragraph"]),
        ("one line\nbroken", ["one line broken"]),
    ],
)
def test_sentences_end_where_they_end(text: str, expected: list[str]) -> None:
    assert [sentence.text for sentence in sentences(text)] == expected


def test_chinese_is_said_where_the_voice_reads_it() -> None:
    first, second = sentences("你好，世界。再见！", han=True)
    assert first.said == "你好,世界."
    assert second.text == "再见！"


def test_a_word_said_as_several_is_one_word() -> None:
    (sentence,) = sentences("for $5.50 & more")
    assert sentence.said == "for five dollars fifty cents and more"
    spans = [Span(0, 0.0, 0.2), Span(4, 0.2, 0.5), Span(17, 0.5, 0.9), Span(29, 0.9, 1.0), Span(33, 1.0, 1.3)]
    words = sentence.words(spans)
    assert [(word.text, word.start, word.end, word.read_as) for word in words] == [
        ("for", 0.0, 0.2, None), ("$5.50", 0.2, 0.9, "five dollars fifty cents"), ("&", 0.9, 1.0, "and"),
        ("more", 1.0, 1.3, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("pay -$1,234,567.89 now",
         {"-$1,234,567.89": "minus one million two hundred thirty four thousand five hundred sixty seven dollars"
          " eighty nine cents"}),
        ("10 000 people", {"10 000": "ten thousand"}),
        ("a long way – 3 km – off", {"3": "three", "km": "kilometers"}),
    ],
)  # fmt: skip
def test_a_sum_is_one_word(text: str, words: dict[str, str]) -> None:
    (sentence,) = sentences(text)
    assert {token.written: token.read_as for token in sentence.tokens if token.read_as} == words


def test_a_book_is_read_lazily() -> None:
    assert [each.text for each in itertools.islice(sentences("Read on. " * 10_000), 2)] == ["Read on.", "Read on."]


@given(st.text())
def test_nothing_but_plain_text_reaches_a_voice(text: str) -> None:
    try:
        said = [sentence.said for sentence in sentences(text)]
    except NoSpeech:
        return
    assert said
    for sentence in said:
        assert 0 < len(sentence) <= 300
        assert sentence.isascii()
        assert not set(sentence) & set('"\\()<>[]{}`#|\n\r\0')
