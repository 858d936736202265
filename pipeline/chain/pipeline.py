"""One recording through all stages."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

from pipeline.audio import AudioLimits, read_audio, require_sound
from pipeline.chain.conversion import Converter
from pipeline.chain.hearing import Hearing
from pipeline.chain.listening import Listener, Source, name_of
from pipeline.chain.rendering import Speaking, Variant, cast
from pipeline.chain.verification import Verification, Verifier
from pipeline.core.emotions import Mood, parse_mood
from pipeline.core.engines import Recogniser, Synthesiser, Transcriber
from pipeline.core.errors import EngineMissing, UnreadableAudio
from pipeline.core.evidence import Explanation, Timeline
from pipeline.core.loading import lazily
from pipeline.core.settings import Settings, load_settings
from pipeline.core.transcripts import Transcript
from pipeline.core.values import Audio, Conversion, EmotionScores, Segment, Speech
from pipeline.core.voices import canonical_voice
from pipeline.recognition import RECOGNISERS
from pipeline.recognition.fusion import FusedScores
from pipeline.recognition.joint import JointRecogniser
from pipeline.recognition.judges import judge as chosen_judge
from pipeline.recognition.speech.speaker import SpeakerProfile
from pipeline.recognition.text.recogniser import Reading
from pipeline.synthesis import SYNTHESISERS
from pipeline.synthesis.utterances import Rendition, Utterance, joined
from pipeline.transcription import TRANSCRIBERS
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
        judge: As `recogniser`; who judges the emotion of results.

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
        judge: Recogniser | None = None,
    ) -> None:
        self.settings = settings if settings is not None else load_settings()[0]
        chosen, language = self.settings, self.settings.language
        # An emotion is recognised in any language.
        self._recogniser = _given(recogniser) or lazily(RECOGNISERS, chosen.model, "", chosen)
        self._transcriber = _given(transcriber) or lazily(
            TRANSCRIBERS, chosen.asr, language, chosen, decoding=chosen.decoding
        )
        self._synthesiser = _given(synthesiser) or lazily(SYNTHESISERS, chosen.tts, chosen.spoken_language, chosen)

        self._listener = Listener(chosen, self._recogniser, self._transcriber)
        self._joint = JointRecogniser(threads=chosen.threads)
        self._hearing = Hearing(chosen, self._recogniser, self._transcriber, self._listener, self._joint)
        self._verifier = Verifier(chosen, self._transcriber, _given(judge) or chosen_judge(chosen, self._recogniser))
        self._speaking = Speaking(chosen, self._synthesiser, self._verifier)
        self._convert = Converter(chosen, self._hearing, self._speaking, self._synthesiser, self._transcriber)

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
        return self._hearing.recognise(audio, speaker)

    def read_text(self, text: str, *, spoken: bool = False) -> Reading:
        """Tell the emotion of words, and of each of their sentences.

        Args:
            text: Any text.
            spoken: Whether somebody said it, and did not write it.

        Raises:
            UsageError: There is nothing in the text to judge.
            EngineMissing: The text model is not on this machine.
        """
        return self._joint.read(text, spoken=spoken)

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
        text = text.strip() or " ".join(segment.text for segment in self._listener.segments(audio))
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
        return self._hearing.detailed("gives no timeline").timeline(self._listener.parts(source), speaker=speaker)

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
        return self._hearing.detailed("cannot be explained").explain(self.read(source), speaker=speaker)

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
        recogniser = self._hearing.detailed("gives no timeline")
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

        return self._hearing.detailed("cannot be told who speaks").profile(readable())

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
        return self.say(text, emotion, voice, strength=strength).rendition.speech

    def say(self, text: str, emotion: str = "neutral", voice: str = "", *, strength: float | None = None) -> Variant:
        """As `speak`, with what listening to it found where the settings ask for that."""
        mood = parse_mood(emotion)
        spoken = Mood("neutral") if mood.is_auto else mood
        line = Utterance(text, spoken, canonical_voice(voice or self.settings.voice), 0.0, 0.0)

        def make(strength: float) -> Rendition:
            speech = self.synthesiser.synthesise(text, spoken, line.voice, strength=strength)
            return dataclasses.replace(joined([(line, speech)]), speech=speech)

        return self._speaking.best(make, self.settings.strength if strength is None else strength)

    def say_lines(
        self, segments: Sequence[Segment], emotion: str = "auto", voice: str = "", *, strength: float | None = None
    ) -> Variant:
        """Say phrases that are written with their times, speakers and emotions, such as subtitles, in one sound.

        Args:
            segments: In order of time; pauses between them are kept, and with `keep_timing` in the settings their
                times as well. A speaker that is a voice of the engine has that voice, the others get tones in turn.
            emotion: `auto` for each phrase's own, neutral where it has none; or an emotion or mood for all.
            voice: The first tone; that of the settings by default.
            strength: As `speak`.

        Raises:
            UnknownName: The engine has no such voice, or cannot place such a mood.
            NoSpeech: No phrase holds anything that can be said.
        """
        mood = parse_mood(emotion)
        voice = canonical_voice(voice or self.settings.voice)
        self.synthesiser.check(Mood("neutral") if mood.is_auto else mood, voice)
        lines, note = cast(segments, None if mood.is_auto else mood, voice, self.synthesiser.voices())

        def make(strength: float) -> Rendition:
            rendition = self._speaking.say(lines, strength=strength)
            notes = (*rendition.speech.notes, *((note,) if note else ()))
            return dataclasses.replace(rendition, speech=dataclasses.replace(rendition.speech, notes=notes))

        return self._speaking.best(make, self.settings.strength if strength is None else strength)

    def verify(
        self,
        source: Source,
        *,
        text: str = "",
        emotion: str = "",
        parts: Sequence[Segment] = (),
        voice: str = "",
        engine: str = "",
    ) -> Verification:
        """Listen to synthetic speech: are the words and the emotion in it, and is the sound as it should be?

        Args:
            source: The speech.
            text: What should be said; without it no words are compared.
            emotion: The emotion that should be heard; without it none is compared.
            parts: Phrases whose emotions differ, as `Conversion.output_segments`.
            voice: Whose voice it is, so that it can be compared with its own neutral.
            engine: What spoke. Only the synthesiser of this pipeline can give the neutral of its voices.

        Raises:
            UnreadableAudio: The source cannot be read.
            NoSpeech: There is only silence in it.
            EngineMissing: An engine is not ready on this machine.
        """
        audio = source if isinstance(source, Audio) else read_audio(source, limits=self._limits, sample_rate=None)
        require_sound(audio, name_of(source))
        word = parse_mood(emotion).word if emotion else ""
        neutral = self._speaking.neutral(text, voice) if text and voice and self._speaks_as(engine) else None
        return self._verifier(audio, text=text, emotion=word, parts=parts, neutral=neutral)

    def _speaks_as(self, engine: str) -> bool:
        try:
            return engine == self.synthesiser.name
        except EngineMissing:
            return False

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
        The emotion `auto` is told for each phrase, and pauses between phrases are kept.
        The settings say more: which formats, whether the timing and the delivery of the recording are kept, whether the
        result is listened to again.

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
        return self._convert(source, emotion, voice, output=output, name=name, speaker=speaker, on_stage=on_stage)

    @property
    def _limits(self) -> AudioLimits:
        return AudioLimits(max_bytes=self.settings.max_bytes, max_seconds=self.settings.max_seconds)


def _given(engine: Engine | None) -> Callable[[], Engine] | None:
    return None if engine is None else lambda: engine
