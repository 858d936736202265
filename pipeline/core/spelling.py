"""Words that people type: British beside American spelling, and the known word that an unknown one is nearest to."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Final

__all__ = ["american", "did_you_mean", "nearest"]

_ENDINGS: Final = tuple(
    (re.compile(pattern), american)
    for pattern, american in (
        (r"(?<=\w{3})is(?=(e|ed|er|ers|es|ing|ation|ations)\b)", "iz"),
        (r"(?<=\w{2})ys(?=(e|ed|er|ers|es|ing)\b)", "yz"),
        (r"(?<=\w{2})our(?=(s|ed|ing|ful|less|able|ite)?\b)", "or"),
        (r"(?<=licen)c(?=e)|(?<=defen)c(?=e)", "s"),
        (r"(?<=\w{2})tre(?=s?\b)", "ter"),
        (r"(?<=\w[aeiou])ll(?=(ed|ing|er)\b)", "l"),
        (r"(?<=\w{3}og)ue(?=s?\b)", ""),
        (r"\bgrey", "gray"),
        (r"\bsceptic", "skeptic"),
    )
)
"""British spellings that differ by rule, and what stands for them. A word that only looks like one (noise, four) is
changed as well: both sides of a comparison go through the same rules."""

_LIKENESS: Final = 0.7
"""Likeness in [0, 1] from which a known word is proposed for an unknown one; set by hand on the table of commands."""


def american(word: str) -> str:
    """Return a word in lower case and as Americans spell it, for comparisons; not for people to read.

    >>> american("Recognise"), american("diariser"), american("licences"), american("colour")
    ('recognize', 'diarizer', 'licenses', 'color')
    """
    folded = word.casefold()
    for ending, spelled in _ENDINGS:
        folded = ending.sub(spelled, folded)
    return folded


def nearest(word: str, known: Iterable[str], *, count: int = 1, likeness: float = _LIKENESS) -> list[str]:
    """Return the known words that are spelled most like a word, the nearest first; none if none is near.

    Args:
        word: What somebody typed, in any case.
        known: The words that would be understood.
        count: How many to return at most.
        likeness: From 0 to 1: how near a word must be.

    >>> nearest("hapy", ["happy", "sad"]), nearest("qwerty", ["happy", "sad"])
    (['happy'], [])
    >>> nearest("lisences", ["listen", "licenses"])
    ['licenses']
    """
    folded: dict[str, str] = {}
    for name in known:
        folded.setdefault(american(name), name)
    typed = american(word)
    # Swapped letters are the commonest slip, and difflib finds few of them alike.
    swapped = [name for name in folded if name[:1] == typed[:1] and sorted(name) == sorted(typed)]
    near = difflib.get_close_matches(typed, folded, n=count, cutoff=likeness)
    return [folded[name] for name in dict.fromkeys([*swapped, *near])][:count]


def did_you_mean(word: str, known: Iterable[str], *, count: int = 1, likeness: float = _LIKENESS) -> str:
    """Return a question that proposes the nearest known words, with a space after it; empty if none is near.

    >>> did_you_mean("yongman", ["youngman", "smallgirl"])
    'Did you mean youngman? '
    """
    near = nearest(word, known, count=count, likeness=likeness)
    return f"Did you mean {' or '.join(near)}? " if near else ""
