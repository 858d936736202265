"""What is said again, and how: utterances in their moods, times and prosody, and the best of several variants."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

from pipeline.audio import limited
from pipeline.chain.verification import Verification, Verifier
from pipeline.core.emotions import Mood
from pipeline.core.engines import Resynthesiser, Synthesiser
from pipeline.core.errors import NoSpeech
from pipeline.core.settings import Settings
from pipeline.core.values import Audio, EmotionScores, Segment, Speech
from pipeline.core.voices import TONES, Voice, canonical_voice
from pipeline.synthesis.utterances import Rendition, Utterance, joined, merged

__all__ = ["Speaking", "Variant", "cast", "lines_of", "own_mood"]

_WEAKEST: Final = 0.25
_NOT_COPIED: Final = "Some of the delivery is not copied: no word could be paired with one of the recording."
_STRONGEST: Final = 2.0


@dataclasses.dataclass(frozen=True, eq=False)
class Variant:
    """A rendition, how strongly it was acted, and what listening to it found."""

    rendition: Rendition
    """The lines, joined."""
    strength: float
    """How strongly the emotions are acted, 0 to 2."""
    verification: Verification | None = None
    """What was found; None where nobody listened."""


class Speaking:
    """Says lines.

    Args:
        settings: Timing, delivery and the number of candidates.
        synthesiser: Gives the engine that speaks, when it is needed.
        verifier: Listens to what was said.
    """

    def __init__(self, settings: Settings, synthesiser: Callable[[], Synthesiser], verifier: Verifier) -> None:
        self._settings = settings
        self._synthesiser = synthesiser
        self._verifier = verifier
        self._neutral = lru_cache(maxsize=1)(self.neutral)

    def say(
        self, lines: Sequence[Utterance], *, strength: float, source: Audio | None = None, duration: float = 0.0
    ) -> Rendition:
        """Say lines one by one, and join them.

        Args:
            lines: In order of time.
            strength: How strongly the emotions are acted, 0 to 2.
            source: The recording that the lines were spoken in, to copy its delivery from; None copies nothing.
            duration: Seconds that the result has at least where the timing is kept.

        Raises:
            UnknownName: The engine has no such voice, or cannot place such a mood.
            NoSpeech: No line holds anything that can be said.
        """
        keep_timing = self._settings.keep_timing
        said: list[tuple[Utterance, Speech]] = []
        nothing: NoSpeech | None = None
        for line in lines if keep_timing else merged(lines):
            try:
                said.append((line, self._said(line, strength, source)))
            except NoSpeech as error:
                nothing = error
        if not said:
            raise nothing or NoSpeech("There is nothing to say.")
        return joined(said, keep_timing=keep_timing, duration=duration)

    def move(
        self,
        source: Audio,
        phrases: Sequence[tuple[Segment, Mood]],
        detected: EmotionScores,
        *,
        strength: float,
        duration: float = 0.0,
    ) -> Rendition:
        """Move a recording itself, phrase by phrase.

        Args:
            source: The recording, at the rate of the result.
            phrases: Where somebody speaks, at least one, and the mood of each.
            detected: How the recording was said.
            strength: How strongly the emotions are acted, 0 to 2.
            duration: As `say`.

        Raises:
            UnknownName: A mood cannot be placed.
        """
        engine = self._synthesiser()
        if not isinstance(engine, Resynthesiser):
            raise AssertionError("only a resynthesiser moves recordings")
        pieces = engine.resynthesise(source, phrases, detected, strength=strength)
        said = [
            (Utterance(segment.text, mood, speech.voice, start, end), speech)
            for (segment, mood), (start, end, speech) in zip(phrases, pieces, strict=True)
        ]
        rendition = joined(said, keep_timing=self._settings.keep_timing, duration=duration)
        return dataclasses.replace(
            rendition, speech=dataclasses.replace(rendition.speech, audio=limited(rendition.speech.audio))
        )

    def best(self, make: Callable[[float], Rendition], strength: float) -> Variant:
        """Return a rendition, or the best of as many as the settings ask for.

        Candidates differ in their strength: as asked for, 0.25 more, 0.25 less, and so on.

        Args:
            make: Makes a rendition of a strength.
            strength: The one that was asked for, 0 to 2.
        """
        settings = self._settings
        if settings.candidates == 1 and not settings.verify:
            return Variant(make(strength), strength)

        def verified(strength: float) -> Variant:
            rendition = make(strength)
            return Variant(rendition, strength, self.verified(rendition))

        # Of equals the first is kept, which is the one asked for.
        return max(map(verified, _strengths(strength, settings.candidates)), key=_score)

    def neutral(self, text: str, voice: str) -> Audio | None:
        """Return a text in the neutral of a voice, to compare with; None from an engine that has no voices."""
        engine = self._synthesiser()
        if isinstance(engine, Resynthesiser):
            return None
        return engine.synthesise(text, Mood("neutral"), voice).audio

    def verified(self, rendition: Rendition) -> Verification:
        """Listen to a rendition, beside the neutral of its first phrase where one voice speaks."""
        moods = {segment.emotion.top for segment in rendition.segments if segment.emotion}
        return self._verifier(
            rendition.speech.audio,
            text=rendition.speech.text,
            emotion=moods.pop() if len(moods) == 1 else rendition.speech.emotion,
            parts=rendition.segments,
            neutral=self._own_neutral(rendition),
        )

    def _own_neutral(self, rendition: Rendition) -> Audio | None:
        voices = {segment.speaker for segment in rendition.segments}
        return self._neutral(rendition.segments[0].text, rendition.speech.voice) if len(voices) == 1 else None

    def _said(self, line: Utterance, strength: float, source: Audio | None) -> Speech:
        speech = self._synthesiser().synthesise(line.text, line.mood, line.voice, strength=strength)
        if source is None or not line.words:
            return speech
        from pipeline.synthesis.prosody_transfer import transfer, word_prosody

        heard = source.slice(line.start, line.end)
        result = transfer(speech, word_prosody(heard, [word.shifted(-line.start) for word in line.words]))
        if result is speech:
            return dataclasses.replace(speech, notes=(*speech.notes, _NOT_COPIED))
        return result


def lines_of(segments: Sequence[Segment], mood: Mood | None, voice: str, otherwise: Mood) -> list[Utterance]:
    """Return the lines of what was heard or written.

    Args:
        segments: In order of time.
        mood: The mood of all lines; None for each segment's own.
        voice: The voice of all lines.
        otherwise: The mood of a segment that has no emotion of its own, or an unsure one.
    """
    return [
        Utterance(segment.text, mood or own_mood(segment, otherwise), voice, segment.start, segment.end, segment.words)
        for segment in segments
        if segment.text.strip()
    ]


def cast(
    segments: Sequence[Segment], mood: Mood | None, voice: str, voices: Sequence[Voice]
) -> tuple[list[Utterance], str]:
    """Return the lines of a text with speakers, and a sentence that tells who is spoken by whom.

    Args:
        segments: In order of time.
        mood: As `lines_of`.
        voice: Who speaks the lines of nobody, and those of the first speaker who is no voice.
        voices: Those of the engine.
    """
    known = {one.name for one in voices}
    speakers = list(dict.fromkeys(segment.speaker for segment in segments if segment.speaker))
    own = {speaker: canonical_voice(speaker) for speaker in speakers if canonical_voice(speaker) in known}
    others = [speaker for speaker in speakers if speaker not in own]
    tones = [voice, *(tone for tone in TONES if tone != voice and tone not in own.values())]
    roles = own | {speaker: tones[index % len(tones)] for index, speaker in enumerate(others)}
    lines = [
        line
        for segment in segments
        for line in lines_of([segment], mood, roles.get(segment.speaker or "", voice), otherwise=Mood("neutral"))
    ]
    told = ", ".join(f"{speaker} by {roles[speaker]}" for speaker in others)
    return lines, f"Spoken: {told}." if told else ""


def own_mood(segment: Segment, otherwise: Mood) -> Mood:
    """Return the mood of a segment: its own emotion where that is sure."""
    emotion = segment.emotion
    return Mood(emotion.top) if emotion and not emotion.unsure else otherwise


def _strengths(strength: float, count: int) -> list[float]:
    """Return strengths to try, the one asked for first and then its neighbours in steps of a quarter."""
    others = [strength + step / 4 for step in range(-8, 9) if step and _WEAKEST <= strength + step / 4 <= _STRONGEST]
    return [strength, *sorted(others, key=lambda other: (abs(other - strength), -other))][:count]


def _score(candidate: Variant) -> float:
    return candidate.verification.score if candidate.verification else 0.0
