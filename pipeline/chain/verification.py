"""Verification: synthetic speech is analysed, and compared with what was asked for."""

from __future__ import annotations

import dataclasses
import json
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from pipeline.audio import SpeechActivity, detect_speech, loudness, read_information, resampled
from pipeline.audio.activity import FRAME_SAMPLES, FRAME_SECONDS
from pipeline.audio.loudness import SPEAKING_LOUDNESS, level
from pipeline.audio.resampling import SAMPLE_RATE
from pipeline.audio.speech_segments import cut_segments
from pipeline.chain.engines import Engines
from pipeline.core.emotions import EMOTIONS
from pipeline.core.engines import capabilities_of
from pipeline.core.errors import EngineMissing, NoSpeech, UnreadableAudio, UsageError
from pipeline.core.options import CallOptions
from pipeline.core.results import Claim, Verification
from pipeline.core.values import Audio, EmotionScores, Segment, Speech
from pipeline.frontend.characters import HAN
from pipeline.frontend.english.spoken_words import spoken_words
from pipeline.frontend.reading import spoken_text
from pipeline.recognition import COMPARISON
from pipeline.recognition.naturalness import NATURALNESS_JUDGES, naturalness_of
from pipeline.transcription.scoring import word_error_rate
from pipeline.transcription.script import written_in

__all__ = ["ALIKE", "Verifier", "check_verification", "claim_of"]

_SILENCE_BEFORE: Final = 13
"""Frames of digital silence, 0.4 s, before the sound: recognisers lose the first word of speech that begins at once."""

_FULL_SCALE: Final = 32766 / 32768
"""Magnitude from which a sample counts as clipped: the two largest values of 16 bits."""

_LOUDNESS_OFF: Final = 1.0
"""Tolerance of the loudness in LU (EBU R 128)."""

_QUIET: Final = 35.0
"""Decibels below the level of the speech from which on nothing is heard: the pauses of synthetic speech lie lower, what
is spoken softly at the end of a sentence does not. Set by hand."""

_MOST_SILENCE: Final = 0.5
"""Share of the utterances in which nothing is heard that is taken for a fault; voices here have up to 0.06, clips of
readers (LibriSpeech test-other) up to 0.39."""

_RATES: Final = {"words": (1.0, 6.0), "characters": (1.5, 9.0)}
"""Words, or Chinese characters, in a second of what is heard, as people speak. Readers say 1.3 to 3.9 words
(LibriSpeech test-other) or 2.5 to 5.4 characters (AISHELL-3), the English voices here 1.4 to 4.4 words."""

_FEWEST_WORDS: Final = 3
"""Words from which on their rate says something; set by hand."""

_SHORTEST_JUDGED: Final = 1.0
"""Seconds; the emotion of a shorter part is not judged (see `recognition.speech.input_quality`)."""

ALIKE: Final = frozenset({"neutral", "calm"})
"""Emotions that count as one answer where one of them was asked for: the judge cannot part them."""

_AGAINST_NEUTRAL: Final = ", beside the voice's own neutral"
"""Follows the name of a judge that compared with neutral speech."""


class Verifier:
    """Verifies synthetic speech for one call.

    Args:
        engines: Shared by all callers.
        options: The language, and the thresholds of the verification.
    """

    def __init__(self, engines: Engines, options: CallOptions) -> None:
        self._engines = engines
        self._options = options

    def __call__(
        self,
        audio: Audio,
        *,
        text: str = "",
        emotion: str = "",
        parts: Sequence[Segment] = (),
        neutral: Speech | None = None,
    ) -> Verification:
        """Verify a sound.

        Args:
            audio: Mono, of any rate.
            text: The text that should be spoken.
            emotion: The emotion that should be recognised.
            parts: Utterances; if their emotions differ, each is judged on its own and weighted by its length.
            neutral: The same voice in neutral speech. A judge that can compare uses it to tell the other emotions
                apart, unless neutral itself was asked for.
        """
        sound = resampled(audio, SAMPLE_RATE)
        activity = detect_speech(sound)
        audible = _audible(sound, activity)
        silence = np.zeros(_SILENCE_BEFORE * FRAME_SAMPLES, np.float32)
        quiet = SpeechActivity(np.zeros(_SILENCE_BEFORE, np.float32), _SILENCE_BEFORE * FRAME_SECONDS)
        preceded = Audio(np.concatenate([silence, sound.samples]), SAMPLE_RATE)
        heard = self._words(preceded, quiet.joined(activity))

        times = [(part.start, part.end) for part in parts if part.end > part.start] or [(0.0, sound.duration)]
        parts = [part for part in parts if part.emotion and part.end - part.start >= _SHORTEST_JUDGED]
        several = len({part.emotion.top for part in parts if part.emotion}) > 1
        if several:
            asked = [part.emotion.top for part in parts if part.emotion]
            if "neutral" in asked:
                neutral = None
            judged = [
                self._judged(sound.slice(part.start, part.end), activity.slice(part.start, part.end), neutral)
                for part in parts
            ]
            emotion = emotion or ", ".join(dict.fromkeys(asked))
        else:
            neutral = None if emotion in ("", "neutral") else neutral
            judged, asked = [self._judged(sound, activity, neutral)], [emotion]
        weights = [part.end - part.start for part in parts] if several else [1.0]
        answers = [_Answer.of(scores, wanted) if scores else None for scores, wanted in zip(judged, asked, strict=True)]
        probability, agreement = _agreement(answers, asked, weights)
        speaking = _seconds(audible)
        within = sum(_seconds(audible.slice(*time)) for time in times)
        lasting = sum(end - start for start, end in times)
        naturalness_judge = self._engines.naturalness_judge()
        judge, compared = self._engines.judge(), neutral is not None and self._compares
        found = Verification(
            text=text,
            emotion=emotion,
            text_heard=heard,
            # What was said for `50 µg` may be heard as `fifty micrograms` or `50 micrograms`.
            word_error_rate=word_error_rate(spoken_text(text), spoken_text(heard)) if text else None,
            emotion_heard=", ".join(dict.fromkeys(answer.heard for answer in answers if answer)),
            probability_of_asked=probability,
            agrees=None if agreement is None else agreement > 0.5,
            counted_as_asked=tuple(dict.fromkeys(word for answer in answers if answer for word in answer.counted)),
            loudness_lufs=loudness(audio),
            clipping=float(np.mean(np.abs(audio.samples) >= _FULL_SCALE)) if len(audio.samples) else 0.0,
            silence_share=1 - min(within / lasting, 1.0) if lasting else 1.0,
            speech_rate=len(spoken_words(heard)) / speaking if speaking else 0.0,
            judge=judge.name + (_AGAINST_NEUTRAL if compared else ""),
            transcriber=self._engines.transcriber(self._options.language).name,
            naturalness=naturalness_of(naturalness_judge, sound, audible) if naturalness_judge else None,
            naturalness_judge=naturalness_judge.name if naturalness_judge else "",
        )
        return dataclasses.replace(found, problems=tuple(self._problems(found)))

    def _words(self, audio: Audio, activity: SpeechActivity) -> str:
        transcriber = self._engines.transcriber(self._options.language)
        segments = map(transcriber.transcribe, cut_segments([(audio, activity)]))
        return " ".join(written_in(segment, self._options.script).text for segment in segments if segment).strip()

    def _judged(self, audio: Audio, activity: SpeechActivity, neutral: Speech | None) -> EmotionScores | None:
        judge: Any = self._engines.judge()
        try:
            if neutral is None or not self._compares:
                scores: EmotionScores = judge.recognise(audio, activity=activity)
            else:
                beside, spoken = resampled(neutral.audio, SAMPLE_RATE), _activity_of(neutral)
                scores = judge.score_against_neutral(audio, beside, activity=activity, neutral_activity=spoken)
        except NoSpeech:
            return None
        return scores

    @property
    def _compares(self) -> bool:
        return COMPARISON in capabilities_of(self._engines.judge())

    def _problems(self, found: Verification) -> Iterable[str]:
        options = self._options
        wrong, likely = found.word_error_rate, found.probability_of_asked
        if wrong is not None and wrong > options.most_words_wrong:
            yield f"{wrong:.0%} of the words were heard wrongly; at most {options.most_words_wrong:.0%} may be."
        if likely is not None and likely < options.least_probability:
            yield (
                f"'{found.emotion}' is heard at {likely:.0%} ({found.emotion_heard or 'nothing'} is heard most);"
                f" at least {options.least_probability:.0%} is wanted."
            )
        if found.clipping:
            yield f"{found.clipping:.2%} of the samples are clipped."
        if not abs(found.loudness_lufs - SPEAKING_LOUDNESS) <= _LOUDNESS_OFF:
            yield f"The loudness is {found.loudness_lufs:.1f} LUFS; {SPEAKING_LOUDNESS:.0f} is wanted."
        if found.silence_share > _MOST_SILENCE:
            yield f"{found.silence_share:.0%} of the utterances is silent; at most {_MOST_SILENCE:.0%} may be."
        words = spoken_words(found.text_heard)
        unit = "characters" if any(re.match(f"[{HAN}]", word) for word in words) else "words"
        slowest, fastest = _RATES[unit]
        if len(words) >= _FEWEST_WORDS and not slowest <= found.speech_rate <= fastest:
            yield f"{found.speech_rate:.1f} {unit} are spoken in a second; {slowest:g} to {fastest:g} is usual."
        natural = found.naturalness
        if natural is not None and natural < options.least_naturalness:
            yield f"The naturalness is {natural:.1f} of 5; at least {options.least_naturalness:g} is wanted."


def check_verification(engines: Engines, options: CallOptions) -> None:
    """Refuse a verification that cannot be done, without loading any engine.

    Raises:
        EngineMissing: An engine is not ready on this machine, or naturalness is asked for and nothing here judges it.
        UnknownName: The transcriber lacks the language.
    """
    engines.check("asr", "judge", "naturalness", language=options.language)
    if options.least_naturalness and not engines.naturalness_is_judged:
        reason = "; ".join(f"{spec.name} ({spec.missing()})" for spec in NATURALNESS_JUDGES.specs)
        raise EngineMissing(
            f"Nothing here judges naturalness: {reason}.", hint="Install it, or leave --least-naturalness out."
        )


def claim_of(path: Path) -> Claim:
    """Return what should be in a result, from the JSON next to it, or else from the information in the file.

    Raises:
        UsageError: The JSON cannot be read.
    """
    beside = path.with_suffix(".json")
    if beside != path and os.path.isfile(beside):
        try:
            return Claim.from_dict(json.loads(beside.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise UsageError(
                f"{beside} does not say what should be in {path}.", hint="Give --text and --emotion."
            ) from error
    try:
        information = read_information(path)
    except UnreadableAudio:
        return Claim()
    return Claim(information.title, information.emotion) if information else Claim()


def _audible(audio: Audio, activity: SpeechActivity) -> SpeechActivity:
    """Return the activity with everything counted in that is about as loud as the speech.

    The detector does not take every very high or very low voice for speech.

    Args:
        audio: Mono, 16 kHz.
        activity: How likely somebody speaks at each moment of it.
    """
    frames = len(activity.probability)
    samples = np.zeros(frames * FRAME_SAMPLES, np.float32)
    length = min(len(samples), len(audio.samples))
    samples[:length] = audio.samples[:length]
    power = np.square(samples.reshape(frames, FRAME_SAMPLES)).mean(axis=1)
    loud = power > 10 ** ((level(audio.samples) - _QUIET) / 10)
    return dataclasses.replace(activity, probability=np.maximum(activity.probability, loud.astype(np.float32)))


def _seconds(activity: SpeechActivity) -> float:
    """Return the seconds in which somebody speaks."""
    return sum(end - start for start, end in activity.spans(padding=0.0))


def _activity_of(speech: Speech) -> SpeechActivity | None:
    """Return the speech activity of a synthetic sound from its word times; None if the engine gives none."""
    if not speech.words:
        return None
    times = np.arange(round(speech.audio.duration / FRAME_SECONDS)) * FRAME_SECONDS
    spoken_at = np.zeros(len(times), np.float32)
    for word in speech.words:
        spoken_at[(times + FRAME_SECONDS > word.start) & (times < word.end)] = 1.0
    return SpeechActivity(spoken_at, speech.audio.duration)


@dataclasses.dataclass(frozen=True)
class _Answer:
    """What a judge says of a sound, seen from the emotion that was asked for."""

    probability: float
    """Probability of what was asked for."""
    heard: str
    """The most likely emotion; of what was asked for, if that is the most likely answer as a whole."""
    agrees: bool
    """Whether what was asked for is the most likely answer."""
    counted: tuple[str, ...]
    """Emotions that count as the one asked for; empty if it is that one alone."""

    @classmethod
    def of(cls, scores: EmotionScores, wanted: str) -> _Answer:
        """Return the answer; neutral and calm are one where either is wanted."""
        probabilities = dict(zip(scores.labels, scores.probabilities, strict=True))
        counted = [label for label in scores.labels if label == wanted or {label, wanted} <= ALIKE]
        probability = sum(probabilities[label] for label in counted)
        others = max((likely for label, likely in probabilities.items() if label not in counted), default=0.0)
        agrees = bool(counted) and probability >= others
        heard = max(counted, key=probabilities.__getitem__) if agrees else scores.top
        return cls(probability, heard, agrees, tuple(counted) if len(counted) > 1 else ())


def _agreement(
    answers: Sequence[_Answer | None], asked: Sequence[str], weights: Sequence[float]
) -> tuple[float | None, float | None]:
    """Return the mean probability of what was asked for, and the share of speech in which it is the most likely."""
    known = [
        (answer.probability, answer.agrees, weight) if answer else (0.0, False, weight)
        for answer, wanted, weight in zip(answers, asked, weights, strict=True)
        if wanted in EMOTIONS
    ]
    total = sum(weight for *_, weight in known)
    if not total:
        return None, None
    return (
        sum(probability * weight for probability, _, weight in known) / total,
        sum(agrees * weight for _, agrees, weight in known) / total,
    )
