"""The closed loop: what was synthesised is listened to again, and compared with what was asked for."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from pipeline.audio import SAMPLE_RATE, resampled, speech_spans
from pipeline.audio.loudness import loudness
from pipeline.core.emotions import EMOTIONS
from pipeline.core.engines import ComparingRecogniser, Recogniser, Transcriber
from pipeline.core.errors import NoSpeech
from pipeline.core.settings import Settings
from pipeline.core.values import Audio, EmotionScores, Segment
from pipeline.frontend.english.spoken_words import spoken_words
from pipeline.transcription.scoring import word_error_rate

__all__ = ["Verification", "Verifier"]

_SILENCE_BEFORE: Final = 0.4
_FULL_SCALE: Final = 32766 / 32768
_LOUDNESS: Final = -23.0
_LOUDNESS_OFF: Final = 1.0
_SHORTEST_JUDGED: Final = 1.0
_BESIDE: Final = ", beside the voice's own neutral"


@dataclass(frozen=True)
class Verification:
    """What was found by listening to a result."""

    text: str
    """What should be said; empty where nobody told."""
    emotion: str
    """The emotion or mood that should be heard; empty where nobody told."""
    text_heard: str
    """What the transcriber heard."""
    word_error_rate: float | None
    """Wrong words as a share of those that should be said; None where the text is not known."""
    emotion_heard: str
    """What the judge heard most; empty where it heard nothing to judge."""
    probability_of_asked: float | None
    """How likely the judge holds the asked emotion, in [0, 1]; None where it is no emotion that the judge knows."""
    agrees: bool | None
    """Whether the judge heard the asked emotion most; None where it is no emotion that the judge knows."""
    loudness_lufs: float
    """Integrated loudness; minus infinity for silence."""
    clipping: float
    """Share of samples at full scale, in [0, 1]."""
    silence_share: float
    """Share of the time in which nobody speaks, in [0, 1]."""
    speech_rate: float
    """Words heard per second of speech; characters for Chinese."""
    judge: str
    """The model that judged the emotion, and whether it knew the voice's own neutral."""
    transcriber: str
    """Name of the engine that heard the words."""
    problems: tuple[str, ...] = ()
    """Sentences on what is not as it should be."""

    @property
    def passed(self) -> bool:
        """Whether everything is as it should be."""
        return not self.problems

    @property
    def score(self) -> float:
        """How good the result is, for choosing among candidates: likely emotion, few wrong words, no problem."""
        score = (self.probability_of_asked or 0.0) - (self.word_error_rate or 0.0)
        return score - len(self.problems)

    def to_dict(self) -> dict[str, Any]:
        """Return the form that `verify --json` prints and that is written to disk."""
        values = dataclasses.asdict(self) | {"passed": self.passed, "problems": list(self.problems)}
        for name in ("word_error_rate", "probability_of_asked", "clipping", "silence_share"):
            values[name] = None if values[name] is None else round(values[name], 4)
        finite = math.isfinite(self.loudness_lufs)
        return values | {
            "loudness_lufs": round(self.loudness_lufs, 2) if finite else None,
            "speech_rate": round(self.speech_rate, 2),
        }


class Verifier:
    """Listens to synthetic speech.

    Args:
        settings: Thresholds and expected words.
        transcriber: Gives the engine that tells the words, when it is needed.
        judge: Gives the model that tells the emotion.
    """

    def __init__(
        self, settings: Settings, transcriber: Callable[[], Transcriber], judge: Callable[[], Recogniser]
    ) -> None:
        self._settings = settings
        self._transcriber = transcriber
        self._judge = judge

    def __call__(
        self,
        audio: Audio,
        *,
        text: str = "",
        emotion: str = "",
        parts: Sequence[Segment] = (),
        neutral: Audio | None = None,
    ) -> Verification:
        """Listen to a sound.

        The words are heard after 0.4 s of digital silence, without which recognisers lose the first word of speech
        that begins at once.

        Args:
            audio: Mono, of any rate.
            text: What should be said.
            emotion: The emotion that should be heard.
            parts: Phrases with emotions that differ, as `Conversion.output_segments`: each is judged alone, and counts
                by its length.
            neutral: The same voice in neutral speech. A judge that can compare then tells which of the other
                emotions it departs towards, unless it is to be neutral itself.
        """
        heard = self._words(audio)
        parts = [part for part in parts if part.emotion and part.end - part.start >= _SHORTEST_JUDGED]
        several = len({part.emotion.top for part in parts if part.emotion}) > 1
        if several:
            asked = [part.emotion.top for part in parts if part.emotion]
            if "neutral" in asked:
                neutral = None
            judged = [self._judged(audio.slice(part.start, part.end), neutral) for part in parts]
            emotion = emotion or ", ".join(dict.fromkeys(asked))
        else:
            neutral = None if emotion in ("", "neutral") else neutral
            judged, asked = [self._judged(audio, neutral)], [emotion]
        weights = [part.end - part.start for part in parts] if several else [1.0]
        probability, agreement = _agreement(judged, asked, weights)
        spans = speech_spans(audio, padding=0.0)
        speaking = sum(end - start for start, end in spans)
        found = Verification(
            text=text,
            emotion=emotion,
            text_heard=heard,
            word_error_rate=word_error_rate(text, heard) if text else None,
            emotion_heard=", ".join(dict.fromkeys(scores.top for scores in judged if scores)),
            probability_of_asked=probability,
            agrees=None if agreement is None else agreement > 0.5,
            loudness_lufs=loudness(audio),
            clipping=float(np.mean(np.abs(audio.samples) >= _FULL_SCALE)) if len(audio.samples) else 0.0,
            silence_share=1 - min(speaking / audio.duration, 1.0) if audio.duration else 1.0,
            speech_rate=len(spoken_words(heard)) / speaking if speaking else 0.0,
            judge=self._judge().name + (_BESIDE if self._compares(neutral) else ""),
            transcriber=self._transcriber().name,
        )
        return dataclasses.replace(found, problems=tuple(self._problems(found)))

    def _words(self, audio: Audio) -> str:
        audio = resampled(audio, SAMPLE_RATE)
        silence = np.zeros(round(_SILENCE_BEFORE * SAMPLE_RATE), np.float32)
        segments = self._transcriber().transcribe(Audio(np.concatenate([silence, audio.samples]), SAMPLE_RATE))
        return " ".join(segment.text for segment in segments).strip()

    def _judged(self, audio: Audio, neutral: Audio | None) -> EmotionScores | None:
        judge = self._judge()
        try:
            if neutral is not None and isinstance(judge, ComparingRecogniser):
                return judge.beside(resampled(audio, SAMPLE_RATE), resampled(neutral, SAMPLE_RATE))
            return judge.recognise(resampled(audio, SAMPLE_RATE))
        except NoSpeech:
            return None

    def _compares(self, neutral: Audio | None) -> bool:
        return neutral is not None and isinstance(self._judge(), ComparingRecogniser)

    def _problems(self, found: Verification) -> Iterable[str]:
        settings = self._settings
        wrong, likely = found.word_error_rate, found.probability_of_asked
        if wrong is not None and wrong > settings.most_words_wrong:
            yield f"{wrong:.0%} of the words were heard wrongly; at most {settings.most_words_wrong:.0%} may be."
        if likely is not None and likely < settings.least_probability:
            yield (
                f"'{found.emotion}' is heard at {likely:.0%} ({found.emotion_heard or 'nothing'} is heard most);"
                f" at least {settings.least_probability:.0%} is wanted."
            )
        if found.clipping:
            yield f"{found.clipping:.2%} of the samples are clipped."
        if not abs(found.loudness_lufs - _LOUDNESS) <= _LOUDNESS_OFF:
            yield f"The loudness is {found.loudness_lufs:.1f} LUFS; {_LOUDNESS:.0f} is wanted."


def _agreement(
    judged: Sequence[EmotionScores | None], asked: Sequence[str], weights: Sequence[float]
) -> tuple[float | None, float | None]:
    """Return the mean probability of what was asked for, and the share in which it was heard most."""
    known = [
        (dict(zip(scores.labels, scores.probabilities, strict=True)).get(wanted, 0.0), scores.top == wanted, weight)
        if scores
        else (0.0, False, weight)
        for scores, wanted, weight in zip(judged, asked, weights, strict=True)
        if wanted in EMOTIONS
    ]
    total = sum(weight for *_, weight in known)
    if not total:
        return None, None
    return (
        sum(probability * weight for probability, _, weight in known) / total,
        sum(agrees * weight for _, agrees, weight in known) / total,
    )
