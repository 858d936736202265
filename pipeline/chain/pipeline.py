"""The facade for Python: one method for each job of the project."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from pipeline.audio import SpeechActivity, detect_speech, require_sound
from pipeline.audio.activity import parts_with_activity
from pipeline.chain.analysis import AnalysedSegment, Analyser, check_split
from pipeline.chain.conversion import Converter
from pipeline.chain.curves import Curves, curves
from pipeline.chain.engines import Engines
from pipeline.chain.known_speakers import speaker_embedding_of
from pipeline.chain.live import OnProblem, OnSpeech, live_transcriber
from pipeline.chain.recordings import Source, name_of, read_in_parts, read_whole
from pipeline.chain.rendering import Renderer
from pipeline.chain.speaking import speak
from pipeline.chain.verification import Verifier, check_verification
from pipeline.core.emotions import parse_mood
from pipeline.core.engines import Synthesiser, capabilities_of
from pipeline.core.errors import EngineMissing, UnreadableAudio, UsageError
from pipeline.core.events import Events, Listener
from pipeline.core.options import CallOptions, EngineSettings
from pipeline.core.results import Claim, Conversion, Recognition, Rendition, Transcript, Verification
from pipeline.core.settings import Settings, load_settings
from pipeline.core.timeline import Timeline
from pipeline.core.values import Audio, EmotionScores, Segment
from pipeline.recognition import EXPLANATION, SPEAKER, TIMELINE, TOGETHER, Recogniser
from pipeline.recognition.naturalness import NaturalnessJudge
from pipeline.recognition.speech.conditioning import phrases
from pipeline.recognition.speech.speaker import SpeakerProfile
from pipeline.recognition.text.recogniser import Reading
from pipeline.transcription import Transcriber
from pipeline.transcription.live import LiveTranscriber

__all__ = ["Source", "VoicePipeline"]

logger = logging.getLogger(__name__)

_SHORT: Final = 20.0
"""Seconds; pictures of shorter recordings have finer windows than the models were trained on. Set by hand."""

_WINDOWS: Final = 600
"""Windows in a picture at most: more could not be told apart; set by hand."""


class VoicePipeline:
    """Analyses a recording and says it again; each stage can also be called alone.

    Engines are loaded when they are first needed, and kept; pipelines with the same `Engines` share them.
    One pipeline may be used from several threads.
    Each method takes the options of `pipeline.core.options.CallOptions` as keywords, for that call only.

    Args:
        settings: All settings; those of `configs/default.yaml` and the environment by default.
        engines: Engines to share; new ones that the settings choose by default.
        recogniser: An engine to use instead of the one that the settings choose.
        transcriber: As `recogniser`.
        synthesiser: As `recogniser`.
        judge: As `recogniser`, to judge the emotion of results.
        naturalness_judge: As `recogniser`, to judge how natural results sound.

    Example:
        >>> from pipeline import VoicePipeline
        >>> conversion = VoicePipeline().convert("recording.wav", emotion="happy", strength=1.5)  # doctest: +SKIP
        >>> conversion.output  # doctest: +SKIP
        'output/1.wav'
    """

    def __init__(
        self,
        settings: Settings | EngineSettings | None = None,
        *,
        engines: Engines | None = None,
        recogniser: Recogniser | None = None,
        transcriber: Transcriber | None = None,
        synthesiser: Synthesiser | None = None,
        judge: Recogniser | None = None,
        naturalness_judge: NaturalnessJudge | None = None,
    ) -> None:
        own: dict[str, Any] = {
            "recogniser": recogniser,
            "transcriber": transcriber,
            "synthesiser": synthesiser,
            "judge": judge,
            "naturalness_judge": naturalness_judge,
        }
        if engines and any(engine is not None for engine in own.values()):
            raise UsageError("An engine of one's own belongs to the engines.", hint="Give it to Engines.")
        if (
            engines
            and settings
            and any(getattr(settings, name) != getattr(engines.settings, name) for name in EngineSettings.model_fields)
        ):
            raise UsageError(
                "The settings choose other engines than those that are shared.",
                hint="Leave one of the two out, or give VoicePipeline the settings of the engines.",
            )
        if not isinstance(settings, Settings):
            settings = Settings.model_validate(dict(load_settings()[0]) | dict(settings or {}))
        self.settings = settings
        self.engines = engines or Engines(self.settings, **own)
        defaults = CallOptions.defaults(self.settings)
        language = defaults.language or self.engines.usual_language
        self.options = defaults.model_copy(update={"language": language})
        """The options of a call that does not change them."""
        self._judged: dict[str, EmotionScores] = {}

    @property
    def recogniser(self) -> Recogniser:
        """The engine that recognises the emotion of a voice."""
        return self.engines.recogniser()

    @property
    def knows_speakers(self) -> bool:
        """Whether that engine judges recordings of one speaker together."""
        return TOGETHER in capabilities_of(self.recogniser)

    @property
    def transcriber(self) -> Transcriber:
        """The engine that transcribes."""
        return self.engines.transcriber(self.options.language)

    @property
    def synthesiser(self) -> Synthesiser:
        """The engine that speaks."""
        return self.engines.synthesiser(self.options.spoken_language)

    def load(self) -> dict[str, str]:
        """Load the engines of the main job in parallel.

        Returns:
            Stage to the name of the engine that runs it.

        Raises:
            EngineMissing: An engine is not ready on this machine.
            UnknownName: There is no such engine.
        """
        stages = {"recognition": "recogniser", "transcription": "transcriber", "synthesis": "synthesiser"}
        with ThreadPoolExecutor(len(stages)) as threads:
            names = threads.map(lambda engine: getattr(self, engine).name, stages.values())
            return dict(zip(stages, names, strict=True))

    def read(self, source: Source) -> Audio:
        """Read a recording as mono sound at 16 kHz, within the limits of the settings.

        Raises:
            UnreadableAudio: The source cannot be read, is too large or too long.
        """
        return read_whole(source, self.options)

    def recognise(
        self,
        source: Source,
        *,
        words: bool = False,
        text: str = "",
        explain: bool = False,
        name: str = "",
        speaker: SpeakerProfile | None = None,
        speaker_embedding: bool = False,
        **options: Any,
    ) -> Recognition:
        """Recognise the emotion of a recording.

        With the option `timeline` and without words and explanation, memory does not grow with the recording.

        Args:
            source: The recording.
            words: Whether to recognise the emotion of the words as well, and of both together.
            text: The words, if they are known; transcribed by default.
            explain: Whether to find out which seconds and which frequencies decided the answer.
            name: Name of the source in the result; the path by default.
            speaker: Profile of the speaker, from `profile`.
            speaker_embedding: Whether the result says how the voice sounds, so that those of one voice can be found.
            options: Fields of `CallOptions` for this call.

        Raises:
            UnreadableAudio: The source cannot be read, is too large or too long.
            NoSpeech: There is no speech in it.
            UsageError: The model cannot do what is asked, the profile belongs to another model, or channels are split.
            EngineMissing: The text model is not on this machine.
        """
        asked, name = self.options.changed(**options), name or name_of(source)
        analyser = Analyser(self.engines, asked, speaker=speaker)
        words = words or bool(text)
        self.check_recognition(words=words, text=text, **options)
        explainer = self.engines.detailed(EXPLANATION, "cannot be explained") if explain else None
        notes: list[str] = []
        if asked.timeline and not (words or explainer):
            parts = (part for (part,) in read_in_parts(source, asked, notes=notes))
            found = self._timeline(parts_with_activity(parts), speaker)
            duration = found.windows[-1].end if found.windows else 0.0
            return Recognition(name, found.scores, timeline=found, notes=tuple(notes), duration=duration)
        audio = require_sound(read_whole(source, asked, notes=notes), name)
        activity = detect_speech(audio)
        timeline = self._timeline([(audio, activity)], speaker) if asked.timeline else None
        fused = explanation = None
        scores = timeline.scores if timeline else analyser.recognise(audio, activity)
        if words:
            self.engines.reader()
            known = (Segment(0.0, audio.duration, text.strip()),) if text.strip() else None
            fused = analyser.fuse(scores, known or analyser.segments(audio, activity))
        if explainer:
            explanation = explainer.explain(audio, activity=activity, speaker=speaker)
        embedding = speaker_embedding_of(audio, activity) if speaker_embedding else ()
        return Recognition(name, scores, fused, timeline, explanation, tuple(notes), embedding, audio.duration)

    def check_recognition(self, *, words: bool = False, text: str = "", **options: Any) -> None:
        """Refuse what `recognise` would refuse of its options, before anything is loaded or read.

        Raises:
            EngineMissing: An engine is not ready on this machine.
            UsageError: There is no such option, or it cannot have this value.
        """
        asked = self.options.changed(**options)
        if asked.channels == "split":
            raise UsageError(
                "One answer is about one sound, and split channels are several.",
                hint="Take one with --channels 1, or transcribe it with --emotions.",
            )
        needed = {"model": True, "text_model": words, "asr": words and not text.strip()}
        self.engines.check(*(name for name, is_needed in needed.items() if is_needed), language=asked.language)

    def read_text(self, text: str, *, spoken: bool = False) -> Reading:
        """Recognise the emotion of a text, and of each of its sentences.

        Args:
            text: Any text.
            spoken: Whether the text is speech rather than writing.

        Raises:
            UsageError: There is nothing in the text to judge.
            EngineMissing: The text model is not on this machine.
        """
        return self.engines.reader().read(text, spoken=spoken)

    def overview(
        self, source: Source, *, speaker: SpeakerProfile | None = None
    ) -> tuple[Timeline, tuple[tuple[float, float], ...]]:
        """Return what a picture of a recording shows: a timeline, finer for shorter recordings, and where speech is.

        Args:
            source: The recording.
            speaker: Profile of the speaker, from `profile`.

        Raises:
            UnreadableAudio: The source cannot be read, is too large or too long.
            NoSpeech: There is no speech in it.
            UsageError: The model gives no timeline.
        """
        audio = self.read(source)
        activity = detect_speech(audio)
        length, hop = (2.0, 0.25) if audio.duration < _SHORT else (3.0, max(1.0, audio.duration / _WINDOWS))
        timeline = self._timeline([(audio, activity)], speaker, length=length, hop=hop)
        return timeline, tuple((phrase.start, phrase.end) for phrase in phrases(audio, activity))

    def curves(self, source: Source) -> Curves:
        """Return pitch and loudness of a recording through time; memory does not grow with its length.

        Args:
            source: The recording, of one voice at a time.

        Raises:
            UnreadableAudio: The source cannot be read, is too large or too long.
        """
        return curves(part for (part,) in read_in_parts(source, self.options, notes=[]))

    def profile(self, sources: Iterable[Source]) -> SpeakerProfile:
        """Make the profile of the one speaker in some recordings, whose emotions need not be known.

        Args:
            sources: The recordings, read one after the other; those without readable speech are left out.

        Raises:
            NoSpeech: No recording can be used.
            UsageError: The model takes no speaker profile.
        """

        def readable() -> Iterator[Audio]:
            for source in sources:
                try:
                    yield self.read(source)
                except UnreadableAudio as error:
                    logger.info("left out of the speaker's profile: %s", error)

        return self.engines.detailed(SPEAKER, "takes no speaker profile").profile(readable())

    def transcribe(
        self,
        source: Source,
        *,
        name: str = "",
        speaker: SpeakerProfile | None = None,
        done: Sequence[AnalysedSegment] = (),
        on_event: Listener | None = None,
        **options: Any,
    ) -> Transcript:
        """Transcribe a recording; memory does not grow with its length. No words give no segments.

        The options `emotions`, `timeline` and `speakers` add to the result.

        Args:
            source: The recording.
            name: Name of the source in the result; the path by default.
            speaker: Profile of the speaker, from `profile`.
            done: The segments of an interrupted run; they are not analysed again.
            on_event: Gets the progress; `analysis` reports each segment in order of time, as soon as it is ready.
            options: Fields of `CallOptions` for this call.

        Raises:
            UnreadableAudio: The source cannot be read, is too large or too long.
            UsageError: The emotion model gives no timeline.
        """
        asked = self.options.changed(**options)
        self.check_transcription(**options)
        analyser = Analyser(self.engines, asked, speaker=speaker, events=Events(on_event))
        return analyser.transcript(source, name=name or name_of(source), done=done)

    def check_transcription(self, **options: Any) -> None:
        """Refuse what `transcribe` would refuse of its options, before anything is loaded or read.

        Raises:
            EngineMissing: An engine is not ready on this machine.
            UsageError: There is no such option, or it cannot have this value.
        """
        asked = self.options.changed(**options)
        check_split(asked)
        judged = asked.emotions or asked.timeline
        needed = {
            "asr": True,
            "model": judged,
            "text_model": judged and asked.emotion_from != "speech",
            "diariser": asked.speakers is not None,
        }
        self.engines.check(*(name for name, is_needed in needed.items() if is_needed), language=asked.language)

    def live(
        self,
        *,
        partials: bool = True,
        on_problem: OnProblem | None = None,
        on_speech: OnSpeech | None = None,
        **options: Any,
    ) -> LiveTranscriber:
        """Start live transcription: feed sound in chunks, and get the segments while they grow and when they end.

        Args:
            partials: Whether to return partial hypotheses of the current segment.
            on_problem: Gets what failed: the transcription goes on without the emotion of a segment, or without the
                segment. An error ends it by default.
            on_speech: Gets the sound of each finished segment and what was said in it, before `feed` returns it.
            options: Fields of `CallOptions`; with `emotions` each final segment has its emotion.
        """
        asked = self.options.changed(**options)
        return live_transcriber(self.engines, asked, partials=partials, on_problem=on_problem, on_speech=on_speech)

    def speak(
        self,
        text: str | Sequence[Segment],
        emotion: str = "",
        voice: str = "",
        *,
        on_event: Listener | None = None,
        **options: Any,
    ) -> Rendition:
        """Say a text, or segments with times, speakers and emotions, such as subtitles.

        Args:
            text: What to say; if it is Chinese, it is said in Chinese unless a language is set. The pauses between
                segments are kept, and with the option `keep_timing` their times too.
                A speaker named like a voice of the engine gets that voice; the others get the presets in turn.
            emotion: One of the eight emotions in any spelling, or a custom mood. The default is `neutral` for a text,
                and the emotion of each segment for segments; one that the engine does not know is spoken neutrally.
            voice: A preset or an engine's own id; the voice of the settings by default.
            on_event: Gets the progress.
            options: Fields of `CallOptions` for this call.

        Raises:
            UnknownName: The engine has no such voice, or cannot express such a mood.
            UsageError: The segments last longer than `max_streamed_seconds`.
            NoSpeech: The text contains nothing that can be said.
        """
        asked = self.options.changed(voice=voice or None, **options)
        said = options.get("language") or self.settings.language
        return speak(self.engines, asked, text, emotion, Events(on_event), any_language=not said)

    def verify(self, source: Source, claim: Claim | None = None, **options: Any) -> Verification:
        """Verify synthetic speech: whether its words, emotion and sound are as they should be.

        Args:
            source: The speech.
            claim: What should be in it; only what is claimed is compared.
                A comparison with neutral speech needs the synthesiser that spoke to be that of this pipeline.
            options: `text`, `emotion` and other fields of a `Claim`, or fields of `CallOptions` for this call.

        Raises:
            UnreadableAudio: The source cannot be read.
            NoSpeech: It contains only silence.
            EngineMissing: An engine is not ready on this machine.
        """
        claimed = {name: options.pop(name) for name in Claim.__dataclass_fields__ if name in options}
        claim = claim or Claim(**claimed)
        asked = self.options.changed(**options)
        check_verification(self.engines, asked)
        audio = require_sound(read_whole(source, asked, sample_rate=None), name_of(source))
        neutral = None
        if claim.text and claim.voice and self._speaks_as(claim.engine):
            neutral = Renderer(self.engines, asked).neutral(claim.text, claim.voice)
        return Verifier(self.engines, asked)(
            audio,
            text=claim.text,
            emotion=parse_mood(claim.emotion).word if claim.emotion else "",
            parts=claim.segments,
            neutral=neutral,
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
        on_event: Listener | None = None,
        **options: Any,
    ) -> Conversion:
        """Analyse a recording and say its words again, into the next free `N.wav` and `N.json` of a folder, or a file.

        Recognition, transcription and the loading of the voice run in parallel.
        The emotion `auto` is recognised for each sentence, and pauses are kept.

        Args:
            source: The recording.
            emotion: An emotion, a custom mood, or `auto` for the detected emotion; as in the settings by default.
            voice: A preset or an engine's own id; the voice of the settings by default.
            output: Folder of the results, or the file of this one, such as result.wav; as in the settings by default.
            name: Name of the source in the result; the path by default.
            speaker: Profile of the speaker, from `profile`.
            on_event: Gets the progress.
            options: Fields of `CallOptions` for this call, such as `strength`, `verify` or `keep_timing`.

        Raises:
            UnknownName: The emotion or the voice is unknown.
            UsageError: There is no such option, or it cannot have this value.
            UnreadableAudio: The source cannot be read, is too large or too long.
            NoSpeech: There is no speech in the source, or no word was recognised.
            EngineMissing: An engine is not ready on this machine.
            OutputError: The result cannot be written.
        """
        asked = self.options.changed(emotion=emotion or None, voice=voice or None, output=output, **options)
        converter = Converter(self.engines, asked, speaker, self._judged, Events(on_event))
        return converter(source, name or name_of(source))

    def convert_in_memory(
        self,
        source: Source,
        emotion: str = "",
        voice: str = "",
        *,
        name: str = "",
        segments: Sequence[Segment] = (),
        speaker: SpeakerProfile | None = None,
        on_event: Listener | None = None,
        **options: Any,
    ) -> tuple[Conversion, Rendition]:
        """Convert a recording as `convert` does, but write nothing.

        Args:
            source: As `convert`.
            emotion: As `convert`.
            voice: As `convert`.
            name: As `convert`.
            segments: What to say instead of what is heard, such as a transcript that somebody corrected: with the
                emotion `auto` each in its own, with the option `speakers` each speaker in a voice.
            speaker: As `convert`.
            on_event: As `convert`.
            options: As `convert`.

        Returns:
            The conversion, whose `output` is empty, and the result with its sound.

        Raises:
            ResayError: As `convert`.
        """
        asked = self.options.changed(emotion=emotion or None, voice=voice or None, **options)
        converter = Converter(self.engines, asked, speaker, self._judged, Events(on_event))
        return converter.in_memory(source, name or name_of(source), segments)

    def check_conversion(
        self, emotion: str = "", voice: str = "", *, texts: Iterable[str] = (), **options: Any
    ) -> None:
        """Refuse what `convert` would refuse of its options, before anything is loaded, read or written.

        Args:
            emotion: As `convert`.
            voice: As `convert`.
            texts: Endings of files of text that will stand beside the result.
            options: As `convert`, `output` included.

        Raises:
            UsageError: As `convert`, or a file exists already.
            EngineMissing: As `convert`.
            OutputError: As `convert`.
        """
        asked = self.options.changed(emotion=emotion or None, voice=voice or None, **options)
        Converter(self.engines, asked, None, self._judged, Events()).check(texts)

    def _timeline(
        self, parts: Iterable[tuple[Audio, SpeechActivity]], speaker: SpeakerProfile | None, **windows: float
    ) -> Timeline:
        """Return the timeline of a recording that comes part by part; `windows` are their `length` and `hop`."""
        recogniser = self.engines.detailed(TIMELINE, "gives no timeline")
        stream = recogniser.stream(speaker=speaker, timeline=True, **windows)
        for part, activity in parts:
            stream.add(part, activity)
        return stream.timeline()

    def _speaks_as(self, engine: str) -> bool:
        try:
            return engine == self.synthesiser.name
        except EngineMissing:
            return False
