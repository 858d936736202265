"""Prosody copied from a recording: F0, level and tempo of its words, laid on the same words of a sentence.

Words are paired one to one, so that nothing has to be aligned by ear, and what a word takes has limits:
contours that were aligned frame by frame by dynamic time warping cost words (8 % wrong in neutral speech, 23 % in
emotional).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

import numpy as np

from pipeline.core.values import Word
from pipeline.synthesis.prosody import Floats
from pipeline.synthesis.prosody.changes import EmotionChange
from pipeline.synthesis.prosody.f0 import SEMITONES
from pipeline.synthesis.prosody.prosody import Prosody

__all__ = ["POINTS", "WordProsody", "beside", "copied", "paired", "shared_out", "touching"]

POINTS: Final = 5
"""Points of F0 that describe a word: enough for a rise and a fall in it."""
_DEEPEST: Final = -6.0
"""Semitones from the median that a word may take downwards: deeper are creak and errors of an octave."""
_HIGHEST: Final = 9.0
"""Semitones upwards: about where the voice's own compression begins."""
_MOST_DECIBEL: Final = 8.0
"""dB from the mean level that a word may take: softer ones would be lost."""
_SHORTEST: Final = 0.6
"""Least share of its duration that a word is pressed into."""
_LONGEST: Final = 1.7
"""Greatest share of its duration that a word is drawn to."""
_BLEND: Final = 0.045
"""Seconds over which one word changes into the next, so that no step is heard and F0 glides as a voice does."""
_APART: Final = 0.1
"""Seconds of a pause; within less, the edge between two words is where somebody drew it."""


@dataclass(frozen=True, eq=False)
class WordProsody:
    """How one word is spoken, apart from the voice that speaks it."""

    text: str
    """The word."""
    seconds: float
    """How long it lasts."""
    contour: Floats | None
    """Semitones over the voice's median at five points from the word's start to its end, (5,); None without a voice."""
    decibel: float
    """Its level over the mean level of the words."""


def copied(prosody: Prosody, source: Sequence[WordProsody]) -> Prosody:
    """Return a sentence with F0, level and tempo of the words of a recording.

    The recording's median of F0 becomes the voice's usual F0, and its mean level of words that of the sentence.
    A word is at most 9 semitones above the one or 6 below, and 8 dB from the other, and lasts 0.6 to 1.7 times as long
    as it did; words without a partner keep theirs. Pauses stay.

    Args:
        prosody: The sentence, before an emotion changes it.
        source: Words of the recording, in order of time.
    """
    pairs = paired([word.text for word in prosody.words], source)
    if not pairs:
        return prosody
    marked = dataclasses.replace(prosody, words=touching(prosody.words))
    # A recording that is copied to its end rises by itself where it asks.
    rises = prosody.rises and pairs[-1][0] != len(prosody.words) - 1
    changed = dataclasses.replace(prosody, f0=_f0(marked, pairs), energy=_energy(marked, pairs), rises=rises)
    return changed.stretched(_lasting(marked, pairs))


def touching(words: Sequence[Word]) -> tuple[Word, ...]:
    """Return words with those meeting in the middle that are less than 0.1 s apart; a voice goes on between them.

    Some voices and transcribers count the sound between two words to one of them, others to neither.

    Args:
        words: In order of time.
    """
    starts, ends = [word.start for word in words], [word.end for word in words]
    for index, (end, start) in enumerate(zip(ends[:-1], starts[1:], strict=True)):
        if start - end < _APART:
            ends[index] = starts[index + 1] = (end + start) / 2
    return tuple(
        dataclasses.replace(word, start=start, end=end) for word, start, end in zip(words, starts, ends, strict=True)
    )


def beside(change: EmotionChange) -> EmotionChange:
    """Return what is left to do for an emotion where the melody, the tempo and the loudness of words are copied.

    The recording's own are what was asked for, and often hold the emotion already.
    """
    return dataclasses.replace(change, range=0.0, slope=0.0, final=0.0, arch=0.0, tempo=0.0, dynamics=0.0, swell=0.0)


def paired(words: Sequence[str], source: Sequence[WordProsody]) -> list[tuple[int, WordProsody]]:
    """Return which word is spoken like which of the recording: its index, and its partner.

    Args:
        words: As they are written; case and punctuation do not matter.
        source: As `copied`.
    """
    said, heard = [_bare(word) for word in words], [_bare(one.text) for one in source]
    blocks = SequenceMatcher(None, said, heard, autojunk=False).get_matching_blocks()
    return [(block.a + step, source[block.b + step]) for block in blocks for step in range(block.size)]


def shared_out(source: Sequence[WordProsody], sentences: Sequence[Sequence[str]]) -> list[tuple[WordProsody, ...]]:
    """Return for each sentence of a text those words of the recording that have a partner in it.

    Args:
        source: As `copied`.
        sentences: The words of each sentence.
    """
    shares: list[list[WordProsody]] = [[] for _ in sentences]
    sentence_of = [place for place, sentence in enumerate(sentences) for _ in sentence]
    for index, one in paired([word for sentence in sentences for word in sentence], source):
        shares[sentence_of[index]].append(one)
    return [tuple(share) for share in shares]


def _f0(prosody: Prosody, pairs: Sequence[tuple[int, WordProsody]]) -> Floats:
    """Return the F0 of the words in Hz, (frames,); between words it goes on from one to the next."""
    usual = prosody.register.usual
    own = SEMITONES * np.log2(np.maximum(prosody.f0, 1.0) / usual)
    times: list[float] = []
    values: list[float] = []
    for index, one in pairs:
        word = prosody.words[index]
        if one.contour is None or word.end <= word.start:
            continue
        centres = (np.arange(POINTS) + 0.5) / POINTS
        times += list(word.start + centres * (word.end - word.start))
        values += list(np.clip(one.contour, _DEEPEST, _HIGHEST))
    if not times:
        return prosody.f0
    taken = _smoothed(prosody, np.interp(np.arange(len(prosody)) * prosody.period, times, values))
    # A word that has no partner keeps its own F0; the change between both is not heard as a step.
    share = _smoothed(prosody, _covered(prosody, [index for index, one in pairs if one.contour is not None]))
    contour = share * taken + (1 - share) * own
    return np.where(prosody.voiced, usual * 2 ** (contour / SEMITONES), 0.0)


def _energy(prosody: Prosody, pairs: Sequence[tuple[int, WordProsody]]) -> Floats:
    """Return the power of each frame in dB with the level of the words, (frames,)."""
    gain = np.zeros(len(prosody))
    powers = {index: _power(prosody, prosody.words[index]) for index, _ in pairs}
    usual = float(np.mean(list(powers.values())))
    for index, one in pairs:
        first, last = _frames(prosody, prosody.words[index])
        wanted = float(np.clip(one.decibel, -_MOST_DECIBEL, _MOST_DECIBEL))
        gain[first:last] = np.clip(usual + wanted - powers[index], -_MOST_DECIBEL, _MOST_DECIBEL)
    return prosody.energy + _smoothed(prosody, gain)


def _lasting(prosody: Prosody, pairs: Sequence[tuple[int, WordProsody]]) -> Floats:
    """Return how many frames each frame lasts with the durations of the words, (frames,)."""
    lasting = np.ones(len(prosody))
    for index, one in pairs:
        word = prosody.words[index]
        if word.end > word.start:
            first, last = _frames(prosody, word)
            lasting[first:last] = np.clip(one.seconds / (word.end - word.start), _SHORTEST, _LONGEST)
    return _smoothed(prosody, lasting)


def _power(prosody: Prosody, word: Word) -> float:
    """Return the mean power of a word in dB."""
    first, last = _frames(prosody, word)
    return float(10 * np.log10(np.mean(10 ** (prosody.energy[first:last] / 10))))


def _frames(prosody: Prosody, word: Word) -> tuple[int, int]:
    first = min(round(word.start / prosody.period), len(prosody) - 1)
    return first, min(max(round(word.end / prosody.period), first + 1), len(prosody))


def _covered(prosody: Prosody, indices: Sequence[int]) -> Floats:
    """Return 1 where a word of these is spoken or nobody speaks, 0 in other words, (frames,)."""
    covered = np.ones(len(prosody))
    chosen = set(indices)
    for index, word in enumerate(prosody.words):
        if index not in chosen:
            first, last = _frames(prosody, word)
            covered[first:last] = 0.0
    return covered


def _smoothed(prosody: Prosody, values: Floats) -> Floats:
    """Return the mean over 45 ms around each frame."""
    around = round(_BLEND / prosody.period / 2)
    padded = np.pad(values, around, mode="edge")
    smooth: Floats = np.convolve(padded, np.ones(2 * around + 1) / (2 * around + 1), mode="valid")
    return smooth


def _bare(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
