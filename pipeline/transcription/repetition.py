"""Repetition: a decoder that has written a phrase several times may write it once too often.

The words before make the phrase ever likelier, so the scores do not tell. The sound does: it has no room for the copies
that nobody said, and the words cannot be aligned with it until they are left out.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import Final, NamedTuple

from pipeline.audio.activity import SpeechActivity
from pipeline.core.values import Audio
from pipeline.transcription.alignment import Alignment, aligner

__all__ = ["Loop", "align_with_room", "find_loop"]

_COPIES: Final = 3
"""Copies of a phrase in a row from which it is a loop; people say things twice."""


class Loop(NamedTuple):
    """A phrase that a text has several times in a row."""

    start: int
    """Number of its first word."""
    length: int
    """Words of the phrase."""
    copies: int
    """How many times it stands there in full."""

    def without(self, copies: int, words: Sequence[str]) -> list[int]:
        """Return the numbers of all words but those of so many copies."""
        first = self.start + (self.copies - copies) * self.length
        return [*range(first), *range(first + copies * self.length, len(words))]


def find_loop(words: Sequence[str]) -> Loop | None:
    """Return the loop that takes most of the words of a text; None if there is none.

    Case and punctuation do not count.

    >>> find_loop("We sang no, no, no. No!".split())
    Loop(start=2, length=1, copies=4)
    """
    plain = [word.casefold().strip(string.punctuation) for word in words]
    best: Loop | None = None
    for length in range(1, len(plain) // _COPIES + 1):
        start = 0
        while start + length < len(plain):
            same = 0
            while start + same + length < len(plain) and plain[start + same] == plain[start + same + length]:
                same += 1
            copies = same // length + 1
            if copies >= _COPIES and (best is None or copies * length > best.copies * best.length):
                best = Loop(start, length, copies)
            start += same + 1
    return best


def align_with_room(audio: Audio, words: Sequence[str], activity: SpeechActivity) -> tuple[list[int], Alignment]:
    """Return the words of a text that were said, by their numbers, and when.

    Only copies in a loop are ever left out, as few as it takes for the rest to fit the sound;
    if it never fits, all words stay.

    Args:
        audio: As `Aligner.align` takes it.
        words: The words of the text, as `frontend.words.written_words` finds them.
        activity: How likely somebody speaks at each moment of the sound.
    """

    def aligned(numbers: Sequence[int]) -> Alignment:
        return aligner().align(audio, " ".join(words[number] for number in numbers), activity)

    everything = list(range(len(words)))
    found = everything, aligned(everything)
    loop = None if found[1].forced else find_loop(words)
    if loop is None:
        return found
    fewest, most = 1, loop.copies
    while fewest < most:
        tried = (fewest + most) // 2
        kept = loop.without(tried, words)
        alignment = aligned(kept)
        if alignment.forced:
            found, most = (kept, alignment), tried
        else:
            fewest = tried + 1
    return found
