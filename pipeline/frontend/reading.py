"""Any text as it is spoken, for voices of English and for those that read Chinese too."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Final

from pipeline.frontend.characters import HAN, plain_english
from pipeline.frontend.chinese.normalisation import normalise_chinese
from pipeline.frontend.english.normalisation import read_words
from pipeline.frontend.sentences import sentence_spans
from pipeline.frontend.words import WordReading, written_words

__all__ = ["read_text", "spoken_text"]

_HAN: Final = re.compile(f"[{HAN}]")
_LATIN_WORD: Final = re.compile("[A-Za-z]+")
_MARKS: Final = str.maketrans("。！？，、；：", ".!?,,;:")
_UNREAD: Final = re.compile(rf"[^\x00-\x7f{HAN}\w\s·—–…“”‘’《》〈〉（）「」『』【】]+|[^\W\da-zA-Z{HAN}]+")


def read_text(text: str, *, han: bool = False) -> list[WordReading]:
    """Return the written words of a sentence, each with what is said for it.

    Args:
        text: One sentence.
        han: Whether the voice reads Chinese. It then reads a sentence as Chinese that has as many Chinese characters
            as words in Latin letters, or none of both.

    >>> [(word.written, word.said) for word in read_text("还剩5%。", han=True)]
    [('还', '还'), ('剩', '剩'), ('5%。', '百分之五.')]
    """
    if han and len(_HAN.findall(text)) >= len(_LATIN_WORD.findall(text)):
        return _read_chinese(text)
    return read_words(text, han=han)


def spoken_text(text: str) -> str:
    """Return a text of any length in the words that are said for it, to compare it with what was heard.

    >>> spoken_text("Take 50 µg. I agree.")
    'Take fifty micrograms. I agree.'
    """
    spans = sentence_spans(text)
    words = (word.said for start, end in spans for word in read_text(text[start:end], han=True) if word.said)
    return " ".join(words)


def _read_chinese(text: str) -> list[WordReading]:
    """Return the words of a Chinese sentence; what is said as it is written ties the two together."""
    written = written_words(text)
    spoken = normalise_chinese(text)
    owner = [number for number, word in enumerate(written) for _ in word]
    said = [""] * len(written)
    matcher = SequenceMatcher(None, "".join(written), spoken, autojunk=False)
    for kind, first, _, start, end in matcher.get_opcodes():
        for offset in range(end - start):
            place = first + offset if kind == "equal" else first
            said[owner[min(place, len(owner) - 1)]] += spoken[start + offset]
    plain = (plain_english(each.translate(_MARKS)) for each in said)
    return [
        WordReading(word, each, left_out=tuple(_UNREAD.findall(each)))
        for word, each in zip(written, plain, strict=True)
    ]
