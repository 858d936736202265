"""Results: what a call finds out or makes, as typed values that keep their form to the end.

Each result writes itself with `to_dict`; the command line, files and every other interface print that same JSON.
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
from pipeline.core.values import SCHEMA, Audio, EmotionScores, Segment, Speech, Word

__all__ = ["Claim", "Conversion", "FusedScores", "Recognition", "Rendition", "Transcript", "Verification"]

_SCORES = ("emotion", "confidence", "unsure", "probabilities", "warnings", "model")
"""What `recognize --json` prints of the scores."""


@dataclass(frozen=True)
class FusedScores:
    """What voice and words say, each alone and together."""

    scores: EmotionScores
    """Together; if one part is missing or unsure, or they contradict each other, those of the part in `used`."""
    speech: EmotionScores | None
    """What the voice says."""
    text: EmotionScores | None
    """What the words say."""
    used: tuple[str, ...]
    """`speech`, `text` or both."""
    contradiction: str = ""
    """A sentence if words and voice contradict each other; empty otherwise."""
    transcript: str = ""
    """The words."""

    def of(self, source: str) -> EmotionScores:
        """Return what `speech`, `text` or `both` say; the voice answers for words that are not there."""
        chosen = {"speech": self.speech, "text": self.text or self.speech, "both": self.scores}[source]
        return chosen or self.scores

    def to_dict(self) -> dict[str, Any]:
        """Return the form that `recognize --fusion --json` prints under `fusion`."""
        scores = self.scores.to_dict()
        names = ("emotion", "confidence", "unsure", "probabilities")
        return {name: scores[name] for name in names} | {
            "used": list(self.used),
            "contradiction": self.contradiction,
        }

    @classmethod
    def from_dict(
        cls, values: Mapping[str, Any], speech: EmotionScores | None, text: EmotionScores | None
    ) -> FusedScores:
        """Read what `to_dict` wrote; the parts stand elsewhere.

        Args:
            values: What was written.
            speech: What the voice says.
            text: What the words say.
        """
        labels = tuple(values["probabilities"])
        scores = EmotionScores(
            labels,
            tuple(values["probabilities"].values()),
            model=" + ".join(part.model for part in (speech, text) if part),
            # What was written is whether the answer counted as unsure, not from which confidence on.
            unsure_below=1.1 if values["unsure"] else 0.0,
        )
        return cls(scores, speech, text, tuple(values["used"]), values["contradiction"])


@dataclass(frozen=True)
class Recognition:
    """How a recording was said."""

    source: str
    """The recording, as it was named by the caller; `-` is standard input."""
    scores: EmotionScores
    """How likely each emotion is over all of it."""
    fused: FusedScores | None = None
    """What its words say, and both together, if that was asked for."""
    timeline: Timeline | None = None
    """How the emotion goes through it, if that was asked for."""
    explanation: Explanation | None = None
    """What moved the answer, if that was asked for."""

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
        """Whether the confidence is too low to be relied upon."""
        return self.scores.unsure

    def to_dict(self) -> dict[str, Any]:
        """Return the form that `recognize --json` prints."""
        scores = self.scores.to_dict()
        values: dict[str, Any] = {"file": self.source} | {name: scores[name] for name in _SCORES}
        if self.fused:
            text = self.fused.text.to_dict() if self.fused.text else dict.fromkeys(_SCORES)
            values["words"] = {"text": self.fused.transcript} | {name: text[name] for name in _SCORES}
            values["fusion"] = self.fused.to_dict()
        if self.timeline:
            values["windows"] = [window.to_dict() for window in self.timeline.windows]
        if self.explanation:
            values["explanation"] = self.explanation.to_dict()
        return values


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
    """Name of the engine that heard it, or that said it."""
    segments: tuple[Segment, ...]
    """What was said, in order of time."""
    notes: tuple[str, ...] = ()
    """Sentences that the person should read, such as that nothing was heard."""
    windows: tuple[Window, ...] = ()
    """How the emotion goes through the recording, if that was asked for."""

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
            "segments": [segment.to_dict() for segment in self.segments],
            "notes": list(self.notes),
        }
        return values | ({"windows": [window.to_dict() for window in self.windows]} if self.windows else {})

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
            windows=tuple(Window(**window) for window in values.get("windows", ())),
        )


@dataclass(frozen=True)
class Verification:
    """What was found by listening to a result."""

    text: str
    """What should be said; empty if nobody told."""
    emotion: str
    """The emotion or mood that should be heard; empty if nobody told."""
    text_heard: str
    """What the transcriber heard."""
    word_error_rate: float | None
    """Wrong words as a share of those that should be said; None if the text is not known."""
    emotion_heard: str
    """What the judge heard most; empty if it heard nothing to judge."""
    probability_of_asked: float | None
    """How likely the judge holds the asked emotion, in [0, 1]; None if it is no emotion that the judge knows."""
    agrees: bool | None
    """Whether the judge heard the asked emotion most; None if it is no emotion that the judge knows."""
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
        """How good the result is, for choosing among variants: likely emotion, few wrong words, no problem."""
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

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Verification:
        """Read what `to_dict` wrote."""
        known = {entry.name: values[entry.name] for entry in dataclasses.fields(cls) if entry.name in values}
        level = values["loudness_lufs"]
        return cls(
            **known
            | {"problems": tuple(values["problems"]), "loudness_lufs": float("-inf") if level is None else level}
        )


@dataclass(frozen=True, eq=False)
class Rendition:
    """Speech that was made of utterances, and what listening to it found."""

    speech: Speech
    """The whole."""
    segments: tuple[Segment, ...]
    """Each utterance with its time in the whole; the emotion is the one asked for, the speaker the voice."""
    overflow: float = 0.0
    """Seconds by which the utterance that is latest begins after its place, or the last one ends after it."""
    overflowing: int = 0
    """How many utterances begin late because the one before had no room."""
    strength: float = 1.0
    """How strongly the emotions are acted, 0 to 2."""
    verification: Verification | None = None
    """What was found by listening to it; None if nobody listened."""

    @property
    def audio(self) -> Audio:
        """The sound, at the engine's own rate."""
        return self.speech.audio

    def noted(self, *notes: str) -> Rendition:
        """Return the rendition with more sentences that the person should read."""
        speech = dataclasses.replace(self.speech, notes=(*self.speech.notes, *notes))
        return dataclasses.replace(self, speech=speech)

    def transcript(self, source: str, language: str) -> Transcript:
        """Return what is said, with its times in the sound.

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
            "output_segments": [segment.to_dict() for segment in self.segments],
            "output_overflow": self.overflow,
            "verification": self.verification.to_dict() if self.verification else None,
        }


@dataclass(frozen=True)
class Conversion:
    """Everything about one recording that was heard and said again."""

    heard: Transcript
    """What was said in the recording."""
    spoken: Transcript
    """What the result says, with times in it, the emotion asked for, and the voice as speaker."""
    emotion_detected: EmotionScores
    """How the recording was said."""
    emotion_spoken: str
    """The emotion or mood of the result."""
    voice: str
    """The voice of the result."""
    engines: dict[str, str]
    """Stage (`recognition`, `transcription`, `synthesis`) to the engine that ran."""
    overflow: float = 0.0
    """Seconds by which the result is late where it is latest, if the timing of the recording was to be kept."""
    strength: float = 1.0
    """How strongly the emotion is acted, 0 to 2."""
    verification: Verification | None = None
    """What listening to the result found, if that was asked for."""
    fused: FusedScores | None = None
    """What voice and words say together, and whether they contradict each other."""
    timings: dict[str, float] = field(default_factory=dict)
    """Seconds that each stage took."""
    notes: tuple[str, ...] = ()
    """Sentences that the person should read: warnings of every stage."""
    created: str = ""
    """When the result was made: ISO 8601, UTC."""
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
        """What the words say, if a model reads their language."""
        return self.fused.text if self.fused else None

    def to_dict(self) -> dict[str, Any]:
        """Return all that there is to tell, with the `schema` number, ready for JSON."""
        return {
            "schema": SCHEMA,
            "source": self.source,
            "duration": round(self.heard.duration, 3),
            "text": self.text,
            "segments": [segment.to_dict() for segment in self.heard.segments],
            "emotion_detected": self.emotion_detected.to_dict(),
            "emotion_spoken": self.emotion_spoken,
            "voice": self.voice,
            "engines": self.engines,
            "output": self.output,
            "output_duration": round(self.spoken.duration, 3),
            "output_words": [word.to_dict() for word in self.spoken.words],
            "output_segments": [segment.to_dict() for segment in self.spoken.segments],
            "output_overflow": self.overflow,
            "strength": self.strength,
            "verification": self.verification.to_dict() if self.verification else None,
            "timings": {stage: round(seconds, 4) for stage, seconds in self.timings.items()},
            "notes": list(self.notes),
            "created": self.created,
            "version": self.version,
            "emotion_in_words": self.emotion_in_words.to_dict() if self.emotion_in_words else None,
            "emotion_fused": self.fused.to_dict() if self.fused else None,
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
    """What a file of synthetic speech says of itself."""

    text: str = ""
    """What should be said; empty if it does not tell."""
    emotion: str = ""
    """The emotion or mood that should be heard."""
    segments: tuple[Segment, ...] = ()
    """Its utterances, whose emotions may differ."""
    voice: str = ""
    """The one voice that spoke; empty if several did, or it does not tell."""
    engine: str = ""
    """Name of the engine that spoke."""

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Claim:
        """Read what is claimed by the JSON of a conversion or of `speak`.

        Raises:
            KeyError: It is neither.
        """
        voice = values.get("voice", "")
        return cls(
            text=values["text"],
            emotion=values.get("emotion_spoken") or values.get("emotion", ""),
            segments=tuple(map(Segment.from_dict, values.get("output_segments", ()))),
            voice="" if "," in voice else voice,
            engine=values.get("engine") or values.get("engines", {}).get("synthesis", ""),
        )


def _check_schema(values: Mapping[str, Any], what: str) -> None:
    if values["schema"] > SCHEMA:
        raise ValueError(f"This {what} has schema {values['schema']}; this version reads up to {SCHEMA}.")


def _whole(values: Mapping[str, Any]) -> Segment:
    """Return a result as one segment, for results that were written before segments of results were."""
    words = tuple(Word.from_dict(word) for word in values["output_words"])
    return Segment(
        start=words[0].start if words else 0.0,
        end=words[-1].end if words else values["output_duration"],
        text=" ".join(word.text for word in words) or values["text"],
        words=words,
        emotion=EmotionScores((values["emotion_spoken"],), (1.0,), model=values["engines"]["synthesis"]),
        speaker=values["voice"],
    )
