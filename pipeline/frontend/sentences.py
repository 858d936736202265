"""Where sentences end: one rule for voices, transcripts, subtitles and recognition from words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Final

from pipeline.frontend.characters import HAN
from pipeline.frontend.english.stops import (
    BEFORE_NAMES,
    BEFORE_NUMBERS,
    DAYS,
    LEADING,
    MEASURES,
    MONTHS,
    OPENERS,
    TITLES,
)

__all__ = ["ends_clause", "ends_sentence", "holds_the_next", "sentence_ends", "sentence_spans", "split_sentences"]

_CLOSING: Final = r"""["'”’»)\]」』”）]*"""
_WIDE_MARKS: Final = "。！？｡؟۔।"
"""Marks that no space needs to follow, and those of other scripts."""
_END: Final = re.compile(
    # Possessive, and from the first mark on only: a line of a hundred thousand dots takes no longer than its length.
    rf"(?<![.!?…])[.!?…]++{_CLOSING}+(?=\s|[{HAN}])|[{_WIDE_MARKS}]+{_CLOSING}|(?<=[{HAN}])[.!?…]++{_CLOSING}|\n\s*\n"
)
_ENDING: Final = re.compile(rf"[.!?…{_WIDE_MARKS}]{_CLOSING}$")
_CLAUSE_ENDING: Final = re.compile(rf"[,;:，、；：—]{_CLOSING}$")
_QUOTED: Final = re.compile(r"""["”’»」』]\s*$""")
_SAID_SO: Final = re.compile(r"[他她它我你您]们?[^。！？，、\s]{0,3}[说道问喊]")
"""Who said in Chinese what stood in quotation marks."""
_ABBREVIATION: Final = re.compile(r"(?<![\w.'’&-])((?:[^\W\d_]{1,2}\.)+[^\W\d_]{1,2}|[^\W\d_]+)\.$")
"""A word before a full stop: `Mr`, or letters with stops between them, such as `U.S` and `Ph.D`."""
_MEASURE: Final = re.compile(r"\d([^\W\d_]+)\.$")
"""A unit that touches its number, before a full stop."""
_LIST_NUMBER: Final = re.compile(r"^\s*\d{1,3}\.$")
_NEXT: Final = re.compile(r"""[\s"'“‘«(\[「『（]*(\w*\.?)""")
"""The word that follows an end, without quotation marks and brackets, with its full stop."""

_FACTORIAL: Final = re.compile(r"(?:\d|\bn|\))!$")
_SIGN: Final = re.compile(r"\s[=+*/×÷≈<>]\s?[\w(]")
"""What follows a factorial: `5! = 120`."""
_ROMAN: Final = re.compile(r"(?:[IVXLC]{2,}|[VX])\.?")
"""A Roman number that is no word."""
_COMPASS: Final = frozenset("N S E W NE NW SE SW".split())
"""What follows the name of a street in an address."""

_NEAR: Final = 40
"""Characters before and after an end that are looked at; no abbreviation is half as long."""


def ends_sentence(text: str, following: str = "") -> bool:
    """Return whether a sentence ends where a word or a text ends; quotes and brackets may follow its mark.

    Args:
        text: Any text.
        following: What comes after it, as far as it is known: a capital letter or a number decides on `U.S.` and `No.`.

    >>> [ends_sentence(word) for word in ("door.", "that?”", "Mr.", "J.", "U.S.", "I.", "你好。", "so,")]
    [True, True, False, False, False, True, True, False]
    >>> ends_sentence("in the U.S.", "He left."), ends_sentence("in the U.S.", "Army")
    (True, False)
    """
    end = text.rstrip()
    return bool(_ENDING.search(end, max(len(end) - _NEAR, 0))) and not _goes_on(end[-_NEAR:], following[:_NEAR])


def sentence_ends(words: Sequence[str]) -> list[bool]:
    """Return for each word whether a sentence ends with it.

    Args:
        words: The words of a text in order, each with the white space that follows it.
    """
    text = "".join(words)
    ends = {start + len(text[start:end].rstrip()) for start, end in sentence_spans(text)}
    starts = accumulate(map(len, words), initial=0)
    return [start + len(word.rstrip()) in ends for start, word in zip(starts, words, strict=False)]


def ends_clause(text: str) -> bool:
    """Return whether a clause, and no sentence, ends where a word or a text ends."""
    end = text.rstrip()
    return bool(_CLAUSE_ENDING.search(end, max(len(end) - _NEAR, 0)))


def holds_the_next(word: str, following: str) -> bool:
    """Return whether a word should stand in one line with the next one: a title, an initial, `No.`, a month.

    >>> holds_the_next("Mr.", "Hale"), holds_the_next("No.", "10"), holds_the_next("No.", "Never")
    (True, True, False)
    """
    match = _ABBREVIATION.search(word.strip())
    if not match:
        return False
    stem, first = match[1].casefold(), following.strip()[:1]
    if first.isdigit():
        return stem in BEFORE_NUMBERS or (stem in MONTHS and match[1][0].isupper())
    return stem in LEADING or (match[1][0].isupper() and first.isupper() and (stem in TITLES or _is_initial(match[1])))


def sentence_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each sentence of a text begins and ends, one after the other, as they are asked for.

    A sentence ends after its mark before a space or a Chinese character, after a Chinese mark, and at an empty line.
    It goes on after an abbreviation, unless a word follows that begins a sentence; after an ellipsis and after
    a quotation if a small letter follows.

    Yields:
        Indices into the text, of the first character and after the last; together they cover it all.
    """
    start = 0
    for match in _END.finditer(text):
        end = match.end()
        if match[0].isspace() or not _goes_on(text[max(start, end - _NEAR) : end], text[end : end + _NEAR]):
            yield start, end
            start = end
    if start < len(text):
        yield start, len(text)


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a text, none of them empty.

    >>> split_sentences("Mr. Brown left the U.S. Army. Did he? Yes!")
    ['Mr. Brown left the U.S. Army.', 'Did he?', 'Yes!']
    """
    pieces = (text[start:end].strip() for start, end in sentence_spans(text))
    return [piece for piece in pieces if piece]


def _goes_on(before: str, after: str) -> bool:
    """Return whether a sentence goes on after the mark that ends `before`.

    Args:
        before: The last characters up to the mark, and what closes after it; from the start of the sentence at most.
        after: The characters that follow.
    """
    found = _NEXT.match(after)
    following = found[1] if found else ""
    small = following[:1].islower()
    bare = before.rstrip("\"'”’»)]」』）")
    if len(bare) < len(before):
        if small or (_QUOTED.search(before) and _SAID_SO.match(after)):
            return True
    elif bare.endswith(("...", "…")):
        return small or ("㐀" <= after[:1] <= "鿿")
    if bare.endswith("!"):
        return bool(_FACTORIAL.search(bare) and _SIGN.match(after))
    if not bare.endswith(".") or bare.endswith(".."):
        return False
    if _LIST_NUMBER.match(bare):
        return bool(following)
    match = _ABBREVIATION.search(bare)
    if match is None and (measure := _MEASURE.search(bare)):
        return measure[1].casefold() in MEASURES and not following[:1].isupper()
    return match is not None and _is_part(match[1], following)


def _is_part(word: str, following: str) -> bool:
    """Return whether the full stop after a word is only a part of it.

    Args:
        word: Without its last stop.
        following: The next word; empty if there is none.
    """
    stem, named = word.casefold(), word[0].isupper()
    capital, number = following[:1].isupper(), following[:1].isdigit()
    # In `A. A. Milne` the second letter is an initial, and no article.
    begins = capital and following.casefold().rstrip(".") in OPENERS and following != "A."
    if stem in LEADING:
        return True
    if stem in TITLES and named:
        # `Main St. He` ends, `St. Louis` does not.
        return not (stem == "st" and begins)
    if stem in ("a.m", "p.m"):
        zone = len(following) > 1 and following[:2].isupper()
        return not capital or zone or following.casefold()[:3] in MONTHS | DAYS
    if (stem in MONTHS or stem in DAYS) and named:
        return not capital
    if stem in MEASURES:
        return not capital or following.rstrip(".") in _COMPASS
    if stem in BEFORE_NAMES or "." in stem or _is_initial(word):
        return not begins
    return stem in BEFORE_NUMBERS and (number or bool(_ROMAN.fullmatch(following)))


def _is_initial(word: str) -> bool:
    return len(word) == 1 and word.isascii() and word not in "Ii"
