"""One recording through all stages."""

from __future__ import annotations

import dataclasses
import datetime
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from pipeline import __version__
from pipeline.audio import AudioLimits, read_audio, require_sound, write_speech
from pipeline.core.emotions import Mood, parse_mood
from pipeline.core.engines import Recogniser, Synthesiser, Transcriber
from pipeline.core.errors import EngineMissing, NoSpeech, UnreadableAudio, UsageError
from pipeline.core.evidence import Explanation, Timeline
from pipeline.core.loading import lazily
from pipeline.core.settings import Settings, load_settings
from pipeline.core.transcripts import Transcript
from pipeline.core.values import Audio, Conversion, EmotionScores, Segment, Speech
from pipeline.core.voices import canonical_voice
from pipeline.listening import Listener, Source, name_of
from pipeline.recognition import RECOGNISERS, DetailedRecogniser
from pipeline.recognition.fusion import FusedScores
from pipeline.recognition.joint import JointRecogniser
from pipeline.recognition.speech.speaker import SpeakerProfile
from pipeline.recognition.text.recogniser import Reading
from pipeline.reports.numbering import write_numbered
from pipeline.synthesis import SYNTHESISERS
from pipeline.transcription import TRANSCRIBERS
from pipeline.transcription.language import language_note
from pipeline.transcription.live import LiveTranscriber
from pipeline.transcription.streaming import HeardPhrase

__all__ = ["Source", "VoicePipeline"]

logger = logging.getLogger(__name__)

Engine = TypeVar("Engine")

_SHORT: Final = 20.0
"""Seconds; a shorter recording is pictured in finer windows than models were trained on."""

_WINDOWS: Final = 600
"""Windows in a picture; more would not be seen."""


class VoicePipeline:
    """Hears a recording and says it again; each stage can be called alone.

    Engines are loaded when they are first needed and kept.
    One pipeline may be used from several threads.

    Args:
        settings: All settings; those of `configs/default.yaml` and the environment by default.
        recogniser: An engine of one's own; the settings choose one by default.
        transcriber: As `recogniser`.
        synthesiser: As `recogniser`.

    Example:
        >>> from pipeline import VoicePipeline
        >>> conversion = VoicePipeline().convert("recording.wav", emotion="happy")  # doctest: +SKIP
        >>> conversion.output  # doctest: +SKIP
        'output/1.wav'
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        recogniser: Recogniser | None = None,
        transcriber: Transcriber | None = None,
        synthesiser: Synthesiser | None = None,
    ) -> None:
        self.settings = settings if settings is not None else load_settings()[0]
        chosen, language = self.settings, self.settings.language
        # An emotion is recognised in any language.
        self._recogniser = _given(recogniser) or lazily(RECOGNISERS, chosen.model, "", chosen)
        self._transcriber = _given(transcriber) or lazily(TRANSCRIBERS, chosen.asr, language, chosen)
        self._synthesiser = _given(synthesiser) or lazily(SYNTHESISERS, chosen.tts, chosen.spoken_language, chosen)

        self._listener = Listener(chosen, self._recogniser, self._transcriber)
        self._joint = JointRecogniser(threads=chosen.threads)

    @property
    def recogniser(self) -> Recogniser:
        """The engine that tells how something was said."""
        return self._recogniser()

    @property
    def transcriber(self) -> Transcriber:
        """The engine that tells what was said."""
        return self._transcriber()

    @property
    def synthesiser(self) -> Synthesiser:
        """The engine that says a text."""
        return self._synthesiser()

    def load(self) -> dict[str, str]:
        """Load all engines side by side.

        Returns:
            Stage to the name of the engine that runs it.

        Raises:
            EngineMissing: An engine is not ready on this machine.
            UnknownName: There is no such engine.
        """
        with ThreadPoolExecutor(3) as threads:
            recogniser = threads.submit(self._recogniser)
            transcriber = threads.submit(self._transcriber)
            synthesiser = threads.submit(self._synthesiser)
            return {
                "recognition": recogniser.result().name,
                "transcription": transcriber.result().name,
                "synthesis": synthesiser.result().name,
            }

    def read(self, source: Source) -> Audio:
        """Read a recording as mono sound at 16 kHz, within the limits of the settings.

        Raises:
            UnreadableAudio: The source cannot be read, is too large or too long.
        """
        if isinstance(source, Audio):
            return source
        return read_audio(source, limits=self._limits)

    def recognise(self, source: Source, *, speaker: SpeakerProfile | None = None) -> EmotionScores:
        """Tell how a recording was said.

        Args:
            source: The recording.
            speaker: Who speaks, as `profile` tells it.

        Raises:
            UnreadableAudio: The source cannot be read.
            NoSpeech: There is no speech in it.
            UsageError: The model cannot be told who speaks, or the profile was made with another.
        """
        audio = self.read(source)
        require_sound(audio, name_of(source))
        return self._recognised(audio, speaker)

    def read_text(self, text: str) -> Reading:
        """Tell the emotion of words, and of each of their sentences.

        Raises:
            UsageError: There is nothing in the text to judge.
            EngineMissing: The text model is not on this machine.
        """
        return self._joint.read(text)

    def recognise_both(self, source: Source, text: str = "", *, speaker: SpeakerProfile | None = None) -> FusedScores:
        """Tell how a recording was said, what its words say, and both together.

        Args:
            source: The recording.
            text: What is said in it; heard by the transcriber by default.
            speaker: Who speaks, as `profile` tells it.

        Raises:
            UnreadableAudio: The source cannot be read.
            NoSpeech: There is no speech in it.
            UsageError: The model cannot be told who speaks, or the profile was made with another.
            EngineMissing: The text model is not on this machine.
        """
        audio = self.read(source)
        speech = self.recognise(audio, speaker=speaker)
        text = text or " ".join(segment.text for segment in self._listener.segments(audio))
        found = self._joint.fused(speech, self._joint.words(text, self.settings.language))
        return dataclasses.replace(found, transcript=text)

    def timeline(self, source: Source, *, speaker: SpeakerProfile | None = None) -> Timeline:
        """Tell how the emotion goes through a recording, of any length in the same memory.

        Args:
            source: The recording.
            speaker: Who speaks, as `profile` tells it.

        Raises:
            UnreadableAudio: The source cannot be read, is too large or too long.
            NoSpeech: There is no speech in it.
            UsageError: The model gives no timeline.
        """
        return self._detailed("gives no timeline").timeline(self._listener.parts(source), speaker=speaker)

    def explain(self, source: Source, *, speaker: SpeakerProfile | None = None) -> Explanation:
        """Tell which seconds and which frequencies of a recording moved the answer.

        Args:
            source: The recording.
            speaker: Who speaks, as `profile` tells it.

        Raises:
            UnreadableAudio: The source cannot be read, is too large or too long.
            NoSpeech: There is no speech in it.
            UsageError: The model cannot be explained.
        """
        return self._detailed("cannot be explained").explain(self.read(source), speaker=speaker)

    def overview(
        self, source: Source, *, speaker: SpeakerProfile | None = None
    ) -> tuple[Timeline, tuple[tuple[float, float], ...]]:
        """Return what a picture of a recording shows: a timeline as fine as it is short, and where the phrases are.

        Args:
            source: The recording.
            speaker: Who speaks, as `profile` tells it.

        Raises:
            UnreadableAudio: The source cannot be read, is too large or too long.
            NoSpeech: There is no speech in it.
            UsageError: The model gives no timeline.
        """
        audio = self.read(source)
        recogniser = self._detailed("gives no timeline")
        length, hop = (2.0, 0.25) if audio.duration < _SHORT else (3.0, max(1.0, audio.duration / _WINDOWS))
        return recogniser.timeline(audio, speaker=speaker, length=length, hop=hop), recogniser.phrases(audio)

    def profile(self, sources: Iterable[Source]) -> SpeakerProfile:
        """Learn what is to be known of the one person who speaks in some recordings; their emotions need not be known.

        Args:
            sources: The recordings, read one after the other; those that cannot be read, or hold no speech,
                are left out.

        Raises:
            NoSpeech: No recording can be used.
            UsageError: The model cannot be told who speaks.
        """

        def readable() -> Iterator[Audio]:
            for source in sources:
                try:
                    yield self.read(source)
                except UnreadableAudio as error:
                    logger.info("left out of the speaker's profile: %s", error)

        return self._detailed("cannot be told who speaks").profile(readable())

    def transcribe(self, source: Source) -> tuple[Segment, ...]:
        """Tell what was said in a recording of any length; no segments where nothing was understood.

        Raises:
            UnreadableAudio: The source cannot be read, is too large or too long.
        """
        return self.transcript(source).segments

    def transcript(
        self,
        source: Source,
        *,
        name: str = "",
        emotions: bool = False,
        timeline: bool = False,
        speakers: int | None = None,
        done: Sequence[HeardPhrase] = (),
        on_phrase: Callable[[HeardPhrase], None] = lambda phrase: None,
    ) -> Transcript:
        """As `Listener.transcript`."""
        return self._listener.transcript(
            source,
            name=name,
            emotions=emotions,
            timeline=timeline,
            speakers=speakers,
            done=done,
            on_phrase=on_phrase,
        )

    def live(self, *, partials: bool = True) -> LiveTranscriber:
        """Begin to hear sound that is still to come: feed it in chunks, and take the phrases as they grow and end.

        Args:
            partials: Whether phrases are read before they end.
        """
        return LiveTranscriber(self.transcriber, hint=self.settings.hint, partials=partials)

    def speak(self, text: str, emotion: str = "neutral", voice: str = "", *, strength: float | None = None) -> Speech:
        """Say a text.

        Args:
            text: What to say.
            emotion: One of the eight emotions in any spelling, or a custom mood; `auto` has nothing to go by here
                and is spoken neutrally.
            voice: A tone or an engine's own id; the voice of the settings by default.
            strength: How strongly the emotion is acted, 0 to 2; that of the settings by default.

        Raises:
            UnknownName: The engine has no such voice, or cannot place such a mood.
            NoSpeech: The text holds nothing that can be said.
        """
        mood = parse_mood(emotion)
        return self.synthesiser.synthesise(
            text,
            Mood("neutral") if mood.is_auto else mood,
            canonical_voice(voice or self.settings.voice),
            strength=self.settings.strength if strength is None else strength,
        )

    def convert(
        self,
        source: Source,
        emotion: str = "",
        voice: str = "",
        *,
        output: str | Path | None = None,
        name: str = "",
        speaker: SpeakerProfile | None = None,
        on_stage: Callable[[str], None] = lambda stage: None,
    ) -> Conversion:
        """Hear a recording and say its words again, into the next free `N.wav` and `N.json` of a folder.

        Recognition, transcription and the loading of the voice run side by side.

        Args:
            source: The recording.
            emotion: An emotion, a custom mood, or `auto` for the detected emotion; that of the settings by default.
            voice: A tone or an engine's own id; that of the settings by default.
            output: Folder of the results; that of the settings by default.
            name: What the result calls its source; the path by default.
            speaker: Who speaks in the source, as `profile` tells it.
            on_stage: Called with the name of each stage as it begins.

        Raises:
            UnknownName: The emotion or the voice is unknown.
            UnreadableAudio: The source cannot be read, is too large or too long.
            NoSpeech: There is no speech in the source, or no word was understood.
            EngineMissing: An engine is not ready on this machine.
            OutputError: The result cannot be written.
        """
        mood = parse_mood(emotion or self.settings.emotion)
        voice = canonical_voice(voice or self.settings.voice)
        name = name or name_of(source)
        timings: dict[str, float] = {}
        started = time.perf_counter()

        with ThreadPoolExecutor(4) as threads:
            # The voice loads while the recording is heard; a wrong emotion or voice is told before the work.
            loaded = threads.submit(self._checked_synthesiser, mood, voice, timings)
            words = threads.submit(self._read_words, timings)
            on_stage("reading")
            with _clock(timings, "audio"):
                audio = self.read(source)
                require_sound(audio, name)
            on_stage("hearing")
            scores = threads.submit(self._hear_emotion, audio, speaker, timings)
            segments = self._hear_words(audio, timings)
            detected = scores.result()
            words.result()
            synthesiser = loaded.result()

        text = " ".join(segment.text for segment in segments).strip()
        if not text:
            raise NoSpeech(
                f"No word was understood in {name}.", hint="Is there speech in it, and in the language asked for?"
            )
        on_stage("speaking")
        together = self._with_words(detected, text, segments, timings)
        found = together.of(self.settings.emotion_from)
        spoken = Mood(found.top) if mood.is_auto else mood
        with _clock(timings, "synthesis"):
            speech = synthesiser.synthesise(text, spoken, voice, strength=self.settings.strength)
        notes = (*detected.warnings, *filter(None, [language_note(segments)]), *speech.notes)
        notes += (together.contradiction,) if together.contradiction else ()
        if mood.is_auto and found.unsure:
            notes += (f"The emotion is not certain: {found.top} at {found.confidence:.0%}.",)

        conversion: Conversion | None = None

        def describe(path: Path) -> dict[str, Any]:
            nonlocal conversion
            conversion = Conversion(
                source=name,
                duration=audio.duration,
                text=text,
                segments=segments,
                emotion_detected=detected,
                emotion_spoken=spoken.word,
                voice=voice,
                engines={
                    "recognition": detected.model,
                    "transcription": self.transcriber.name,
                    "synthesis": speech.engine,
                },
                output=str(path),
                output_duration=speech.audio.duration,
                output_words=speech.words,
                timings=timings | {"total": time.perf_counter() - started},
                notes=notes,
                created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
                version=__version__,
                emotion_in_words=together.text,
                emotion_fused=together.to_dict(),
            )
            return conversion.to_dict()

        write_numbered(
            Path(output if output is not None else self.settings.output),
            lambda path: write_speech(path, speech),
            describe,
        )
        if conversion is None:
            raise AssertionError("write_numbered describes what it wrote")
        return conversion

    @property
    def _limits(self) -> AudioLimits:
        return AudioLimits(max_bytes=self.settings.max_bytes, max_seconds=self.settings.max_seconds)

    def _recognised(self, audio: Audio, speaker: SpeakerProfile | None) -> EmotionScores:
        if speaker is None:
            return self.recogniser.recognise(audio)
        return self._detailed("cannot be told who speaks").recognise(audio, speaker=speaker)

    def _detailed(self, otherwise: str) -> DetailedRecogniser:
        """Return the recogniser if it can do more than recognise.

        Raises:
            UsageError: It cannot; the message says what is asked too much.
        """
        recogniser = self.recogniser
        if not isinstance(recogniser, DetailedRecogniser):
            raise UsageError(f"The model {recogniser.name} {otherwise}.", hint="Leave --model out.")
        return recogniser

    def _hear_emotion(self, audio: Audio, speaker: SpeakerProfile | None, timings: dict[str, float]) -> EmotionScores:
        with _clock(timings, "recognition_loading"):
            self._recogniser()
        with _clock(timings, "recognition"):
            return self._recognised(audio, speaker)

    def _read_words(self, timings: dict[str, float]) -> None:
        """Load what reads words; without it the voice alone is judged, unless the words were asked for."""
        with _clock(timings, "words_loading"):
            try:
                self._joint.recogniser  # noqa: B018 - loads it
            except EngineMissing:
                if self.settings.emotion_from != "speech":
                    raise

    def _with_words(
        self, speech: EmotionScores, text: str, segments: Sequence[Segment], timings: dict[str, float]
    ) -> FusedScores:
        heard = next((segment.language for segment in segments if segment.language), None)
        with _clock(timings, "words"):
            try:
                return self._joint.fused(speech, self._joint.words(text, heard or self.settings.language))
            except EngineMissing:
                return FusedScores(speech, speech, None, ("speech",))

    def _hear_words(self, audio: Audio, timings: dict[str, float]) -> tuple[Segment, ...]:
        with _clock(timings, "transcription_loading"):
            self._transcriber()
        with _clock(timings, "transcription"):
            return self._listener.segments(audio)

    def _checked_synthesiser(self, mood: Mood, voice: str, timings: dict[str, float]) -> Synthesiser:
        with _clock(timings, "synthesis_loading"):
            synthesiser = self.synthesiser
        synthesiser.check(Mood("neutral") if mood.is_auto else mood, voice)
        return synthesiser


def _given(engine: Engine | None) -> Callable[[], Engine] | None:
    return None if engine is None else lambda: engine


@contextmanager
def _clock(timings: dict[str, float], stage: str) -> Iterator[None]:
    started = time.perf_counter()
    try:
        yield
    finally:
        timings[stage] = time.perf_counter() - started
