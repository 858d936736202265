"""A text cut into sentences."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["sentences"]

_END: Final = re.compile(r"(?:[.!?…]+[\"'”’»)\]]*(?=\s)|[。！？]+[”’」』）]*|\n\s*\n)\s*")
_ABBREVIATION: Final = re.compile(r"(?:^|\W)(?:mr|mrs|ms|dr|st|prof|sr|jr|vs|etc|e\.g|i\.e|[A-Z])\.$", re.IGNORECASE)


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, none of them empty.

    >>> sentences("Mr. Brown left. Did he? Yes!")
    ['Mr. Brown left.', 'Did he?', 'Yes!']
    """
    found, start = [], 0
    for match in _END.finditer(text):
        piece = text[start : match.end()].strip()
        if _ABBREVIATION.search(piece[-12:]):
            continue
        found.append(piece)
        start = match.end()
    found.append(text[start:].strip())
    return [piece for piece in found if piece]
