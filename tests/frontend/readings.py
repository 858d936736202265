"""The table of English readings: what is written, and everything that may be said for it."""

from __future__ import annotations

import itertools
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_NUMERALS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
)
_NUMERALS += "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety"
_BRITISH_AND = re.compile(rf"\b(hundred|thousand|million) and (?=(?:{'|'.join(_NUMERALS.split())}))")
_SPELLINGS = {"o clock": "o'clock", "metre": "meter", "litre": "liter", " percent": " per cent"}


@dataclass(frozen=True)
class Case:
    """One row of the table."""

    group: str
    """The class of what is written, such as `money`."""
    written: str
    readings: frozenset[str]
    """Every right reading, folded."""


def english_cases() -> list[Case]:
    """Return the rows of `english.tsv`.

    Readings stand apart by ` / `; `[a|b]` is one of both, and `[a|]` may be left out.
    """
    lines = Path(__file__).with_name("english.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines)
    return [
        Case(group, written, frozenset(folded(reading) for choice in spoken.split(" / ") for reading in _each(choice)))
        for group, written, spoken in rows
    ]


def folded(text: str) -> str:
    """Return a reading without case, marks, accents and what British readers say otherwise."""
    text = unicodedata.normalize("NFKD", text.replace("’", "'"))
    text = "".join(character for character in text if not unicodedata.combining(character)).lower()
    text = " ".join(re.sub(r"[^\w']|_", " ", text).split())
    text = " ".join(word.strip("'") for word in text.split())
    # "ay" is how a voice is given the letter A.
    text = re.sub(r"\bay\b", "a", text)
    for one, other in _SPELLINGS.items():
        text = text.replace(one, other)
    return _BRITISH_AND.sub(r"\1 ", text)


def _each(spoken: str) -> list[str]:
    """Return every reading that a pattern stands for."""
    choice = _CHOICE.search(spoken)
    if not choice:
        return [spoken]
    before, after = spoken[: choice.start()], spoken[choice.end() :]
    return list(itertools.chain.from_iterable(_each(before + each + after) for each in choice[1].split("|")))
