"""How the words of a recording are spoken, and speech of any engine that is to be spoken like them.

A voice that plans is told before there is sound (`Actor.synthesise`). The finished speech of the others is taken apart
and said anew by WORLD.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Final

import numpy as np

from pipeline.audio.loudness import limited, loudness
from pipeline.audio.writing import finished
from pipeline.core.values import Audio, Speech, Word
from pipeline.synthesis.prosody import Floats
from pipeline.synthesis.prosody.copying import POINTS, WordProsody, copied, paired, touching
from pipeline.synthesis.prosody.f0 import SEMITONES, Register
from pipeline.synthesis.world.analysis import analyse, estimate_f0
from pipeline.synthesis.world.frames import PERIOD
from pipeline.synthesis.world.rendering import render

__all__ = ["transfer", "word_prosody"]

_SILENT: Final = 40.0
"""dB below the loudest word from which a word is not heard in the recording."""
_LEAST_VOICED: Final = 4
"""Frames of voice without which a word has no F0 of its own."""


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
    words = touching(words)
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
    """Return speech in the prosody of a recording (`copied`); the loudness of the whole stays.

    Args:
        speech: What an engine said, with the times of its words.
        source: That of the recording's words.
    """
    if not paired([word.text for word in speech.words], source):
        return speech
    frames = analyse(speech.audio, speech.words, trimmed=False)
    if not frames.voiced.any():
        return speech
    planned = frames.prosody(Register(float(np.median(frames.f0[frames.voiced])), np.inf))
    acted = frames.spoken_as(planned, copied(planned, source))
    audio = limited(finished(render(acted)), loudness(speech.audio))
    words = tuple(word.within(audio.duration) for word in acted.words)
    return dataclasses.replace(speech, audio=audio, words=words)


def _points(semitones: Floats) -> Floats | None:
    """Return the F0 of a word at its five points; None if it has hardly a voice."""
    known = np.flatnonzero(np.isfinite(semitones))
    if len(known) < _LEAST_VOICED:
        return None
    whole = np.interp(np.arange(len(semitones)), known, semitones[known])
    points: Floats = np.array([np.median(part) for part in np.array_split(whole, POINTS) if len(part)])
    return points if len(points) == POINTS else None


def _level(audio: Audio) -> float:
    power = float(np.mean(np.square(audio.samples, dtype=np.float64))) if len(audio.samples) else 0.0
    return 10 * float(np.log10(power + 1e-12))
