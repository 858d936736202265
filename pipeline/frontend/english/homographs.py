"""Words that are written alike and spoken differently: chosen by their part of speech, guessed from the neighbours.

Most of them are pairs of a verb and a noun or adjective, and follow three patterns of English:
the verb has its stress later (to reCORD, a REcord), ends voiced (to use /z/, the use /s/),
or ends in a full -ate (to separate, a separate room).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pipeline.frontend.english.lexicon import look_up

__all__ = ["pronounce_in_context"]

_MODALS: Final = frozenset(
    "to will would can could may might must shall should do does did don't doesn't didn't won't wouldn't can't "
    "couldn't shouldn't let's please i'll you'll we'll they'll he'll she'll".split()
)
_BEFORE_VERBS: Final = _MODALS | frozenset("i you we they not never always also who and".split())
_BEFORE_NOUNS: Final = frozenset(
    "a an the this that these those my your his her its our their some any no every each another of in on at for with "
    "from by as new old good great big little first last own was be".split()
)
_BEFORE_VERBS_IN_S: Final = frozenset({"he", "she", "it", "who", "that", "which", "never", "always", "also"})
_OBJECTS: Final = frozenset(
    "a an the my your his her its our their this that these those some any it them him us me".split()
)
_TO_BE: Final = frozenset(
    "am is are was were be been i'm you're he's she's it's we're they're so very more too".split()
)
_PERFECT: Final = frozenset("have has had having i've you've we've they've was were be been being is are".split())
_OF_THE_PAST: Final = frozenset("yesterday ago last before was were had already".split())
_PERFORMED: Final = frozenset("concert broadcast tour show shows recording stream music audience performance".split())

_PAIRS: Final = frozenset(
    "abuse address advocate alternate associate attribute close conduct conflict console content contest contract "
    "contrast convert convict decrease deliberate desert digest discount duplicate escort estimate excuse export "
    "extract graduate import incline increase insult moderate object perfect permit present produce progress project "
    "protest rebel record refuse separate subject survey suspect transfer transport upset use".split()
)
"""Words for which CMUdict has both."""

_ADJECTIVES: Final = frozenset({"perfect", "present", "close", "separate"})
"""Of the pairs, those that follow `to be` as an adjective."""

_OTHERS: Final = {
    "house": ("HH AW1 Z", "HH AW1 S"),
    "wind": ("W AY1 N D", "W IH1 N D"),
    "tear": ("T EH1 R", "T IH1 R"),
    "wound": ("W AW1 N D", "W UW1 N D"),
    "bow": ("B AW1", "B OW1"),
    "dove": ("D OW1 V", "D AH1 V"),
}
"""Word to the pronunciation of the verb, and to that of the noun or adjective, if no pattern tells them apart."""

_LIKELIER: Final = {"lead": "L IY1 D", "bass": "B EY1 S", "minute": "M IH1 N AH0 T"}
"""Where CMUdict names the rarer word first."""


def pronounce_in_context(words: Sequence[str], place: int) -> str:
    """Return the pronunciation of a word that depends on the words around it.

    Args:
        words: The words of a sentence in lower case.
        place: Which of them.

    Returns:
        ARPAbet joined by spaces; empty for the many words that have one pronunciation.

    >>> sentence = "they record a record".split()
    >>> pronounce_in_context(sentence, 1), pronounce_in_context(sentence, 3)
    ('R AH0 K AO1 R D', 'R EH1 K ER0 D')
    """
    word = words[place]
    before = words[place - 1] if place else ""
    after = words[place + 1] if place + 1 < len(words) else ""
    if word in _LIKELIER:
        return _LIKELIER[word]
    if word == "read":
        return "R EH1 D" if _is_past(words, place) else "R IY1 D"
    if word == "used":
        return "Y UW1 S T" if after == "to" and before not in _TO_BE else "Y UW1 Z D"
    if word == "live":
        return "L AY1 V" if before in _BEFORE_NOUNS or after in _PERFORMED else "L IH1 V"
    if word == "lives":
        return "L AY1 V Z" if before in _BEFORE_NOUNS - {"that"} else "L IH1 V Z"
    if word in _PAIRS:
        described = before in _TO_BE and word in _ADJECTIVES
        verb = (not described and _is_verb(before, after)) or (word == "content" and before in _TO_BE)
        return _of_pair(word, verb)
    if word in _OTHERS:
        return _OTHERS[word][0 if _is_verb(before, after) else 1]
    stem = word.removesuffix("s")
    if stem in _PAIRS:
        pronunciation = _of_pair(stem, before in _BEFORE_VERBS_IN_S or after in _OBJECTS)
        return pronunciation + (" IH0 Z" if pronunciation.endswith(("S", "Z")) else " S" if stem[-1] == "t" else " Z")
    return ""


def _is_verb(before: str, after: str) -> bool:
    """Tell from the neighbours whether a word is a verb."""
    return before not in _BEFORE_NOUNS and (before in _BEFORE_VERBS or after in _OBJECTS)


def _is_past(words: Sequence[str], place: int) -> bool:
    """Tell whether `read` is /red/: after have or be, for he and she, or in a sentence about the past."""
    near = words[max(0, place - 3) : place]
    if _MODALS.intersection(near):
        return False
    return (
        bool(_PERFECT.intersection(near))
        or near[-1:] in (["he"], ["she"], ["it"])
        or bool(_OF_THE_PAST.intersection(words[place + 1 :]))
    )


def _of_pair(word: str, verb: bool) -> str:
    """Return the variant of the verb, or of the noun or adjective, by the three patterns; of equals the usual one."""
    variants = look_up(word)
    if not variants:
        return ""
    wanted = (max if verb else min)(map(_verbal, variants))
    return next(variant for variant in variants if _verbal(variant) == wanted)


def _verbal(pronunciation: str) -> tuple[int, bool, bool]:
    """Return how much like a verb a pronunciation is: stress late, voiced ending, full -ate."""
    stresses = "".join(re.findall(r"\d", pronunciation))
    return stresses.find("1"), pronunciation.endswith(" Z"), pronunciation.endswith("EY2 T")
