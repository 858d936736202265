"""Rendering: says utterances with their moods, timing and prosody, and chooses the best of several variants."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from typing import Any, Final, cast

from pipeline.audio import limited
from pipeline.chain.engines import Engines
from pipeline.chain.verification import Verifier
from pipeline.core.emotions import Mood
from pipeline.core.engines import Synthesiser, capabilities_of
from pipeline.core.errors import NoSpeech, UnknownName
from pipeline.core.events import Events
from pipeline.core.options import CallOptions
from pipeline.core.results import Rendition, Verification
from pipeline.core.values import Audio, EmotionScores, Segment, Speech
from pipeline.core.voices import VOICE_PRESETS, Voice, canonical_voice
from pipeline.synthesis import COPYING, RESYNTHESIS, Resynthesiser
from pipeline.synthesis.utterances import Utterance, joined, merged

__all__ = ["Renderer", "assign_voices", "own_mood", "utterances_of"]

_WEAKEST: Final = 0.25
"""Smallest strength of a variant: below this it would hardly differ from neutral; set by hand."""

_STRONGEST: Final = 2.0
"""Largest strength that the options allow."""

_NOT_TRANSFERRED: Final = "Some of the prosody is not copied: no word could be paired with one of the recording."


class Renderer:
    """Renders utterances for one call.

    Args:
        engines: Shared by all callers.
        options: The options of the call.
        events: Gets the progress.
        language: Of what is said, once it is known; that of the options by default.
    """

    def __init__(
        self, engines: Engines, options: CallOptions, events: Events | None = None, *, language: str = ""
    ) -> None:
        self._engines = engines
        self._options = options
        # Every engine speaks English by itself; one that is loaded for that need not be loaded again.
        self._language = options.spoken_language if language in ("", "en") else language
        self._events = events or Events()
        self._verifier = Verifier(engines, options.model_copy(update={"language": language or options.language}))
        self._neutral = lru_cache(maxsize=1)(self.neutral)

    @property
    def engine(self) -> Synthesiser:
        """The engine that speaks."""
        return self._engines.synthesiser(self._language)

    @property
    def resynthesiser(self) -> Resynthesiser | None:
        """The engine that speaks, if it changes the recording itself; None if it needs a text."""
        engine: Any = self.engine
        return cast("Resynthesiser", engine) if RESYNTHESIS in capabilities_of(engine) else None

    def say(self, utterances: Sequence[Utterance], *, source: Audio | None = None, duration: float = 0.0) -> Rendition:
        """Say utterances one by one and join them; return the best of the variants that the options ask for.

        Args:
            utterances: In order of time.
            source: The recording that they come from, to transfer its prosody; None transfers nothing.
            duration: Smallest length of the result in seconds if the timing is kept.

        Raises:
            UnknownName: The engine has no such voice, or cannot express such a mood.
            NoSpeech: No utterance contains anything that can be said.
        """
        keep_timing = self._options.keep_timing

        def render(options: CallOptions) -> Rendition:
            nothing: list[NoSpeech] = []

            def said() -> Iterator[tuple[Utterance, Speech]]:
                for utterance in utterances if keep_timing else merged(utterances):
                    try:
                        yield utterance, self._said(utterance, options, source)
                    except NoSpeech as error:
                        nothing.append(error)

            try:
                return joined(said(), keep_timing=keep_timing, duration=duration)
            except NoSpeech as error:
                raise (nothing[-1] if nothing else error) from None

        return self._best(render)

    def known_moods(self, utterances: Sequence[Utterance]) -> tuple[list[Utterance], tuple[str, ...]]:
        """Return utterances in moods that the engine knows, neutral instead of others, and a note on these."""

        def unknown(mood: Mood, voice: str) -> bool:
            try:
                self.engine.check(mood, voice)
            except UnknownName:
                return True
            return False

        asked = dict.fromkeys((utterance.mood, utterance.voice) for utterance in utterances if utterance.mood.is_custom)
        others = {mood for mood, voice in asked if unknown(mood, voice)}
        known = [
            dataclasses.replace(utterance, mood=Mood("neutral")) if utterance.mood in others else utterance
            for utterance in utterances
        ]
        names = ", ".join(f"'{name}'" for name in sorted(mood.word for mood in others))
        return known, (f"Spoken neutrally, as this voice does not know the mood: {names}.",) if names else ()

    def move(
        self, source: Audio, phrases: Sequence[tuple[Segment, Mood]], detected: EmotionScores, *, duration: float = 0.0
    ) -> Rendition:
        """Change the emotion of a recording itself, segment by segment; return the best of the variants asked for.

        Args:
            source: The recording, at the rate of the result.
            phrases: The segments in which somebody speaks, at least one, each with its mood.
            detected: Emotion scores of the recording.
            duration: As `say`.

        Raises:
            UnknownName: The engine cannot express a mood.
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
        """Return a text in the neutral speech of a voice, to compare with; None if the engine has no voices."""
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
                rendition = dataclasses.replace(render(variant), strength=strength)
            if options.candidates == 1 and not options.verify:
                return rendition
            with self._events.stage("verification"):
                return dataclasses.replace(rendition, verification=self._verified(rendition))

        # Among equals the first one wins: the strength that was asked for.
        variants = map(rendered, _strengths(options.strength, options.candidates))
        return max(variants, key=lambda variant: variant.verification.score if variant.verification else 0.0)

    def _verified(self, rendition: Rendition) -> Verification:
        """Verify a rendition, compared with neutral speech of its first utterance if there is only one voice."""
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

    def _said(self, utterance: Utterance, options: CallOptions, source: Audio | None) -> Speech:
        engine: Any = self.engine
        strength = utterance.mood.at(options.strength)
        say = partial(engine.synthesise, utterance.text, utterance.mood, utterance.voice, strength=strength)
        if source is None or not utterance.words:
            return cast("Speech", say())
        from pipeline.synthesis.prosody.copying import paired
        from pipeline.synthesis.prosody_transfer import transfer, word_prosody

        heard = word_prosody(
            source.slice(utterance.start, utterance.end), [word.shifted(-utterance.start) for word in utterance.words]
        )
        speech: Speech = say(copied=heard) if COPYING in capabilities_of(engine) else transfer(say(), heard)
        if paired([word.text for word in speech.words], heard):
            return speech
        return dataclasses.replace(speech, notes=(*speech.notes, _NOT_TRANSFERRED))


def utterances_of(segments: Sequence[Segment], mood: Mood | None, voice: str, otherwise: Mood) -> list[Utterance]:
    """Return the utterances for segments that were transcribed or written.

    Args:
        segments: In order of time.
        mood: The mood of all; None for the emotion of each segment.
        voice: The voice of all.
        otherwise: The mood of a segment without an emotion, or with one of low confidence.
    """
    return [
        Utterance(segment.text, mood or own_mood(segment, otherwise), voice, segment.start, segment.end, segment.words)
        for segment in segments
        if segment.text.strip()
    ]


def assign_voices(
    segments: Sequence[Segment], mood: Mood | None, voice: str, voices: Sequence[Voice], otherwise: Mood
) -> tuple[list[Utterance], tuple[str, ...]]:
    """Return the utterances of segments with speakers, and a note on which voice speaks for whom.

    Args:
        segments: In order of time.
        mood: As `utterances_of`.
        voice: The voice for segments without a speaker; if there are none, for the first speaker who is not named
            like a voice.
        voices: The voices of the engine.
        otherwise: As `utterances_of`.
    """
    known = {one.name for one in voices}
    speakers = list(dict.fromkeys(segment.speaker for segment in segments if segment.speaker))
    own = {speaker: canonical_voice(speaker) for speaker in speakers if canonical_voice(speaker) in known}
    others = [speaker for speaker in speakers if speaker not in own]
    presets = [voice, *(preset for preset in VOICE_PRESETS if preset != voice and preset not in own.values())]
    if len(presets) > 1 and not all(segment.speaker for segment in segments):
        presets = presets[1:]
    roles = own | {speaker: presets[index % len(presets)] for index, speaker in enumerate(others)}
    utterances = [
        utterance
        for segment in segments
        for utterance in utterances_of([segment], mood, roles.get(segment.speaker or "", voice), otherwise)
    ]
    told = ", ".join(f"{speaker} by {roles[speaker]}" for speaker in others)
    return utterances, (f"Spoken: {told}.",) if told else ()


def own_mood(segment: Segment, otherwise: Mood) -> Mood:
    """Return the mood of a segment: its own emotion, in its degree, if the confidence is high enough."""
    emotion = segment.emotion
    return Mood(emotion.top, emotion.strength) if emotion and not emotion.unsure else otherwise


def _strengths(strength: float, count: int) -> list[float]:
    """Return strengths to try: first the one asked for, then its neighbours in steps of a quarter."""
    others = [strength + step / 4 for step in range(-8, 9) if step and _WEAKEST <= strength + step / 4 <= _STRONGEST]
    return [strength, *sorted(others, key=lambda other: (abs(other - strength), -other))][:count]
