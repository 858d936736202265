"""The eight emotions of RAVDESS and the words that stand for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pipeline.core.errors import UnknownName

__all__ = ["AUTO", "EMOTIONS", "Mood", "parse_mood", "words_for"]

EMOTIONS: Final = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgusted", "surprised")
"""The emotions in the order of RAVDESS: `EMOTIONS[0]` is coded 01, `EMOTIONS[7]` is coded 08."""

AUTO: Final = "auto"
"""The word for "whatever emotion was detected"."""

_WORDS: Final[dict[str, str]] = {
    "neutral": "neutral neutrality normal plain none 普通 中性 平常 正常",
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


@dataclass(frozen=True)
class Mood:
    """How to say something: one of the eight emotions, the detected one, or any other word."""

    word: str
    """The emotion's canonical name, `auto`, or the custom word as it was given."""

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

    Any case, synonyms, RAVDESS codes (`03`) and Chinese words are understood.
    Every other word is a custom mood, which an engine accepts or refuses.

    Args:
        text: A word such as `HAPPY`, `joyful`, `03`, `开心`, `auto` or `wistful`.

    Raises:
        UnknownName: The text is empty, or a number that is not a RAVDESS code.

    >>> parse_mood("Joyful").word
    'happy'
    >>> parse_mood("05").word
    'angry'
    >>> parse_mood("wistful").is_custom
    True
    """
    word = " ".join(text.split())
    folded = word.casefold()
    if folded == AUTO:
        return Mood(AUTO)
    if folded in _CANONICAL:
        return Mood(_CANONICAL[folded])
    if not word or folded.isdigit():
        raise UnknownName(f"'{text}' is not an emotion.", hint=f"Choose one of {', '.join((AUTO, *EMOTIONS))}.")
    return Mood(word)


def words_for(emotion: str) -> tuple[str, ...]:
    """Return every word, code included, that means one of the eight emotions."""
    return tuple(word for word, canonical in _CANONICAL.items() if canonical == emotion)
