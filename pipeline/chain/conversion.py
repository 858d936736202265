"""One recording heard and said again, into a numbered result."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from pipeline import __version__
from pipeline.audio import AudioLimits, parse_sounds, read_audio, require_sound, rereadable, resampled, write_speech
from pipeline.chain.hearing import Heard, Hearing
from pipeline.chain.listening import Source, name_of
from pipeline.chain.rendering import Speaking, Variant, lines_of, own_mood
from pipeline.core.emotions import Mood, parse_mood
from pipeline.core.engines import Resynthesiser, Synthesiser, Transcriber
from pipeline.core.errors import NoSpeech
from pipeline.core.numbering import write_numbered
from pipeline.core.settings import Settings
from pipeline.core.timings import Timings
from pipeline.core.values import Audio, Conversion, EmotionScores, Segment
from pipeline.core.voices import canonical_voice
from pipeline.recognition.speech.speaker import SpeakerProfile
from pipeline.synthesis.utterances import Rendition
from pipeline.transcription.language import language_note

__all__ = ["Converter"]


@dataclasses.dataclass(frozen=True)
class _Asked:
    """What a result is to be."""

    mood: Mood
    """`auto` for the emotion of the recording, phrase by phrase."""
    voice: str
    """A tone or an engine's own id."""
    strength: float
    """0 to 2."""
    notes: tuple[str, ...] = ()
    """Sentences on where the emotion comes from."""


class Converter:
    """Converts recordings.

    Args:
        settings: All settings.
        hearing: Hears recordings.
        speaking: Says lines.
        synthesiser: Gives the engine that speaks, when it is needed.
        transcriber: Gives the engine that hears words.
    """

    def __init__(
        self,
        settings: Settings,
        hearing: Hearing,
        speaking: Speaking,
        synthesiser: Callable[[], Synthesiser],
        transcriber: Callable[[], Transcriber],
    ) -> None:
        self._settings = settings
        self._hearing = hearing
        self._speaking = speaking
        self._synthesiser = synthesiser
        self._transcriber = transcriber
        self._judged: dict[str, EmotionScores] = {}
        self._limits = AudioLimits(max_bytes=settings.max_bytes, max_seconds=settings.max_seconds)

    def __call__(
        self,
        source: Source,
        emotion: str,
        voice: str,
        *,
        output: str | Path | None,
        name: str,
        speaker: SpeakerProfile | None,
        on_stage: Callable[[str], None],
    ) -> Conversion:
        """As `VoicePipeline.convert`."""
        settings = self._settings
        formats = parse_sounds(settings.sound)
        asked = _Asked(
            parse_mood(emotion or settings.emotion), canonical_voice(voice or settings.voice), settings.strength
        )
        name = name or name_of(source)
        timings = Timings()
        reread = nullcontext(source) if isinstance(source, Audio) else rereadable(source, limits=self._limits)
        with ThreadPoolExecutor(2) as threads, reread as given:
            # The voice loads while the recording is heard; a wrong emotion or voice is told before the work.
            loaded = threads.submit(self._load, asked, timings)
            on_stage("reading")
            with timings.clock("audio"):
                audio = self._read(given)
                require_sound(audio, name)
            on_stage("hearing")
            if settings.emotion_recording and asked.mood.is_auto:
                asked = self._like(settings.emotion_recording, asked, timings)
            heard = self._hearing(
                audio,
                speaker=speaker,
                by_phrase=asked.mood.is_auto,
                words_needed=settings.tts != "resynthesis",
                timings=timings,
            )
            engine = loaded.result()
            make = self._sayer(heard, asked)
            moving = isinstance(engine, Resynthesiser)
            if isinstance(engine, Resynthesiser):
                with timings.clock("audio"):
                    full = self._read(given, engine.sample_rate)
                make = self._mover(heard, engine, full, asked, name)
        if not heard.text and not moving:
            raise NoSpeech(
                f"No word was understood in {name}.", hint="Is there speech in it, and in the language asked for?"
            )
        on_stage("speaking")

        def timed(strength: float) -> Rendition:
            with timings.clock("synthesis"):
                return make(strength)

        before = timings.total
        chosen = self._speaking.best(timed, asked.strength)
        if chosen.verification:
            timings["verification"] = timings.total - before - timings["synthesis"]
        notes = self._notes(heard, asked, chosen)
        if moving:
            notes += self._not_used(asked.voice if voice else "")

        conversion = self._conversion(name, heard, chosen, notes, timings)
        path = write_numbered(
            Path(output if output is not None else settings.output),
            lambda path: write_speech(path, chosen.rendition.speech),
            lambda path: dataclasses.replace(conversion, output=str(path)).to_dict(),
            formats=formats,
        )
        return dataclasses.replace(conversion, output=str(path))

    def _read(self, source: Any, sample_rate: int = 16_000) -> Audio:
        if isinstance(source, Audio):
            return source if sample_rate == 16_000 else resampled(source, sample_rate)
        return read_audio(source, limits=self._limits, sample_rate=sample_rate)

    def _load(self, asked: _Asked, timings: Timings) -> Synthesiser:
        with timings.clock("synthesis_loading"):
            synthesiser = self._synthesiser()
        synthesiser.check(Mood("neutral") if asked.mood.is_auto else asked.mood, asked.voice)
        return synthesiser

    def _like(self, recording: str, asked: _Asked, timings: Timings) -> _Asked:
        """Return what was asked for with the emotion of another recording; the surer it is, the stronger."""
        if recording not in self._judged:
            with timings.clock("recognition"):
                self._judged[recording] = self._hearing.recognise(require_sound(self._read(recording), recording))
        scores = self._judged[recording]
        note = f"The emotion is that of {recording}: {scores.top}, {scores.confidence:.0%} of the strength."
        return dataclasses.replace(
            asked, mood=Mood(scores.top), strength=asked.strength * scores.confidence, notes=(note, *scores.warnings)
        )

    def _sayer(self, heard: Heard, asked: _Asked) -> Callable[[float], Rendition]:
        """Return what says the words again."""
        lines = lines_of(
            heard.segments,
            None if asked.mood.is_auto else asked.mood,
            asked.voice,
            otherwise=Mood(heard.emotion.top),
        )
        source = heard.audio if self._settings.copy_prosody else None
        return lambda strength: self._speaking.say(
            lines, strength=strength, source=source, duration=heard.audio.duration
        )

    def _mover(
        self, heard: Heard, engine: Resynthesiser, audio: Audio, asked: _Asked, name: str
    ) -> Callable[[float], Rendition]:
        """Return what moves the recording itself."""
        segments: tuple[Segment, ...] = heard.segments or engine.phrases(heard.audio)
        if not segments:
            raise NoSpeech(f"Nobody speaks in {name}.", hint="Check the microphone, and the channel.")
        overall = Mood(heard.emotion.top)
        phrases = [(segment, own_mood(segment, overall) if asked.mood.is_auto else asked.mood) for segment in segments]
        return lambda strength: self._speaking.move(
            audio, phrases, heard.emotion, strength=strength, duration=heard.audio.duration
        )

    def _not_used(self, voice: str) -> tuple[str, ...]:
        """Return sentences on what was asked for and has no meaning where the recording itself is moved."""
        return (
            *((f"Resynthesis keeps the speaker's own voice: {voice} is not used.",) if voice else ()),
            *(("Resynthesis keeps the delivery: there is none to copy.",) if self._settings.copy_prosody else ()),
        )

    def _notes(self, heard: Heard, asked: _Asked, chosen: Variant) -> tuple[str, ...]:
        rendition = chosen.rendition
        notes = [*_warnings(heard), *asked.notes, *rendition.speech.notes]
        if heard.together.contradiction:
            notes.append(heard.together.contradiction)
        if asked.mood.is_auto:
            notes += _uncertain(heard)
        if rendition.overflow:
            notes.append(
                f"The result does not fit the timing of the recording: it is up to {rendition.overflow:.1f} s late"
                f" ({rendition.overflowing} of {len(rendition.segments)} phrases begin late)."
            )
        return tuple(dict.fromkeys(notes))

    def _conversion(
        self, name: str, heard: Heard, chosen: Variant, notes: tuple[str, ...], timings: Timings
    ) -> Conversion:
        """Return all that there is to tell, but where the result lies."""
        speech = chosen.rendition.speech
        voice: EmotionScores = heard.together.speech or heard.emotion
        return Conversion(
            source=name,
            duration=heard.audio.duration,
            text=heard.text,
            segments=heard.segments,
            emotion_detected=voice,
            emotion_spoken=speech.emotion,
            voice=speech.voice,
            engines={
                "recognition": voice.model,
                "transcription": self._transcriber().name if heard.segments else "none",
                "synthesis": speech.engine,
            },
            output="",
            output_duration=speech.audio.duration,
            output_words=speech.words,
            output_segments=chosen.rendition.segments,
            output_overflow=chosen.rendition.overflow,
            strength=chosen.strength,
            verification=chosen.verification.to_dict() if chosen.verification else None,
            timings=dict(timings) | {"total": timings.total},
            notes=notes,
            created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            version=__version__,
            emotion_in_words=heard.together.text,
            emotion_fused=heard.together.to_dict(),
        )


def _warnings(heard: Heard) -> tuple[str, ...]:
    speech = heard.together.speech
    note = language_note(heard.segments)
    return (*(speech.warnings if speech else ()), *((note,) if note else ()))


def _uncertain(heard: Heard) -> list[str]:
    """Return the sentence that tells where the emotion is not certain: of the whole, or of some of its phrases."""
    found = heard.emotion
    told = [segment for segment in heard.segments if segment.emotion and not segment.emotion.unsure]
    if not told:
        return [f"The emotion is not certain: {found.top} at {found.confidence:.0%}."] if found.unsure else []
    if len(told) == len(heard.segments):
        return []
    untold = len(heard.segments) - len(told)
    return [
        f"The emotion of {untold} of {len(heard.segments)} phrases is not certain: said like the whole, {found.top}."
    ]
