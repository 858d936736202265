"""Custom moods: where a word of the user's own lies among the emotions that were measured.

A mood is placed by valence, arousal and dominance (Russell and Mehrabian 1977, "Evidence for a three-factor theory of
emotions"). The lexicon `moods.json` holds this project's own estimates.
"""

from __future__ import annotations

import json
import math
from functools import cache
from importlib.resources import files
from typing import Final

from pipeline.core.emotions import EMOTIONS, Mood
from pipeline.core.errors import UnknownName
from pipeline.core.spelling import american, did_you_mean

__all__ = ["check_mood", "describe", "feelings", "mixture"]

_EMOTIONS_IN_A_MOOD: Final = 3
"""Emotions that a mood is mixed of at most: a mixture of more is like none of them."""
_LEAST_SHARE: Final = 0.15
"""Share below which an emotion is left out: nobody would hear it."""
_NEAREST: Final = 0.05
"""Distance that a mood is taken to have from an emotion at least, so that no share is infinite."""


def mixture(mood: Mood) -> dict[str, float]:
    """Return the emotions that a mood is spoken as, the largest share first; the shares sum to 1.

    The nearest emotions share a custom mood by the inverse square of their distance.

    Args:
        mood: An emotion or a custom mood.

    Raises:
        UnknownName: The word is not in the lexicon; the hint names words that are spelled or placed like it.

    >>> mixture(Mood("sad"))
    {'sad': 1.0}
    """
    if mood.is_known:
        return {mood.word: 1.0}
    place = _find(mood.word)
    if place is None:
        raise UnknownName(f"'{mood.word}' is a mood that this voice does not know.", hint=_hint(mood.word))
    nearness = {
        emotion: 1 / max(math.dist(place, centre), _NEAREST) ** 2 for emotion, centre in _lexicon("emotions").items()
    }
    nearest = sorted(nearness, key=lambda emotion: -nearness[emotion])[:_EMOTIONS_IN_A_MOOD]
    total = sum(nearness[emotion] for emotion in nearest)
    kept = [emotion for emotion in nearest if nearness[emotion] / total >= _LEAST_SHARE]
    total = sum(nearness[emotion] for emotion in kept)
    return {emotion: nearness[emotion] / total for emotion in kept}


def check_mood(mood: Mood, voice: str) -> None:
    """Refuse a mood that is not in the lexicon; the voice does not matter.

    Raises:
        UnknownName: As `mixture`.
    """
    mixture(mood)


def feelings() -> dict[str, tuple[float, float, float]]:
    """Return valence, arousal and dominance of the known emotions, each in [-1, 1]."""
    return dict(_lexicon("emotions"))


def describe(mood: Mood, shares: dict[str, float]) -> str:
    """Return the sentence that tells how a custom mood is spoken; empty for the known emotions.

    >>> describe(Mood("wistful"), {"sad": 0.6, "calm": 0.4})
    "'wistful' is spoken as 60 % sad, 40 % calm."
    """
    if not mood.is_custom:
        return ""
    parts = ", ".join(f"{share * 100:.0f} % {emotion}" for emotion, share in shares.items())
    return f"'{mood.word}' is spoken as {parts}."


@cache
def _lexicon(kind: str) -> dict[str, tuple[float, float, float]]:
    """Return the `emotions` or the `moods` with their places."""
    data = json.loads(files(__package__).joinpath("moods.json").read_text(encoding="utf-8"))
    return {word: tuple(place) for word, place in data[kind].items()}


def _find(word: str) -> tuple[float, float, float] | None:
    folded = american(word)
    lexicon = {american(known): place for known, place in _lexicon("moods").items()}
    # Adverbs are placed like their adjectives: wistfully, happily, gently.
    stems = [folded, folded.removesuffix("ly"), folded.removesuffix("ly") + "le", folded.removesuffix("ily") + "y"]
    return next((lexicon[stem] for stem in stems if stem in lexicon), None)


def _hint(word: str) -> str:
    near = did_you_mean(word, [*EMOTIONS, *_lexicon("moods")], count=3, likeness=0.6)
    return f"{near}Choose one of {', '.join(EMOTIONS)}, or a mood such as wistful, proud or bored."
