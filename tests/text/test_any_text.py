"""Whatever is read gives scores or a clear error."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.core.errors import UsageError
from pipeline.frontend.sentences import split_sentences
from pipeline.recognition.text.tokens import cut, spelled

ANY = st.text(st.characters(codec=None), max_size=300)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=ANY)
def test_any_unicode_gives_scores_or_says_that_there_is_nothing(tiny_recogniser, text):
    try:
        found = tiny_recogniser.read(text)
    except UsageError:
        with pytest.raises(UsageError, match="no text"):
            tiny_recogniser.recognise(text)
        return
    for part in (found, *found.sentences):
        assert np.isclose(sum(part.scores.probabilities), 1)
        assert part.scores.top in tiny_recogniser.card.labels


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=400))
def test_sentences_lose_nothing(text):
    assert "".join("".join(split_sentences(text)).split()) == "".join(text.split())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.sampled_from("abcxyz .,!é中😀"), min_size=1, max_size=400), longest=st.integers(4, 20))
def test_pieces_are_short_enough_and_keep_the_words(tiny_recogniser, text, longest):
    tokens = tiny_recogniser._cut
    pieces = cut(text, tokens, longest)
    if len(tokens(spelled(text))) <= longest:
        assert pieces == [text]
        return
    assert all(len(tokens(spelled(piece))) <= longest for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(spelled(text).split())


@pytest.mark.parametrize("text", ["", " \t\n", "\x00\x01", "\u200b"])
def test_empty_text_says_so(tiny_recogniser, text):
    with pytest.raises(UsageError, match="no text"):
        tiny_recogniser.recognise(text)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("You love it! ? ! You hate it.", ["You love it! ? !", "You hate it."]),
        ("... You love it. 😡. You hate it.", ["...", "You love it.", "😡.", "You hate it."]),
        ("! ? " * 3, []),
    ],
)
def test_marks_alone_are_no_sentence(tiny_recogniser, text, parts):
    assert [part.text for part in tiny_recogniser.read(text).sentences] == parts


def test_ten_thousand_words_are_cut_into_sentences_with_their_own_scores(tiny_recogniser):
    text = " ".join(["You love it so, it was wonderful."] * 700 + ["I hate you and the rage!"] * 900)
    assert len(text.split()) > 10_000
    found = tiny_recogniser.read(text)
    assert [part.scores.top for part in found.sentences] == ["happy"] * 700 + ["angry"] * 900
    assert set(found.emotions) >= {"happy", "angry"}
    assert found.to_dict()["sentences"][0]["text"] == "You love it so, it was wonderful."
    assert 0.2 < dict(zip(found.scores.labels, found.scores.probabilities, strict=True))["happy"] < 0.8


def test_words_without_an_end_are_cut_too(tiny_recogniser):
    found = tiny_recogniser.read("happy " * 5000)
    assert len(found.sentences) > 100
    assert found.scores.top == "happy"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One.", ["One."]),
        ("Mr. Brown said no. Why?", ["Mr. Brown said no.", "Why?"]),
        ("“Never!” she said. “No!”", ["“Never!” she said.", "“No!”"]),
        ("他走了。真的？是！", ["他走了。", "真的？", "是！"]),
        ("It costs 3.50 today", ["It costs 3.50 today"]),
        ("...", ["..."]),
        ("one\n\ntwo", ["one", "two"]),
    ],
)
def test_where_sentences_end(text, parts):
    assert split_sentences(text) == parts


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Gone 😢", "Gone  crying face "),
        ("❤️ it", " heavy black heart \ufe0f it"),
        ("20 °C ± 1 → 3 ⣿ ©", "20 °C ± 1 → 3 ⣿ ©"),
        ("no half \ud800", "no half ?"),
        ("plain", "plain"),
    ],
)
def test_pictures_are_read_by_their_names(text, read):
    assert spelled(text) == read
    assert spelled(read) == read


def test_a_text_of_pictures_is_shown_as_it_was_given(tiny_recogniser):
    found = tiny_recogniser.read("😢 Bad. 😀" * 3)
    assert [part.text for part in found.sentences] == ["😢 Bad.", "😀😢 Bad.", "😀😢 Bad.", "😀"]
    long = tiny_recogniser.read("😢" * 200)
    assert long.text == "😢" * 200
    assert "".join(part.text for part in long.sentences).replace(" ", "") == "cryingface" * 200


def test_other_letters_are_warned_of(tiny_recogniser):
    found = tiny_recogniser.recognise("я очень рад")
    assert found.warnings
    assert found.unsure
    assert not tiny_recogniser.recognise("je suis très content").warnings
