"""One recording through all stages."""

from __future__ import annotations

import datetime
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO, Final, Generic, TypeVar

from pipeline import __version__
from pipeline.audio import AudioLimits, read_audio, read_parts, require_sound, write_speech
from pipeline.core.emotions import Mood, parse_mood
from pipeline.core.engines import Recogniser, Registry, Synthesiser, Transcriber
from pipeline.core.errors import NoSpeech, UnreadableAudio, UsageError
from pipeline.core.evidence import Explanation, Timeline
from pipeline.core.settings import Settings, load_settings
from pipeline.core.values import Audio, Conversion, EmotionScores, Segment, Speech
from pipeline.core.voices import canonical_voice
from pipeline.recognition import RECOGNISERS, DetailedRecogniser
from pipeline.recognition.speech.speaker import SpeakerProfile
from pipeline.reports.numbering import write_numbered
from pipeline.synthesis import SYNTHESISERS
from pipeline.transcription import TRANSCRIBERS

__all__ = ["Source", "VoicePipeline"]

logger = logging.getLogger(__name__)

Engine = TypeVar("Engine")

Source = str | Path | bytes | BinaryIO | Audio
"""What a stage takes: a path, the bytes of a file, an open file, or sound that was read before."""


_SHORT: Final = 20.0
"""Seconds; a shorter recording is pictured in finer windows than models were trained on."""

_WINDOWS: Final = 600
"""Windows in a picture; more would not be seen."""


class _Lazy(Generic[Engine]):
    """An engine that is loaded on first use, once, whoever asks first."""

    def __init__(self, registry: Registry[Engine], name: str, language: str, settings: Settings) -> None:
        self._registry = registry
        self._name = name
        self._language = language
        self._settings = settings
        self._lock = Lock()
        self._engine: Engine | None = None

    def get(self) -> Engine:
        with self._lock:
            if self._engine is None:
                spec = self._registry.choose(self._name, self._language)
                self._engine = self._registry.create(
                    spec, threads=self._settings.threads, device=self._settings.device, language=self._language
                )
                logger.info("%s: %s is loaded", self._registry.stage, spec.name)
            return self._engine


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
        self._recogniser = _given(recogniser) or _Lazy(RECOGNISERS, chosen.model, "", chosen).get
        self._transcriber = _given(transcriber) or _Lazy(TRANSCRIBERS, chosen.asr, language, chosen).get
        self._synthesiser = _given(synthesiser) or _Lazy(SYNTHESISERS, chosen.tts, language, chosen).get

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
        require_sound(audio, _name(source))
        return self._recognised(audio, speaker)

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
        parts = [source] if isinstance(source, Audio) else read_parts(source, limits=self._limits)
        return self._detailed("gives no timeline").timeline(parts, speaker=speaker)

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
        """Tell what was said in a recording; no segments where nothing was understood.

        Raises:
            UnreadableAudio: The source cannot be read.
        """
        return self.transcriber.transcribe(self.read(source))

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
        name = name or _name(source)
        timings: dict[str, float] = {}
        started = time.perf_counter()

        with ThreadPoolExecutor(3) as threads:
            # The voice loads while the recording is heard; a wrong emotion or voice is told before the work.
            loaded = threads.submit(self._checked_synthesiser, mood, voice, timings)
            on_stage("reading")
            with _clock(timings, "audio"):
                audio = self.read(source)
                require_sound(audio, name)
            on_stage("hearing")
            scores = threads.submit(self._hear_emotion, audio, speaker, timings)
            segments = self._hear_words(audio, timings)
            detected = scores.result()
            synthesiser = loaded.result()

        text = " ".join(segment.text for segment in segments).strip()
        if not text:
            raise NoSpeech(
                f"No word was understood in {name}.", hint="Is there speech in it, and in the language asked for?"
            )
        on_stage("speaking")
        spoken = Mood(detected.top) if mood.is_auto else mood
        with _clock(timings, "synthesis"):
            speech = synthesiser.synthesise(text, spoken, voice, strength=self.settings.strength)
        notes = (*detected.warnings, *speech.notes)
        if mood.is_auto and detected.unsure:
            notes += (f"The emotion is not certain: {detected.top} at {detected.confidence:.0%}.",)

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

    def _hear_words(self, audio: Audio, timings: dict[str, float]) -> tuple[Segment, ...]:
        with _clock(timings, "transcription_loading"):
            transcriber = self.transcriber
        with _clock(timings, "transcription"):
            return transcriber.transcribe(audio)

    def _checked_synthesiser(self, mood: Mood, voice: str, timings: dict[str, float]) -> Synthesiser:
        with _clock(timings, "synthesis_loading"):
            synthesiser = self.synthesiser
        synthesiser.check(Mood("neutral") if mood.is_auto else mood, voice)
        return synthesiser


def _given(engine: Engine | None) -> Callable[[], Engine] | None:
    return None if engine is None else lambda: engine


def _name(source: Source) -> str:
    if isinstance(source, str | Path):
        return str(source)
    return str(getattr(source, "name", "the recording"))


@contextmanager
def _clock(timings: dict[str, float], stage: str) -> Iterator[None]:
    started = time.perf_counter()
    try:
        yield
    finally:
        timings[stage] = time.perf_counter() - started
