"""Any text as it is spoken, for voices of English and for those that read Chinese too."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Final

from pipeline.frontend.characters import HAN, plain_english
from pipeline.frontend.english.normalisation import read_words
from pipeline.frontend.sentences import sentence_spans
from pipeline.frontend.words import WRITTEN_WORD, WordReading

__all__ = ["is_chinese", "read_text", "spoken_text"]

_HAN: Final = re.compile(f"[{HAN}]")
_TAG: Final = re.compile("<[^<>]*>")
_MARKS: Final = str.maketrans("。！？，、；：", ".!?,,;:")
_UNREAD: Final = rf"[^\x00-\x7f{HAN}\w\s·—–…“”‘’《》〈〉（）「」『』【】]+|[^\W\da-zA-Z{HAN}]+"
"""Not compiled before it is needed: two sets of Chinese characters take some milliseconds."""


def read_text(text: str, *, han: bool = False) -> list[WordReading]:
    """Return the written words of a sentence, each with what is said for it.

    Args:
        text: One sentence.
        han: Whether the voice reads Chinese. It then reads a sentence as Chinese that has as many Chinese characters
            as words in Latin letters, or none of both. The units of numbers are words of no language.

    >>> [(word.written, word.said) for word in read_text("还剩5%。", han=True)]
    [('还', '还'), ('剩', '剩'), ('5%。', '百分之五.')]
    """
    if han and len(_HAN.findall(text)) >= _latin_words(_TAG.sub("", text)):
        return _read_chinese(text)
    return read_words(text, han=han)


def is_chinese(text: str) -> bool:
    """Return whether a text of any length has as many Chinese characters as words in Latin letters.

    >>> is_chinese("今天股市上涨3.5%。"), is_chinese("He said 你好 to me."), is_chinese("3.5%")
    (True, False, False)
    """
    characters = len(_HAN.findall(text))
    return characters > 0 and characters >= _latin_words(_TAG.sub("", text))


def spoken_text(text: str, *, han: bool | None = None) -> str:
    """Return a text of any length in the words that are said for it, to compare it with what was heard.

    Args:
        text: Any text.
        han: Whether its numbers and signs are read as Chinese; by default if it holds Chinese characters.

    >>> spoken_text("Take 50 µg. I agree.")
    'Take fifty micrograms. I agree.'
    """
    han = _HAN.search(text) is not None if han is None else han
    spans = sentence_spans(text)
    words = (word.said for start, end in spans for word in read_text(text[start:end], han=han) if word.said)
    return " ".join(words)


def _latin_words(text: str) -> int:
    """Return how many words in Latin letters a text has; beside Chinese characters, units do not count."""
    words = _HAN.sub(" ", text).split()
    letters = [word for word in words if re.search("[A-Za-z]", word)]
    if not _HAN.search(text):
        return len(letters)
    units = sum(word[0].isdecimal() for word in letters)
    units += sum(
        before[-1].isdecimal() and word[0].isalpha() and re.search("[A-Za-z]", word) is not None
        for before, word in pairwise(words)
    )
    return len(letters) - units


def _read_chinese(text: str) -> list[WordReading]:
    """Return the words of a Chinese sentence, each with the part of what is said that stands for it."""
    # Its rules take a tenth of a second to compile, which English need not wait for.
    from pipeline.frontend.chinese.moments import impossible_moments
    from pipeline.frontend.chinese.normalisation import read_chinese

    words = list(WRITTEN_WORD.finditer(text))
    owner: list[int] = []  # For each character, the index of its word; spaces belong to the word before.
    for number, end in enumerate([word.start() for word in words[1:]] + [len(text)]):
        owner += [number] * (end - len(owner))
    said, markup = [""] * len(words), [""] * len(words)
    place = 0
    for written, spoken in read_chinese(text) if words else ():
        if written == spoken:
            for offset, character in enumerate(written):
                said[owner[place + offset]] += character
            place += len(written)
            continue
        # What is said as it is written ties the rest to its place, such as the words beside a tag.
        matcher = SequenceMatcher(None, written, spoken, autojunk=False)
        for kind, first, last, start, end in matcher.get_opcodes():
            for offset in range(end - start):
                source = min(first + (offset if kind == "equal" else 0), len(written) - 1)
                said[owner[place + source]] += spoken[start + offset]
            if kind == "delete" and written[first] == "<":
                markup[owner[place + first]] += written[first:last]
        place += len(written)
    plain = [" ".join(plain_english(each.translate(_MARKS)).split()) for each in said]
    named: dict[int, list[tuple[str, str]]] = {}
    for start, end in impossible_moments(text):
        first = owner[start]
        spoken = "".join(plain[first : owner[end - 1] + 1]).strip(".,;:!?()")
        named.setdefault(first, []).append((text[start:end], spoken))
    return [
        WordReading(
            word[0], each, tuple(named.get(number, ())), tuple(re.findall(_UNREAD, each)), (tags,) if tags else ()
        )
        for number, (word, each, tags) in enumerate(zip(words, plain, markup, strict=True))
    ]
