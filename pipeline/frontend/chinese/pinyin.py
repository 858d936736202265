"""Pinyin syllables and the initials and finals that the model was trained on."""

from __future__ import annotations

import functools
import logging
import re
from typing import Any, Final

__all__ = ["cut_words", "read_word", "split_syllable"]

_BARE_I: Final = {"zi", "ci", "si", "ri"}
_RETROFLEX_I: Final = {"zhi", "chi", "shi"}
_Y_AS_I: Final = {"ya", "yan", "yang", "yao", "ye", "yong", "you"}
_Y_SILENT: Final = {"yi", "yin", "ying"}
_Y_AS_V: Final = {"yu", "yuan", "yun", "yv", "yvan", "yve", "yvn"}
_FULL_FINALS: Final = {"ui": "uei", "iu": "iou", "un": "uen", "ue": "ve"}
_NASAL: Final = {"n", "ng", "m"}
_FIRST_VOWEL: Final = re.compile("[aeiouv]")


def split_syllable(syllable: str) -> tuple[str, str]:
    """Split a pinyin syllable as the official front end does, quirks included.

    `yue` gives y ve where yuan gives van: the model learned it so.

    Args:
        syllable: Pinyin with the tone, 1 to 5, at its end, ü written v.

    Returns:
        The initial, which may be empty, and the final with its tone.

    Raises:
        ValueError: The syllable has no vowel.

    >>> split_syllable("liang4"), split_syllable("zhi1"), split_syllable("yue4")
    (('l', 'iang4'), ('zh', 'iii1'), ('y', 've4'))
    """
    body, tone = syllable[:-1], syllable[-1]
    if body in _NASAL:
        body = f"e{body}"
    rhotic = "r" if body.endswith("r") else ""
    body = body.removesuffix("r")
    initial, final = "", body
    if body in _BARE_I:
        initial, final = body[0], "ii"
    elif body in _RETROFLEX_I:
        initial, final = body[:2], "iii"
    elif body in _Y_AS_I:
        final = f"i{body[1:]}"
    elif body in _Y_SILENT:
        final = body[1:]
    elif body in _Y_AS_V:
        final = f"v{body[2:]}"
    elif body == "wu":
        final = "u"
    elif body.startswith("w"):
        final = f"u{body[1:]}"
    elif body[:2] in {"ju", "qu", "xu"}:
        initial, final = body[0], f"v{body[2:]}"
    else:
        vowel = _FIRST_VOWEL.search(body)
        if vowel is None:
            raise ValueError(f"'{syllable}' has no vowel")
        initial, final = body[: vowel.start()], body[vowel.start() :]
        final = _FULL_FINALS.get(final, final)
    return initial, final + rhotic + tone


def cut_words(text: str) -> list[str]:
    """Cut a Chinese text into words with jieba's own dictionary."""
    return list(_jieba().cut(text))


def read_word(word: str) -> list[str]:
    """Return the syllables of a word by the phrase table of CC-CEDICT, the first reading of each.

    What has no reading, such as punctuation, comes back as it is.
    """
    return [readings[0] for readings in _pinyin()(word)]


@functools.cache
def _jieba() -> Any:
    """Load jieba's dictionary without its talk on stderr."""
    import jieba

    jieba.setLogLevel(logging.WARNING)
    jieba.initialize()
    return jieba


@functools.cache
def _pinyin() -> Any:
    from pypinyin import Style, pinyin
    from pypinyin_dict.phrase_pinyin_data import cc_cedict

    cc_cedict.load()
    return functools.partial(pinyin, style=Style.TONE3, neutral_tone_with_five=True)
