"""Voices that speak through WORLD: what they plan, how they act, and foreign sounds that are analysed first."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from pipeline.core.errors import NoSpeech
from pipeline.core.values import Audio
from pipeline.synthesis.prosody.changes import EmotionChange, TimbreChange
from pipeline.synthesis.prosody.f0 import Register
from pipeline.synthesis.prosody.presets import VoicePreset
from pipeline.synthesis.prosody.prosody import Prosody
from pipeline.synthesis.sentences import Sentence, Span
from pipeline.synthesis.world.analysis import analyse
from pipeline.synthesis.world.frames import VocoderFrames
from pipeline.synthesis.world.rendering import render
from pipeline.synthesis.world.timbre import apply_timbre, to_preset

__all__ = ["ForeignSpeaker", "WorldPlan", "WorldSpeaker", "act", "should_rise", "token_spans"]


@dataclass(frozen=True, eq=False)
class WorldPlan:
    """A sentence as WORLD's parameters, ready to be acted and to become sound."""

    frames: VocoderFrames
    """The sentence in the voice that will say it."""
    register: Register
    """Where that voice speaks."""

    @cached_property
    def prosody(self) -> Prosody:
        """How the sentence is spoken neutrally."""
        return self.frames.prosody(self.register)

    def acted(self, prosody: Prosody, timbre: TimbreChange) -> VocoderFrames:
        """Return the sentence in another prosody and timbre.

        Args:
            prosody: What has become of `prosody`.
            timbre: What to change in the sound of the voice.
        """
        return apply_timbre(self.frames, timbre).spoken_as(self.prosody, prosody)

    def render(self, prosody: Prosody, timbre: TimbreChange) -> Audio:
        """Return the sentence as sound; arguments as `acted`."""
        return render(self.acted(prosody, timbre))


class WorldSpeaker(ABC):
    """A neutral voice whose sentences are WORLD's parameters."""

    name: str
    """Name of the engine."""
    usual_f0: float
    """Usual fundamental frequency in Hz."""
    formants: float = 1.0
    """How much higher than an average woman's the formants are."""
    han: bool = False
    """Whether it reads Chinese characters."""

    def __init__(self) -> None:
        # Loaded now, while the recording is still being heard, and not at the first sentence.
        importlib.import_module("pyworld")

    @abstractmethod
    def frames(self, sentence: Sentence) -> VocoderFrames:
        """Return a sentence as the voice itself says it, with the times of its words."""

    def plan(self, sentence: Sentence, preset: VoicePreset) -> WorldPlan:
        """Return a sentence as the voice says it in a preset, before it is sound."""
        frames = to_preset(self.frames(sentence), preset, usual_f0=self.usual_f0, formants=self.formants)
        return WorldPlan(frames, preset.register)


class ForeignSpeaker(WorldSpeaker):
    """A voice of another program: its sound is analysed."""

    raises_questions: bool = False
    """Whether the voice rises at the end of questions by itself."""
    word_edges: bool = False
    """Whether the times of words tell where a sentence begins and ends; otherwise its loudness does."""

    @abstractmethod
    def say(self, sentence: Sentence) -> tuple[Audio, Iterable[Span]]:
        """Return a sentence as the program says it, with the times of its words."""

    def frames(self, sentence: Sentence) -> VocoderFrames:
        """Return a sentence as the voice itself says it, with the times of its words.

        Raises:
            NoSpeech: Nothing in it has a reading.
            EngineMissing: The program failed.
        """
        audio, spans = self.say(sentence)
        words = sentence.words(spans)
        if self.word_edges and not words:
            raise NoSpeech(f"Nothing in '{sentence.text}' has a reading in English.")
        rises = should_rise(sentence) and not self.raises_questions
        frames = analyse(audio, words, rises=rises, trimmed=not self.word_edges)
        return frames.trimmed(words[0].start, words[-1].end) if self.word_edges else frames


def act(frames: VocoderFrames, change: EmotionChange, register: Register) -> VocoderFrames:
    """Return a sentence as it is acted.

    Args:
        frames: The sentence in the voice that says it.
        change: What to change.
        register: Where the voice speaks.
    """
    plan = WorldPlan(frames, register)
    return plan.acted(plan.prosody.apply(change), change)


def should_rise(sentence: Sentence) -> bool:
    """Return whether a voice rises at the end of a sentence: a question without a question word."""
    return sentence.asks and not sentence.asks_openly


def token_spans(said: str, tokens: Iterable[tuple[str, Sequence[tuple[float, float]]]]) -> Iterator[Span]:
    """Yield where the words are said that the tokens of a text are read as.

    Args:
        said: What was handed to the voice.
        tokens: Each token with start and end of its words in seconds; marks are words without a length.
    """
    end = 0
    for token, words in tokens:
        position = max(said.find(token, end), end)
        end = position + len(token)
        yield from (Span(position, start, stop) for start, stop in words if stop > start)
