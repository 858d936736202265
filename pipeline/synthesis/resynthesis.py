"""A recording moved to another emotion: the speaker's own words and voice, in any language, without a text.

The recording is taken apart (WORLD), the change of the emotion that was heard is taken off as far as it was heard,
that of the asked one is put on, and the parameters become sound again.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from pipeline.audio.activity import SpeechActivity
from pipeline.audio.writing import finished
from pipeline.core.emotions import Mood
from pipeline.core.errors import UsageError
from pipeline.core.values import Audio, EmotionScores, Segment, Speech
from pipeline.core.voices import Voice
from pipeline.synthesis import RESYNTHESIS
from pipeline.synthesis.acting import STRONGEST
from pipeline.synthesis.prosody.changes import EmotionChange, degree, emotion_change
from pipeline.synthesis.prosody.f0 import SEMITONES, Register
from pipeline.synthesis.prosody.moods import check_mood, describe, mixture
from pipeline.synthesis.prosody.presets import VoicePreset
from pipeline.synthesis.world.analysis import analyse
from pipeline.synthesis.world.frames import PERIOD, VocoderFrames
from pipeline.synthesis.world.rendering import render
from pipeline.synthesis.world.speaker import act
from pipeline.synthesis.world.speaker_sex import sex_of

__all__ = ["OWN_VOICE", "SAMPLE_RATE", "Resynthesis", "create", "own_preset"]

SAMPLE_RATE: Final = 24_000
"""Hertz of the sound that is moved."""

OWN_VOICE: Final = "own"
"""What the voice of a result is called."""

_LISTENED: Final = 20.0
"""Seconds of a recording that tell whose voice it is."""
_MARGIN: Final = 1.0
"""Seconds of a pause that go with what is said beside it at most."""
_LONGEST: Final = 20.0
"""Seconds that are moved at once at most: contours are laid over whole sentences."""

_USUAL: Final = {"female": 200.0, "male": 115.0}
"""Usual fundamental frequency in Hz (Peterson and Barney 1952, adults reading)."""
_DEEPEST: Final = 0.7
"""Ratio of the deepest usual F0 of a voice to that of its sex: half an octave below is nobody's neutral speech."""


class Resynthesis:
    """Moves recordings."""

    name = "resynthesis"
    capabilities: Final = frozenset({RESYNTHESIS})
    sample_rate = SAMPLE_RATE

    def voices(self) -> tuple[Voice, ...]:
        """Return no voices: whoever speaks in the recording is kept."""
        return ()

    def check(self, mood: Mood, voice: str) -> None:
        """Check that the mood is known; the voice is not used.

        Raises:
            UnknownName: The mood is not in the lexicon.
        """
        check_mood(mood, voice)

    def synthesise(self, text: str, mood: Mood, voice: str, *, strength: float = 1.0) -> Speech:
        """Refuse: there is no voice to say a text with.

        Raises:
            UsageError: Always.
        """
        raise UsageError(
            "The engine resynthesis moves a recording and cannot say a text.",
            hint="Give it a recording, or choose another --tts.",
        )

    def phrases(self, activity: SpeechActivity) -> tuple[Segment, ...]:
        """Return where somebody speaks, for a recording whose words nobody could tell; none if nobody does.

        What goes on for more than 20 s without a pause is cut evenly.
        """
        return tuple(
            Segment(start + part * (end - start) / parts, start + (part + 1) * (end - start) / parts, "")
            for start, end in activity.spans()
            for parts in [math.ceil((end - start) / _LONGEST)]
            for part in range(parts)
        )

    def resynthesise(
        self,
        audio: Audio,
        phrases: Sequence[tuple[Segment, Mood]],
        detected: EmotionScores,
        *,
        strength: float = 1.0,
    ) -> Iterator[tuple[float, float, Speech]]:
        """Move the phrases of a recording to their moods.

        Args:
            audio: The recording, mono, at the rate of the result.
            phrases: Where somebody speaks, in order of time, and the mood of each; a phrase with an emotion of its own
                loses that one, the others lose `detected`. Words give the result its words.
            detected: How the recording was said.
            strength: How far to move, 0 to 2; at 0 the result is neutral.

        Yields:
            For each phrase, from where to where in the recording its piece reaches, in seconds, and the piece.
            Pieces do not overlap; up to a second of the pause around a phrase goes with it. Their levels stand to each
            other as in the recording.

        Raises:
            UnknownName: A mood is not in the lexicon.
        """
        preset = own_preset(audio, detected)
        edges = _edges([segment for segment, _ in phrases], audio.duration)
        for (segment, mood), (start, end) in zip(phrases, edges, strict=True):
            shares = mixture(mood)
            acted_at = min(max(mood.at(strength), 0.0), STRONGEST)
            change = _change(shares, segment.emotion or detected, preset.voice.sex, acted_at)
            words = tuple(word.shifted(-start) for word in segment.words)
            frames = analyse(audio.slice(start, end), words, trimmed=False)
            acted = _acted(frames, segment.start - start, segment.end - start, change, preset.register)
            note = describe(mood, shares)
            sound = finished(render(acted))
            yield (
                start,
                end,
                Speech(
                    audio=sound,
                    text=segment.text,
                    emotion=mood.word,
                    voice=OWN_VOICE,
                    engine=self.name,
                    words=tuple(word.within(sound.duration) for word in acted.words),
                    notes=(note,) if note else (),
                ),
            )


def create() -> Resynthesis:
    """Return the engine."""
    return Resynthesis()


def own_preset(audio: Audio, detected: EmotionScores) -> VoicePreset:
    """Return the voice of a recording as it would be in neutral speech.

    Whether the voice is more like a man's or a woman's is told by spectrum and F0 (`speaker_sex`); if the recording
    holds no more than a telephone does, by its F0, less what the detected emotion adds to it in each.

    Args:
        audio: The recording; its first 20 seconds are listened to.
        detected: How it was said.
    """
    frames = analyse(audio.slice(0, _LISTENED), trimmed=False)
    voiced = frames.f0[frames.voiced]
    if not len(voiced):
        return VoicePreset(Voice(OWN_VOICE, "female", ""), Register.around(_USUAL["female"]))
    median = float(np.median(voiced))
    heard = dict(zip(detected.labels, detected.probabilities, strict=True))
    neutral = {sex: median * 2 ** (-emotion_change(heard, sex).shift / SEMITONES) for sex in _USUAL}
    sex = sex_of(frames) or min(_USUAL, key=lambda sex: abs(math.log2(neutral[sex] / _USUAL[sex])))
    own = max(neutral[sex], _DEEPEST * _USUAL[sex])
    return VoicePreset(Voice(OWN_VOICE, sex, ""), Register.around(own, median))


def _change(shares: Mapping[str, float], heard: EmotionScores, sex: str, strength: float) -> EmotionChange:
    """Return what to put on, less what to take off."""
    weights = {emotion: share * degree(strength) for emotion, share in shares.items()}
    for emotion, probability in zip(heard.labels, heard.probabilities, strict=True):
        weights[emotion] = weights.get(emotion, 0.0) - probability
    change = emotion_change(weights, sex)
    # A trembling that is there cannot be taken off by another.
    return dataclasses.replace(change, tremor=max(change.tremor, 0.0))


def _acted(frames: VocoderFrames, start: float, end: float, change: EmotionChange, register: Register) -> VocoderFrames:
    """Return a piece with the phrase in it moved, and what is around the phrase left as it was.

    F0 is moved no deeper than a person's own neutral speech goes: the emotion may have been heard stronger
    than it was spoken.
    """
    first = min(max(round(start / PERIOD), 0), len(frames))
    last = min(max(round(end / PERIOD), first), len(frames))
    phrase = frames.part(first, last)
    voiced = phrase.f0[phrase.voiced]
    if len(voiced):
        deepest = SEMITONES * math.log2(_DEEPEST * register.usual / float(np.median(voiced)))
        change = dataclasses.replace(change, shift=max(change.shift, min(deepest, 0.0)))
    acted = act(phrase, change, register)
    before, after = frames.part(0, first), frames.part(last, len(frames))
    return dataclasses.replace(
        acted,
        f0=np.concatenate([before.f0, acted.f0, after.f0]),
        envelope=np.concatenate([before.envelope, acted.envelope, after.envelope]),
        breath=np.concatenate([before.breath, acted.breath, after.breath]),
        words=tuple(word.shifted(first * PERIOD) for word in acted.words),
    )


def _edges(segments: Sequence[Segment], duration: float) -> list[tuple[float, float]]:
    """Return from where to where the piece of each phrase reaches: half of each pause, at most a second."""
    edges = []
    for index, segment in enumerate(segments):
        before = (segments[index - 1].end + segment.start) / 2 if index else 0.0
        after = (segment.end + segments[index + 1].start) / 2 if index + 1 < len(segments) else duration
        edges.append((max(before, segment.start - _MARGIN, 0.0), min(after, segment.end + _MARGIN, duration)))
    return edges
