"""The eight emotions of RAVDESS and the words that stand for them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from pipeline.core.errors import UnknownName
from pipeline.core.spelling import american

__all__ = ["AUTO", "EMOTIONS", "Mood", "in_english", "is_degree", "parse_mood", "words_for"]

EMOTIONS: Final = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgusted", "surprised")
"""The emotions in the order of RAVDESS: `EMOTIONS[0]` is coded 01, `EMOTIONS[7]` is coded 08."""

AUTO: Final = "auto"
"""The word for "whatever emotion was detected"."""

_WORDS: Final[dict[str, str]] = {
    "neutral": "neutral neutrality neutralized neutralize normal plain none 普通 中性 平常 正常",
    "calm": "calm calmly calmness relaxed peaceful serene tranquil 平静 冷静 镇定",
    "happy": "happy happily happiness joy joyful joyous glad cheerful 开心 高兴 快乐 喜悦",
    "sad": "sad sadly sadness unhappy sorrow sorrowful 悲伤 伤心 难过",
    "angry": "angry angrily anger mad furious fury rage 生气 愤怒 生气的",
    "fearful": "fearful fearfully fear afraid scared frightened terrified 恐惧 害怕",
    "disgusted": "disgusted disgust disgusting 厌恶 恶心",
    "surprised": "surprised surprise surprisingly astonished amazed ps 惊讶 惊喜 吃惊",
}

_CANONICAL: Final[dict[str, str]] = {word: emotion for emotion, words in _WORDS.items() for word in words.split()} | {
    f"{number:02d}": emotion for number, emotion in enumerate(EMOTIONS, start=1)
}

_DEGREES: Final[dict[str, float]] = {
    degree: strength
    for strength, degrees in (
        (0.5, "slightly/mildly/faintly/gently/less/a little/a little bit/a bit/a touch/有点/有点儿/有些/稍微/略微"),
        (0.75, "somewhat/moderately/fairly/rather/kind of/sort of"),
        (1.5, "very/more/really/so/deeply/strongly/highly/truly/terribly/很/真/非常/特别/十分"),
        (2.0, "extremely/incredibly/utterly/totally/completely/absolutely/very very/极其/极度/极"),
    )
    for degree in degrees.split("/")
}
"""Words before an emotion that say how strong it is, and the strength that each stands for; set by hand."""

_DEGREE: Final = re.compile(
    "({})(.+)".format(
        "|".join(rf"{word}\s+" if word.isascii() else word for word in sorted(_DEGREES, key=len, reverse=True))
    ),
    re.IGNORECASE,
)
_NEGATION: Final = re.compile(r"(?:(?:not|no|never|without)\s+|[不没无])(.+)", re.IGNORECASE)


@dataclass(frozen=True)
class Mood:
    """How to say something: one of the eight emotions, the detected one, or any other word."""

    word: str
    """The emotion's canonical name, `auto`, or the custom word as it was given."""
    strength: float | None = field(default=None, compare=False)
    """The strength that a word before it asks for, as in `very happy`; None if there was none."""

    def at(self, strength: float) -> float:
        """Return how strongly it is acted in a call that acts with a strength, 0 to 2."""
        return min(2.0, strength * (1.0 if self.strength is None else self.strength))

    @property
    def is_auto(self) -> bool:
        """Whether the detected emotion is asked for."""
        return self.word == AUTO

    @property
    def is_known(self) -> bool:
        """Whether the word is one of the eight emotions."""
        return self.word in EMOTIONS

    @property
    def is_custom(self) -> bool:
        """Whether the word is neither `auto` nor one of the eight."""
        return not (self.is_auto or self.is_known)


def parse_mood(text: str) -> Mood:
    """Read an emotion as people write it.

    Any case, synonyms, RAVDESS codes (`03`), British spelling and Chinese words are understood,
    and so is a degree before the word (`very happy`, `a bit sad`), which becomes the strength of the mood.
    Every other word is a custom mood, which an engine accepts or refuses.

    Args:
        text: A word such as `HAPPY`, `joyful`, `03`, `开心`, `auto`, `very happy` or `wistful`.

    Raises:
        UnknownName: The text is empty, a number that is not a RAVDESS code, or says only what is not wanted.

    >>> parse_mood("Joyful").word
    'happy'
    >>> parse_mood("05").word
    'angry'
    >>> parse_mood("wistful").is_custom
    True
    >>> parse_mood("very happy")
    Mood(word='happy', strength=1.5)
    """
    word = " ".join(text.split())
    folded = word.casefold()
    if folded == AUTO:
        return Mood(AUTO)
    if known := _CANONICAL.get(folded) or _CANONICAL.get(american(folded)):
        return Mood(known)
    choices = f"Choose one of {', '.join((AUTO, *EMOTIONS))}."
    if not word or folded.isdigit():
        raise UnknownName(f"'{text}' is not an emotion.", hint=choices)
    if (denied := _NEGATION.fullmatch(word)) and (word.isascii() or parse_mood(denied[1]).is_known):
        raise UnknownName(f"'{word}' says what the emotion is not.", hint=choices)
    if degree := _DEGREE.fullmatch(word):
        mood = parse_mood(degree[2])
        if not mood.is_auto and mood.strength is None:
            return Mood(mood.word, _DEGREES[degree[1].strip().casefold()])
    return Mood(word)


def in_english(mood: Mood) -> str:
    """Return a mood in English, with its degree.

    >>> in_english(parse_mood("非常开心")), in_english(parse_mood("joyful"))
    ('very happy', 'happy')
    """
    degrees = (degree for degree, strength in _DEGREES.items() if strength == mood.strength and degree.isascii())
    return " ".join((*islice(degrees, 1), mood.word))


def is_degree(text: str) -> bool:
    """Return whether a word says how strong the emotion after it is, or begins to: `very`, `a`, `a bit`.

    >>> is_degree("Very"), is_degree("a"), is_degree("happy")
    (True, True, False)
    """
    folded = " ".join(text.casefold().split())
    return any(degree == folded or degree.startswith(f"{folded} ") for degree in _DEGREES)


def words_for(emotion: str) -> tuple[str, ...]:
    """Return every word, code included, that means one of the eight emotions."""
    return tuple(word for word, canonical in _CANONICAL.items() if canonical == emotion)
