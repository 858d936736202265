"""Sentences to be read aloud, chosen from a corpus of texts: what a teacher says for a student to learn from."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from pipeline.core.errors import UsageError
from pipeline.core.messages import reason
from pipeline.frontend.english.lexicon import look_up
from pipeline.frontend.english.reading import read_sentence
from pipeline.frontend.sentences import split_sentences

__all__ = ["chosen_sentences"]

_FEWEST_WORDS: Final = 2
"""Words of the shortest sentence: one alone is spoken like no other."""
_MOST_WORDS: Final = 24
"""Words of the longest sentence, so that batches are of one size."""
_PLAIN: Final = re.compile(r"[A-Za-z0-9 ,.;:!?'$%-]+")
"""What the teacher reads without guessing."""


def chosen_sentences(texts: Path, count: int, seed: int) -> list[str]:
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
        raise UsageError(f"The texts in {texts} cannot be read: {reason(error)}.") from error
    random.Random(seed).shuffle(lines)  # noqa: S311
    chosen = list(islice(_sentences(lines), count))
    if len(chosen) < count:
        raise UsageError(f"{texts} holds {len(chosen)} sentences that can be read aloud, and {count} are wanted.")
    return chosen


def _sentences(lines: list[str]) -> Iterator[str]:
    seen = set()
    for line in lines:
        for text in split_sentences(line.partition("\t")[0].replace("’", "'")):
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
            if _FEWEST_WORDS <= len(read_sentence(text)) <= 2 * _MOST_WORDS:
                yield text
