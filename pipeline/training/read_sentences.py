"""Sentences to be read aloud, chosen from a corpus of texts: what a teacher says for a student to learn from."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from pipeline.core.errors import UsageError
from pipeline.frontend.english.lexicon import look_up
from pipeline.frontend.english.reading import ReadWord, read_sentence

__all__ = ["ChosenSentence", "chosen_sentences"]

_FEWEST_WORDS: Final = 2
"""Words of the shortest sentence: one alone is spoken like no other."""
_MOST_WORDS: Final = 24
"""Words of the longest sentence, so that batches are of one size."""
_SENTENCE: Final = re.compile(r"[^.!?]+[.!?]*")
"""A sentence of a line."""
_PLAIN: Final = re.compile(r"[A-Za-z0-9 ,.;:!?'$%-]+")
"""What the teacher reads without guessing."""


class ChosenSentence(NamedTuple):
    """A sentence that can be read without guessing."""

    text: str
    """As it was written."""
    words: list[ReadWord]
    """As it is read."""


def chosen_sentences(texts: Path, count: int, seed: int) -> list[ChosenSentence]:
    """Choose sentences that a teacher can read without guessing.

    A sentence is taken if it is plain English of 2 to 24 words that the lexicon has, and no other like it was taken.

    Args:
        texts: A file with a text on every line, up to the first tab.
        count: How many sentences are wanted.
        seed: Of the choice.

    Raises:
        UsageError: The file cannot be read, or holds too few such sentences.
    """
    try:
        lines = texts.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The texts in {texts} cannot be read: {error}.") from error
    random.Random(seed).shuffle(lines)  # noqa: S311
    chosen = list(islice(_sentences(lines), count))
    if len(chosen) < count:
        raise UsageError(f"{texts} holds {len(chosen)} sentences that can be read aloud, and {count} are wanted.")
    return chosen


def _sentences(lines: list[str]) -> Iterator[ChosenSentence]:
    seen = set()
    for line in lines:
        for match in _SENTENCE.finditer(line.partition("\t")[0].replace("’", "'")):
            text = match[0].strip()
            words = re.findall(r"[A-Za-z']+", text)
            if (
                text.lower() in seen
                or not _PLAIN.fullmatch(text)
                or not _FEWEST_WORDS <= len(text.split()) <= _MOST_WORDS
                or any(len(word) > 1 and word.isupper() for word in words)
                or not all(look_up(word.strip("'").lower()) for word in words)
            ):
                continue
            seen.add(text.lower())
            read = read_sentence(text)
            if _FEWEST_WORDS <= len(read) <= 2 * _MOST_WORDS:
                yield ChosenSentence(text, read)
