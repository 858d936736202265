"""Mandarin tone sandhi: how the tones of syllables change beside each other (Chao, 1968)."""

from __future__ import annotations

from typing import Final

__all__ = ["Word", "apply_sandhi"]

Word = tuple[str, list[str]]
"""Ideographs and their syllables, one for one, each with its tone, 1 to 5, at its end."""

_NUMERALS: Final = frozenset("零一二三四五六七八九十百千万亿点幺")


def apply_sandhi(words: list[Word]) -> list[list[str]]:
    """Change the tones of the words of one phrase, which no pause divides.

    The rules are those of 一, of 不 and of the third tone.

    Args:
        words: Words whose ideographs and syllables match one for one.

    Returns:
        The syllables of each word.

    >>> apply_sandhi([("你好", ["ni3", "hao3"]), ("不", ["bu4"]), ("对", ["dui4"])])
    [['ni2', 'hao3'], ['bu2'], ['dui4']]
    """
    characters = "".join(text for text, _ in words)
    syllables = [syllable for _, word in words for syllable in word]
    _one_and_not(characters, syllables)
    result: list[list[str]] = []
    start = 0
    for _, word in words:
        result.append(_third_within(syllables[start : start + len(word)]))
        start += len(word)
    _third_between(result)
    return result


def _one_and_not(characters: str, syllables: list[str]) -> None:
    for place, character in enumerate(characters):
        if character not in "一不":
            continue
        before = characters[place - 1] if place else ""
        after = characters[place + 1] if place + 1 < len(characters) else ""
        base = "yi" if character == "一" else "bu"
        if character == "不" and after == "是":
            syllables[place + 1] = "shi4"  # The table's first reading of 不是 is a noun, a fault.
        if before and before == after:
            syllables[place] = f"{base}5"  # 看一看, 好不好
        elif character == "一" and (
            not after or before in _NUMERALS | {"第"} or after in _NUMERALS - {"百", "千", "万", "亿"}
        ):
            syllables[place] = "yi1"  # 第一, 一九
        elif after:
            falling = syllables[place + 1][-1] == "4" or after == "个"
            syllables[place] = base + ("2" if falling else "4")


def _third_within(syllables: list[str]) -> list[str]:
    return [
        _raise(syllable)
        if syllable[-1] == "3" and syllables[place + 1 : place + 2] and syllables[place + 1][-1] == "3"
        else syllable
        for place, syllable in enumerate(syllables)
    ]


def _third_between(words: list[list[str]]) -> None:
    """Raise a third tone before that of the next word if one of the two is a monosyllable, from the right."""
    for place in range(len(words) - 2, -1, -1):
        first, second = words[place], words[place + 1]
        if first and second and first[-1][-1] == second[0][-1] == "3" and min(len(first), len(second)) == 1:
            first[-1] = _raise(first[-1])


def _raise(syllable: str) -> str:
    return f"{syllable[:-1]}2"
