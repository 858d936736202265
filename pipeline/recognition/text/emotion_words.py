"""English words that name an emotion: what a denial can deny.

Words that name an emotion only here and there (`down`, `miss`) are left out: the network knows them by context.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["LEXICON", "EmotionWord"]


@dataclass(frozen=True)
class EmotionWord:
    """A form of a word that names an emotion."""

    base: str
    """The form that dictionaries list: `happy` for `happier`."""
    part: str
    """`adjective`, `noun`, `verb` (they hate it), `action` (they cry) or `cause` (it scares them)."""
    kind: str
    """`pleasant`, `unpleasant`, `surprised` or `caring`."""
    comparative: bool = False
    """Whether the form compares: `happier`."""


_WORDS: Final = {
    "pleasant": {
        "adjective": (
            "happy glad pleased delighted thrilled cheerful excited grateful thankful content contented "
            "satisfied relieved amused enthusiastic optimistic hopeful joyful joyous merry jolly proud "
            "ecstatic overjoyed elated euphoric fond blissful cheery gleeful jubilant exhilarated"
        ),
        "noun": (
            "joy happiness delight pleasure excitement enthusiasm gratitude satisfaction hope cheer "
            "laughter gladness bliss cheerfulness euphoria elation optimism contentment pride affection "
            "love pleasures joys hopes"
        ),
        "verb": "love like enjoy adore appreciate admire cherish",
        "action": "smile grin laugh giggle chuckle rejoice",
        "cause": "delight thrill excite amuse gladden",
    },
    "unpleasant": {
        "adjective": (
            "sad unhappy depressed heartbroken gloomy lonely sorrowful devastated hopeless disappointed "
            "melancholy homesick discouraged miserable upset tearful mournful dejected despondent "
            "downhearted glum hurt angry mad furious annoyed irritated outraged resentful livid bitter "
            "offended frustrated hostile enraged irate indignant infuriated grumpy jealous hateful "
            "spiteful aggravated bothered fed-up pissed pissed-off ticked-off freaked-out "
            "afraid scared frightened terrified nervous worried "
            "panicked anxious uneasy alarmed petrified timid fearful horrified spooked apprehensive "
            "intimidated panicky jumpy edgy disgusted revolted sickened repulsed nauseated repelled "
            "appalled grossed-out displeased dissatisfied discontented ungrateful pessimistic cheerless "
            "joyless ashamed embarrassed guilty annoying irritating infuriating frustrating offensive "
            "scary frightening terrifying alarming depressing disappointing upsetting disgusting "
            "revolting sickening"
        ),
        "noun": (
            "sadness sorrow grief loneliness despair gloom heartache disappointment regret unhappiness "
            "misery melancholy sorrows tears depression regrets anger fury rage wrath resentment "
            "bitterness hostility irritation annoyance outrage frustration hatred hate fear terror panic "
            "anxiety dread fright horror fears nervousness unease disgust revulsion repulsion nausea "
            "loathing shame guilt envy jealousy"
        ),
        "verb": "hate despise resent detest loathe dislike curse regret mourn fear dread abhor envy",
        "action": (
            "cry weep sob mourn grieve mope yell shout scream curse swear rage tremble panic shiver "
            "flinch despair gag retch sulk fret wail whimper"
        ),
        "cause": (
            "sadden depress hurt disappoint discourage upset annoy irritate infuriate offend frustrate "
            "enrage anger frighten scare terrify alarm unsettle horrify spook revolt sicken repulse "
            "nauseate repel appall disgust bother"
        ),
    },
    "surprised": {
        "adjective": (
            "surprised amazed astonished shocked startled stunned astounded speechless dumbfounded "
            "flabbergasted surprising shocking startling"
        ),
        "noun": "surprise astonishment amazement shock",
        "action": "gasp",
        "cause": "surprise amaze astonish shock startle stun astound",
    },
    "caring": {"verb": "care"},
}
_COMPARATIVES: Final = dict(
    pair.split("/")
    for pair in "happy/happier glad/gladder merry/merrier jolly/jollier proud/prouder fond/fonder cheery/cheerier "
    "sad/sadder lonely/lonelier gloomy/gloomier glum/glummer angry/angrier mad/madder grumpy/grumpier jumpy/jumpier "
    "edgy/edgier scary/scarier".split()
)
_PAST: Final = {"hurt": "hurt", "upset": "upset", "weep": "wept", "swear": "swore sworn"}
_DOUBLED: Final = frozenset({"sob", "grin", "gag", "stun", "repel", "fret", "regret", "upset"})
"""Verbs whose last letter is doubled before an ending."""


def _forms(verb: str) -> list[str]:
    """Return a verb with its endings: `hate hates hated hating`."""
    if verb[-1] == "y" and verb[-2] not in "aeiou":
        return [verb, f"{verb[:-1]}ies", f"{verb[:-1]}ied", f"{verb}ing"]
    present = f"{verb}es" if verb.endswith(("s", "sh", "ch", "x")) else f"{verb}s"
    stem = verb.removesuffix("e") + verb[-1] * (verb in _DOUBLED) + "k" * (verb == "panic")
    return [verb, present, *_PAST.get(verb, f"{stem}ed").split(), f"{stem}ing"]


def _lexicon() -> dict[str, tuple[EmotionWord, ...]]:
    found: dict[str, list[EmotionWord]] = {}
    entries = ((kind, part, base) for kind, parts in _WORDS.items() for part in parts for base in parts[part].split())
    for kind, part, base in entries:
        for form in [base] if part in ("adjective", "noun") else _forms(base):
            found.setdefault(form, []).append(EmotionWord(base, part, kind))
        if part == "adjective" and base in _COMPARATIVES:
            found.setdefault(_COMPARATIVES[base], []).append(EmotionWord(base, part, kind, comparative=True))
    return {form: tuple(readings) for form, readings in found.items()}


LEXICON: Final = _lexicon()
"""Form, in small letters, to what it can be: one or more parts of speech."""
