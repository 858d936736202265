"""The facade: every job of the project, one verb each, from Python."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from pipeline.audio import detect_speech, require_sound
from pipeline.audio.activity import heard_parts
from pipeline.chain.analysis import Analyser, HeardSegment, Source, name_of, read_whole
from pipeline.chain.conversion import Converter
from pipeline.chain.engines import Engines
from pipeline.chain.rendering import Renderer, assign_voices
from pipeline.chain.verification import Verifier
from pipeline.core.emotions import Mood, parse_mood
from pipeline.core.engines import Synthesiser, capabilities_of
from pipeline.core.errors import EngineMissing, UnreadableAudio
from pipeline.core.events import Events, Listener
from pipeline.core.options import CallOptions
from pipeline.core.results import Claim, Conversion, Recognition, Rendition, Transcript, Verification
from pipeline.core.settings import Settings, load_settings
from pipeline.core.timeline import Timeline
from pipeline.core.values import Audio, EmotionScores, Segment
from pipeline.core.voices import canonical_voice
from pipeline.recognition import EXPLANATION, SPEAKER, TIMELINE, Recogniser
from pipeline.recognition.speech.conditioning import phrases
from pipeline.recognition.speech.speaker import SpeakerProfile
from pipeline.recognition.text.recogniser import Reading
from pipeline.synthesis.utterances import Utterance
from pipeline.transcription import PARTIAL, Transcriber
from pipeline.transcription.live import LiveTranscriber

__all__ = ["Source", "VoicePipeline"]

logger = logging.getLogger(__name__)

_SHORT: Final = 20.0
"""Seconds; a shorter recording is pictured in finer windows than models were trained on."""

_WINDOWS: Final = 600
"""Windows in a picture; more would not be seen."""


class VoicePipeline:
    """Hears a recording and says it again; each stage can be called alone.

    Engines are loaded when they are first needed and kept; pipelines that are given the same `Engines` share them.
    One pipeline may be used from several threads.
    Every verb takes the options of `pipeline.core.options.CallOptions` as keywords, for that call alone.

    Args:
        settings: All settings; those of `configs/default.yaml` and the environment by default.
        engines: Engines that are loaded already; those that the settings choose by default.
        recogniser: An engine of one's own; the settings choose one by default.
        transcriber: As `recogniser`.
        synthesiser: As `recogniser`.
        judge: As `recogniser`; who judges the emotion of results.

    Example:
        >>> from pipeline import VoicePipeline
        >>> conversion = VoicePipeline().convert("recording.wav", emotion="happy", strength=1.5)  # doctest: +SKIP
        >>> conversion.output  # doctest: +SKIP
        'output/1.wav'
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        engines: Engines | None = None,
        recogniser: Recogniser | None = None,
        transcriber: Transcriber | None = None,
        synthesiser: Synthesiser | None = None,
        judge: Recogniser | None = None,
    ) -> None:
        self.settings = settings if settings is not None else load_settings()[0]
        self.engines = engines or Engines(
            self.settings, recogniser=recogniser, transcriber=transcriber, synthesiser=synthesiser, judge=judge
        )
        self.options = CallOptions.defaults(self.settings)
        """What a call wants if it does not say otherwise."""
        self._judged: dict[str, EmotionScores] = {}

    @property
    def recogniser(self) -> Recogniser:
        """The engine that tells how something was said."""
        return self.engines.recogniser()

    @property
    def transcriber(self) -> Transcriber:
        """The engine that tells what was said."""
        return self.engines.transcriber(self.options.language)

    @property
    def synthesiser(self) -> Synthesiser:
        """The engine that says a text."""
        return self.engines.synthesiser(self.options.spoken_language)

    def load(self) -> dict[str, str]:
        """Load the engines of the main job side by side.

        Returns:
            Stage to the name of the engine that runs it.

        Raises:
            EngineMissing: An engine is not ready on this machine.
            UnknownName: There is no such engine.
        """
        stages = {
            "recognition": lambda: self.recogniser.name,
            "transcription": lambda: self.transcriber.name,
            "synthesis": lambda: self.synthesiser.name,
        }
        with ThreadPoolExecutor(len(stages)) as threads:
            loading = {stage: threads.submit(load) for stage, load in stages.items()}
            return {stage: name.result() for stage, name in loading.items()}

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
        **options: Any,
    ) -> Recognition:
        """Tell how a recording was said.

        With the option `timeline` alone, a recording of any length is heard part by part in the same memory.

        Args:
            source: The recording.
            words: Whether to tell also what the words say, and both together.
            text: The words, if they are known; heard by the transcriber by default.
            explain: Whether to tell which seconds and which frequencies moved the answer.
            name: What the result calls its source; the path by default.
            speaker: Who speaks, as `profile` tells it.
            options: Fields of `CallOptions` for this call.

        Raises:
            UnreadableAudio: The source cannot be read, is too large or too long.
            NoSpeech: There is no speech in it.
            UsageError: The model cannot do what is asked, or the profile was made with another.
            EngineMissing: The text model is not on this machine.
        """
        asked, name = self.options.changed(**options), name or name_of(source)
        analyser = Analyser(self.engines, asked, asked, speaker=speaker)
        words = words or bool(text)
        if asked.timeline and not (words or explain):
            listener = self.engines.detailed(TIMELINE, "gives no timeline").listen(speaker=speaker, timeline=True)
            for part, activity in heard_parts(analyser.parts(source)):
                listener.add(part, activity)
            found = listener.timeline()
            return Recognition(name, found.scores, timeline=found)
        audio = require_sound(read_whole(source, asked), name)
        activity = detect_speech(audio)
        timeline = fused = explanation = None
        if asked.timeline:
            listener = self.engines.detailed(TIMELINE, "gives no timeline").listen(speaker=speaker, timeline=True)
            listener.add(audio, activity)
            timeline = listener.timeline()
        scores = timeline.scores if timeline else analyser.recognise(audio, activity)
        if words:
            self.engines.reader()
            known = (Segment(0.0, audio.duration, text.strip()),) if text.strip() else None
            fused = analyser.fuse(scores, known or analyser.segments(audio, activity))
        if explain:
            detailed = self.engines.detailed(EXPLANATION, "cannot be explained")
            explanation = detailed.explain(audio, activity=activity, speaker=speaker)
        return Recognition(name, scores, fused, timeline, explanation)

    def read_text(self, text: str, *, spoken: bool = False) -> Reading:
        """Tell the emotion of words, and of each of their sentences.

        Args:
            text: Any text.
            spoken: Whether somebody said it, and did not write it.

        Raises:
            UsageError: There is nothing in the text to judge.
            EngineMissing: The text model is not on this machine.
        """
        return self.engines.reader().read(text, spoken=spoken)

    def overview(
        self, source: Source, *, speaker: SpeakerProfile | None = None
    ) -> tuple[Timeline, tuple[tuple[float, float], ...]]:
        """Return what a picture of a recording shows: a timeline as fine as it is short, and where somebody speaks.

        Args:
            source: The recording.
            speaker: Who speaks, as `profile` tells it.

        Raises:
            UnreadableAudio: The source cannot be read, is too large or too long.
            NoSpeech: There is no speech in it.
            UsageError: The model gives no timeline.
        """
        audio = self.read(source)
        activity = detect_speech(audio)
        length, hop = (2.0, 0.25) if audio.duration < _SHORT else (3.0, max(1.0, audio.duration / _WINDOWS))
        recogniser = self.engines.detailed(TIMELINE, "gives no timeline")
        listener = recogniser.listen(speaker=speaker, timeline=True, length=length, hop=hop)
        listener.add(audio, activity)
        return listener.timeline(), tuple((phrase.start, phrase.end) for phrase in phrases(audio, activity))

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

        return self.engines.detailed(SPEAKER, "cannot be told who speaks").profile(readable())

    def transcribe(
        self,
        source: Source,
        *,
        name: str = "",
        speaker: SpeakerProfile | None = None,
        done: Sequence[HeardSegment] = (),
        on_event: Listener | None = None,
        **options: Any,
    ) -> Transcript:
        """Tell what was said in a recording of any length, in the same memory; no segments if nothing was understood.

        The options `emotions`, `timeline` and `speakers` tell more.

        Args:
            source: The recording.
            name: What the result calls its source; the path by default.
            speaker: Who speaks, as `profile` tells it.
            done: The segments of an earlier run that was interrupted; they are not heard again.
            on_event: Gets what goes on; `analysis` tells each segment in order of time, as soon as it is understood.
            options: Fields of `CallOptions` for this call.

        Raises:
            UnreadableAudio: The source cannot be read, is too large or too long.
            UsageError: The emotion model gives no timeline.
        """
        asked = self.options.changed(**options)
        analyser = Analyser(self.engines, asked, asked, speaker=speaker, events=Events(on_event))
        return analyser.transcript(source, name=name or name_of(source), done=done)

    def live(self, *, partials: bool = True, **options: Any) -> LiveTranscriber:
        """Begin to hear sound that is still to come: feed it in chunks, and take the segments as they grow and end.

        Args:
            partials: Whether segments are read before they end.
            options: Fields of `CallOptions`; with `emotions` each segment that ends tells how it was said.
        """
        asked = self.options.changed(**options)
        analyser = Analyser(self.engines, asked, asked)
        transcriber: Any = self.engines.transcriber(asked.language)

        def partial(speech: Any) -> str:
            if PARTIAL in capabilities_of(transcriber):
                return str(transcriber.partial(speech, hotwords=asked.hotwords))
            segment = transcriber.transcribe(speech, hotwords=asked.hotwords)
            return segment.text if segment else ""

        return LiveTranscriber(analyser.understand, partial if partials else None)

    def speak(
        self,
        text: str | Sequence[Segment],
        emotion: str = "",
        voice: str = "",
        *,
        on_event: Listener | None = None,
        **options: Any,
    ) -> Rendition:
        """Say a text, or segments that are written with their times, speakers and emotions, such as subtitles.

        Args:
            text: What to say. Of segments, pauses between them are kept, and with the option `keep_timing` their times
                as well; a speaker that is a voice of the engine has that voice, the others get the presets in turn.
            emotion: One of the eight emotions in any spelling, or a custom mood; `neutral` by default for a text, and
                each segment's own for segments.
            voice: A preset or an engine's own id; the voice of the settings by default.
            on_event: Gets what goes on.
            options: Fields of `CallOptions` for this call.

        Raises:
            UnknownName: The engine has no such voice, or cannot place such a mood.
            NoSpeech: The text holds nothing that can be said.
        """
        asked = self.options.changed(voice=voice or None, **options)
        chosen = canonical_voice(asked.voice)
        renderer = Renderer(self.engines, asked, Events(on_event))
        written = isinstance(text, str)
        mood = parse_mood(emotion or ("neutral" if written else "auto"))
        renderer.engine.check(Mood("neutral") if mood.is_auto else mood, chosen)
        if isinstance(text, str):
            spoken = Mood("neutral") if mood.is_auto else mood
            # A text has no place in time that it could keep.
            renderer = Renderer(self.engines, asked.changed(keep_timing=False), Events(on_event))
            return renderer.say([Utterance(text, spoken, chosen, 0.0, 0.0)])
        own = None if mood.is_auto else mood
        lines, notes = assign_voices(text, own, chosen, renderer.engine.voices(), Mood("neutral"))
        return renderer.say(lines).noted(*notes)

    def verify(self, source: Source, claim: Claim | None = None, **options: Any) -> Verification:
        """Listen to synthetic speech: are the words and the emotion in it, and is the sound as it should be?

        Args:
            source: The speech.
            claim: What should be in it; what is not claimed is not compared.
                Only the synthesiser of this pipeline can give the neutral of its voices.
            options: `text`, `emotion` and other fields of a `Claim`, or fields of `CallOptions` for this call.

        Raises:
            UnreadableAudio: The source cannot be read.
            NoSpeech: There is only silence in it.
            EngineMissing: An engine is not ready on this machine.
        """
        claimed = {name: options.pop(name) for name in Claim.__dataclass_fields__ if name in options}
        claim = claim or Claim(**claimed)
        asked = self.options.changed(**options)
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
        """Hear a recording and say its words again, into the next free `N.wav` and `N.json` of a folder.

        Recognition, transcription and the loading of the voice run side by side.
        The emotion `auto` is told for each sentence, and pauses are kept.

        Args:
            source: The recording.
            emotion: An emotion, a custom mood, or `auto` for the detected emotion; that of the settings by default.
            voice: A preset or an engine's own id; that of the settings by default.
            output: Folder of the results; that of the settings by default.
            name: What the result calls its source; the path by default.
            speaker: Who speaks in the source, as `profile` tells it.
            on_event: Gets what goes on.
            options: Fields of `CallOptions` for this call, such as `strength`, `verify` or `keep_timing`.

        Raises:
            UnknownName: The emotion or the voice is unknown.
            UsageError: There is no such option, or it cannot have this value.
            UnreadableAudio: The source cannot be read, is too large or too long.
            NoSpeech: There is no speech in the source, or no word was understood.
            EngineMissing: An engine is not ready on this machine.
            OutputError: The result cannot be written.
        """
        asked = self.options.changed(
            emotion=emotion or None, voice=voice or None, output=output if output is None else Path(output), **options
        )
        converter = Converter(self.engines, asked, speaker, self._judged, Events(on_event))
        return converter(source, name or name_of(source))

    def _speaks_as(self, engine: str) -> bool:
        try:
            return engine == self.synthesiser.name
        except EngineMissing:
            return False
