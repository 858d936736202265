"""Denied emotions in other words, for a network that takes the word for the emotion.

People who label comments meet few denials, so a network that learned from their labels finds "I am not angry" angry.
An unpleasant or surprised word that is denied becomes neutral, a pleasant one becomes its opposite, and what is denied
twice, or in a way that makes it stronger ("never been happier"), is affirmed. A text without a denial stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pipeline.recognition.text.emotion_words import LEXICON
from pipeline.recognition.text.negation_scope import Finding, Sentence
from pipeline.recognition.text.negators import CONTRACTED, HAVING, LINKING, NOBODY, PERSONS

__all__ = ["Denial", "in_other_words", "over"]

_OTHER: Final = {
    ("adjective", "unpleasant"): "neutral",
    ("noun", "unpleasant"): "calm",
    ("verb", "unpleasant"): "am okay with",
    ("action", "unpleasant"): "am okay",
    ("cause", "unpleasant"): "is okay for",
    ("adjective", "pleasant"): "unhappy",
    ("verb", "pleasant"): "dislike",
    ("action", "pleasant"): "am sad",
    ("adjective", "surprised"): "neutral",
    ("noun", "surprised"): "calm",
    ("action", "surprised"): "am calm",
    ("cause", "surprised"): "is known to",
    ("verb", "caring"): "could go either way",
}
"""What is read for a denied word, by its part of speech and kind; chosen on sentences made from templates and on the
training part of GoEmotions. Pleasant nouns and causes are missing, because the network reads their denials well."""

_MILD: Final = frozenset(("love", "enjoy", "adore"))
"""Verbs so strong that their denial is no anger. Who does not like something was found angry by most readers
of GoEmotions, and who does not appreciate it means so."""
_LUKEWARM: Final = "could take or leave"
"""What is read for the denial of such a verb; chosen as the others are."""
_UNLOVED: Final = "feel unhappy with"
"""What is read for it if a person is its object, and nobody its subject: who is not loved by anybody is sad."""


@dataclass(frozen=True)
class Denial:
    """A piece of a text that denies an emotion, or affirms one by denying twice."""

    written: str
    """The piece as it stands in the text."""
    read_as: str
    """What is read for it; empty if it is left out."""
    kind: str
    """Kind of the emotion: `pleasant`, `unpleasant`, `surprised` or `caring`."""
    affirmed: bool
    """Whether the emotion is affirmed."""
    mild: bool = False
    """Whether the denial is no anger either: `I don't love it`."""

    def contradicts(self, emotion: str) -> bool:
        """Return whether an answer takes the word for the emotion, or the negators for a denial."""
        if self.kind == "caring":
            return emotion == "angry" and not self.affirmed
        if self.mild and emotion == "angry":
            return True
        of_kind = {
            "pleasant": emotion == "happy",
            "surprised": emotion == "surprised",
            "unpleasant": emotion not in ("happy", "neutral", "calm"),
        }[self.kind]
        return of_kind != self.affirmed

    @property
    def note(self) -> str:
        """A sentence that says what was done."""
        what = "affirmed" if self.affirmed else "denied"
        done = f"was read as “{self.read_as}”" if self.read_as else "was left out"
        return f"“{self.written}” {done}, because the emotion is {what}."


def in_other_words(text: str) -> tuple[str, tuple[Denial, ...]]:
    """Return a text as a network should read it, and what it denies or affirms with negators.

    >>> in_other_words("I'm not angry with you.")[0]
    "I'm neutral with you."
    >>> in_other_words("We could not be happier!")[0]
    'We feel so happy!'
    >>> in_other_words("I'm angry that it isn't here.")
    ("I'm angry that it isn't here.", ())
    """
    sentence = Sentence(text)
    places = [place for place, token in enumerate(sentence.tokens) if token.word in LEXICON]
    found = [finding for place in places if (finding := sentence.finding(place)) and _has_other_words(finding)]
    changed = {finding.place for finding in found}
    meant = [place for place in places if place not in changed and not sentence.is_other_word(place)]
    pieces: list[str] = []
    denials: list[Denial] = []
    end = 0
    for number, finding in enumerate(found):
        if number + 1 < len(found) and found[number + 1].first <= finding.last:
            # Of several words with one negator, as in `neither sad nor angry`, the last stands for all.
            continue
        together = [each for each in found[: number + 1] if each.last >= finding.first]
        first = min(each.first for each in together)
        # Neither glad nor sad is neither of both.
        finding = next((each for each in together if each.reading.kind != "pleasant"), finding)
        start, stop = sentence.tokens[first].start, sentence.tokens[together[-1].last].end
        words = _other_words(text, sentence, finding, first, meant)
        pieces += [text[end:start], words]
        denials.append(Denial(text[start:stop], words, finding.reading.kind, finding.affirmed, _is_mild(finding)))
        end = stop
    return "".join([*pieces, text[end:]]), tuple(denials)


def over(text: str, emotion: str) -> str:
    """Return the piece of a text that says that an emotion is over, or less than it was; empty if none does.

    If another word of its kind means what it says, the emotion is not over.

    >>> over("I used to be sad.", "sad"), over("I'm less angry than before.", "angry"), over("I am sad.", "sad")
    ('used to be sad', 'less angry', '')
    """
    sentence = Sentence(text)
    kinds = {"happy": "pleasant", "surprised": "surprised"}
    kind = kinds.get(emotion, "" if emotion in ("neutral", "calm") else "unpleasant")
    places = [place for place, token in enumerate(sentence.tokens) if token.word in LEXICON]
    meant = [place for place in places if LEXICON[sentence.word(place)][0].kind == kind]
    begun = [sentence.is_over(place) for place in meant]
    if not begun or begun[-1] is None or None in begun:
        return ""
    return text[sentence.tokens[begun[-1]].start : sentence.tokens[meant[-1]].end]


def _has_other_words(finding: Finding) -> bool:
    return finding.affirmed or (finding.reading.part, finding.reading.kind) in _OTHER


def _is_mild(finding: Finding) -> bool:
    """Return whether a strong verb is denied, which says little: `I don't love it`."""
    return not finding.affirmed and finding.reading.part == "verb" and finding.reading.base in _MILD


def _other_words(text: str, sentence: Sentence, finding: Finding, first: int, places: Iterable[int]) -> str:
    """Return what is read for a finding.

    Args:
        text: The whole text.
        sentence: Its tokens.
        finding: What was found.
        first: Place of the first token that is replaced.
        places: Places of words of emotion that mean what they say.
    """
    reading = finding.reading
    part = reading.part
    if finding.affirmed:
        token = sentence.tokens[finding.place]
        word = reading.base if reading.comparative else text[token.start : token.end]
        words = f"so {word}" if finding.stronger and part in ("adjective", "noun") else word
    elif part in ("adjective", "noun") and any(_same_sentence(sentence, first, place) for place in places):
        # `Not angry but sad`: what is not denied in the same sentence is what is meant.
        return ""
    else:
        words = _LUKEWARM if _is_mild(finding) else _OTHER[part, reading.kind]
        if _is_mild(finding) and sentence.word(first) in NOBODY and sentence.word(finding.last + 1) in PERSONS:
            words = _UNLOVED
    before = sentence.word(first - 1)
    if before in HAVING:
        return f"felt {words}" if part == "adjective" else words
    if before in CONTRACTED | LINKING:
        return words.removeprefix("am ").removeprefix("is ")
    return f"feel {words}" if part == "adjective" else words


def _same_sentence(sentence: Sentence, one: int, other: int) -> bool:
    return not {*".!?"} & {*sentence.words(range(min(one, other), max(one, other)))}
