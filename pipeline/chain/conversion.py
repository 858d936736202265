"""Conversion: one recording is analysed and said again, into a numbered result."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path

from pipeline import __version__
from pipeline.audio import Destination, require_recording, require_sound, rereadable
from pipeline.audio.channels import without_copies
from pipeline.chain.analysis import Analyser, Analysis
from pipeline.chain.engines import Engines
from pipeline.chain.recordings import Source, read_split, read_whole
from pipeline.chain.rendering import Renderer, assign_voices, own_mood, utterances_of
from pipeline.chain.verification import check_verification
from pipeline.core.emotions import Mood, parse_mood
from pipeline.core.engines import capabilities_of
from pipeline.core.errors import EngineMissing, NoSpeech, UnknownName, UsageError
from pipeline.core.events import Events
from pipeline.core.options import CallOptions
from pipeline.core.results import Conversion, Rendition, Transcript
from pipeline.core.transcripts import language_of
from pipeline.core.values import Audio, EmotionScores, Segment
from pipeline.core.voices import canonical_voice
from pipeline.recognition.speech.speaker import SpeakerProfile
from pipeline.synthesis import RESYNTHESIS, Resynthesiser
from pipeline.transcription.language import language_note
from pipeline.transcription.speakers.attribution import fewer_speakers

__all__ = ["Converter"]


class Converter:
    """Converts recordings for one call.

    Args:
        engines: Shared by all callers.
        options: The options of the call.
        speaker: Profile of the speaker, if known.
        judged: Scores of the recordings whose emotion was taken before, by name; new ones are added.
        events: Gets the progress.
    """

    def __init__(
        self,
        engines: Engines,
        options: CallOptions,
        speaker: SpeakerProfile | None,
        judged: dict[str, EmotionScores],
        events: Events,
    ) -> None:
        self._judged = judged
        self._engines = engines
        mood, self._voice = parse_mood(options.emotion), canonical_voice(options.voice)
        self._options = options = options.acted_at(mood)
        self._mood = Mood(mood.word)
        self._events = events
        asked = "sound" in options.model_fields_set
        self._destination = Destination.of(options.output, options.sound, asked=asked, overwrite=options.overwrite)
        self._split = options.channels == "split"
        self._analyser = Analyser(engines, options, speaker=speaker, events=events)
        if engines.settings.tts == RESYNTHESIS:
            self._refuse_split()

    def check(self, texts: Iterable[str] = ()) -> None:
        """Refuse what can be refused before anything is loaded, read or written.

        Args:
            texts: Endings of files of text that will stand beside the result.

        Raises:
            UsageError: The emotion or the voice is unknown, or a file exists already.
            EngineMissing: An engine is not ready on this machine.
            UnreadableAudio: The recording whose emotion is wanted is not there.
            OutputError: The result cannot be written.
        """
        self._check_request()
        self._destination.check(texts)

    def _check_request(self) -> None:
        """Refuse engines, emotion, voice and the recording whose emotion is wanted."""
        options = self._options
        verified = options.verify or options.candidates > 1
        needed = {
            "model": True,
            "tts": True,
            "asr": self._engines.settings.tts != RESYNTHESIS,
            "text_model": options.emotion_from != "speech",
            "diariser": options.speakers is not None,
        }
        self._engines.check(
            *(setting for setting, is_needed in needed.items() if is_needed),
            language=options.language,
            spoken_language=options.spoken_language,
        )
        if verified:
            check_verification(self._engines, options)
        self._engines.check_voice(self._mood, self._voice, language=options.spoken_language)
        if options.emotion_recording:
            require_recording(options.emotion_recording)

    def __call__(self, source: Source, name: str) -> Conversion:
        """Convert a recording, as `VoicePipeline.convert` describes."""
        self.check()
        if isinstance(source, (str, Path)):
            self._destination.spare(source)
        conversion, rendition = self._convert(source, name)
        path = self._destination.write(rendition.speech, lambda path: _named(conversion, str(path)).to_dict())
        return _named(conversion, str(path))

    def in_memory(self, source: Source, name: str, segments: Sequence[Segment] = ()) -> tuple[Conversion, Rendition]:
        """Convert a recording without writing anything, as `VoicePipeline.convert_in_memory` describes."""
        self._check_request()
        return self._convert(source, name, segments)

    def _convert(self, source: Source, name: str, segments: Sequence[Segment] = ()) -> tuple[Conversion, Rendition]:
        """Return the conversion without a path of its result, and the result; segments that are given are said."""
        options, events = self._options, self._events
        reread = nullcontext(source) if isinstance(source, Audio) else rereadable(source, max_bytes=options.max_bytes)
        notes: tuple[str, ...] = ()
        read: list[str] = []
        with ThreadPoolExecutor(1) as threads, reread as given:
            # The voice loads during the analysis; a wrong emotion or voice is reported before the work begins.
            loading = threads.submit(self._load)
            with events.stage("audio"):
                channels = without_copies(read_split(given, options, notes=read)) if self._split else ()
                audio = require_sound(read_whole(given, options, notes=[] if self._split else read), name)
            if options.emotion_recording and self._mood.is_auto:
                notes = self._take_emotion_of(options.emotion_recording)
            words_needed = self._engines.settings.tts != RESYNTHESIS
            heard = self._analyser.analyse_recording(
                audio, channels, by_sentence=self._mood.is_auto, words_needed=words_needed, known=tuple(segments)
            )
            loading.result()
            renderer = Renderer(self._engines, self._options, events, language=self._language_to_speak(heard))
            if engine := renderer.resynthesiser:
                with events.stage("audio"):
                    full = read_whole(given, options, sample_rate=engine.sample_rate, notes=[])
                rendition = self._move(heard, renderer, engine, full, name)
                notes += self._not_used()
            else:
                rendition, roles = self._say(heard, renderer, name)
                notes += roles
        return self._conversion(name, heard, rendition, (*read, *notes)), rendition

    def _load(self) -> None:
        with self._events.stage("synthesis_loading"):
            synthesiser = self._engines.synthesiser(self._options.spoken_language)
        if RESYNTHESIS in capabilities_of(synthesiser):
            self._refuse_split()
        synthesiser.check(Mood("neutral") if self._mood.is_auto else self._mood, self._voice)

    def _language_to_speak(self, heard: Analysis) -> str:
        """Return the language of the result: the one that was heard, if none was asked for.

        Raises:
            EngineMissing: No engine here speaks the language that was heard.
            UnknownName: The engine that was chosen does not speak it, or lacks the voice in it.
        """
        language = self._options.spoken_language or language_of(heard.segments, "")
        if language in ("", "en", self._options.spoken_language) or self._engines.settings.tts == RESYNTHESIS:
            return language
        try:
            self._engines.check("tts", spoken_language=language)
            self._engines.check_voice(self._mood, self._voice, language=language)
        except (EngineMissing, UnknownName) as error:
            raise type(error)(
                f"The recording is in the language '{language}'. {error.message}",
                hint="If it is not, say which with --language; or move the recording itself with --tts resynthesis.",
            ) from error
        return language

    def _refuse_split(self) -> None:
        if self._split:
            raise UsageError(
                "Resynthesis moves one sound, and split channels are several.",
                hint="Take one with --channels 1, or let another engine speak.",
            )

    def _take_emotion_of(self, recording: str) -> tuple[str, ...]:
        """Take the emotion of another recording, stronger the higher its confidence; return notes for the person."""
        if recording not in self._judged:
            with self._events.stage("recognition"):
                # Track and channels are those of the recording that is converted.
                options = self._options.model_copy(update={"track": "", "channels": "mix"})
                audio = require_sound(read_whole(recording, options), recording)
                self._judged[recording] = self._engines.recogniser().recognise(audio)
        scores = self._judged[recording]
        self._mood = Mood(scores.top)
        self._options = self._options.model_copy(update={"strength": self._options.strength * scores.confidence})
        note = f"The emotion is that of {recording}: {scores.top}, {scores.confidence:.0%} of the strength."
        return (note, *scores.warnings)

    def _say(self, heard: Analysis, renderer: Renderer, name: str) -> tuple[Rendition, tuple[str, ...]]:
        """Say the words again, and return notes on the voices if there are several speakers."""
        if not heard.segments:
            raise NoSpeech(
                f"No word was understood in {name}.", hint="Is there speech in it, and in the language asked for?"
            )
        mood, otherwise = None if self._mood.is_auto else self._mood, Mood(heard.emotion.top)
        roles: tuple[str, ...] = ()
        if self._options.speakers is None and not self._split:
            utterances = utterances_of(heard.segments, mood, self._voice, otherwise)
        else:
            voices = renderer.engine.voices()
            utterances, roles = assign_voices(heard.segments, mood, self._voice, voices, otherwise)
            roles += (*filter(None, [fewer_speakers(heard.segments, self._options.speakers)]),)
        source = heard.audio if self._options.copy_prosody else None
        return renderer.say(utterances, source=source, duration=heard.audio.duration), roles

    def _move(self, heard: Analysis, renderer: Renderer, engine: Resynthesiser, audio: Audio, name: str) -> Rendition:
        """Change the emotion of the recording itself."""
        segments = heard.segments or engine.phrases(heard.activity)
        if not segments:
            raise NoSpeech(f"Nobody speaks in {name}.", hint="Check the microphone, channel and track.")
        overall = Mood(heard.emotion.top)
        auto = self._mood.is_auto
        phrases = [(segment, own_mood(segment, overall) if auto else self._mood) for segment in segments]
        return renderer.move(audio, phrases, heard.emotion, duration=heard.audio.duration)

    def _not_used(self) -> tuple[str, ...]:
        """Return notes on options that have no effect if the recording itself is changed."""
        voice = self._voice if "voice" in self._options.model_fields_set else ""
        return (
            *((f"Resynthesis keeps the speaker's own voice: {voice} is not used.",) if voice else ()),
            *(("Resynthesis keeps the delivery: there is none to copy.",) if self._options.copy_prosody else ()),
        )

    def _notes(self, heard: Analysis, rendition: Rendition, told: tuple[str, ...]) -> tuple[str, ...]:
        speech = heard.fused.speech
        notes = [*(speech.warnings if speech else ()), language_note(heard.segments), *told, *heard.emotion.notes]
        notes += [*rendition.speech.notes, heard.fused.contradiction]
        if self._mood.is_auto:
            notes += _low_confidence(heard)
        if rendition.overflow:
            notes.append(
                f"The result does not fit the timing of the recording: it is up to {rendition.overflow:.1f} s late"
                f" ({rendition.overflowing} of {len(rendition.segments)} phrases begin late)."
            )
        return tuple(dict.fromkeys(filter(None, notes)))

    def _conversion(self, name: str, heard: Analysis, rendition: Rendition, told: tuple[str, ...]) -> Conversion:
        """Return the conversion without the path of its result."""
        speech, events = rendition.speech, self._events
        voice = heard.fused.speech or heard.emotion
        language = language_of(heard.segments, self._options.language)
        transcriber = self._engines.transcriber(self._options.language).name if heard.segments else "none"
        return Conversion(
            heard=Transcript(name, heard.audio.duration, language, transcriber, heard.segments),
            spoken=rendition.transcript("", language),
            emotion_detected=voice,
            emotion_spoken=speech.emotion,
            voice=speech.voice,
            engines={"recognition": voice.model, "transcription": transcriber, "synthesis": speech.engine},
            overflow=rendition.overflow,
            strength=rendition.strength,
            verification=rendition.verification,
            fused=heard.fused,
            timings=events.timings | {"total": events.total},
            notes=self._notes(heard, rendition, told),
            created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            version=__version__,
        )


def _named(conversion: Conversion, path: str) -> Conversion:
    """Return a conversion with the path of its result."""
    return dataclasses.replace(conversion, spoken=dataclasses.replace(conversion.spoken, source=path))


def _low_confidence(heard: Analysis) -> list[str]:
    """Return a note if the confidence in the emotion is low: that of the whole, or that of some segments."""
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
