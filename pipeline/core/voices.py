"""The four voice presets that every engine offers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pipeline.core.errors import UnknownName
from pipeline.core.spelling import did_you_mean

__all__ = ["VOICE_PRESETS", "Voice", "canonical_voice", "unknown_voice"]

VOICE_PRESETS: Final = ("youngwoman", "youngman", "smallgirl", "middlemale")
"""The four voice presets, the default first."""


@dataclass(frozen=True)
class Voice:
    """One voice of a synthesis engine."""

    name: str
    """What a person types: one of the presets, or the engine's own id."""
    sex: str
    """`female` or `male`."""
    description: str
    """One line about the voice."""


def canonical_voice(text: str) -> str:
    """Return the preset that a text names in any case, or else the text itself, which may be an engine's own id.

    >>> canonical_voice("Middlemale"), canonical_voice("young woman"), canonical_voice("8051")
    ('middlemale', 'youngwoman', '8051')
    """
    folded = text.strip().casefold().replace(" ", "").replace("-", "").replace("_", "")
    return folded if folded in VOICE_PRESETS else text.strip()


def unknown_voice(voice: str, known: Iterable[str], choices: str) -> UnknownName:
    """Return the error about a voice that an engine does not have.

    Args:
        voice: What was asked for.
        known: The voices that the engine has; the nearest is proposed.
        choices: A sentence that says what can be chosen.
    """
    return UnknownName(f"There is no voice '{voice}'.", hint=f"{did_you_mean(voice, known)}{choices}")
