"""Results: what a call finds out or produces, as typed values.

Each result has a `to_dict`; the command line, files and all other interfaces write this same JSON.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.core.explanation import Explanation
from pipeline.core.timeline import Timeline, Window
from pipeline.core.transcripts import language_of
from pipeline.core.values import SCHEMA, Audio, EmotionScores, Plain, Segment, Speech, Word, plain

__all__ = ["Claim", "Conversion", "FusedScores", "Recognition", "Rendition", "Transcript", "Verification"]

_SCORES = ("emotion", "confidence", "unsure", "probabilities", "dimensions", "known_from", "warnings", "model")
"""Keys of the scores that `recognize --json` prints."""


@dataclass(frozen=True)
class FusedScores:
    """The emotion scores of the voice, of the words, and of both together."""

    scores: EmotionScores
    """Those of both; those of one part if the other is missing or unsure, or if they surely contradict each other."""
    speech: EmotionScores | None
    """Those of the voice."""
    text: EmotionScores | None
    """Those of the words."""
    used: tuple[str, ...]
    """The parts that `scores` come from: `speech`, `text` or both."""
    contradiction: str = ""
    """A sentence if words and voice contradict each other, with "Perhaps" if that is not certain; empty otherwise."""
    transcript: str = ""
    """The words."""

    def of(self, source: str) -> EmotionScores:
        """Return the scores of `speech`, `text` or `both`; those of the voice if there are no words."""
        chosen = {"speech": self.speech, "text": self.text or self.speech, "both": self.scores}[source]
        return chosen or self.scores

    def to_dict(self) -> dict[str, Any]:
        """Return the form that `recognize --fusion --json` prints under `fusion`."""
        scores = self.scores.to_dict()
        names = ("emotion", "confidence", "unsure", "probabilities", "dimensions")
        return {name: scores[name] for name in names} | {
            "used": list(self.used),
            "contradiction": self.contradiction,
        }

    @classmethod
    def from_dict(
        cls, values: Mapping[str, Any], speech: EmotionScores | None, text: EmotionScores | None
    ) -> FusedScores:
        """Read what `to_dict` wrote; the scores of the parts are written elsewhere.

        Args:
            values: What was written.
            speech: Scores of the voice.
            text: Scores of the words.
        """
        labels = tuple(values["probabilities"])
        scores = EmotionScores(
            labels,
            tuple(values["probabilities"].values()),
            model=" + ".join(part.model for part in (speech, text) if part),
            # The threshold is not written, only whether the confidence was below it.
            unsure_below=1.0 if values["unsure"] else 0.0,
        )
        return cls(scores, speech, text, tuple(values["used"]), values["contradiction"])


@dataclass(frozen=True)
class Recognition:
    """How a recording was said."""

    source: str
    """The recording, as it was named by the caller; `-` is standard input."""
    scores: EmotionScores
    """How likely each emotion is over the whole recording."""
    fused: FusedScores | None = None
    """Scores of voice and words together, if they were asked for."""
    timeline: Timeline | None = None
    """How the emotion changes through it, if that was asked for."""
    explanation: Explanation | None = None
    """What decided the answer, if that was asked for."""
    notes: tuple[str, ...] = ()
    """Sentences that the person should read, such as which of several sound tracks was heard."""
    speaker_embedding: tuple[float, ...] = ()
    """How the voice sounds, of length 1, if recordings are to be told apart by it; it is not shown."""
    duration: float = 0.0
    """Seconds of the recording; 0 if nobody knows."""

    @property
    def top(self) -> str:
        """The most likely emotion."""
        return self.scores.top

    @property
    def confidence(self) -> float:
        """Probability of the most likely emotion, in [0, 1]."""
        return self.scores.confidence

    @property
    def unsure(self) -> bool:
        """Whether the confidence is too low to rely on."""
        return self.scores.unsure

    def to_dict(self) -> dict[str, Any]:
        """Return the form that `recognize --json` prints."""
        scores = self.scores.to_dict()
        values: dict[str, Any] = {"file": self.source} | {name: scores[name] for name in _SCORES}
        values["duration"] = round(self.duration, 3)
        if self.fused:
            text = self.fused.text.to_dict() if self.fused.text else dict.fromkeys((*_SCORES, "notes"))
            values["words"] = {"text": self.fused.transcript} | {name: text[name] for name in (*_SCORES, "notes")}
            values["fusion"] = self.fused.to_dict()
        if self.timeline:
            values["windows"] = plain(self.timeline.windows)
        if self.explanation:
            values["explanation"] = self.explanation.to_dict()
        if self.notes:
            values["notes"] = list(self.notes)
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Recognition:
        """Read what `to_dict` wrote."""
        scores = _scores(values)
        fused = None
        if "fusion" in values:
            words = values["words"]
            text = _scores(words) if words["probabilities"] else None
            fused = FusedScores.from_dict(values["fusion"], scores, text)
            fused = dataclasses.replace(fused, transcript=words["text"])
        windows = tuple(Window(**Window.known(window)) for window in values.get("windows", ()))
        explanation = values.get("explanation")
        return cls(
            values["file"],
            scores,
            fused,
            Timeline(scores, windows) if "windows" in values else None,
            Explanation.from_dict(explanation) if explanation else None,
            tuple(values.get("notes", ())),
            tuple(values.get("speaker_embedding", ())),
            values.get("duration", 0.0),
        )


def _scores(values: Mapping[str, Any]) -> EmotionScores:
    """Read scores whose threshold may not be written, only whether the confidence was below it."""
    otherwise = {"calibrated": False, "unsure_below": 1.0 if values["unsure"] else 0.0}
    return EmotionScores.from_dict(otherwise | dict(values))


@dataclass(frozen=True)
class Transcript:
    """What was said in a recording, by whom, when, and how if that was asked for."""

    source: str
    """The recording, as it was named by the caller; `-` is standard input."""
    duration: float
    """Seconds of the recording."""
    language: str
    """ISO 639-1 code of the text."""
    engine: str
    """Name of the engine that transcribed or spoke it."""
    segments: tuple[Segment, ...]
    """What was said, in order of time."""
    notes: tuple[str, ...] = ()
    """Sentences that the person should read, such as that no speech was found."""
    windows: tuple[Window, ...] = ()
    """How the emotion changes through the recording, if that was asked for."""

    @property
    def text(self) -> str:
        """All that was said."""
        return " ".join(segment.text for segment in self.segments).strip()

    @property
    def words(self) -> tuple[Word, ...]:
        """All words with their times."""
        return tuple(word for segment in self.segments for word in segment.words)

    def to_dict(self) -> dict[str, Any]:
        """Return the form that `transcribe --json` prints and that is written to disk."""
        values: dict[str, Any] = {
            "schema": SCHEMA,
            "file": self.source,
            "duration": round(self.duration, 3),
            "text": self.text,
            "language": self.language,
            "engine": self.engine,
            "segments": plain(self.segments),
            "notes": list(self.notes),
        }
        return values | ({"windows": plain(self.windows)} if self.windows else {})

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Transcript:
        """Read what `to_dict` wrote.

        Raises:
            ValueError: The values were written with a newer schema.
        """
        _check_schema(values, "transcript")
        return cls(
            source=values["file"],
            duration=values["duration"],
            language=values["language"],
            engine=values["engine"],
            segments=tuple(Segment.from_dict(segment) for segment in values["segments"]),
            notes=tuple(values["notes"]),
            windows=tuple(Window(**Window.known(window)) for window in values.get("windows", ())),
        )


@dataclass(frozen=True)
class Verification(Plain):
    """What the verification of a result found."""

    text: str
    """The text that should be spoken; empty if it is unknown."""
    emotion: str
    """The emotion or mood that should be recognised; empty if it is unknown."""
    text_heard: str
    """The transcript of the result."""
    word_error_rate: float | None
    """Wrong words as a share of those that should be spoken; None if the text is unknown."""
    emotion_heard: str
    """The emotion that the judge finds most likely; empty if there is no speech to judge."""
    probability_of_asked: float | None
    """Probability of the asked emotion, in [0, 1]; None if the judge does not know this emotion."""
    agrees: bool | None
    """Whether the judge finds the asked emotion most likely; None if it does not know this emotion."""
    loudness_lufs: float
    """Integrated loudness; minus infinity for silence."""
    clipping: float
    """Share of samples at full scale, in [0, 1]."""
    silence_share: float
    """Share of the utterances, or of the whole if they are not known, in which nothing is heard, in [0, 1]."""
    speech_rate: float
    """Transcribed words per second in which something is heard; characters for Chinese."""
    judge: str
    """The model that judged the emotion, and whether it compared with the neutral speech of the voice."""
    transcriber: str
    """Name of the engine that transcribed the result."""
    counted_as_asked: tuple[str, ...] = ()
    """Emotions that count as the one asked for, because the judge cannot part them; empty if it stands alone."""
    naturalness: float | None = None
    """The opinion that listeners would have of the sound, 1 (bad) to 5 (excellent); None if it was not judged."""
    naturalness_judge: str = ""
    """The model that judged the naturalness; empty if none is installed."""
    problems: tuple[str, ...] = ()
    """Sentences that say what is wrong."""

    @property
    def passed(self) -> bool:
        """Whether everything is as it should be."""
        return not self.problems

    @property
    def score(self) -> float:
        """Quality for choosing among variants: fewer problems always win; the rest decides among as many.

        The probability of the asked emotion, less the share of wrong words (at most 1), plus the naturalness on a
        scale from 0 to 1, less 4 for each problem: more than all the others together can make up.
        """
        natural = 0.0 if self.naturalness is None else (self.naturalness - 1) / 4
        heard = (self.probability_of_asked or 0.0) - min(self.word_error_rate or 0.0, 1.0)
        return heard + natural - 4 * len(self.problems)

    def to_dict(self) -> dict[str, Any]:
        """Return the form that `verify --json` prints and that is written to disk."""
        return super().to_dict() | {"passed": self.passed}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Verification:
        """Read what `to_dict` wrote."""
        level = -math.inf if values["loudness_lufs"] is None else values["loudness_lufs"]
        texts = {name: tuple(values.get(name, ())) for name in ("counted_as_asked", "problems")}
        return cls(**cls.known(values) | texts | {"loudness_lufs": level})


@dataclass(frozen=True, eq=False)
class Rendition:
    """Speech made of utterances, and what its verification found."""

    speech: Speech
    """The whole."""
    segments: tuple[Segment, ...]
    """Each utterance with its time in the whole; its emotion is the one asked for, its speaker is the voice."""
    overflow: float = 0.0
    """Seconds of the largest delay: an utterance begins, or the last one ends, that long after its place."""
    overflowing: int = 0
    """Number of utterances that begin late because the one before was too long."""
    strength: float = 1.0
    """How strongly the emotions are acted, 0 to 2."""
    verification: Verification | None = None
    """What the verification found; None without verification."""

    @property
    def audio(self) -> Audio:
        """The sound, at the engine's own rate."""
        return self.speech.audio

    def noted(self, *notes: str) -> Rendition:
        """Return the rendition with more notes for the person."""
        speech = dataclasses.replace(self.speech, notes=(*self.speech.notes, *notes))
        return dataclasses.replace(self, speech=speech)

    def transcript(self, source: str, language: str) -> Transcript:
        """Return the transcript of the speech, with times in the sound.

        Args:
            source: Path of the sound.
            language: ISO 639-1 code of the text.
        """
        return Transcript(
            source, self.speech.audio.duration, language, self.speech.engine, self.segments, self.speech.notes
        )

    def to_dict(self, source: str) -> dict[str, Any]:
        """Return the form that `speak --json` prints and that is written to disk.

        Args:
            source: Path of the sound.
        """
        return {
            "schema": SCHEMA,
            "file": source,
            **self.speech.to_dict(),
            "strength": self.strength,
            "output_segments": plain(self.segments),
            "output_overflow": self.overflow,
            "verification": plain(self.verification),
        }


@dataclass(frozen=True)
class Conversion:
    """Everything about one recording that was converted."""

    heard: Transcript
    """Transcript of the recording."""
    spoken: Transcript
    """Transcript of the result; its emotions are those asked for, its speaker is the voice."""
    emotion_detected: EmotionScores
    """Emotion scores of the recording."""
    emotion_spoken: str
    """The emotion or mood of the result."""
    voice: str
    """The voice of the result."""
    engines: dict[str, str]
    """Stage (`recognition`, `transcription`, `synthesis`) to the engine that ran."""
    overflow: float = 0.0
    """Seconds of the largest delay of the result, if it should keep the timing of the recording."""
    strength: float = 1.0
    """How strongly the emotion is acted, 0 to 2."""
    verification: Verification | None = None
    """What the verification of the result found, if that was asked for."""
    fused: FusedScores | None = None
    """Emotion scores of voice and words together, and whether they contradict each other."""
    timings: dict[str, float] = field(default_factory=dict)
    """Seconds that each stage took."""
    notes: tuple[str, ...] = ()
    """Sentences that the person should read: warnings of all stages."""
    created: str = ""
    """Date and time of the result: ISO 8601, UTC."""
    version: str = ""
    """Version of Resay."""

    @property
    def source(self) -> str:
        """The recording, as it was named by the caller."""
        return self.heard.source

    @property
    def text(self) -> str:
        """All that was said."""
        return self.heard.text

    @property
    def output(self) -> str:
        """Path of the result."""
        return self.spoken.source

    @property
    def emotion_in_words(self) -> EmotionScores | None:
        """Emotion scores of the words, if a model reads their language."""
        return self.fused.text if self.fused else None

    def to_dict(self) -> dict[str, Any]:
        """Return all fields with the `schema` number, ready for JSON."""
        return {
            "schema": SCHEMA,
            "source": self.source,
            "duration": round(self.heard.duration, 3),
            "text": self.text,
            "segments": plain(self.heard.segments),
            "emotion_detected": self.emotion_detected.to_dict(),
            "emotion_spoken": self.emotion_spoken,
            "voice": self.voice,
            "engines": self.engines,
            "output": self.output,
            "output_duration": round(self.spoken.duration, 3),
            "output_words": plain(self.spoken.words),
            "output_segments": plain(self.spoken.segments),
            "output_overflow": self.overflow,
            "strength": self.strength,
            "verification": plain(self.verification),
            "timings": plain(self.timings),
            "notes": list(self.notes),
            "created": self.created,
            "version": self.version,
            "emotion_in_words": plain(self.emotion_in_words),
            "emotion_fused": plain(self.fused),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Conversion:
        """Read what `to_dict` wrote.

        Raises:
            ValueError: The values were written with a newer schema.
        """
        _check_schema(values, "conversion")
        engines, detected = values["engines"], EmotionScores.from_dict(values["emotion_detected"])
        segments = tuple(Segment.from_dict(segment) for segment in values["segments"])
        language = language_of(segments, "")
        in_words = values.get("emotion_in_words")
        fused = values.get("emotion_fused")
        return cls(
            heard=Transcript(values["source"], values["duration"], language, engines["transcription"], segments),
            spoken=Transcript(
                values["output"],
                values["output_duration"],
                language,
                engines["synthesis"],
                tuple(Segment.from_dict(segment) for segment in values.get("output_segments", ())) or (_whole(values),),
                tuple(values["notes"]),
            ),
            emotion_detected=detected,
            emotion_spoken=values["emotion_spoken"],
            voice=values["voice"],
            engines=engines,
            overflow=values.get("output_overflow", 0.0),
            strength=values.get("strength", 1.0),
            verification=Verification.from_dict(found) if (found := values.get("verification")) else None,
            fused=FusedScores.from_dict(fused, detected, EmotionScores.from_dict(in_words) if in_words else None)
            if fused
            else None,
            timings=values["timings"],
            notes=tuple(values["notes"]),
            created=values["created"],
            version=values["version"],
        )


@dataclass(frozen=True)
class Claim:
    """What a file of synthetic speech claims about itself."""

    text: str = ""
    """The text that should be spoken; empty if the file does not say."""
    emotion: str = ""
    """The emotion or mood that should be recognised."""
    segments: tuple[Segment, ...] = ()
    """Its utterances, whose emotions may differ."""
    voice: str = ""
    """The voice that spoke; empty if there were several, or the file does not say."""
    engine: str = ""
    """Name of the engine that spoke."""

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Claim:
        """Read the claim in the JSON of a conversion or of `speak`.

        Raises:
            KeyError: It is neither.
            TypeError: What should be a text is none.
        """
        voice = values.get("voice", "")
        claim = cls(
            text=values["text"],
            emotion=values.get("emotion_spoken") or values.get("emotion", ""),
            segments=tuple(map(Segment.from_dict, values.get("output_segments", ()))),
            voice="" if "," in voice else voice,
            engine=values.get("engine") or values.get("engines", {}).get("synthesis", ""),
        )
        if not all(isinstance(text, str) for text in (claim.text, claim.emotion, claim.voice, claim.engine)):
            raise TypeError("text, emotion, voice and engine are texts")
        return claim


def _check_schema(values: Mapping[str, Any], what: str) -> None:
    if values["schema"] > SCHEMA:
        raise ValueError(f"This {what} has schema {values['schema']}; this version reads up to {SCHEMA}.")


def _whole(values: Mapping[str, Any]) -> Segment:
    """Return a result as one segment, for results that were written before results had segments."""
    words = tuple(Word.from_dict(word) for word in values["output_words"])
    return Segment(
        start=words[0].start if words else 0.0,
        end=words[-1].end if words else values["output_duration"],
        text=" ".join(word.text for word in words) or values["text"],
        words=words,
        emotion=EmotionScores((values["emotion_spoken"],), (1.0,), model=values["engines"]["synthesis"]),
        speaker=values["voice"],
    )
