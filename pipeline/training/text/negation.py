"""Made sentences in which an emotion is denied, said twice over or only named.

People who label comments meet few of these, so a network that learns from their labels alone takes the word for the
emotion: "I am not angry" becomes angry. `negation.yaml` holds words, templates and what they mean together.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml

from pipeline.training.corpora.texts import LabelledText

__all__ = ["negations", "tables"]

_SLOT: Final = re.compile(r"\{([^}]+)\}")

_NO_APOSTROPHE: Final = 0.25
"""Share of the sentences that are written without apostrophes, as many people type; set by hand."""

_LOWER: Final = 0.25
"""Share of the sentences in small letters; set by hand."""

_NO_STOP: Final = 0.25
"""Share of the sentences without a sign at their end; set by hand."""


@cache
def tables() -> dict[str, Any]:
    """Return `words` of each emotion, what fills the other `slots`, and `texts`: templates with their answers."""
    found: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    return found


def negations(
    count: int, *, seed: int, labels: Collection[str], kinds: Sequence[bool] = (False,)
) -> list[LabelledText]:
    """Return made sentences with their emotions, different ones where chance allows it.

    Args:
        count: Sentences for each kind.
        seed: Seed of all chance.
        labels: Emotions that the model tells apart; sentences about others are left out.
        kinds: Whether the sentences count as spoken: one kind, or both.
    """
    groups = [group for group in tables()["texts"] if set(group["of"]) & {*labels}]
    shares = np.array([group["share"] for group in groups], np.float64)
    random = np.random.default_rng([seed, 1])
    found = []
    for spoken in kinds:
        for group in random.choice(len(groups), count, p=shares / shares.sum()):
            text, emotions = _sentence(groups[group], labels, random)
            if set(emotions) <= {*labels}:
                found.append(LabelledText(text, emotions, "train", "made", (), "", "negations", spoken))
    return found


def _sentence(
    group: dict[str, Any], labels: Collection[str], random: np.random.Generator
) -> tuple[str, tuple[str, ...]]:
    """Return a sentence of a group of templates, and its emotions."""
    emotion = _one([name for name in group["of"] if name in labels], random)
    words, fillers = tables()["words"], tables()["slots"]
    other = _one([name for name in words if name != emotion and name in labels] or [emotion], random)
    slots = fillers | words.get(emotion, {}) | {f"other {name}": entry for name, entry in words[other].items()}
    text = _SLOT.sub(lambda slot: _one(slots[slot[1]], random), _one(group["templates"], random))
    answer = {"same": emotion, "other": other}.get(group["answer"], group["answer"])
    return _typed(text, random), tuple(answer.split(", "))


def _typed(text: str, random: np.random.Generator) -> str:
    """Return a sentence as people type: with a capital, or in small letters, without apostrophe or full stop."""
    without_apostrophe, lower, without_stop = random.random(3) < (_NO_APOSTROPHE, _LOWER, _NO_STOP)
    text = text.lower() if lower else text[0].upper() + text[1:]
    if without_apostrophe:
        text = text.replace("'", "")
    return text.removesuffix(".") if without_stop else text


def _one(entries: Sequence[str], random: np.random.Generator) -> str:
    return entries[int(random.integers(len(entries)))]
