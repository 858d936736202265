"""Prosody taken from a recording: its melody, loudness and tempo, word by word, in another voice.

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
from pipeline.synthesis.prosody.durations import stretched_in_time
from pipeline.synthesis.world.vocoder import PERIOD, Floats, Spoken, analyse, melody, render

__all__ = ["Delivery", "delivered", "delivery_of"]

_POINTS: Final = 5
_MOST_SEMITONES: Final = 9.0
_MOST_DECIBEL: Final = 8.0
_SHORTEST: Final = 0.6
_LONGEST: Final = 1.7
_SILENT: Final = 40.0
_BLEND: Final = 9
_LEAST_VOICED: Final = 4


@dataclass(frozen=True, eq=False)
class Delivery:
    """How one word is spoken, apart from the voice that speaks it."""

    text: str
    """The word."""
    seconds: float
    """How long it lasts."""
    melody: Floats | None
    """Semitones over the voice's median at five points from the word's start to its end, (5,); None without a voice."""
    decibel: float
    """Its level over the mean level of the words."""


def delivery_of(audio: Audio, words: Sequence[Word]) -> tuple[Delivery, ...]:
    """Return how the words of a recording are spoken.

    Args:
        audio: One voice, mono.
        words: Its words, with their times in it.
    """
    pitch = melody(audio)
    voiced = pitch > 0
    if not words or not voiced.any():
        return ()
    semitones = np.full(len(pitch), np.nan)
    semitones[voiced] = 12 * np.log2(pitch[voiced] / np.median(pitch[voiced]))
    levels = np.array([_level(audio.slice(word.start, word.end)) for word in words])
    loud = levels > levels.max() - _SILENT
    usual = float(levels[loud].mean())
    return tuple(
        Delivery(
            text=word.text,
            seconds=word.end - word.start,
            melody=_points(semitones[round(word.start / PERIOD) : round(word.end / PERIOD)]),
            decibel=float(level) - usual if heard else 0.0,
        )
        for word, level, heard in zip(words, levels, loud, strict=True)
    )


def delivered(speech: Speech, delivery: Sequence[Delivery]) -> Speech:
    """Return speech in the delivery of a recording: each word's melody, level and tempo.

    The median of the pitch stays that of the speech, and so does the loudness of the whole.
    A word is at most 9 semitones from the median and 8 dB from the mean, and lasts 0.6 to 1.7 times as long as it did;
    words without a partner keep theirs. Pauses stay.

    Args:
        speech: What an engine said, with the times of its words.
        delivery: That of the recording's words.
    """
    pairs = _pairs(speech.words, delivery)
    if not pairs:
        return speech
    spoken = analyse(speech.audio, speech.words, trimmed=False)
    if not spoken.voiced.any():
        return speech
    spoken = _louder(_intoned(spoken, pairs), pairs)
    spoken = _timed(spoken, pairs)
    audio = limited(finished(render(spoken)), loudness(speech.audio))
    words = tuple(word.within(audio.duration) for word in spoken.words)
    return dataclasses.replace(speech, audio=audio, words=words)


def _pairs(words: Sequence[Word], delivery: Sequence[Delivery]) -> list[tuple[int, Delivery]]:
    """Return which word is spoken like which of the recording."""
    said, heard = [_bare(word.text) for word in words], [_bare(one.text) for one in delivery]
    blocks = SequenceMatcher(None, said, heard, autojunk=False).get_matching_blocks()
    return [(block.a + step, delivery[block.b + step]) for block in blocks for step in range(block.size)]


def _intoned(spoken: Spoken, pairs: Sequence[tuple[int, Delivery]]) -> Spoken:
    """Return the speech with the melody of the words; between words it goes on from one to the next."""
    voiced = spoken.voiced
    median = float(np.median(spoken.pitch[voiced]))
    own = 12 * np.log2(np.maximum(spoken.pitch, 1.0) / median)
    times: list[float] = []
    values: list[float] = []
    for index, one in pairs:
        word = spoken.words[index]
        if one.melody is None or word.end <= word.start:
            continue
        centres = (np.arange(_POINTS) + 0.5) / _POINTS
        times += list(word.start + centres * (word.end - word.start))
        values += list(np.clip(one.melody, -_MOST_SEMITONES, _MOST_SEMITONES))
    if not times:
        return spoken
    taken = np.interp(np.arange(len(spoken)) * PERIOD, times, values)
    # A word that has no partner keeps its own melody; the change between both is not heard as a step.
    share = _smoothed(_covered(spoken, [index for index, one in pairs if one.melody is not None]))
    melody_now = share * (taken - float(np.median(taken[voiced]))) + (1 - share) * own
    pitch = np.where(voiced, median * 2 ** (melody_now / 12), 0.0)
    return dataclasses.replace(spoken, pitch=pitch)


def _louder(spoken: Spoken, pairs: Sequence[tuple[int, Delivery]]) -> Spoken:
    """Return the speech with the level of the words."""
    gain = np.zeros(len(spoken))
    powers = {index: _power(spoken, spoken.words[index]) for index, _ in pairs}
    usual = float(np.mean(list(powers.values())))
    for index, one in pairs:
        first, last = _frames(spoken, spoken.words[index])
        wanted = float(np.clip(one.decibel, -_MOST_DECIBEL, _MOST_DECIBEL))
        gain[first:last] = np.clip(usual + wanted - powers[index], -_MOST_DECIBEL, _MOST_DECIBEL)
    envelope = spoken.envelope + _smoothed(gain).astype(np.float32)[:, None]
    return dataclasses.replace(spoken, envelope=envelope)


def _timed(spoken: Spoken, pairs: Sequence[tuple[int, Delivery]]) -> Spoken:
    """Return the speech with the durations of the words."""
    lasting = np.ones(len(spoken))
    for index, one in pairs:
        word = spoken.words[index]
        if word.end > word.start:
            first, last = _frames(spoken, word)
            lasting[first:last] = np.clip(one.seconds / (word.end - word.start), _SHORTEST, _LONGEST)
    return stretched_in_time(spoken, _smoothed(lasting))


def _points(semitones: Floats) -> Floats | None:
    """Return the melody of a word at its five points; None where it has hardly a voice."""
    known = np.flatnonzero(np.isfinite(semitones))
    if len(known) < _LEAST_VOICED:
        return None
    whole = np.interp(np.arange(len(semitones)), known, semitones[known])
    points: Floats = np.array([np.median(part) for part in np.array_split(whole, _POINTS) if len(part)])
    return points if len(points) == _POINTS else None


def _level(audio: Audio) -> float:
    power = float(np.mean(np.square(audio.samples, dtype=np.float64))) if len(audio.samples) else 0.0
    return 10 * float(np.log10(power + 1e-12))


def _power(spoken: Spoken, word: Word) -> float:
    """Return the mean power of a word in dB."""
    first, last = _frames(spoken, word)
    return float(10 * np.log10(np.mean(10 ** (spoken.level[first:last] / 10))))


def _frames(spoken: Spoken, word: Word) -> tuple[int, int]:
    first = min(round(word.start / PERIOD), len(spoken) - 1)
    return first, min(max(round(word.end / PERIOD), first + 1), len(spoken))


def _covered(spoken: Spoken, indices: Sequence[int]) -> Floats:
    """Return 1 where a word of these is spoken or nobody speaks, 0 in other words, (frames,)."""
    covered = np.ones(len(spoken))
    chosen = set(indices)
    for index, word in enumerate(spoken.words):
        if index not in chosen:
            first, last = _frames(spoken, word)
            covered[first:last] = 0.0
    return covered


def _smoothed(values: Floats) -> Floats:
    """Return the mean over 45 ms around each frame."""
    padded = np.pad(values, _BLEND // 2, mode="edge")
    smooth: Floats = np.convolve(padded, np.ones(_BLEND) / _BLEND, mode="valid")
    return smooth


def _bare(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
