"""The voices of Kokoro: 54 by id, mixtures of them, and the four presets.

A voice is a style of 256 numbers for each length of a sentence. The first half is its timbre, which the decoder
follows; the second half is its prosody, which durations, F0 and energy follow. Each half can be mixed:

    af_heart                        one voice
    af_heart+am_santa               the mean of two
    af_heart:70+am_santa:30         shares of any sum
    af_heart~am_santa               the timbre of the first, the prosody of the second
    af_heart:70+af_sky:30~am_santa  each half may be a mixture
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from pipeline.core.emotions import Mood
from pipeline.core.errors import WeightsMissing
from pipeline.core.messages import reason
from pipeline.core.values import Samples
from pipeline.core.voices import VOICE_PRESETS, Voice, canonical_voice, unknown_voice
from pipeline.synthesis.prosody.f0 import KNEE, SEMITONES, Register
from pipeline.synthesis.prosody.moods import check_mood
from pipeline.synthesis.prosody.presets import VoicePreset

__all__ = ["HALF", "KokoroVoice", "Styles", "check_voice", "find_voice", "listed_voices"]

HALF: Final = 128
"""Numbers of each half of a style."""
_ROWS: Final = 510
"""Styles of a voice, by the symbols of a sentence: the first is for one symbol."""
_LARGEST: Final = 1000
"""No number of a style is as large; those of the official voices reach 3.2."""
_ACCENTS: Final = {
    "a": "American English",
    "b": "British English",
    "e": "Spanish",
    "f": "French",
    "h": "Hindi",
    "i": "Italian",
    "j": "Japanese",
    "p": "Portuguese",
    "z": "Mandarin",
}
"""First letter of an id to the language of the reader; the second letter is the sex."""
_KNEE: Final = 1.7
"""Ratio of F0 to the usual one from which it is compressed: above it the decoder loses more and more periods."""
_NOTATION: Final = "Mix voices as af_heart+am_santa, af_heart:70+am_santa:30 or af_heart~am_santa (timbre~prosody)."
_PULL: Final = "Run detect.py models remove kokoro, then detect.py models pull kokoro."
"""What to do if a voice is damaged."""
_PART: Final = re.compile(r"([a-z]{2}_[a-z]+)(?::(\d{1,3}))?")


@dataclass(frozen=True)
class KokoroVoice:
    """A voice as it is made."""

    preset: VoicePreset
    """What the rules of acting see of it: name, sex and register."""
    timbre: Mapping[str, float]
    """Ids whose first halves are mixed, with their shares, which sum to 1."""
    prosody: Mapping[str, float]
    """Ids whose second halves are mixed, with their shares."""
    own_f0: float
    """Usual fundamental frequency in Hz that the mixed prosody has; the register may be elsewhere."""
    size: float = 1.0
    """By how much all formants are higher than the timbre's: the sound is made as much slower and deeper, and then
    played faster."""

    @property
    def accent(self) -> str:
        """The letter of the language that the main voice of the timbre reads."""
        return max(self.timbre, key=self.timbre.__getitem__)[0]


def find_voice(name: str, language: str = "en") -> KokoroVoice:
    """Return a voice by its name.

    Args:
        name: A preset, an id or a mixture, in any case.
        language: `en` or `zh`: whose readers the presets are.

    Raises:
        UnknownName: There is no such voice.
    """
    presets = _PRESETS["zh" if language == "zh" else "en"]
    known = presets.get(canonical_voice(name))
    return known or _mixed(name.strip().casefold().replace(" ", ""))


def check_voice(mood: Mood, voice: str, *, variant: str = "") -> None:
    """Refuse a voice or a mood that is not known, without loading anything.

    Raises:
        UnknownName: There is no such voice, or the lexicon of moods lacks the mood.
    """
    find_voice(voice)
    check_mood(mood, voice)


def listed_voices() -> tuple[Voice, ...]:
    """Return the four presets and the 54 voices."""
    return (
        *(voice.preset.voice for voice in _PRESETS["en"].values()),
        *(_mixed(name).preset.voice for name in _melodies()),
    )


class Styles:
    """The styles of the voices that lie in a folder.

    Args:
        folder: Holds `ID.bin` of each voice: float32 (510, 1, 256).
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read = cache(self._file)

    def style(self, voice: KokoroVoice, symbols: int) -> Samples:
        """Return the style of a voice for a sentence, float32 (1, 256).

        Args:
            voice: The voice.
            symbols: How long the sentence is.

        Raises:
            WeightsMissing: A voice is not there, or damaged.
        """
        row = min(max(symbols, 1), _ROWS) - 1
        halves = [
            sum(share * self._read(name)[row, first : first + HALF] for name, share in mixture.items())
            for first, mixture in ((0, voice.timbre), (HALF, voice.prosody))
        ]
        return np.concatenate(halves).astype(np.float32)[None]

    def _file(self, name: str) -> Samples:
        path = self._folder / f"{name}.bin"
        try:
            numbers = np.fromfile(path, np.float32)
        except OSError as error:
            raise WeightsMissing(f"{path} cannot be read: {reason(error)}.", hint=_PULL) from error
        if numbers.size != _ROWS * 2 * HALF:
            raise WeightsMissing(f"{path} is damaged: it holds {numbers.size} numbers.", hint=_PULL)
        if not 0 < np.abs(numbers).max() < _LARGEST:  # False of what is no number, too.
            raise WeightsMissing(f"{path} is damaged: its numbers are none of a voice.", hint=_PULL)
        return numbers.reshape(_ROWS, 2 * HALF)


def _mixed(name: str) -> KokoroVoice:
    timbre, tilde, prosody = name.partition("~")
    halves = _shares(timbre), _shares(prosody if tilde else timbre)
    plain = len(halves[0]) == 1 and not tilde
    return _made(name, _ACCENTS[name[0]] if plain else "mixed", *halves)


def _shares(mixture: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in mixture.split("+"):
        match = _PART.fullmatch(part)
        if not match or match[1] not in _melodies() or match[2] == "0":
            choices = f"Choose one that detect.py voices --tts kokoro lists. {_NOTATION}"
            raise unknown_voice(part, [*VOICE_PRESETS, *_melodies()], choices)
        found[match[1]] = found.get(match[1], 0.0) + float(match[2] or 1)
    whole = sum(found.values())
    return {each: share / whole for each, share in found.items()}


def _made(
    name: str,
    described: str,
    timbre: Mapping[str, float],
    prosody: Mapping[str, float],
    f0: float = 0.0,
    rise: float = 1.0,
    size: float = 1.0,
) -> KokoroVoice:
    """Return a voice; its knee is above what it reaches by itself, so that neutral speech stays as it is.

    Args:
        name: What a person types.
        described: What it is made of.
        timbre: As `KokoroVoice.timbre`.
        prosody: As `KokoroVoice.prosody`.
        f0: Usual fundamental frequency in Hz; by default that of its prosody.
        rise: As `Register.rise`.
        size: As `KokoroVoice.size`.
    """
    own = math.exp(sum(share * math.log(_melodies()[each].usual) for each, share in prosody.items()))
    usual = f0 or own
    knee = max(SEMITONES * math.log2(_KNEE), *(_melodies()[each].peak for each in prosody))
    register = Register(usual, usual * 2 ** ((knee + KNEE) / SEMITONES), rise)
    main = max(timbre, key=timbre.__getitem__)
    voice = Voice(name, "female" if main[1] == "f" else "male", f"{described}, {usual:.0f} Hz")
    return KokoroVoice(VoicePreset(voice, register), timbre, prosody, own, size)


class _Melody(NamedTuple):
    """Where a voice speaks by itself."""

    usual: float
    """Hertz of its F0: the median over voiced steps."""
    peak: float
    """Semitones above it that 2 % of them pass."""


@cache
def _melodies() -> dict[str, _Melody]:
    """Return where each voice speaks, by id."""
    lines = files(__package__).joinpath("melodies.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return {name: _Melody(float(usual), float(peak)) for name, usual, peak in rows}


def _preset(name: str, main: str, girl_f0: float = 0.0) -> KokoroVoice:
    """Return a preset made of one voice; of a girl's usual F0 in Hz if that is given, with her formants."""
    shares = {main: 1.0}
    if girl_f0:
        return _made(name, f"{main}, formants 3 % higher", shares, shares, girl_f0, _GIRL_RISE, _GIRL_SIZE)
    return _made(name, main, shares, shares)


_GIRL_RISE: Final = 0.7
"""`Register.rise` of a girl, as in the presets of the other engines."""
_GIRL_SIZE: Final = 1.03
"""By how much a girl's formants are higher than the woman's that she is made of."""
_PRESETS: Final = {
    language: {voice.preset.voice.name: voice for voice in presets}
    for language, presets in {
        "en": (
            _preset("youngwoman", "af_heart"),
            _preset("youngman", "am_fenrir"),
            _preset("smallgirl", "af_heart", 265.0),
            _preset("middlemale", "am_michael"),
        ),
        "zh": (
            _preset("youngwoman", "zf_xiaobei"),
            _preset("youngman", "zm_yunxi"),
            _preset("smallgirl", "zf_xiaoxiao", 300.0),
            _preset("middlemale", "zm_yunjian"),
        ),
    }.items()
}
"""The presets by language, the default first: of the voices tried, those that a model of naturalness rated best and a
transcriber understood best."""
