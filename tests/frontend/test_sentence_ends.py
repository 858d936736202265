"""Where sentences end: the same for voices, subtitles, recognition from words and EmotiVoice."""

from __future__ import annotations

import re

import pytest
from sentence_table import TEXTS

from emotivoice.frontend import split_sentences as split_with_markup
from pipeline.frontend.sentences import ends_sentence, holds_the_next, sentence_ends, split_sentences
from pipeline.synthesis.sentences import sentences


@pytest.mark.parametrize("row", TEXTS)
def test_everybody_ends_sentences_alike(row: str) -> None:
    text, parts = row.replace("|", ""), [part.strip() for part in row.split("|")]
    assert split_sentences(text) == parts
    assert list(split_with_markup(text)) == parts
    assert [letters(sentence.text) for sentence in sentences(text, han=True)] == [letters(part) for part in parts]
    spaced = re.findall(r"\S+\s*", text)
    ends = [end for end in _ends(row) if end < len(text)]
    places = [match.end() for match in re.finditer(r"\S+", text)]
    # Where no space stands between two sentences, as in Chinese, no word ends there.
    assert [place for place, end in zip(places[:-1], sentence_ends(spaced), strict=False) if end] == [
        end for end in ends if end in places
    ]


def letters(text: str) -> str:
    return re.sub(r"\W", "", text)


def _ends(row: str) -> list[int]:
    pieces = row.split("|")
    return [len("".join(pieces[:number]).rstrip()) for number in range(1, len(pieces))]


@pytest.mark.parametrize("row", [row for row in TEXTS if "|" not in row or "Mr" in row or "No." in row])
def test_a_word_alone_says_no_more_than_its_text(row: str) -> None:
    """What is known of the next words decides: alone, an abbreviation never ends a sentence."""
    for part in row.split("|"):
        words = part.split()
        for number, word in enumerate(words[:-1], start=1):
            if not word.endswith(("?", "!", "...", "…", "?”", "!”")):
                assert not ends_sentence(" ".join(words[:number]), " ".join(words[number:]))


@pytest.mark.parametrize(
    ("text", "ends"),
    [("door.", True), ("that?”", True), ("再见！", True), ("Mr.", False), ("B.", False), ("I.", True), ("so,", False),
     ("he came to Dr.", False), ("", False)],
)  # fmt: skip
def test_the_end_of_a_word_is_the_end_of_a_sentence(text: str, ends: bool) -> None:
    assert ends_sentence(text) is ends


@pytest.mark.parametrize(
    ("word", "following", "holds"),
    [("Mr.", "Hale", True), ("Dr.", "who", True), ("J.", "Smith", True), ("No.", "10", True), ("No.", "Never", False),
     ("Feb.", "3", True), ("St.", "Louis", True), ("e.g.", "apples", True), ("door.", "He", False),
     ("so", "He", False), ("rep.", "Then", False), ("I.", "We", False), ("5.", "Then", False), ("p.", "42", True)],
)  # fmt: skip
def test_what_stays_in_one_line_with_the_next_word(word: str, following: str, holds: bool) -> None:
    assert holds_the_next(word, following) is holds


@pytest.mark.parametrize("text", ["." * 200_000, "?”" * 100_000, "<" * 200_000, "a." * 100_000, "\n" * 200_000])
def test_no_text_takes_forever(text: str) -> None:
    assert "".join(split_sentences(text)) == text.strip()
    assert not ends_sentence(text + "x")
