"""Prosody taken from a recording: its F0, loudness and tempo, word by word, in another voice.

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

from pipeline.audio.loudness import limited, loudness
from pipeline.audio.writing import finished
from pipeline.core.values import Audio, Speech, Word
from pipeline.synthesis.prosody import Floats
from pipeline.synthesis.prosody.f0 import SEMITONES, Register
from pipeline.synthesis.prosody.prosody import Prosody
from pipeline.synthesis.world.analysis import analyse, estimate_f0
from pipeline.synthesis.world.frames import PERIOD
from pipeline.synthesis.world.rendering import render

__all__ = ["WordProsody", "transfer", "word_prosody"]

_POINTS: Final = 5
"""Points of F0 that describe a word: enough for a rise and a fall in it."""
_MOST_SEMITONES: Final = 9.0
"""Semitones from the median that a word may take: more are errors of the analysis."""
_MOST_DECIBEL: Final = 8.0
"""dB from the mean level that a word may take: softer ones would be lost."""
_SHORTEST: Final = 0.6
"""Least share of its duration that a word is pressed into."""
_LONGEST: Final = 1.7
"""Greatest share of its duration that a word is drawn to."""
_SILENT: Final = 40.0
"""dB below the loudest word from which a word is not heard in the recording."""
_BLEND: Final = 9
"""Frames (45 ms) over which one word changes into the next, so that no step is heard."""
_LEAST_VOICED: Final = 4
"""Frames of voice without which a word has no F0 of its own."""


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


def word_prosody(audio: Audio, words: Sequence[Word]) -> tuple[WordProsody, ...]:
    """Return how the words of a recording are spoken.

    Args:
        audio: One voice, mono.
        words: Its words, with their times in it.
    """
    f0 = estimate_f0(audio)
    voiced = f0 > 0
    if not words or not voiced.any():
        return ()
    semitones = np.full(len(f0), np.nan)
    semitones[voiced] = SEMITONES * np.log2(f0[voiced] / np.median(f0[voiced]))
    levels = np.array([_level(audio.slice(word.start, word.end)) for word in words])
    loud = levels > levels.max() - _SILENT
    usual = float(levels[loud].mean())
    return tuple(
        WordProsody(
            text=word.text,
            seconds=word.end - word.start,
            contour=_points(semitones[round(word.start / PERIOD) : round(word.end / PERIOD)]),
            decibel=float(level) - usual if heard else 0.0,
        )
        for word, level, heard in zip(words, levels, loud, strict=True)
    )


def transfer(speech: Speech, source: Sequence[WordProsody]) -> Speech:
    """Return speech in the prosody of a recording: each word's F0, level and tempo.

    The median of F0 stays that of the speech, and so does the loudness of the whole.
    A word is at most 9 semitones from the median and 8 dB from the mean, and lasts 0.6 to 1.7 times as long as it did;
    words without a partner keep theirs. Pauses stay.

    Args:
        speech: What an engine said, with the times of its words.
        source: That of the recording's words.
    """
    pairs = _pairs(speech.words, source)
    if not pairs:
        return speech
    frames = analyse(speech.audio, speech.words, trimmed=False)
    if not frames.voiced.any():
        return speech
    median = float(np.median(frames.f0[frames.voiced]))
    planned = frames.prosody(Register(median, np.inf))
    acted = frames.spoken_as(planned, _transferred(planned, pairs))
    audio = limited(finished(render(acted)), loudness(speech.audio))
    words = tuple(word.within(audio.duration) for word in acted.words)
    return dataclasses.replace(speech, audio=audio, words=words)


def _pairs(words: Sequence[Word], source: Sequence[WordProsody]) -> list[tuple[int, WordProsody]]:
    """Return which word is spoken like which of the recording."""
    said, heard = [_bare(word.text) for word in words], [_bare(one.text) for one in source]
    blocks = SequenceMatcher(None, said, heard, autojunk=False).get_matching_blocks()
    return [(block.a + step, source[block.b + step]) for block in blocks for step in range(block.size)]


def _transferred(prosody: Prosody, pairs: Sequence[tuple[int, WordProsody]]) -> Prosody:
    """Return a sentence with F0, level and durations of the words."""
    changed = dataclasses.replace(prosody, f0=_f0(prosody, pairs), energy=_energy(prosody, pairs))
    return changed.stretched(_lasting(prosody, pairs))


def _f0(prosody: Prosody, pairs: Sequence[tuple[int, WordProsody]]) -> Floats:
    """Return the F0 of the words in Hz, (frames,); between words it goes on from one to the next."""
    voiced, median = prosody.voiced, prosody.register.usual
    own = SEMITONES * np.log2(np.maximum(prosody.f0, 1.0) / median)
    times: list[float] = []
    values: list[float] = []
    for index, one in pairs:
        word = prosody.words[index]
        if one.contour is None or word.end <= word.start:
            continue
        centres = (np.arange(_POINTS) + 0.5) / _POINTS
        times += list(word.start + centres * (word.end - word.start))
        values += list(np.clip(one.contour, -_MOST_SEMITONES, _MOST_SEMITONES))
    if not times:
        return prosody.f0
    taken = np.interp(np.arange(len(prosody)) * prosody.period, times, values)
    # A word that has no partner keeps its own F0; the change between both is not heard as a step.
    share = _smoothed(_covered(prosody, [index for index, one in pairs if one.contour is not None]))
    contour = share * (taken - float(np.median(taken[voiced]))) + (1 - share) * own
    return np.where(voiced, median * 2 ** (contour / SEMITONES), 0.0)


def _energy(prosody: Prosody, pairs: Sequence[tuple[int, WordProsody]]) -> Floats:
    """Return the power of each frame in dB with the level of the words, (frames,)."""
    gain = np.zeros(len(prosody))
    powers = {index: _power(prosody, prosody.words[index]) for index, _ in pairs}
    usual = float(np.mean(list(powers.values())))
    for index, one in pairs:
        first, last = _frames(prosody, prosody.words[index])
        wanted = float(np.clip(one.decibel, -_MOST_DECIBEL, _MOST_DECIBEL))
        gain[first:last] = np.clip(usual + wanted - powers[index], -_MOST_DECIBEL, _MOST_DECIBEL)
    return prosody.energy + _smoothed(gain)


def _lasting(prosody: Prosody, pairs: Sequence[tuple[int, WordProsody]]) -> Floats:
    """Return how many frames each frame lasts with the durations of the words, (frames,)."""
    lasting = np.ones(len(prosody))
    for index, one in pairs:
        word = prosody.words[index]
        if word.end > word.start:
            first, last = _frames(prosody, word)
            lasting[first:last] = np.clip(one.seconds / (word.end - word.start), _SHORTEST, _LONGEST)
    return _smoothed(lasting)


def _points(semitones: Floats) -> Floats | None:
    """Return the F0 of a word at its five points; None if it has hardly a voice."""
    known = np.flatnonzero(np.isfinite(semitones))
    if len(known) < _LEAST_VOICED:
        return None
    whole = np.interp(np.arange(len(semitones)), known, semitones[known])
    points: Floats = np.array([np.median(part) for part in np.array_split(whole, _POINTS) if len(part)])
    return points if len(points) == _POINTS else None


def _level(audio: Audio) -> float:
    power = float(np.mean(np.square(audio.samples, dtype=np.float64))) if len(audio.samples) else 0.0
    return 10 * float(np.log10(power + 1e-12))


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


def _smoothed(values: Floats) -> Floats:
    """Return the mean over 45 ms around each frame."""
    padded = np.pad(values, _BLEND // 2, mode="edge")
    smooth: Floats = np.convolve(padded, np.ones(_BLEND) / _BLEND, mode="valid")
    return smooth


def _bare(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
