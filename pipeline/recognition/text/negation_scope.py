"""The scope of negators in an English text: which words of emotion they deny, and which they affirm.

It is found by rule, as NegEx does it for findings in clinical texts (Chapman et al., A Simple Algorithm for Identifying
Negated Findings and Diseases in Discharge Summaries, Journal of Biomedical Informatics 34(5), 2001).

The search goes from a word of emotion to the left, over words that may stand between it and its negators.
Whatever it does not know ends it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pipeline.recognition.text.emotion_words import LEXICON, EmotionWord
from pipeline.recognition.text.negators import (
    AUXILIARIES,
    BEFORE_NOUNS,
    BEFORE_VERBS,
    BETWEEN,
    CLAUSE,
    DENYING_VERBS,
    DOING,
    GIVING,
    INABILITY,
    LESSENED,
    LINKING,
    NEGATORS,
    NOBODY,
    NOT_AUXILIARIES,
    OBJECTS,
    OPENING,
    OPINIONS,
    PHRASES,
    PREFIXED,
    PRONOUNS,
    RAISING,
    STOPPING,
    STRENGTHENING,
    SUBJECTS,
)

__all__ = ["Finding", "Sentence", "Token"]


_TOKEN: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d+|[^\w\s]|_")
_APOSTROPHES: Final = str.maketrans("", "", "'’")

_GONE: Final = re.compile(
    r"(?:is|are|was|has|have|had) (?:all )?(?:been )?"
    r"(?:gone|over|faded|vanished|passed|disappeared|forgotten|history|behind|left (?:me|him|her|us|them))\b"
    r"|(?:isnt|arent|wasnt|(?:is|are|was|were) not) (?:there|here|with (?:me|him|her|us|them))\b"
)
_NO_MORE: Final = re.compile(r"(?:, )?(?:but )?(?:no more|not anymore|not any (?:more|longer)|not now)\b")
_ANSWERED: Final = re.compile(
    r"(?:\w+ ){0,3}\? (?:(?:me|him|her|us|them) \? )?(?:no|nope|nah|noway|never|hardly"
    r"|not (?:me|him|her|us|them|at all|really|(?:in )?bit|any ?more|now)"
    r"|(?:of course|certainly|absolutely) not)(?= [.!,;?]|$)"
)
"""What follows the word in a question whose answer denies it: `Angry? Not me.`"""
_LASTING: Final = re.compile(r"\b(?:anymore|any (?:more|longer))\b")
_MORE: Final = re.compile(r"(?<!any )(?<!no )\bmore\b")
_SO_MUCH: Final = re.compile(
    r"\b(?:so|this|that|as) (?:much|hard|badly|loud|long)\b|\blike (?:this|that)\b|^so\b|^this(?= [.!,;?]|$)"
)

_ENDS_ASIDE: Final = {",": ",", ")": "(", "-": "-", "–": "–", "—": "—"}
"""Mark after an aside to the mark before it: `not, you know, scared`."""

_FARTHEST: Final = 14
"""Words that are looked back at; set by hand."""
_AHEAD: Final = 7
"""Words that are looked ahead at; set by hand."""


@dataclass(frozen=True)
class Token:
    """A word or a mark of a text."""

    word: str
    """In small letters, without apostrophes; for a phrase, the word that it counts as."""
    start: int
    """Place of its first character in the text."""
    end: int
    """Place after its last character."""


@dataclass(frozen=True)
class Finding:
    """A word of emotion within the scope of negators."""

    first: int
    """Place of the first token that is replaced."""
    last: int
    """Place of the last one."""
    place: int
    """Place of the word."""
    reading: EmotionWord
    """What the word is."""
    affirmed: bool
    """Whether the negators affirm it."""
    stronger: bool
    """Whether they make it stronger."""


class Sentence:
    """The tokens of a text, and the search for negators in them."""

    def __init__(self, text: str) -> None:
        self.tokens: list[Token] = []
        for match in _TOKEN.finditer(text):
            word = match[0].translate(_APOSTROPHES).lower() or match[0]
            if word in PREFIXED:
                self.tokens.append(Token("not", match.start(), match.start() + 2))
                self.tokens.append(Token(word[2:], match.start() + 2, match.end()))
                continue
            joined, phrase = self._phrase(word)
            start = self.tokens[-joined].start if joined else match.start()
            self.tokens[len(self.tokens) - joined :] = [Token(phrase, start, match.end())]

    def _phrase(self, word: str) -> tuple[int, str]:
        """Return how many of the last tokens make a phrase with a word, and what it counts as."""
        last = [token.word for token in self.tokens[-2:]]
        for skipped in range(len(last)):
            if phrase := PHRASES.get(" ".join([*last[skipped:], word])):
                return len(last) - skipped, phrase
        return 0, word

    def word(self, place: int) -> str:
        """Return the word at a place; empty outside the text."""
        return self.tokens[place].word if 0 <= place < len(self.tokens) else ""

    def words(self, places: Iterable[int]) -> list[str]:
        """Return the words at places."""
        return [self.word(place) for place in places]

    def finding(self, place: int) -> Finding | None:
        """Return what negators do to the word of emotion at a place; None if nothing, or nothing that is known."""
        after = " ".join(self.words(range(place + 1, place + 1 + _AHEAD))).rstrip()
        reading = self._reading(place)
        if reading is None:
            return None
        negators = self._negators(place, after, wishes=reading.kind == "pleasant" and reading.part == "adjective")
        if not negators:
            if reading.part == "verb" and self._spares_all(place):
                return Finding(place, place + 1, place, reading, affirmed=False, stronger=False)
            gone = _NO_MORE.match(after) or _ANSWERED.match(after) or (reading.part == "noun" and _GONE.match(after))
            if not gone:
                return None
            return Finding(place, place + len(gone[0].split()), place, reading, affirmed=False, stronger=False)
        closest, between = self.word(negators[0]), self.words(range(negators[0] + 1, place))
        stronger = _makes_stronger(closest, between, reading, after) if len(negators) % 2 else False
        if stronger is None:
            return None
        affirmed = stronger or len(negators) % 2 == 0
        if not affirmed and self._says_nothing(reading, negators, between, place):
            return None
        first = negators[-1]
        while first and self.word(first - 1) in AUXILIARIES:
            first -= 1
        return Finding(first, place, place, reading, affirmed, stronger)

    def is_over(self, place: int) -> int | None:
        """Return where a word is begun to be told of as over or less: `used to be`, `less`; None if it is not."""
        for at in range(place - 1, max(place - _AHEAD, -1), -1):
            here, before = self.word(at), self.word(at - 1)
            if here == "less":
                return None if before in LESSENED else at
            if here == "used":
                # Who is used to being sad is sad still, and who never used to be is so now.
                return None if before in LINKING | NEGATORS or self.word(at + 1) != "to" else at
            joins = here in ("and", "or") and before in LEXICON
            if here not in BETWEEN and here not in LEXICON and not joins:
                return None
        return None

    def _spares_all(self, place: int) -> bool:
        """Return whether the object of a verb denies it: `I hate nobody`, but not `I hate nothing more`."""
        return self.word(place + 1) in NOBODY and self.word(place + 2) not in ("more", "but", "so", "as", "like")

    def is_other_word(self, place: int) -> bool:
        """Return whether a word names no emotion at its place.

        `Like` and `care` do so only where they are denied, as `like` compares and `care` is a noun as well;
        who did not bother to come is not bothered.
        """
        if self.word(place) == "bother":
            return self.word(place + 1) not in OBJECTS
        base = LEXICON[self.word(place)][0].base
        if base not in ("like", "care"):
            return False
        if base == "care" and self.word(place + 1) == "for":
            return True
        at = place - 1
        while self.word(at) in BEFORE_VERBS:
            at -= 1
        here, before = self.word(at), self.word(at - 1)
        if here == "not":
            return before not in DOING | PRONOUNS
        liked = self.word(place) in ("likes", "liked") and here in NOBODY
        return not liked and here not in DENYING_VERBS

    def _reading(self, place: int) -> EmotionWord | None:
        """Return what a word is at its place; None if it is neither of what it can be."""
        readings = {reading.part: reading for reading in LEXICON[self.word(place)]}
        before, following = self.word(place - 1), self.word(place + 1)
        if self.is_other_word(place):
            return None
        if self.word(place) in ("hurt", "upset") and before not in LINKING | NEGATORS - NOT_AUXILIARIES:
            return readings["cause"] if following in OBJECTS else None
        linked = not LINKING.isdisjoint(self.words(range(place - 4, place)))
        if "adjective" in readings and (linked or len(readings) == 1 or following not in OBJECTS):
            # `No happy ending` denies the ending.
            return readings["adjective"] if before != "no" else None
        after_not = before == "not" and self.word(place - 2) not in AUXILIARIES - LINKING | {"to"}
        if "noun" in readings and (len(readings) == 1 or before in BEFORE_NOUNS or after_not):
            return readings["noun"]
        return next((reading for part, reading in readings.items() if part not in ("adjective", "noun")), None)

    def _says_nothing(self, reading: EmotionWord, negators: list[int], between: list[str], place: int) -> bool:
        """Return whether a denial tells nothing about how somebody feels, or a network reads it well."""
        part, pleasant = reading.part, reading.kind == "pleasant"
        closest, before = self.word(negators[0]), self.word(negators[-1] - 1)
        if reading.base == "bothered" and closest in INABILITY:
            return True
        if part == "action" and pleasant:
            # Who does not laugh is not sad, and who need not smile may be glad.
            return reading.base not in ("smile", "grin") or "to" in between
        request = not before.isalnum() or before in OPENING
        asks = request and closest in ("dont", "never", "stop", "quit") and place - negators[0] < 3
        return asks and (pleasant or part != "adjective")

    def _negators(self, place: int, after: str, *, wishes: bool) -> list[int]:
        """Return the places of the negators of a word, the closest first.

        Args:
            place: Place of the word.
            after: What follows it.
            wishes: Whether `I wish I were` counts as a negator.
        """
        found: list[int] = []
        at: int | None = place - 1
        while at is not None and at >= max(place - _FARTHEST, 0):
            here, before = self.word(at), self.word(at - 1)
            if here in NOBODY:
                return [*found, at]
            if before in LEXICON and here in ("or", "nor", "and", ","):
                if not self._lists(at, place):
                    return found
            elif here == "notonly":
                return [*found, at, at]
            elif here in NEGATORS:
                # `Neither … nor` denies once.
                if not (here == "neither" and found and self.word(found[-1]) == "nor"):
                    found.append(at)
                if before == "who":
                    # Who would not, and nobody who does not.
                    return [*found, at - 2 if self.word(at - 2) in NOBODY else at - 1]
            elif here == "help":
                if before not in INABILITY:
                    return found
                found.append(at)
            elif here in STOPPING and at:
                found.append(at)
            elif here == "how" and found:
                return [*found, at]
            elif (here in SUBJECTS and not (here in ("it", "you") and before in GIVING)) or (
                here == "that" and before in RAISING
            ):
                at = self._before_subject(at, found, after, wishes=wishes)
                continue
            elif here in RAISING:
                if here == "believe" and before in INABILITY:
                    return found
            elif here in LEXICON:
                if self.word(at + 1) not in ("and", "or", "nor", ","):
                    return found
            elif here in _ENDS_ASIDE and not found and (begin := self._aside(at)):
                at = begin
            elif here not in BETWEEN:
                at = self._before_noun(at, found, place)
                continue
            at -= 1
        return found

    def _aside(self, at: int) -> int | None:
        """Return where an aside begins that ends at a place and stands behind a negator; None if there is none."""
        opening = _ENDS_ASIDE[self.word(at)]
        for begin in range(at - 2, max(at - _FARTHEST, 0), -1):
            here, before = self.word(begin), self.word(begin - 1)
            if here in LEXICON or here in (".", "!", "?"):
                return None
            if here == opening and before != opening:
                return begin if before in NEGATORS - {"no", "without", "nor", "neither"} else None
        return None

    def _lists(self, at: int, place: int) -> bool:
        """Return whether what joins two words of emotion leaves both within the scope of one negator."""
        here = self.word(at)
        if here == ",":
            return "or" in self.words(range(at, place + 2))
        return here != "and" or self.word(at + 1) in LEXICON

    def _before_subject(self, at: int, found: list[int], after: str, *, wishes: bool) -> int | None:
        """Return where the search goes on in front of a subject, or None if it ends; add a negator that decides it."""
        before, earlier = self.word(at - 1), self.word(at - 2)
        if before in RAISING | {"nor", "neither"}:
            return at - 1
        if before == "wish" and (wishes or found):
            # Who wishes not to be sad is sad.
            found.append(at - 1)
        elif before in ("that", "as", "if") and earlier in RAISING | NEGATORS:
            return at - 2
        elif before in NOT_AUXILIARIES and self.word(at) in PRONOUNS:
            # Whether somebody who asks "Aren't you happy?" thinks so is open.
            if earlier == "why" or _LASTING.search(after):
                found.append(at - 1)
        elif before in AUXILIARIES:
            if (earlier == "how" and found) or (earlier == "why" and before in ("should", "would")):
                found.append(at - 2)
                return None
            for back in range(at - 2, max(at - _AHEAD, -1), -1):
                if self.word(back) in NEGATORS | NOBODY:
                    # Never before was I so happy.
                    found.append(back)
                elif self.word(back) in BETWEEN:
                    continue
                break
        return None

    def _before_noun(self, at: int, found: list[int], place: int) -> int | None:
        """Return where the search goes on in front of a subject of other words, as `_before_subject` does."""
        verbal = LEXICON[self.word(place)][0].part not in ("adjective", "noun")
        linked = verbal or bool({*self.words(range(at + 1, place))} & (LINKING | AUXILIARIES | NOT_AUXILIARIES))
        for back in range(at, max(at - 4, -1), -1):
            here = self.word(back)
            if here in OPINIONS and back < at:
                return back
            if here == "that" and self.word(back - 1) in RAISING:
                return back - 1
            if not found and linked and (here in NOBODY or (here in ("no", "neither") and at - back <= 2)):
                found.append(back)
                return None
            if not here.isalpha() or here in SUBJECTS | RAISING | CLAUSE | NEGATORS:
                return None
        return None


def _makes_stronger(negator: str, between: list[str], reading: EmotionWord, after: str) -> bool | None:
    """Return whether a single negator makes an emotion stronger; None for a comparison that does not say."""
    # `I don't think I have ever been so happy` is `I have never been so happy`.
    never = negator in NOT_AUXILIARIES - INABILITY and "ever" in between and not RAISING.isdisjoint(between)
    if reading.comparative or ("more" in between and negator != "no"):
        return True if never or negator in STRENGTHENING else None
    if reading.part in ("adjective", "noun"):
        superlative = not {"so", "this", "such", "as"}.isdisjoint(between)
        return (never or negator in STRENGTHENING - INABILITY) and superlative
    if _MORE.search(after):
        return True
    return negator in STRENGTHENING and bool(_SO_MUCH.search(after) or {"so", "such"} & {*between})
