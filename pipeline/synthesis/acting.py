"""From a neutral voice to one that acts: the `Synthesiser` that every voice becomes that can plan a sentence."""

from __future__ import annotations

import dataclasses
import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

import numpy as np

from pipeline.audio.long_sounds import GrowingSound
from pipeline.audio.loudness import SPEAKING_LOUDNESS, loudness, to_loudness
from pipeline.audio.writing import finished
from pipeline.core.emotions import Mood
from pipeline.core.values import Audio, Speech, Word
from pipeline.core.voices import Voice, canonical_voice, unknown_voice
from pipeline.frontend.words import WordReading
from pipeline.synthesis import COPYING
from pipeline.synthesis.prosody.changes import EmotionChange, ProsodyChange, TimbreChange, degree, emotion_change
from pipeline.synthesis.prosody.copying import WordProsody, beside, copied, shared_out
from pipeline.synthesis.prosody.moods import check_mood, describe, mixture
from pipeline.synthesis.prosody.presets import PRESETS, VoicePreset
from pipeline.synthesis.prosody.prosody import Prosody
from pipeline.synthesis.sentences import Sentence, reading_notes, sentences

__all__ = [
    "STRONGEST",
    "Actor",
    "Plan",
    "Role",
    "SaidSentence",
    "SentenceSynthesiser",
    "Speaker",
    "check_preset",
    "sentence_pause",
]

STRONGEST: Final = 2.0
"""The most that `strength` can be: beyond it voices squeak and words are lost."""
_PAUSE: Final = 0.3
"""Seconds between two neutral sentences."""
_PAUSE_SECONDS: Final = 2.0
"""Seconds of speech between two pauses: what a change of pauses, a share of the duration, counts from."""
_LOUDER: Final = 0.9
"""LU that an emotion may move the loudness at most: within 1 LU of what players expect."""
_LOUDER_REACHED: Final = 10.0
"""dB of an emotion's own level at which three quarters of that are reached."""


def sentence_pause(change: ProsodyChange) -> float:
    """Return the seconds between two sentences that are spoken with a change."""
    return (_PAUSE + change.pauses * _PAUSE_SECONDS) * math.exp(change.tempo)


class Plan(Protocol):
    """A sentence as a voice is about to say it."""

    @property
    def prosody(self) -> Prosody:
        """How the voice says it neutrally."""
        ...

    def render(self, prosody: Prosody, timbre: TimbreChange) -> Audio:
        """Return the sentence as sound.

        Args:
            prosody: What has become of `prosody`.
            timbre: What to change in the sound of the voice.
        """
        ...


class Speaker(Protocol):
    """Plans sentences, always in the same neutral voice."""

    name: str
    """Name of the engine."""
    han: bool
    """Whether it reads Chinese characters."""

    def plan(self, sentence: Sentence, preset: VoicePreset) -> Plan:
        """Return the sentence as it will be said in a voice preset."""
        ...


@dataclass(frozen=True, eq=False)
class Role:
    """How a text is to be said."""

    mood: Mood
    """An emotion or a custom mood."""
    voice: str
    """A voice of the engine, by its canonical name."""
    change: EmotionChange
    """What changes from neutral speech at strength 1."""
    strength: float
    """How strong the emotion is to be, 0 to 2."""
    notes: tuple[str, ...]
    """What a person is told."""
    copied: Sequence[WordProsody] = ()
    """How words are spoken in a recording, to be spoken so here."""

    @property
    def acted(self) -> EmotionChange:
        """What changes from neutral speech at this strength."""
        return self.change.scaled(degree(self.strength))

    @property
    def loudness(self) -> float:
        """LUFS of the whole."""
        return SPEAKING_LOUDNESS + _LOUDER * math.tanh(self.acted.level / _LOUDER_REACHED)


class SaidSentence(NamedTuple):
    """A sentence as it was said."""

    text: str
    """The sentence as it was written."""
    audio: Audio
    """Its sound."""
    words: tuple[Word, ...]
    """Its words, in seconds from the start of its sound."""
    remarks: tuple[WordReading, ...]
    """Words of which a person should be told how they were read."""


class SentenceSynthesiser(ABC):
    """An engine that says a text sentence by sentence, and all of it at one loudness."""

    name: str
    """Name of the engine."""

    @abstractmethod
    def _role(self, mood: Mood, voice: str, strength: float) -> Role:
        """Return how a text is to be said.

        Args:
            mood: As in `synthesise`.
            voice: As in `synthesise`.
            strength: 0 to 2.

        Raises:
            UnknownName: The voice or the mood is unknown.
        """

    @abstractmethod
    def _sentences(self, text: str, role: Role, *, together: bool) -> Iterator[SaidSentence]:
        """Yield each sentence with its pause and its words, in seconds from the start of its sound; one at least.

        Args:
            text: As in `synthesise`.
            role: How it is said.
            together: Whether all are wanted at once; otherwise the first is wanted soon.
        """

    def synthesise(self, text: str, mood: Mood, voice: str, *, strength: float = 1.0) -> Speech:
        """Say a text.

        The whole is brought to -23 LUFS, and moved from there by what is left of the emotion's own level:
        at most 0.9 LU, so that calm stays below and anger above without leaving the range that players expect.
        The sound of a long text lies in a temporary file, so that memory does not grow with it.
        Within the text, loud and soft stand to each other as they were acted.

        Args:
            text: Any text; what has no reading is left out, and a note says so.
            mood: An emotion or a custom mood.
            voice: A voice of the engine.
            strength: 0 is neutral, 1 as learned from actors, 2 half as much more; limited to 0 to 2.

        Raises:
            UnknownName: The voice or the mood is unknown.
            NoSpeech: The text holds nothing that can be said.
            EngineMissing: The engine failed.
        """
        return self._whole(text, self._role(mood, voice, _limited(strength)))

    def _whole(self, text: str, role: Role) -> Speech:
        sound = GrowingSound()
        words: list[Word] = []
        seconds = 0.0
        rate = 0
        remarks: list[WordReading] = []
        for sentence in self._sentences(text, role, together=True):
            words += [word.shifted(seconds) for word in sentence.words]
            seconds += sentence.audio.duration
            sound.add(sentence.audio.samples)
            rate = sentence.audio.sample_rate
            remarks += sentence.remarks
        whole = Audio(sound.samples(), rate)
        # A sum of seconds may end a last digit behind the sound.
        inside = tuple(word.within(whole.duration) for word in words)
        return self._speech(to_loudness(whole, role.loudness), text, inside, role, remarks)

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
            Sentences to be played one after the other, with the pauses between them;
            times of words count from the start of each.

        Raises:
            UnknownName: As `synthesise`.
            NoSpeech: As `synthesise`.
            EngineMissing: As `synthesise`.
        """
        role = self._role(mood, voice, _limited(strength))
        gain = math.inf
        for said, audio, words, remarks in self._sentences(text, role, together=False):
            level = loudness(audio)
            # A sentence without sound has no level to go by.
            gain = gain if math.isfinite(gain) else role.loudness - level
            yield self._speech(to_loudness(audio, level + gain), said, words, role, remarks)

    def _speech(
        self, audio: Audio, text: str, words: tuple[Word, ...], role: Role, remarks: Iterable[WordReading]
    ) -> Speech:
        return Speech(
            audio=audio,
            text=text,
            emotion=role.mood.word,
            voice=role.voice,
            engine=self.name,
            words=words,
            notes=(*role.notes, *reading_notes(remarks)),
        )


def check_preset(mood: Mood, voice: str) -> None:
    """Refuse a voice that is no preset, and a mood that is not in the lexicon.

    Raises:
        UnknownName: One of them is unknown.
    """
    _preset(voice)
    check_mood(mood, voice)


def _preset(voice: str) -> VoicePreset:
    name = canonical_voice(voice)
    if name not in PRESETS:
        raise unknown_voice(voice, PRESETS, f"Choose one of {', '.join(PRESETS)}.")
    return PRESETS[name]


class Actor(SentenceSynthesiser):
    """Says a text in an emotion and a voice preset: what a neutral voice plans, an emotion changes.

    Args:
        woman: Who speaks for the presets of women and girls.
        man: Who speaks for the presets of men; the same voice by default.
    """

    capabilities: Final = frozenset({COPYING})

    def __init__(self, woman: Speaker, man: Speaker | None = None) -> None:
        self.name = woman.name
        self._speakers = {"female": woman, "male": man or woman}

    def voices(self) -> tuple[Voice, ...]:
        """Return the four presets."""
        return tuple(preset.voice for preset in PRESETS.values())

    def check(self, mood: Mood, voice: str) -> None:
        """Check that the mood and the voice are known.

        Raises:
            UnknownName: One of them is not.
        """
        self._role(mood, voice, 1.0)

    def synthesise(
        self, text: str, mood: Mood, voice: str, *, strength: float = 1.0, copied: Sequence[WordProsody] = ()
    ) -> Speech:
        """Say a text, in the prosody of a recording if it is given.

        Args:
            text: As in `SentenceSynthesiser.synthesise`, and so are the others.
            mood: Beside a recording it changes what is not copied from it: register, pauses, trembling, timbre.
            voice: A voice of the engine.
            strength: 0 to 2.
            copied: How words are spoken in a recording; each word of the text that is among them takes its F0, level
                and tempo, within limits.

        Raises:
            UnknownName: As there.
            NoSpeech: As there.
            EngineMissing: As there.
        """
        return self._whole(text, dataclasses.replace(self._role(mood, voice, _limited(strength)), copied=copied))

    def plans(self, text: str, voice: str) -> Iterator[Plan]:
        """Yield each sentence of a text as a voice is about to say it neutrally.

        Args:
            text: Any text.
            voice: A voice of the engine.

        Raises:
            UnknownName: There is no such voice.
            NoSpeech: Nothing in a sentence has a reading.
        """
        preset = self._preset(voice)
        for sentence in self._divided(text, preset):
            yield self._speaker(preset).plan(sentence, preset)

    def _role(self, mood: Mood, voice: str, strength: float) -> Role:
        preset = self._preset(voice)
        shares = mixture(mood)
        note = describe(mood, shares)
        change = emotion_change(shares, preset.voice.sex)
        return Role(mood, preset.voice.name, change, strength, (note,) if note else ())

    def _preset(self, voice: str) -> VoicePreset:
        """Return the voice of a name.

        Raises:
            UnknownName: There is no such voice.
        """
        return _preset(voice)

    def _speaker(self, preset: VoicePreset) -> Speaker:
        """Return who speaks for a voice."""
        return self._speakers[preset.voice.sex]

    def _divided(self, text: str, preset: VoicePreset) -> Iterator[Sentence]:
        """Yield the sentences that a voice says one by one."""
        return sentences(text, han=self._speaker(preset).han)

    def _sentences(self, text: str, role: Role, *, together: bool) -> Iterator[SaidSentence]:
        """Yield each sentence with its words; all but the last end in a pause."""
        acted = role.acted
        pause = sentence_pause(acted)
        preset = self._preset(role.voice)
        speaker = self._speaker(preset)
        previous: SaidSentence | None = None
        for sentence, heard in _with_words(self._divided(text, preset), role.copied):
            if previous:
                yield previous._replace(audio=_extended(previous.audio, pause))
            plan = speaker.plan(sentence, preset)
            prosody = copied(plan.prosody, heard).apply(beside(acted) if heard else acted)
            audio = finished(plan.render(prosody, acted))
            words = tuple(word.within(audio.duration) for word in prosody.words)
            previous = SaidSentence(sentence.text, audio, words, sentence.remarks)
        if previous:
            yield previous


def _with_words(
    divided: Iterable[Sentence], source: Sequence[WordProsody]
) -> Iterable[tuple[Sentence, Sequence[WordProsody]]]:
    """Return each sentence with those words of a recording that are said in it."""
    if not source:
        return ((sentence, ()) for sentence in divided)
    whole = list(divided)
    return zip(whole, shared_out(source, [[token.written for token in one.tokens] for one in whole]), strict=True)


def _limited(strength: float) -> float:
    return min(max(strength, 0.0), STRONGEST)


def _extended(audio: Audio, seconds: float) -> Audio:
    silence = np.zeros(round(seconds * audio.sample_rate), np.float32)
    return Audio(np.concatenate([audio.samples, silence]), audio.sample_rate)
