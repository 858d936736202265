"""Speakers known by themselves: each segment is judged knowing what else its speaker said.

Nobody has to say who speaks: segments are grouped by their voices. The more of a speaker was heard, the more it counts.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.activity import SpeechActivity
from pipeline.audio.speaker_embeddings import embedding
from pipeline.audio.speech_segments import SpeechSegment
from pipeline.chain.engines import Engines
from pipeline.core.engines import capabilities_of
from pipeline.core.options import CallOptions
from pipeline.core.values import Audio, EmotionScores, Segment
from pipeline.recognition import TOGETHER
from pipeline.recognition.speech.conditioning import phrases
from pipeline.recognition.speech.recogniser import SpeechRecogniser
from pipeline.transcription.speakers.clustering import same_voice

__all__ = ["LiveVoices", "judges_together", "knowing_speakers", "speaker_embedding_of"]

_MOST: Final = 16
"""Segments of a speaker beyond which more say no more: one who talks for an hour may be neutral throughout. Of 32
neutral clips of one reader, 26 are neutral still if all count; set by hand."""

_LONGEST: Final = 6.0
"""Seconds of a segment by which its voice is told: more say little more, and take longer."""


def judges_together(engines: Engines, options: CallOptions) -> SpeechRecogniser | None:
    """Return the recogniser that knows speakers; None if segments are to be judged alone, or it cannot."""
    if not options.emotions or options.each_alone or options.emotion_from != "speech":
        return None
    recogniser = engines.recogniser()
    return engines.detailed(TOGETHER, "") if TOGETHER in capabilities_of(recogniser) else None


def knowing_speakers(
    recogniser: SpeechRecogniser, segments: Sequence[Segment], speakers: Sequence[str | None]
) -> tuple[Segment, ...]:
    """Return segments with their emotions judged again, those of each speaker together.

    Args:
        recogniser: Which judged each segment alone.
        segments: What was said; one without an emotion stays as it is.
        speakers: Who said each; a segment of nobody stays as it is.
    """
    places: dict[str, list[int]] = {}
    for place, (segment, speaker) in enumerate(zip(segments, speakers, strict=True)):
        if segment.emotion and speaker:
            places.setdefault(speaker, []).append(place)
    found = list(segments)
    for own in places.values():
        alone = [scores for place in own if (scores := segments[place].emotion)]
        for place, scores in zip(own, recogniser.judge_together(alone, most=_MOST), strict=True):
            found[place] = dataclasses.replace(segments[place], emotion=scores)
    return tuple(found)


def speaker_embedding_of(audio: Audio, activity: SpeechActivity) -> tuple[float, ...]:
    """Return how the voice in a recording sounds: an embedding of length 1, to three digits, of its longest phrase.

    Args:
        audio: Mono, 16 kHz.
        activity: How likely somebody speaks at each moment of it.
    """
    longest = max(phrases(audio, activity), key=lambda phrase: phrase.speech, default=None)
    return tuple(round(value, 3) for value in embedding(longest.samples).tolist()) if longest else ()


class LiveVoices:
    """The voices of a live transcription: each segment is judged knowing what its speaker said before.

    Args:
        recogniser: Which judged each segment alone.
    """

    def __init__(self, recogniser: SpeechRecogniser) -> None:
        self._recogniser = recogniser
        self._heard: list[tuple[NDArray[np.float32], list[EmotionScores]]] = []

    def judged(self, speech: SpeechSegment, segment: Segment) -> Segment:
        """Return a finished segment with its emotion judged again.

        Args:
            speech: Its sound.
            segment: What was said, judged alone.
        """
        if segment.emotion is None:
            return segment
        voice = embedding(speech.audio.slice(0.0, _LONGEST).samples)
        place = same_voice(voice, [known for known, _ in self._heard])
        if place is None:
            self._heard.append((voice, [segment.emotion]))
            return segment
        known, alone = self._heard[place]
        alone.append(segment.emotion)
        self._heard[place] = (known + voice, alone)
        return dataclasses.replace(segment, emotion=self._recogniser.judge_together(alone, most=_MOST)[-1])
