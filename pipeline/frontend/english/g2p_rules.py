"""How a word sounds that no dictionary holds: pieces of known words, then spelling-to-sound rules of English.

Good enough to find a word in a recording, not to teach anybody how to say it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

__all__ = ["pronounce"]

Lookup = Callable[[str], str | None]

_LETTERS: Final = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz",
        "EY,B IY,S IY,D IY,IY,EH F,JH IY,EY CH,AY,JH EY,K EY,EH L,EH M,EH N,OW,P IY,K Y UW,AA R,EH S,T IY,Y UW,"
        "V IY,D AH B AH L Y UW,EH K S,W AY,Z IY".split(","),
        strict=True,
    )
)

_RULES: Final = tuple(
    (re.compile(pattern), phones)
    for pattern, phones in (
        (r"^(?:kn|gn|pn)", "N"),
        (r"^wr", "R"),
        (r"^ps", "S"),
        (r"^x", "Z"),
        (r"^wh(?=o)", "HH"),
        (r"tch", "CH"),
        (r"sch", "SH"),
        (r"(?:t|s|c)ion", "SH AH N"),
        (r"tious|cious", "SH AH S"),
        (r"ture$", "CH ER"),
        (r"dge", "JH"),
        (r"igh", "AY"),
        (r"eigh", "EY"),
        (r"augh|ough", "AO"),
        (r"eau", "OW"),
        (r"ch", "CH"),
        (r"sh", "SH"),
        (r"th", "TH"),
        (r"ph", "F"),
        (r"wh", "W"),
        (r"ck", "K"),
        (r"qu", "K W"),
        (r"ng$", "NG"),
        (r"gh", "G"),
        (r"mb$", "M"),
        (r"oo", "UW"),
        (r"ee|ea|ie(?=[^r]|$)", "IY"),
        (r"ai|ay|ei|ey(?=.)", "EY"),
        (r"oa|oe", "OW"),
        (r"oi|oy", "OY"),
        (r"ou|ow(?=.)", "AW"),
        (r"ow$", "OW"),
        (r"au|aw", "AO"),
        (r"eu|ew|ue", "UW"),
        (r"ar", "AA R"),
        (r"or", "AO R"),
        (r"(?:er|ir|ur|yr)", "ER"),
        (r"(?<=.)ed$", "D"),
        (r"(?<=.)es$", "Z"),
        (r"(?<=..)e$", ""),
        (r"(?<=.)le$", "AH L"),
        (r"a(?=[^aeiouwxy](?:e|i))", "EY"),
        (r"i(?=[^aeiouwxy]e)", "AY"),
        (r"o(?=[^aeiouwxy]e)", "OW"),
        (r"u(?=[^aeiouwxy]e)", "UW"),
        (r"e(?=[^aeiouwxy]e$)", "IY"),
        (r"(?<=.)ey$|(?<=[^aeiou])y$|i$", "IY"),
        (r"^y(?=[aeiou])", "Y"),
        (r"c(?=[eiy])", "S"),
        (r"g(?=[eiy])", "JH"),
        (r"(?<=[aeiou])s(?=[aeiou])", "Z"),
        (r"x", "K S"),
        (r"([bcdfgklmnprstvz])(?=\1)", ""),
        (r"a$", "AH"),
        (r"o$", "OW"),
        (r"u$", "UW"),
        *zip(
            "abcdefghijklmnopqrstuvwxyz",
            "AE B K D EH F G HH IH JH K L M N AA P K R S T AH V W K IH Z".split(),
            strict=True,
        ),
    )
)


def pronounce(word: str, lookup: Lookup) -> str:
    """Return the sounds of a word.

    >>> known = {"shop": "SH AA P", "boy": "B OY"}
    >>> pronounce("shopboy", known.get), pronounce("zeffle", known.get), pronounce("bbc", known.get)
    ('SH AA P B OY', 'Z EH F AH L', 'B IY B IY S IY')

    Args:
        word: Small letters and apostrophes; letters outside English are left out.
        lookup: Gives the sounds of a word that is in the dictionary, or None.

    Returns:
        Phones of the CMU dictionary without stress, parted by spaces; empty for a word without a letter.
    """
    if known := lookup(word):
        return known
    stem, apostrophe, ending = word.rpartition("'")
    if apostrophe and stem:
        ending = {"s": "S" if stem[-1] in "fkpt" else "Z"}.get(ending) or pronounce(ending, lookup)
        return f"{pronounce(stem, lookup)} {ending}".strip()
    letters = re.sub("[^a-z]", "", word)
    if letters and not re.search("[aeiouy]", letters):
        return " ".join(_LETTERS[letter] for letter in letters)
    for cut in range(len(letters) - 3, 2, -1):
        parts = lookup(letters[:cut]), lookup(letters[cut:])
        if all(parts):
            return " ".join(part for part in parts if part)
    return _by_rules(letters)


def _by_rules(letters: str) -> str:
    """Read from left to right, always by the first rule that fits."""
    phones: list[str] = []
    position = 0
    while position < len(letters):
        match, sounds = next(
            (match, sounds) for rule, sounds in _RULES if (match := _match_at(rule, letters, position))
        )
        phones += sounds.split()
        position = match.end()
    return " ".join(phones)


def _match_at(rule: re.Pattern[str], letters: str, position: int) -> re.Match[str] | None:
    """Match at a position, with what stands before it in sight; `^` is the start of the word only."""
    if rule.pattern.startswith("^") and position:
        return None
    return rule.match(letters, position)
