"""What the voice reads from: phones and what matters of their surroundings. Teacher and student share it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.frontend.english.reading import ReadWord

__all__ = ["CONTEXT", "PAUSE", "PHONES", "Script", "written"]

PAUSE: Final = "pau"

PHONES: Final = (
    PAUSE,
    *"aa ae ah ao aw ax ay b ch d dh eh er ey f g hh ih iy jh k l m n ng ow oy p r s sh t th uh uw v w y z zh".split(),
)
"""Names of the phones as the teacher has them; the position is the number that the network reads."""

CONTEXT: Final = (
    "unstressed",
    "stressed",
    "word starts",
    "word ends",
    "content word",
    "phrase ends without a mark",
    "phrase ends at a mark",
    "sentence ends",
    "sentence starts",
    "place in the phrase",
    "phones since the phrase began",
    "phones until the phrase ends",
    "vowels until the phrase ends",
    "length of the phrase",
)
"""What is said of each phone, numbers in [0, 1]; a pause tells the ending before it."""

_ENDINGS: Final = ("phrase", "comma", "end")
_NEAR: Final = 10
"""Phones to the edge of a phrase, about three words; further away it is not heard."""
_NEAR_VOWELS: Final = 5
"""Vowels to the end of a phrase: how long the last syllables grow is heard in no more of them."""
_LONG: Final = 60
"""Phones of a phrase that takes a whole breath; longer ones are said alike."""


@dataclass(frozen=True, eq=False)
class Script:
    """One sentence, ready to be spoken: it begins and ends with a pause."""

    phones: NDArray[np.int64]
    """Numbers of the phones, (phones,)."""
    context: NDArray[np.float32]
    """(phones, 14): see `CONTEXT`."""
    word: NDArray[np.int64]
    """Which of the words each phone belongs to, (phones,); -1 for a pause."""

    @property
    def names(self) -> list[str]:
        """The phones by name."""
        return [PHONES[phone] for phone in self.phones]


def written(words: Sequence[ReadWord]) -> Script:
    """Write the words of a sentence down for the voice.

    Args:
        words: At least one word; each break is spoken as a pause.
    """
    names: list[str] = [PAUSE]
    rows: list[list[float]] = [[0.0] * len(CONTEXT)]
    rows[0][CONTEXT.index("sentence starts")] = 1.0
    word_of: list[int] = [-1]
    first = 0
    for last, ending in ((place, word.followed_by) for place, word in enumerate(words) if word.followed_by):
        phrase = words[first : last + 1]
        sounds = [(phoneme, place) for place, word in enumerate(phrase, first) for phoneme in word.phonemes]
        vowels = [phoneme[-1].isdigit() for phoneme, _ in sounds]
        ends = [float(ending == each) for each in _ENDINGS]
        for place, (phoneme, word_place) in enumerate(sounds):
            left = len(sounds) - 1 - place
            names.append(_phone(phoneme))
            word_of.append(word_place)
            rows.append([
                float(phoneme[-1] == "0"),
                float(phoneme[-1] in "12"),
                float(place == 0 or sounds[place - 1][1] != word_place),
                float(left == 0 or sounds[place + 1][1] != word_place),
                float(words[word_place].is_content),
                *ends,
                float(first == 0),
                place / max(len(sounds) - 1, 1),
                min(place, _NEAR) / _NEAR,
                min(left, _NEAR) / _NEAR,
                min(sum(vowels[place:]), _NEAR_VOWELS) / _NEAR_VOWELS,
                min(len(sounds), _LONG) / _LONG,
            ])  # fmt: skip
        names.append(PAUSE)
        word_of.append(-1)
        rows.append([0.0] * 5 + ends + [0.0] * (len(CONTEXT) - 8))
        first = last + 1
    return Script(
        np.array([PHONES.index(name) for name in names], np.int64),
        np.array(rows, np.float32),
        np.array(word_of, np.int64),
    )


def _phone(phoneme: str) -> str:
    """Return the teacher's name of an ARPAbet phoneme: the unstressed AH is a phone of its own."""
    return "ax" if phoneme == "AH0" else phoneme.rstrip("012").lower()
