"""Which of the sound tracks of a container is heard."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["SECONDARY_TITLE", "NoSuchTrack", "Track", "choose_track", "described"]

SECONDARY_TITLE: Final = re.compile(
    r"\b(comment(ary|aries|aire|ar)|audio ?descri\w+|described|descriptive|karaoke)\b", re.I
)
"""Words of the title of a track that is not the film's own sound."""

_SAME: Final = 10
"""Distance of two languages (langcodes) under which they count as the same: Bokmål and Norwegian are at 1,
Danish and Norwegian at 12."""

_OTHERS: Final = "Give --track one of these numbers or languages (a code such as de or deu), or leave it out."


class NoSuchTrack(LookupError):
    """A container has no track such as the one that is asked for.

    Args:
        message: What it lacks.
        hint: What helps.
    """

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class Track:
    """A sound track of a container."""

    number: int
    """Counted from 1."""
    language: str = ""
    """As the container says it, such as `eng`; empty if it does not."""
    default: bool = False
    """Whether the container marks it as the one to play."""
    secondary: bool = False
    """Whether it is a commentary, or a description for those who see or hear less."""
    readable: bool = True
    """Whether there is a decoder for it."""


def choose_track(tracks: Sequence[Track], wanted: str = "", language: str = "") -> Track:
    """Return the track to hear.

    A wanted one wins, then the language, then the mark of the container, then the order.
    Among several of one language, commentaries and descriptions come last.

    Args:
        tracks: All sound tracks, at least one.
        wanted: A number, counted from 1, or a language.
        language: The language that is preferred if nothing is wanted: ISO 639 of any part, with or without a region.

    Raises:
        NoSuchTrack: There is no such track, or none that can be decoded.
    """
    if wanted.isdecimal():
        found = [track for track in tracks if track.number == int(wanted)]
    elif wanted:
        found = [track for track in tracks if _same(wanted, track.language)]
    else:
        found = list(tracks)
    readable = [track for track in found if track.readable]
    if not readable:
        if wanted and not found:
            raise NoSuchTrack(f"has no sound track {wanted}, but {described(tracks)}", _OTHERS)
        raise NoSuchTrack("has no sound track that can be decoded", _OTHERS if wanted else "Convert it.")
    if len(readable) == 1:
        return readable[0]
    preferred = "" if wanted else language
    return min(
        readable,
        key=lambda track: (
            bool(preferred) and not _same(preferred, track.language),
            # A commentary in the right language is still what few want.
            track.secondary,
            not track.default,
            track.number,
        ),
    )


def described(tracks: Sequence[Track]) -> str:
    """Return the tracks as a person reads them: numbers, with the languages that are known."""
    return ", ".join(f"{track.number} ({track.language})" if track.language else str(track.number) for track in tracks)


def _same(wanted: str, language: str) -> bool:
    """Return whether two codes, of two or three letters, with or without a region, mean one language."""
    if not language:
        return False
    import langcodes

    try:
        one, other = (langcodes.Language.get(code).language for code in (wanted, language))
    except ValueError:  # One of them is no code, but a word.
        return wanted.casefold() == language.casefold()
    return bool(one and other) and langcodes.tag_distance(one or "", other or "") < _SAME
