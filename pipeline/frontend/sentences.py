"""Where sentences end: one rule for voices, transcripts, subtitles and recognition from words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pipeline.frontend.characters import HAN
from pipeline.frontend.english.abbreviations import ABBREVIATIONS, READ_OUT, SAINT_OR_STREET

__all__ = ["ends_clause", "ends_sentence", "sentence_spans", "split_sentences"]

_CLOSING: Final = r"""["'”’»)\]」』）]*"""
_END: Final = re.compile(
    # Possessive, and from the first mark on only: a line of a hundred thousand dots takes no longer than its length.
    rf"(?<![.!?…])[.!?…]++{_CLOSING}+(?=\s|[{HAN}])|[。！？]+{_CLOSING}|(?<=[{HAN}])[.!?…]+{_CLOSING}|\n\s*\n"
)
_ENDING: Final = re.compile(rf"[.!?…。！？]{_CLOSING}$")
_CLAUSE_ENDING: Final = re.compile(rf"[,;:，、；：—]{_CLOSING}$")
_ABBREVIATION: Final = re.compile(
    rf"(?<![\w.])(?:{'|'.join(map(re.escape, (*ABBREVIATIONS, *READ_OUT, SAINT_OR_STREET)))}|(?:[a-z]\.){{2,}})$"
    r"|(?<![\w.'’])[a-hj-z]\.$",
    re.IGNORECASE,
)
"""What a full stop is part of: abbreviations, initials except the word `I`, and letters such as `U.S.`."""

_NEAR: Final = 24
"""Characters before an end that are looked at for an abbreviation; none is half as long."""


def ends_sentence(text: str) -> bool:
    """Return whether a sentence ends where a word or a text ends; quotes and brackets may follow its mark.

    >>> [ends_sentence(word) for word in ("door.", "that?”", "Mr.", "J.", "U.S.", "I.", "你好。", "so,")]
    [True, True, False, False, False, True, True, False]
    """
    end = text.rstrip()
    return bool(_ENDING.search(end, max(len(end) - _NEAR, 0))) and not _ABBREVIATION.search(end[-_NEAR:])


def ends_clause(text: str) -> bool:
    """Return whether a clause, and no sentence, ends where a word or a text ends."""
    end = text.rstrip()
    return bool(_CLAUSE_ENDING.search(end, max(len(end) - _NEAR, 0)))


def sentence_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each sentence of a text begins and ends, one after the other, as they are asked for.

    A sentence ends after its mark before a space or a Chinese character, after a Chinese mark, and at an empty line.

    Yields:
        Indices into the text, of the first character and after the last; together they cover it all.
    """
    start = 0
    for match in _END.finditer(text):
        if match[0].isspace() or not _ABBREVIATION.search(text[max(start, match.end() - _NEAR) : match.end()]):
            yield start, match.end()
            start = match.end()
    if start < len(text):
        yield start, len(text)


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a text, none of them empty.

    >>> split_sentences("Mr. Brown left. Did he? Yes!")
    ['Mr. Brown left.', 'Did he?', 'Yes!']
    """
    pieces = (text[start:end].strip() for start, end in sentence_spans(text))
    return [piece for piece in pieces if piece]
