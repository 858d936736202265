"""The word error rate of a transcript."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.frontend.characters import HAN
from pipeline.frontend.english.spoken_words import spoken_words
from pipeline.frontend.reading import spoken_text

__all__ = ["word_error_rate", "word_errors"]


def word_errors(reference: str, hypothesis: str) -> tuple[int, int]:
    """Count the words to substitute, delete or insert to turn the transcript into what was said.

    Both texts are compared as they are spoken: case and punctuation do not count, `Mr.` is `mister`, `3` is `three`,
    and every Chinese character counts as a word. Numbers are read as Chinese if what was said is.

    Args:
        reference: What was said.
        hypothesis: The transcript.

    Returns:
        The number of wrong words, and the number of words of the reference.
        Add them up over clips before dividing.
    """
    if re.search(f"[{HAN}]", reference):
        reference, hypothesis = spoken_text(reference, han=True), spoken_text(hypothesis, han=True)
    said, heard = spoken_words(reference), spoken_words(hypothesis)
    return _edit_distance(said, heard), len(said)


def word_error_rate(reference: str, hypothesis: str) -> float:
    """Return wrong words as a share of the words of the reference.

    It may exceed 1. For an empty reference it is 0 if the transcript is empty, otherwise 1.

    >>> word_error_rate("Kids are talking by the door.", "kids were talking by the door")
    0.16666666666666666
    """
    wrong, words = word_errors(reference, hypothesis)
    return wrong / words if words else float(wrong > 0)


def _edit_distance(first: Sequence[str], second: Sequence[str]) -> int:
    """Return the Levenshtein distance."""
    row = list(range(len(second) + 1))
    for i, left in enumerate(first, start=1):
        diagonal, row[0] = row[0], i
        for j, right in enumerate(second, start=1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (left != right))
    return row[-1]
