"""Transcripts are cut after sentences."""

from __future__ import annotations

import pytest

from pipeline.core.values import Segment, Word
from pipeline.transcripts.sentences import cut_by_sentence


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("One two three. Four five six.", ["One two three.", "Four five six."]),
        ("One. Two three four. Five six seven!", ["One. Two three four.", "Five six seven!"]),
        ("One two three. Four.", ["One two three. Four."]),
        ("Did you “see that?” Yes I did see.", ["Did you “see that?”", "Yes I did see."]),
        ("No end at all here", ["No end at all here"]),
        ("So we met old Dr. Hale at home", ["So we met old Dr. Hale at home"]),
        ("I left the U.S. Army in May. Now I farm.", ["I left the U.S. Army in May.", "Now I farm."]),
        ("We meet at 5 p.m. tomorrow at home", ["We meet at 5 p.m. tomorrow at home"]),
        ("He lives in the U.S. She lives in Rome.", ["He lives in the U.S.", "She lives in Rome."]),
    ],
)
def test_segments_are_cut_after_sentences_that_are_long_enough(text, pieces):
    words = tuple(Word(word, float(n), n + 0.9) for n, word in enumerate(text.split()))
    segment = Segment(0.0, float(len(words)), text, words, speaker="speaker 1")
    found = list(cut_by_sentence([segment]))
    assert [piece.text for piece in found] == pieces
    assert tuple(word for piece in found for word in piece.words) == words
    assert {piece.speaker for piece in found} == {"speaker 1"}


def test_sentences_without_words_are_not_cut():
    segment = Segment(0.0, 9.0, "One two. Three four.")
    assert list(cut_by_sentence([segment])) == [segment]
