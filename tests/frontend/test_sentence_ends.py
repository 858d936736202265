"""Where sentences end: the same for voices, subtitles, recognition from words and EmotiVoice."""

from __future__ import annotations

import pytest

from emotivoice.frontend import split_sentences as split_with_markup
from pipeline.frontend.sentences import ends_sentence, split_sentences
from pipeline.synthesis.sentences import sentences


@pytest.mark.parametrize(
    "parts",
    [
        ["Dr. J. Smith of the U.S. army came, e.g. Mr. Hale.", "So do I.", "Good."],
        ["Prof. Brown Jr. didn't pay approx. $3.50!", "Why?"],
        ["It is 5 p.m. now…", "On Fifth Ave.", "Yes?!", "I can’t.", "So 'Mr. Hale' said."],
        ["He said “No.”", "Then he left."],
        ["你好！", "OK。", "Really?", "再见!", "好"],
        ["one line\nbroken", "the next paragraph"],
        ["J. R. R. Tolkien; C.S. Lewis."],
    ],
)
def test_everybody_ends_sentences_alike(parts: list[str]) -> None:
    text = " ".join(parts) if "broken" not in parts[0] else "\n\n".join(parts)
    assert split_sentences(text) == parts
    assert list(split_with_markup(text)) == parts
    assert [sentence.text for sentence in sentences(text, han=True)] == [" ".join(part.split()) for part in parts]


@pytest.mark.parametrize(
    ("text", "ends"),
    [("door.", True), ("that?”", True), ("再见！", True), ("Mr.", False), ("B.", False), ("I.", True), ("so,", False),
     ("he came to Dr.", False), ("", False)],
)  # fmt: skip
def test_the_end_of_a_word_is_the_end_of_a_sentence(text: str, ends: bool) -> None:
    assert ends_sentence(text) is ends


@pytest.mark.parametrize("text", ["." * 200_000, "?”" * 100_000, "<" * 200_000, "a." * 100_000, "\n" * 200_000])
def test_no_text_takes_forever(text: str) -> None:
    assert "".join(split_sentences(text)) == text.strip()
    assert not ends_sentence(text + "x")
