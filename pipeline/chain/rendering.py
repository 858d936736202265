"""What is said again, and how: utterances in their moods, their time and their prosody, and the best of several."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final, cast

from pipeline.audio import limited
from pipeline.chain.engines import Engines
from pipeline.chain.verification import Verifier
from pipeline.core.emotions import Mood
from pipeline.core.engines import Synthesiser, capabilities_of
from pipeline.core.errors import NoSpeech
from pipeline.core.events import Events
from pipeline.core.options import CallOptions
from pipeline.core.results import Rendition, Verification
from pipeline.core.values import Audio, EmotionScores, Segment, Speech
from pipeline.core.voices import TONES, Voice, canonical_voice
from pipeline.synthesis import RESYNTHESIS, Resynthesiser
from pipeline.synthesis.utterances import Utterance, joined, merged

__all__ = ["Renderer", "assign_voices", "lines_of", "own_mood"]

_WEAKEST: Final = 0.25
"""Strength below which a variant would hardly differ from neutral."""

_STRONGEST: Final = 2.0
"""Largest strength that the options allow."""

_NOT_TRANSFERRED: Final = "Some of the prosody is not copied: no word could be paired with one of the recording."


class Renderer:
    """Renders utterances for one call.

    Args:
        engines: Shared by all callers.
        options: What the result is to be, and how it is listened to.
        events: Gets what goes on.
    """

    def __init__(self, engines: Engines, options: CallOptions, events: Events | None = None) -> None:
        self._engines = engines
        self._options = options
        self._events = events or Events()
        self._verifier = Verifier(engines, options)
        self._neutral = lru_cache(maxsize=1)(self.neutral)

    @property
    def engine(self) -> Synthesiser:
        """What speaks."""
        return self._engines.synthesiser(self._options.spoken_language)

    @property
    def resynthesiser(self) -> Resynthesiser | None:
        """What speaks, if it moves the recording itself; None if it needs a text."""
        engine: Any = self.engine
        return cast("Resynthesiser", engine) if RESYNTHESIS in capabilities_of(engine) else None

    def say(self, lines: Sequence[Utterance], *, source: Audio | None = None, duration: float = 0.0) -> Rendition:
        """Say utterances one by one, and join them; the best of as many variants as the options ask for.

        Args:
            lines: In order of time.
            source: The recording that they were spoken in, to transfer its prosody; None transfers nothing.
            duration: Seconds that the result has at least if the timing is kept.

        Raises:
            UnknownName: The engine has no such voice, or cannot place such a mood.
            NoSpeech: No utterance holds anything that can be said.
        """
        keep_timing = self._options.keep_timing

        def render(options: CallOptions) -> Rendition:
            said: list[tuple[Utterance, Speech]] = []
            nothing: NoSpeech | None = None
            for line in lines if keep_timing else merged(lines):
                try:
                    said.append((line, self._said(line, options, source)))
                except NoSpeech as error:
                    nothing = error
            if not said:
                raise nothing or NoSpeech("There is nothing to say.")
            return joined(said, keep_timing=keep_timing, duration=duration)

        return self._best(render)

    def move(
        self, source: Audio, phrases: Sequence[tuple[Segment, Mood]], detected: EmotionScores, *, duration: float = 0.0
    ) -> Rendition:
        """Move a recording itself, phrase by phrase; the best of as many variants as the options ask for.

        Args:
            source: The recording, at the rate of the result.
            phrases: Where somebody speaks, at least one, and the mood of each.
            detected: How the recording was said.
            duration: As `say`.

        Raises:
            UnknownName: A mood cannot be placed.
        """
        engine = self.resynthesiser
        if engine is None:
            raise AssertionError("only a resynthesiser moves recordings")

        def render(options: CallOptions) -> Rendition:
            pieces = engine.resynthesise(source, phrases, detected, strength=options.strength)
            said = [
                (Utterance(segment.text, mood, speech.voice, start, end), speech)
                for (segment, mood), (start, end, speech) in zip(phrases, pieces, strict=True)
            ]
            moved = joined(said, keep_timing=options.keep_timing, duration=duration)
            return dataclasses.replace(
                moved, speech=dataclasses.replace(moved.speech, audio=limited(moved.speech.audio))
            )

        return self._best(render)

    def neutral(self, text: str, voice: str) -> Speech | None:
        """Return a text in the neutral of a voice, to compare with; None from an engine that has no voices."""
        if self.resynthesiser:
            return None
        return self.engine.synthesise(text, Mood("neutral"), voice)

    def _best(self, render: Callable[[CallOptions], Rendition]) -> Rendition:
        """Return a rendition, or the best of as many as the options ask for.

        Variants differ in their strength: as asked for, 0.25 more, 0.25 less, and so on.
        """
        options = self._options

        def rendered(strength: float) -> Rendition:
            variant = options.model_copy(update={"strength": strength})
            with self._events.stage("synthesis"):
                return dataclasses.replace(render(variant), strength=strength)

        if options.candidates == 1 and not options.verify:
            return rendered(options.strength)

        def verified(strength: float) -> Rendition:
            rendition = rendered(strength)
            with self._events.stage("verification"):
                return dataclasses.replace(rendition, verification=self._verified(rendition))

        # Of equals the first is kept, which is the one asked for.
        variants = map(verified, _strengths(options.strength, options.candidates))
        return max(variants, key=lambda variant: variant.verification.score if variant.verification else 0.0)

    def _verified(self, rendition: Rendition) -> Verification:
        """Listen to a rendition, beside the neutral of its first utterance if one voice speaks."""
        moods = {segment.emotion.top for segment in rendition.segments if segment.emotion}
        voices = {segment.speaker for segment in rendition.segments}
        speech = rendition.speech
        return self._verifier(
            speech.audio,
            text=speech.text,
            emotion=moods.pop() if len(moods) == 1 else speech.emotion,
            parts=rendition.segments,
            neutral=self._neutral(rendition.segments[0].text, speech.voice) if len(voices) == 1 else None,
        )

    def _said(self, line: Utterance, options: CallOptions, source: Audio | None) -> Speech:
        speech = self.engine.synthesise(line.text, line.mood, line.voice, strength=options.strength)
        if source is None or not line.words:
            return speech
        from pipeline.synthesis.prosody_transfer import transfer, word_prosody

        heard = source.slice(line.start, line.end)
        result = transfer(speech, word_prosody(heard, [word.shifted(-line.start) for word in line.words]))
        if result is speech:
            return dataclasses.replace(speech, notes=(*speech.notes, _NOT_TRANSFERRED))
        return result


def lines_of(segments: Sequence[Segment], mood: Mood | None, voice: str, otherwise: Mood) -> list[Utterance]:
    """Return the utterances of what was heard or written.

    Args:
        segments: In order of time.
        mood: The mood of all; None for each segment's own.
        voice: The voice of all.
        otherwise: The mood of a segment that has no emotion of its own, or an unsure one.
    """
    return [
        Utterance(segment.text, mood or own_mood(segment, otherwise), voice, segment.start, segment.end, segment.words)
        for segment in segments
        if segment.text.strip()
    ]


def assign_voices(
    segments: Sequence[Segment], mood: Mood | None, voice: str, voices: Sequence[Voice], otherwise: Mood
) -> tuple[list[Utterance], tuple[str, ...]]:
    """Return the utterances of a text with speakers, and a note on who is spoken by whom.

    Args:
        segments: In order of time.
        mood: As `lines_of`.
        voice: Who speaks the utterances of nobody, and those of the first speaker who is no voice.
        voices: Those of the engine.
        otherwise: As `lines_of`.
    """
    known = {one.name for one in voices}
    speakers = list(dict.fromkeys(segment.speaker for segment in segments if segment.speaker))
    own = {speaker: canonical_voice(speaker) for speaker in speakers if canonical_voice(speaker) in known}
    others = [speaker for speaker in speakers if speaker not in own]
    presets = [voice, *(preset for preset in TONES if preset != voice and preset not in own.values())]
    roles = own | {speaker: presets[index % len(presets)] for index, speaker in enumerate(others)}
    lines = [
        line
        for segment in segments
        for line in lines_of([segment], mood, roles.get(segment.speaker or "", voice), otherwise)
    ]
    told = ", ".join(f"{speaker} by {roles[speaker]}" for speaker in others)
    return lines, (f"Spoken: {told}.",) if told else ()


def own_mood(segment: Segment, otherwise: Mood) -> Mood:
    """Return the mood of a segment: its own emotion if that is sure."""
    emotion = segment.emotion
    return Mood(emotion.top) if emotion and not emotion.unsure else otherwise


def _strengths(strength: float, count: int) -> list[float]:
    """Return strengths to try, the one asked for first and then its neighbours in steps of a quarter."""
    others = [strength + step / 4 for step in range(-8, 9) if step and _WEAKEST <= strength + step / 4 <= _STRONGEST]
    return [strength, *sorted(others, key=lambda other: (abs(other - strength), -other))][:count]
