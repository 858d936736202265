"""How Chinese phrases are pronounced: words, readings, tone sandhi and the rhotic ending."""

from __future__ import annotations

from collections.abc import Container
from typing import Final

from pipeline.frontend.chinese.pinyin import cut_words, read_word, split_syllable
from pipeline.frontend.chinese.sandhi import Word, apply_sandhi

__all__ = ["pronounce_phrase", "syllable_tokens"]

_CHILD: Final = frozenset("女婴幼孤男健胎宠小少混")
"""Before 儿 these mean a child, or a fellow: 儿 stays a syllable of its own."""


def pronounce_phrase(text: str, vocabulary: Container[str]) -> list[list[list[str]]]:
    """Return the words of a phrase as lists of syllables, each a list of one or two tokens.

    Args:
        text: Ideographs that no pause divides; those without a known reading say nothing.
        vocabulary: The tokens that the model knows.
    """
    words: list[Word] = []
    for word in cut_words(text):
        pairs = [
            (character, syllable)
            for character, syllable in zip(word, read_word(word), strict=False)
            if syllable_tokens(syllable, vocabulary)
        ]
        if pairs:
            words.append(("".join(character for character, _ in pairs), [syllable for _, syllable in pairs]))
    return [
        _merge_rhotic(characters, [syllable_tokens(syllable, vocabulary) for syllable in syllables], vocabulary)
        for (characters, _), syllables in zip(words, apply_sandhi(words), strict=True)
    ]


def syllable_tokens(syllable: str, vocabulary: Container[str]) -> list[str]:
    """Return the tokens of a pinyin syllable with its tone; empty if the model knows no such sound."""
    if len(syllable) < 2 or syllable[-1] not in "12345" or not syllable[:-1].isascii() or not syllable[:-1].isalpha():
        return []
    try:
        tokens = [part for part in split_syllable(syllable) if part]
    except (ValueError, IndexError):
        return []
    return tokens if all(token in vocabulary for token in tokens) else []


def _merge_rhotic(characters: str, syllables: list[list[str]], vocabulary: Container[str]) -> list[list[str]]:
    """Join a final 儿 to the syllable before it, as in 花儿, if the model knows the joined sound."""
    if len(characters) < 2 or characters[-1] != "儿" or characters[-2] in _CHILD:
        return syllables
    *initial, final = syllables[-2]
    rhotic = f"{final[:-1]}r{final[-1]}"
    return [*syllables[:-2], [*initial, rhotic]] if rhotic in vocabulary else syllables
