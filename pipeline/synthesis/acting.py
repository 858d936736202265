"""From a neutral speaker to a voice that acts: the `Synthesiser` that every neutral speaker becomes."""

from __future__ import annotations

import dataclasses
import importlib
import math
from collections.abc import Iterator
from typing import Final, Protocol

import numpy as np

from pipeline.audio.loudness import SPEAKING_LOUDNESS, loudness, to_loudness
from pipeline.audio.writing import finished
from pipeline.core.emotions import Mood
from pipeline.core.errors import UnknownName
from pipeline.core.values import Audio, Speech, Word
from pipeline.core.voices import Voice, canonical_voice
from pipeline.synthesis.prosody.changes import Manner, manner_of
from pipeline.synthesis.prosody.durations import paced
from pipeline.synthesis.prosody.f0 import intoned
from pipeline.synthesis.prosody.moods import describe, mixture
from pipeline.synthesis.prosody.presets import TONES, Tone, toned
from pipeline.synthesis.sentences import Sentence, sentences
from pipeline.synthesis.world.timbre import coloured
from pipeline.synthesis.world.vocoder import Spoken, analyse, render

__all__ = ["STRONGEST", "Actor", "Speaker", "act", "acted_on", "spoken_loudness"]

STRONGEST: Final = 2.0
"""The most that `strength` can be."""


_PAUSE: Final = 0.3
_PAUSE_SECONDS: Final = 2.0
_LOUDER: Final = 0.9
_LOUDER_REACHED: Final = 10.0

_HIGHEST: Final = 2.6


class Speaker(Protocol):
    """Says sentences, always in the same neutral voice."""

    name: str
    """Name of the engine."""
    pitch: float
    """Usual fundamental frequency in Hz."""
    formants: float
    """How much higher than an average woman's the formants are."""
    han: bool
    """Whether it reads Chinese characters."""

    def say(self, sentence: Sentence) -> Spoken:
        """Return the sentence as it is spoken, with the times of its words."""
        ...


class Actor:
    """Says a text in an emotion and a tone: a neutral speaker, and the rules of prosody on what it says.

    Args:
        woman: Who speaks for the tones of women and girls.
        man: Who speaks for the tones of men; the same speaker by default.
    """

    def __init__(self, woman: Speaker, man: Speaker | None = None) -> None:
        # Loaded now, while the recording is still being heard, and not at the first sentence.
        importlib.import_module("pyworld")
        self.name = woman.name
        self._speakers = {"female": woman, "male": man or woman}

    def voices(self) -> tuple[Voice, ...]:
        """Return the four tones."""
        return tuple(tone.voice for tone in TONES.values())

    def check(self, mood: Mood, voice: str) -> None:
        """Return in silence if the mood and the voice are known.

        Raises:
            UnknownName: One of them is not.
        """
        _tone(voice)
        mixture(mood)

    def synthesise(self, text: str, mood: Mood, voice: str, *, strength: float = 1.0) -> Speech:
        """Say a text.

        The whole is brought to -23 LUFS, and moved from there by what is left of the emotion's own level:
        at most 0.9 LU, so that calm stays below and anger above without leaving the range that players expect.
        Within the text, loud and soft stand to each other as they were acted.

        Args:
            text: Any text; what has no reading is skipped.
            mood: An emotion or a custom mood.
            voice: One of the four tones.
            strength: 0 is neutral, 1 as learnt from actors; limited to 2.

        Raises:
            UnknownName: The voice or the mood is unknown.
            NoSpeech: The text holds nothing that can be said.
            EngineMissing: The engine of the neutral speaker failed.
        """
        tone = _tone(voice)
        shares = mixture(mood)
        manner = manner_of(shares, tone.voice.sex, min(max(strength, 0.0), STRONGEST))
        parts: list[Audio] = []
        words: list[Word] = []
        seconds = 0.0
        for _, audio, said in self._sentences(text, manner, tone):
            words += [word.shifted(seconds) for word in said]
            seconds += audio.duration
            parts.append(audio)
        whole = Audio(np.concatenate([part.samples for part in parts]), parts[0].sample_rate)
        note = describe(mood, shares)
        return Speech(
            audio=to_loudness(whole, spoken_loudness(manner)),
            text=text,
            emotion=mood.word,
            voice=tone.voice.name,
            engine=self.name,
            # A sum of seconds may end a last digit behind the sound.
            words=tuple(_within(word, whole.duration) for word in words),
            notes=(note,) if note else (),
        )

    def stream(self, text: str, mood: Mood, voice: str, *, strength: float = 1.0) -> Iterator[Speech]:
        """Say a text sentence by sentence; each is there before the next is begun.

        The first sentence is brought to its loudness and sets the gain of the others,
        so that loud and soft stand to each other as they were acted.

        Args:
            text: As in `synthesise`.
            mood: As in `synthesise`.
            voice: As in `synthesise`.
            strength: As in `synthesise`.

        Yields:
            Sentences to be played one after the other: all but the last end in their pause;
            times of words count from the start of the sentence.

        Raises:
            UnknownName: As `synthesise`.
            NoSpeech: As `synthesise`.
            EngineMissing: As `synthesise`.
        """
        tone = _tone(voice)
        shares = mixture(mood)
        manner = manner_of(shares, tone.voice.sex, min(max(strength, 0.0), STRONGEST))
        note = describe(mood, shares)
        gain: float | None = None
        for said, audio, words in self._sentences(text, manner, tone):
            level = loudness(audio)
            gain = spoken_loudness(manner) - level if gain is None else gain
            yield Speech(
                audio=to_loudness(audio, level + gain),
                text=said,
                emotion=mood.word,
                voice=tone.voice.name,
                engine=self.name,
                words=words,
                notes=(note,) if note else (),
            )

    def _sentences(self, text: str, manner: Manner, tone: Tone) -> Iterator[tuple[str, Audio, tuple[Word, ...]]]:
        """Yield each sentence with its words, in seconds from the sentence's start; all but the last end in a pause."""
        pause = (_PAUSE + manner.pauses * _PAUSE_SECONDS) * math.exp(manner.tempo)
        previous: tuple[str, Audio, tuple[Word, ...]] | None = None
        speaker = self._speakers[tone.voice.sex]
        for sentence in sentences(text, han=speaker.han):
            if previous:
                yield previous[0], _extended(previous[1], pause), previous[2]
            neutral = toned(speaker.say(sentence), tone, pitch=speaker.pitch, formants=speaker.formants)
            acted = act(neutral, manner, tone)
            audio = finished(render(acted))
            previous = sentence.text, audio, tuple(_within(word, audio.duration) for word in acted.words)
        if previous:
            yield previous


def act(neutral: Spoken, manner: Manner, tone: Tone) -> Spoken:
    """Return a sentence as it is acted.

    Args:
        neutral: The sentence in the voice of the tone.
        manner: What to change.
        tone: Whose pitch the melody moves about.
    """
    manner = dataclasses.replace(manner, shift=manner.shift * tone.shift)
    paced_sentence = paced(coloured(neutral, manner), manner)
    return intoned(paced_sentence, manner, centre=tone.pitch, highest=tone.highest)


def acted_on(audio: Audio, words: tuple[Word, ...], manner: Manner) -> tuple[Audio, tuple[Word, ...]]:
    """Return one sentence of another engine acted in a manner, and its words at their new times.

    The voice stays whose it is: the melody moves about its own median.

    Args:
        audio: The sentence.
        words: Its words, in seconds from its start.
        manner: What to change.
    """
    spoken = analyse(audio, words, trimmed=False)
    if not spoken.voiced.any():
        return audio, words
    pitch = float(np.median(spoken.pitch[spoken.voiced]))
    own = Tone(Voice("own", "", ""), pitch, 1.0, 1.0, _HIGHEST * pitch)
    acted = act(spoken, manner, own)
    sound = finished(render(acted))
    return sound, tuple(_within(word, sound.duration) for word in acted.words)


def spoken_loudness(manner: Manner) -> float:
    """Return the LUFS of a manner: what is left of its own level is at most 0.9 LU."""
    return SPEAKING_LOUDNESS + _LOUDER * math.tanh(manner.level / _LOUDER_REACHED)


def _tone(voice: str) -> Tone:
    name = canonical_voice(voice)
    if name not in TONES:
        raise UnknownName(f"There is no voice '{voice}'.", hint=f"Choose one of {', '.join(TONES)}.")
    return TONES[name]


def _within(word: Word, seconds: float) -> Word:
    return dataclasses.replace(word, start=min(word.start, seconds), end=min(word.end, seconds))


def _extended(audio: Audio, seconds: float) -> Audio:
    silence = np.zeros(round(seconds * audio.sample_rate), np.float32)
    return Audio(np.concatenate([audio.samples, silence]), audio.sample_rate)
