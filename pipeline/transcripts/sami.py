"""SAMI may hold several languages side by side, each a class of its paragraphs: one of them is read."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["in_one_language"]

_HEAD: Final = re.compile(r"\s*<sami\b", re.IGNORECASE)
_SYNC: Final = re.compile(r"(?=<sync\b)", re.IGNORECASE)
_PARAGRAPH: Final = re.compile(r"(?=<p\b)", re.IGNORECASE)
_CLASS: Final = re.compile(r"<p\b[^<>]{0,200}?\bclass\s*=\s*[\"']?([\w-]{1,99})", re.IGNORECASE)
_STYLE: Final = re.compile(r"\.([\w-]{1,99})\s*\{[^{}]{0,500}?\blang\s*:\s*([\w-]{2,20})", re.IGNORECASE)
_USUAL: Final = re.compile(r"([a-z]{2})[a-z]{0,3}cc\d?", re.IGNORECASE)
"""Classes as the format recommends them: language, region, and `CC`, such as `ENUSCC`."""


def in_one_language(text: str, language: str = "") -> tuple[str, str]:
    """Return SAMI with the paragraphs of one language, and a phrase that tells which; any other text as it is.

    Args:
        text: Content of a file.
        language: The language to take, as an ISO 639 code; the first one of the file if it has none of it.
    """
    if not (begin := _HEAD.match(text)):
        return text, ""
    # pysubs2 knows the format by capital letters, and gives a cue only where something closes it.
    text = f"<SAMI{text[begin.end() :]}</SAMI>"
    stated = {name.casefold(): code for name, code in _STYLE.findall(text)}
    found = dict.fromkeys(_language(name, stated) for name in _CLASS.findall(text))
    if len(found) < 2:
        return text, ""
    chosen = _code(language) if _code(language) in found else next(iter(found))
    head, *times = _SYNC.split(text)
    kept = [head]
    for time in times:
        opening, *paragraphs = _PARAGRAPH.split(time)
        own = [one for one in paragraphs if not (match := _CLASS.match(one)) or _language(match[1], stated) == chosen]
        if own or not paragraphs:
            kept.append(opening + "".join(own))
    return "".join(kept) + "</SAMI>", f"holds {', '.join(found)}: {chosen} is spoken."


def _language(name: str, stated: dict[str, str]) -> str:
    """Return the language of a class: what its style states, or what its name tells, or the name."""
    usual = _USUAL.fullmatch(name)
    return _code(stated.get(name.casefold()) or (usual[1] if usual else name))


def _code(language: str) -> str:
    return re.split("[-_]", language.casefold())[0]
