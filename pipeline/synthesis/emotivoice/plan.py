"""A sentence of EmotiVoice before there is sound: durations, pitch and energy of its tokens are what acts.

The prompt asks the model for an emotion, and it may answer with much or with little. The learned change is made on the
sentence as the neutral prompt plans it, and what is said lies between both: what the prompt does already is not done
twice, and what it leaves out is made good.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from emotivoice.control import PITCH_DEVIATION, PITCH_MEAN
from emotivoice.planned import PlannedSentence, TokenProsody
from pipeline.core.values import Audio, Word
from pipeline.synthesis.prosody import Floats, Mask
from pipeline.synthesis.prosody.changes import NEUTRAL, EmotionChange, TimbreChange
from pipeline.synthesis.prosody.f0 import FINAL_SECONDS, KNEE, SEMITONES, Register, movement
from pipeline.synthesis.prosody.prosody import Phone, Prosody, at, f0_at
from pipeline.synthesis.world.analysis import estimate_f0
from pipeline.synthesis.world.filtering import filtered

if TYPE_CHECKING:
    from emotivoice import EmotiVoice

__all__ = ["EmotiVoicePlan"]

_PERIOD: Final = 0.004
"""Seconds from one value of the prosody to the next: a quarter of the model's frame, so that a short token has some."""
_VOICELESS: Final = frozenset(
    "[P] [T] [K] [F] [TH] [S] [SH] [CH] [HH] b p f d t g k h j q x zh ch sh z c s".split(),
)
"""Tokens without a voice: ARPAbet in brackets, and initials of pinyin."""
_MARKS: Final = frozenset({"_", "<sos/eos>", ".", "?", "!"})
"""Tokens that are silent, beside the pauses, whose names hold `sp`."""
_PAUSE: Final = "sp"
"""What the names of pauses hold: sp0, engsp4, eng_cn_sp."""
_SPOKEN_NOISE: Final = "spn"
"""A token that is heard though its name looks like a pause."""
_SILENCE: Final = -60.0
"""dB of a pause, far below any sound: the model's own energy there is that of the noise of its recordings."""
_REACH: Final = 2.6
"""Ratio of the highest F0 of a voice to its usual one, as for any voice of which no more is known."""
_HIGHEST: Final = PITCH_MEAN + 4 * PITCH_DEVIATION
"""Hertz (440): four deviations above the mean of the speech that the model learned from; higher it has hardly heard."""
_EFFORT: Final = 6.0
"""dB by which an emotion's own level moves the effort at most: twice the usual energy, one deviation and a half."""
_RISES_ITSELF: Final = 2.0
"""Semitones by which a question rises at its end from which on nothing is added."""


@dataclass(frozen=True, eq=False)
class EmotiVoicePlan:
    """A sentence with the durations, pitch and energy that the model gives its tokens."""

    engine: EmotiVoice
    """What makes the sound."""
    planned: PlannedSentence
    """The sentence, as the prompt asks and as the neutral prompt does."""
    share: float
    """Where what is said lies: 0 is as the prompt asks, 1 as actors change the neutral sentence."""
    asks: bool = False
    """Whether a voice should rise at its end."""
    rise: float = 1.0
    """Share of an emotion's change of pitch that the voice follows."""

    @cached_property
    def prosody(self) -> Prosody:
        """How the sentence is spoken with the neutral prompt."""
        return self._prosody(self.planned.neutral)

    @property
    def is_acted(self) -> bool:
        """Whether anything is moved where no emotion is asked for: a question that does not rise by itself."""
        return bool(self.share) and (self.prosody.rises or self._prosody(self.planned.prompted).rises)

    def apply(self, change: EmotionChange) -> Prosody:
        """Return the prosody with a change.

        The level, which other voices leave to the loudness of the whole, is the effort of this one:
        the model puts it into the sound.
        """
        acted = self.prosody.apply(change)
        effort = _EFFORT * math.tanh(change.level / _EFFORT)
        return dataclasses.replace(acted, energy=acted.energy + effort)

    def render(self, prosody: Prosody, timbre: TimbreChange) -> Audio:
        """Return the sentence as sound.

        Args:
            prosody: What has become of `prosody`; itself for what the prompt asks alone.
            timbre: What to change in the sound of the voice, all of it; the plan's share is made.
        """
        audio = Audio(self.engine.render(self.planned, self._tokens(prosody)), self.engine.sample_rate)
        if not self.share or timbre is NEUTRAL:
            return audio
        return filtered(audio, estimate_f0(audio), timbre.scaled(self.share))

    def words(self, prosody: Prosody) -> tuple[Word, ...]:
        """Return the words with their times in the sound; arguments as `render`."""
        return self.engine.words(self.planned, self._tokens(prosody))

    def _tokens(self, prosody: Prosody) -> TokenProsody | None:
        """Return how the tokens are said; None as the prompt asks."""
        if not self.share or prosody is self.prosody:
            return None
        acted = self._moved(self.planned.neutral, self.prosody, prosody)
        prompted = self.planned.prompted
        if (plain := self._prosody(prompted)).rises:
            prompted = self._moved(prompted, plain, plain.apply(NEUTRAL))
        seconds = self._between(prompted.seconds, acted.seconds)
        # A pause that the text itself asks for is as long as it says.
        asked = list(self.planned.utterance.breaks)
        seconds[asked] = prompted.seconds[asked]
        return TokenProsody(
            seconds=seconds,
            pitch=np.exp(self._between(np.log(prompted.pitch), np.log(acted.pitch))),
            energy=self._between(prompted.energy, acted.energy),
        )

    def _between(self, prompted: Floats, acted: Floats) -> Floats:
        return (1 - self.share) * prompted + self.share * acted

    def _prosody(self, tokens: TokenProsody) -> Prosody:
        """Return tokens as frames; a pause has no pitch and no energy, a voiceless sound no pitch."""
        edges = np.cumsum([0.0, *tokens.seconds])
        counts = np.diff(np.round(edges / _PERIOD).astype(int))
        f0 = np.repeat(np.where(self._voiced, tokens.pitch, 0.0), counts)
        contour = SEMITONES * np.log2(f0[f0 > 0])
        ending = contour[-round(FINAL_SECONDS / _PERIOD) :]
        words = self.engine.words(self.planned, tokens)
        middles = (edges[:-1] + edges[1:]) / 2
        within = np.searchsorted([word.start for word in words], middles, side="right") - 1
        return Prosody(
            f0=f0,
            energy=np.repeat(np.where(self._paused, _SILENCE, tokens.energy), counts),
            register=self._register(f0[f0 > 0]),
            period=_PERIOD,
            words=words,
            phones=tuple(
                Phone(name, seconds, -1 if paused else word)
                for name, seconds, paused, word in zip(
                    self.planned.names, tokens.seconds.tolist(), self._paused.tolist(), within.tolist(), strict=True
                )
            ),
            rises=self.asks and len(ending) > 0 and movement(ending) < _RISES_ITSELF,
        )

    def _register(self, voiced: Floats) -> Register:
        """Return where the voice speaks, by its F0 in this sentence; what it says neutrally is never too high."""
        if not len(voiced):
            return Register.around(PITCH_MEAN * self.planned.faster)
        usual = float(np.median(voiced))
        highest = min(_REACH * usual, _HIGHEST * self.planned.faster)
        return Register(usual, max(highest, float(voiced.max()) * 2 ** (KNEE / SEMITONES)), self.rise)

    def _moved(self, tokens: TokenProsody, planned: Prosody, prosody: Prosody) -> TokenProsody:
        """Return tokens as their prosody has become.

        Args:
            tokens: As they were planned.
            planned: Their prosody.
            prosody: What has become of it.
        """
        seconds = np.array([phone.seconds for phone in prosody.phones])
        places = (np.arange(len(prosody)) + 0.5) * prosody.period
        token = np.minimum(np.searchsorted(np.cumsum(seconds), places), len(seconds) - 1)
        voiced = prosody.voiced
        octaves = np.log2(prosody.f0[voiced] / f0_at(planned.f0, prosody.source)[voiced])
        gain = prosody.energy - at(planned.energy, prosody.source)
        sounding = ~self._paused[token]
        return TokenProsody(
            seconds=seconds,
            pitch=tokens.pitch * 2 ** _means(octaves, token[voiced], len(seconds)),
            energy=tokens.energy + np.where(self._paused, 0.0, _means(gain[sounding], token[sounding], len(seconds))),
        )

    @cached_property
    def _paused(self) -> Mask:
        """Which tokens are silent, (tokens,)."""
        return np.array([
            name in _MARKS or (_PAUSE in name and name != _SPOKEN_NOISE) for name in self.planned.names
        ])  # fmt: skip

    @cached_property
    def _voiced(self) -> Mask:
        """Which tokens have a voice, (tokens,)."""
        voiced: Mask = ~self._paused & np.array([name not in _VOICELESS for name in self.planned.names])
        return voiced


def _means(values: Floats, token: Floats, tokens: int) -> Floats:
    """Return the mean of the values of each token, (tokens,); one without values is between its neighbours.

    Args:
        values: (values,).
        token: To which token each belongs, (values,).
        tokens: How many there are.
    """
    counts = np.bincount(token, minlength=tokens)
    known = np.flatnonzero(counts)
    if not len(known):
        return np.zeros(tokens)
    means = np.bincount(token, values, minlength=tokens)[known] / counts[known]
    between: Floats = np.interp(np.arange(tokens), known, means)
    return between
