"""How an English sentence is read aloud: its words as sounds in their context, and the breaks between them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from pipeline.frontend.english.g2p import EnglishPronouncer
from pipeline.frontend.english.homographs import pronounce_in_context
from pipeline.frontend.english.normalisation import read_words
from pipeline.frontend.english.numerals import NUMERALS

__all__ = ["Break", "ReadWord", "read_sentence", "read_tokens"]

Break = Literal["", "phrase", "comma", "end"]
"""What follows a word: nothing, the end of a phrase that no mark shows, a mark inside the sentence, the end."""

_PIECE: Final = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)*'?|[.,;:!?…()\[\]—–]|\s-+\s|--+")
_FUNCTION_WORDS: Final = frozenset(
    "a an the and or but nor so if as than that this these those of to in on at by for from with into onto over under "
    "about after before between through during without within against upon off up down out i you he she it we they me "
    "him her us them my your his its our their am is are was were be been being do does did have has had will would "
    "can could may might must shall should there i'm you're he's she's it's we're they're i've you've we've they've "
    "i'll you'll he'll she'll we'll they'll i'd you'd he'd she'd we'd they'd who which what when where while because "
    "some any not".split()
)
_CONJUNCTIONS: Final = frozenset(
    "and but or because so if when where which who while although though unless until whether since".split()
)
_PREPOSITIONS: Final = frozenset(
    "in on at by for from with into onto over under about after before between through during without within against "
    "until around across behind near".split()
)
_BEFORE_CONJUNCTIONS: Final = 4
"""Words since the last break from which a reader breathes before a conjunction."""
_BEFORE_PREPOSITIONS: Final = 6
"""Words since the last break from which a reader breathes before a preposition, which holds closer to what follows."""
_REMAINING: Final = 3
"""Words that a stretch after such a break has at least; a shorter one would stand alone."""

_VOWELS: Final = frozenset("AEIOU")
_WEAK: Final = {"a": "AH0", "an": "AE1 N", "and": "AE1 N D"}


@dataclass(frozen=True)
class ReadWord:
    """One word as it is read."""

    text: str
    """The word as it is spoken: `twenty` where the text has 20."""
    phonemes: tuple[str, ...]
    """ARPAbet, vowels with stress 0, 1 or 2; never empty."""
    is_content: bool
    """Whether it is a content word: not an article, pronoun, preposition, conjunction or auxiliary."""
    followed_by: Break
    """What follows."""
    token: int = 0
    """Index of the token that it was read from."""


def read_sentence(text: str, pronouncer: EnglishPronouncer | None = None) -> list[ReadWord]:
    """Read one sentence aloud, on paper.

    Breaks follow the marks; besides, a long stretch is broken before a conjunction
    (four words or more since the last break) or a preposition (six or more) that three words or more follow.

    Args:
        text: English with numbers, money, dates, abbreviations and signs.
        pronouncer: Who pronounces single words; the lexicon and the network by default.

    >>> [" ".join(word.phonemes) for word in read_sentence("Read it to us.")]
    ['R IY1 D', 'IH1 T', 'T UW0', 'AH1 S']
    """
    return read_tokens([word.said for word in read_words(text) if word.said], pronouncer)


def read_tokens(tokens: Sequence[str], pronouncer: EnglishPronouncer | None = None) -> list[ReadWord]:
    """Read a sentence that is already in words, as `read_sentence` does.

    Args:
        tokens: What is said for each written word, in ASCII letters with punctuation.
        pronouncer: As `read_sentence`.
    """
    pronouncer = pronouncer or EnglishPronouncer()
    words: list[str] = []
    breaks: list[Break] = []
    token_of: list[int] = []
    for number, token in enumerate(tokens):
        for piece in _PIECE.findall(f" {token} "):
            if piece[0].isalpha():
                words.append(piece)
                breaks.append("")
                token_of.append(number)
            elif words:
                breaks[-1] = "comma"
    lower = [word.lower() for word in words]
    phonemes = [_pronounced(words, lower, place, pronouncer) for place in range(len(words))]
    spoken = [place for place in range(len(words)) if phonemes[place]]
    read = [
        ReadWord(lower[place], phonemes[place], lower[place] not in _FUNCTION_WORDS, breaks[place], token_of[place])
        for place in spoken
    ]
    read = _phrased(_linked(read))
    return [*read[:-1], replace(read[-1], followed_by="end")] if read else []


def _pronounced(words: list[str], lower: list[str], place: int, pronouncer: EnglishPronouncer) -> tuple[str, ...]:
    known = _WEAK.get(lower[place]) or pronounce_in_context(lower, place)
    return tuple(known.split() if known else pronouncer.pronounce(words[place]))


def _linked(words: list[ReadWord]) -> list[ReadWord]:
    """Return the words with `the` and `to` as they sound before the next word."""
    linked = []
    for place, word in enumerate(words):
        following = words[place + 1] if place + 1 < len(words) and not word.followed_by else None
        before_vowel = following is None or following.phonemes[0][0] in _VOWELS
        if word.text == "the":
            word = replace(word, phonemes=tuple(("DH IY0" if before_vowel and following else "DH AH0").split()))
        elif word.text == "to":
            word = replace(word, phonemes=tuple(("T UW0" if before_vowel else "T AH0").split()))
        linked.append(word)
    return linked


def _phrased(words: list[ReadWord]) -> list[ReadWord]:
    """Return the words with the breaks that no mark shows."""
    phrased: list[ReadWord] = []
    since = 0
    for place, word in enumerate(words):
        before_number = place + 1 < len(words) and words[place + 1].text in NUMERALS
        least = (
            _BEFORE_CONJUNCTIONS
            if word.text in _CONJUNCTIONS and not before_number
            else _BEFORE_PREPOSITIONS
            if word.text in _PREPOSITIONS
            else len(words)
        )
        remaining = next(
            (count for count, later in enumerate(words[place:], 1) if later.followed_by), len(words) - place
        )
        if since >= least and remaining >= _REMAINING:
            phrased[-1] = replace(phrased[-1], followed_by="phrase")
            since = 0
        phrased.append(word)
        since = 0 if word.followed_by else since + 1
    return phrased
