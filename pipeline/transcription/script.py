"""Script: whether Chinese is written in simplified or traditional characters.

Engines that hear Mandarin write whichever they happen to: Whisper takes traditional characters for most of the clips of
AISHELL-3, whose speakers are from the mainland. The tables are those of OpenCC (Apache 2.0), which know phrases too:
`发` is `發` or `髮`.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from typing import Any, Final

from pipeline.core.values import Segment
from pipeline.frontend.characters import HAN

__all__ = ["written_in"]

_TABLES: Final = {"simplified": "t2s", "traditional": "s2t"}
"""Script to the name of the table that writes in it; what is written in it already stays."""

_CHINESE: Final = re.compile(f"[{HAN}]")


def written_in(segment: Segment, script: str) -> Segment:
    """Return a segment with the Chinese characters of its text and words in a script.

    Args:
        segment: In any language; only Mandarin changes.
        script: `simplified` or `traditional`.
    """
    if (segment.language or "").partition("-")[0] != "zh" or not _CHINESE.search(segment.text):
        return segment
    try:
        convert = _table(script).convert
    except ImportError:
        # Engines of other packages may do without; our own that hear Mandarin ask for it.
        return segment
    text = convert(segment.text)
    words = []
    position = 0
    for word in segment.words:
        start = segment.text.find(word.text, position)
        position = max(position, start + len(word.text))
        # What a character becomes depends on those around it, so words are cut from the text.
        same = start >= 0 and len(text) == len(segment.text)
        words.append(dataclasses.replace(word, text=text[start:position] if same else convert(word.text)))
    return dataclasses.replace(segment, text=text, words=tuple(words))


@functools.cache
def _table(script: str) -> Any:
    from opencc import OpenCC

    return OpenCC(_TABLES[script])
