"""espeak tells when it says each word, also those that it says in one breath."""

from __future__ import annotations

import pytest

from pipeline.synthesis.espeak import Espeak
from pipeline.synthesis.sentences import sentences


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "He lives on the third floor, 9 out of 10, in the U.S. Army."),
        ("en", "Of all the things that I had to do, it was the last."),
        ("zh", "会议于下午2:30在1号楼201室举行。"),
        ("zh", "涨幅超过10个百分点，三大运营商5G用户超10.1亿户。"),
        ("zh", "第1名，东北风3级。"),
    ],
)
def test_every_word_has_its_time(language: str, text: str) -> None:
    (sentence,) = sentences(text, han=language == "zh")
    audio, spans = Espeak(language).say(sentence)
    words = sentence.words(spans)
    assert [word.text for word in words] == [token.written for token in sentence.tokens]
    assert all(word.start < word.end <= audio.duration for word in words)
    assert [word.end for word in words[:-1]] == pytest.approx([word.start for word in words[1:]])
