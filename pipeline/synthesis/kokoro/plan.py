"""A sentence of Kokoro between its parts: its prosody is changed before there is any sound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from pipeline.audio.resampling import resampled
from pipeline.core.values import Audio, Samples, Word
from pipeline.synthesis.kokoro.parts import SAMPLE_RATE, STEP, STEPS, Decoder, Encoded, Frames, Intended
from pipeline.synthesis.kokoro.symbols import Script
from pipeline.synthesis.prosody import Floats, Mask
from pipeline.synthesis.prosody.changes import TimbreChange
from pipeline.synthesis.prosody.f0 import Register
from pipeline.synthesis.prosody.prosody import Phone, Prosody, at, f0_at
from pipeline.synthesis.sentences import Token
from pipeline.synthesis.world.frames import AFTER, BEFORE, DECIBEL

__all__ = ["KokoroPlan"]

_LEAST_VOICED: Final = (50.0, 0.45)
"""Hertz, and share of the median, that F0 has where there is a voice: at its edges Kokoro's F0 falls to almost zero."""
_MOVED: Final = 20.0
"""Hertz above which F0 outside the voice moves with the voice; below it stands for silence."""
_SILENT: Final = 45.0
"""dB below the loudest step from which a sentence or a word is silent at its ends."""


@dataclass(frozen=True, eq=False)
class KokoroPlan:
    """A sentence with the durations, F0 and energy that Kokoro gives it.

    Times and frequencies are those of the result: where the voice has another size, the decoder makes a sound that is
    slower and deeper by that, and it is played faster.
    """

    decoder: Decoder
    """What makes the sound."""
    encoded: Encoded
    """Features of each token."""
    style: Samples
    """Style of the voice, (1, 256)."""
    frames: Frames
    """Frames of 25 ms that each token lasts in the decoder, (tokens,)."""
    f0: Floats
    """Fundamental frequency in Hz of the result, (steps,); low, not zero, where there is no voice."""
    energy: Floats
    """As the decoder takes it, (steps,)."""
    script: Script
    """What is read."""
    tokens: Sequence[Token]
    """Words as they were written, to which the symbols of the script belong."""
    register: Register
    """Where the voice speaks."""
    size: float = 1.0
    """By how much the formants are higher than the decoder's."""
    rises: bool = False
    """Whether the voice should rise at the end and does not yet."""

    @property
    def period(self) -> float:
        """Seconds of a step in the result."""
        return STEP / SAMPLE_RATE / self.size

    @cached_property
    def prosody(self) -> Prosody:
        """How the sentence is spoken neutrally, from 30 ms before its first sound to 60 ms after its last."""
        first, last = self._bounds
        said = sorted(set(self.script.word) - {-1})
        word_of = np.array([said.index(token) if token >= 0 else -1 for token in (-1, *self.script.word, -1)])
        edges = np.clip(self._edges, first, last) - first
        seconds = np.diff(edges) * self.period
        return Prosody(
            f0=np.where(self.voiced, self.f0, 0.0)[first:last],
            energy=DECIBEL * self.energy[first:last],
            register=self.register,
            period=self.period,
            words=tuple(
                self._word(self.tokens[token], np.flatnonzero(word_of == place), edges, first)
                for place, token in enumerate(said)
            ),
            phones=tuple(map(Phone, f"_{self.script.symbols}_", seconds.tolist(), word_of.tolist())),
            rises=self.rises,
        )

    def render(self, prosody: Prosody, timbre: TimbreChange) -> Audio:
        """Return the sentence as sound.

        Args:
            prosody: What has become of `prosody`.
            timbre: What to change in the sound of the voice.
        """
        first, last = self._bounds
        source = np.concatenate([np.arange(first), first + prosody.source, np.arange(last, len(self.f0))])
        edges = self._moved_edges(prosody)
        frames = _rounded(edges / STEPS)
        grid = STEPS * np.concatenate([[0], np.cumsum(frames)])
        # Where each step of the decoder lies among the steps of `source`: tokens last whole frames.
        place = np.interp(np.arange(grid[-1]) + 0.5, grid, edges) - 0.5
        place = np.clip(place, 0, len(source) - 1)

        acted = np.concatenate([np.zeros(first), prosody.f0, np.zeros(len(self.f0) - last)])
        f0 = at(self._contour(acted, source), place)
        energy = at(at(self.energy, source), place)
        voiced = f0_at(acted, np.clip(place, 0, len(acted) - 1)) > 0
        intended = Intended(self.encoded.text, frames, f0 / self.size, energy, self.style, voiced)
        rate = round(SAMPLE_RATE * self.size)
        samples: Floats = self.decoder.sound(intended, timbre, rate)

        gain = np.zeros(len(source))
        gain[first : first + len(prosody)] = prosody.energy - at(self.prosody.energy, prosody.source)
        if gain.any():
            steps = (np.arange(len(samples)) + 0.5) / STEP - 0.5
            samples = samples * 10 ** (np.interp(steps, np.arange(len(place)), at(gain, place)) / 20)
        start, end = np.round(np.interp([first, first + len(prosody)], edges, grid)).astype(int)
        return resampled(Audio(samples[start * STEP : end * STEP].astype(np.float32), rate), SAMPLE_RATE)

    @cached_property
    def _edges(self) -> Frames:
        """Steps at which the tokens begin and the last ends, (tokens + 1,)."""
        return np.concatenate([[0], np.cumsum(self.frames)]) * STEPS

    @cached_property
    def voiced(self) -> Mask:
        """Which steps have a voice, (steps,)."""
        audible = self.f0[self.f0 > _LEAST_VOICED[0]]
        least = max(_LEAST_VOICED[0], _LEAST_VOICED[1] * float(np.median(audible))) if len(audible) else np.inf
        return self.f0 > least

    @cached_property
    def _loud(self) -> Mask:
        """Which steps are heard."""
        loud: Mask = DECIBEL * (self.energy - self.energy.max()) > -_SILENT
        return loud

    @cached_property
    def _bounds(self) -> tuple[int, int]:
        """The steps of the sentence without the silence around it, from and to."""
        loud = np.flatnonzero(self._loud)
        before, after = (round(seconds / self.period) for seconds in (BEFORE, AFTER))
        return max(0, int(loud[0]) - before), min(len(self.f0), int(loud[-1]) + 1 + after)

    def _word(self, token: Token, symbols: Frames, edges: Frames, first: int) -> Word:
        """Return a word with its times.

        Silence at its ends, which Kokoro counts to it, is no part of it; but after a pause, Kokoro begins a sound
        up to 80 ms before the symbol.

        Args:
            token: As it was written.
            symbols: Places of its symbols, the pad at the start being the first.
            edges: Steps between symbols, from the start of the sentence.
            first: The step at which the sentence starts.
        """
        start, end = int(edges[symbols[0]]), int(edges[symbols[-1] + 1])
        if len(heard := np.flatnonzero(self._loud[first + start : first + end])):
            start, end = start + int(heard[0]), start + int(heard[-1]) + 1
            start = self._sounds_from(start, int(symbols[0]), edges, first)
        return token.spoken(start * self.period, max(end, start + 1) * self.period)

    def _sounds_from(self, start: int, symbol: int, edges: Frames, first: int) -> int:
        """Return the step at which the sound of a word begins, which may be in the pause before its first symbol.

        Args:
            start: The first step that is heard of its symbols.
            symbol: Place of its first symbol.
            edges: As `_word`.
            first: As `_word`.
        """
        pause = symbol
        while pause and (pause == 1 or self.script.word[pause - 2] < 0):
            pause -= 1
        earliest = int(edges[pause])
        silent = np.flatnonzero(~self._loud[first + earliest : first + start])
        if len(silent):
            return earliest + int(silent[-1]) + 1
        # Without silence between two words, what is heard belongs to the one before.
        return start if pause else earliest

    def _moved_edges(self, prosody: Prosody) -> Floats:
        """Return where the tokens begin now, in steps of the whole sentence, (tokens + 1,)."""
        first, last = self._bounds
        inside = first + np.concatenate([[0.0], np.cumsum([phone.seconds for phone in prosody.phones])]) / self.period
        moved = np.where(self._edges < first, self._edges, inside)
        later: Floats = np.where(self._edges > last, first + len(prosody) + self._edges - last, moved)
        return later

    def _contour(self, acted: Floats, source: Floats) -> Floats:
        """Return F0 for the decoder: as acted where there is a voice, and moved along with it where there is none.

        Args:
            acted: Hertz, (steps,); 0 where there is no voice.
            source: Where in the plan each step lies, (steps,).
        """
        own = at(self.f0, source)
        voiced = np.flatnonzero(acted)
        if not len(voiced):
            return own
        planned = f0_at(np.where(self.voiced, self.f0, 0.0), source)
        ratio = np.interp(np.arange(len(acted)), voiced, acted[voiced] / np.maximum(planned[voiced], 1.0))
        return np.where(acted > 0, acted, np.where(own > _MOVED, own * ratio, own))


def _rounded(edges: Floats) -> Frames:
    """Return how many whole frames each token lasts, so that edges stay where they are; each lasts one at least.

    Args:
        edges: Frames at which tokens begin and the last ends, (tokens + 1,).
    """
    placed = [0]
    for edge in edges[1:]:
        placed.append(max(round(float(edge)), placed[-1] + 1))
    lasting: Frames = np.array(placed[1:], np.int64) - np.array(placed[:-1], np.int64)
    return lasting
