"""Analysis: what was said in a recording, how, and by whom, from one pass over its speech segments.

A file, sound in memory and a microphone are three sources of segments;
conversion, transcription and live captions are three consumers, which get the same answers.
"""

from __future__ import annotations

import dataclasses
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pipeline.audio import SpeechActivity, detect_speech
from pipeline.audio.activity import channels_with_activity
from pipeline.audio.channels import without_copies
from pipeline.audio.speech_segments import SpeechSegment, cut_channels, cut_segments
from pipeline.chain.engines import Engines
from pipeline.chain.known_speakers import judges_together, knowing_speakers
from pipeline.chain.recordings import Source, read_in_parts
from pipeline.core.errors import EngineMissing, NoSpeech, UsageError
from pipeline.core.events import Events
from pipeline.core.options import CallOptions
from pipeline.core.results import FusedScores, Transcript
from pipeline.core.stopping import with_stops
from pipeline.core.timeline import Window
from pipeline.core.transcripts import cut_by_emotion, language_of
from pipeline.core.values import Audio, EmotionScores, Segment, Turn, plain
from pipeline.recognition import SPEAKER, TIMELINE
from pipeline.recognition.joint import fuse
from pipeline.recognition.speech.speaker import SpeakerProfile
from pipeline.transcription.language import language_note
from pipeline.transcription.script import written_in
from pipeline.transcription.speakers import Diarisation
from pipeline.transcription.speakers.attribution import attributed, fewer_speakers, interleaved, speaker_of
from pipeline.transcripts.sentences import cut_by_sentence

if TYPE_CHECKING:
    from pipeline.recognition.speech.recogniser import EmotionStream, SpeechRecogniser

__all__ = ["AnalysedSegment", "Analyser", "Analysis", "check_split"]

_AT_ONCE: Final = 2
"""Segments that are transcribed in parallel: more would take more memory and hardly less time; set by hand."""

_AHEAD: Final = 2
"""Segments that wait in addition to those, so that no thread is idle; set by hand."""


_ENOUGH: Final = 3
"""Sentences from which on those of a short recording are judged knowing each other; two say too little of a voice."""


@dataclass(frozen=True)
class AnalysedSegment:
    """What the analysis of one speech segment found."""

    heard_from: float
    """Start of the analysed sound, in seconds from the start of the recording."""
    heard_to: float
    """End of the analysed sound, in seconds from the start of the recording."""
    segments: tuple[Segment, ...]
    """With times from the start of the recording; none if no words were recognised."""
    speaker: str | None = None
    """Who was analysed, if each speaker has a channel."""

    @property
    def place(self) -> tuple[str | None, float, float]:
        """What tells it from the other analysed segments of a recording."""
        return self.speaker, self.heard_from, self.heard_to

    def to_dict(self) -> dict[str, Any]:
        """Return the fields, ready for JSON; `from_dict` gives back an equal segment."""
        return {
            "heard_from": self.heard_from,
            "heard_to": self.heard_to,
            "segments": plain(self.segments),
        } | ({"speaker": self.speaker} if self.speaker else {})

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> AnalysedSegment:
        """Read what `to_dict` wrote."""
        segments = tuple(Segment.from_dict(segment) for segment in values["segments"])
        return cls(values["heard_from"], values["heard_to"], segments, values.get("speaker"))


@dataclass(frozen=True, eq=False)
class Analysis:
    """What the analysis of a recording in memory found."""

    audio: Audio
    """The recording: mono, 16 kHz."""
    activity: SpeechActivity
    """How likely somebody speaks at each moment of the recording."""
    segments: tuple[Segment, ...]
    """What was said; each segment has its own emotion if that was asked for and recognised."""
    fused: FusedScores
    """Emotion scores of the voice, of the words, and of both together, over the whole recording."""
    emotion: EmotionScores
    """The one of these scores that the options choose."""


class Analyser:
    """Analyses recordings for one call.

    Args:
        engines: Shared by all callers.
        options: What to find out, and how large a recording may be.
        speaker: Profile of the speaker, if known.
        events: Gets the progress; `analysis` reports each `AnalysedSegment` and the seconds analysed so far.

    Raises:
        UsageError: The options contradict each other.
    """

    def __init__(
        self,
        engines: Engines,
        options: CallOptions,
        *,
        speaker: SpeakerProfile | None = None,
        events: Events | None = None,
    ) -> None:
        self._engines = engines
        self._options = options
        self._speaker = speaker
        self._events = events or Events()
        self._split = options.channels == "split"
        check_split(options)

    def analyse(
        self, speech: Iterable[SpeechSegment], done: Sequence[AnalysedSegment] = ()
    ) -> Iterator[AnalysedSegment]:
        """Yield what was said in each speech segment, and its emotion if that was asked for, in order of time.

        Every segment is analysed as a recording of its own, so the answer does not depend on its place
        or on an interruption. Times are rounded to milliseconds.

        Args:
            speech: The segments of a recording.
            done: What an earlier run yielded for the start of the recording; it is yielded again without analysis.
        """
        known = {heard.place: heard for heard in done}

        def analysed(segment: SpeechSegment) -> AnalysedSegment:
            return known.get((segment.speaker, segment.heard_from, segment.heard_to)) or self._analysed(segment)

        workers = min(_workers(), self._engines.settings.threads or _AT_ONCE)
        threads = ThreadPoolExecutor(workers)
        waiting: deque[Future[AnalysedSegment]] = deque()
        try:
            for segment in speech:
                waiting.append(threads.submit(with_stops(analysed), segment))
                while len(waiting) > workers + _AHEAD or (waiting and waiting[0].done()):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            threads.shutdown(cancel_futures=True)

    def transcript(self, source: Source, *, name: str, done: Sequence[AnalysedSegment] = ()) -> Transcript:
        """Return what was said in a recording, and what else the options ask for; memory does not grow with its length.

        Args:
            source: The recording; it is read once.
            name: Name of the recording in the result.
            done: As `analyse`.

        Raises:
            UnreadableAudio: The source cannot be read, is too large or too long.
            UsageError: The emotion model gives no timeline.
        """
        options = self._options
        emotions: EmotionStream | None = None
        if options.timeline:
            detailed = self._engines.detailed(TIMELINE, "gives no timeline")
            emotions = detailed.stream(speaker=self._speaker, timeline=True)
        together = None if self._speaker else judges_together(self._engines, options)
        speakers: Diarisation | None = None
        if options.speakers is not None or (together and not self._split):
            speakers = self._engines.diariser().stream()
        seconds = 0.0
        notes: list[str] = []

        def parts() -> Iterator[list[tuple[Audio, SpeechActivity]]]:
            nonlocal seconds
            read = map(without_copies, read_in_parts(source, self._options, notes=notes))
            for channels in channels_with_activity(read):
                audio, activity = channels[0]
                seconds += audio.duration
                self._engines.transcriber(options.language)  # Loads while speech is detected.
                for stream in (emotions, speakers):
                    if stream:
                        stream.add(audio, activity)
                yield channels

        speech = cut_channels(parts()) if self._split else cut_segments(channels[0] for channels in parts())
        heard: list[AnalysedSegment] = []
        for found in self.analyse(speech, done):
            heard.append(found)
            self._events.tell("analysis", done=found.heard_to, artefact=found)
        segments = tuple(segment for found in heard for segment in found.segments)
        if self._split:
            segments = interleaved(segments)
        if note := language_note(segments) if segments else f"Nothing was heard in {name}.":
            notes.append(note)
        turns = speakers.turns(options.speakers or 0) if speakers and segments else ()
        if options.speakers is not None:
            segments = attributed(segments, turns)
            notes += filter(None, [fewer_speakers(segments, options.speakers)])
        if together:
            segments = _together(together, segments, turns)
        windows: tuple[Window, ...] = ()
        if emotions and segments:
            with suppress(NoSpeech):
                timeline = emotions.timeline()
                segments, windows = cut_by_emotion(segments, timeline), timeline.windows
        return Transcript(
            source=name,
            duration=seconds,
            language=language_of(segments, options.language),
            engine=self._engines.transcriber(options.language).name,
            segments=segments,
            notes=tuple(notes),
            windows=windows,
        )

    def analyse_recording(
        self,
        audio: Audio,
        channels: Sequence[Audio] = (),
        *,
        by_sentence: bool = False,
        words_needed: bool = True,
        known: tuple[Segment, ...] = (),
    ) -> Analysis:
        """Analyse a recording in memory; voice, words and the emotion of the words are recognised in parallel.

        Args:
            audio: Mono, 16 kHz.
            channels: Its channels, one for each speaker, mono, 16 kHz; none if speakers have no channels of their own.
            by_sentence: Whether to recognise the emotion of each sentence, if there are several.
            words_needed: Whether it is an error if no engine can transcribe the language.
            known: What was said, such as a transcript that somebody corrected; it is transcribed by default.

        Raises:
            NoSpeech: Nobody speaks in the recording.
            EngineMissing: An engine is not ready on this machine.
            UsageError: The model takes no speaker profile, or the profile belongs to another model.
        """
        engines, options = self._engines, self._options
        with ThreadPoolExecutor(4) as threads:
            recogniser = threads.submit(self._load, "recognition", engines.recogniser)
            # Without a text model only the voice is judged, unless the emotion of the words was asked for.
            reader = threads.submit(self._load, "words", engines.reader, needed=options.emotion_from != "speech")
            transcriber = threads.submit(
                self._load, "transcription", lambda: engines.transcriber(options.language), needed=words_needed
            )
            activity = detect_speech(audio)

            def recognise() -> EmotionScores:
                recogniser.result()
                with self._events.stage("recognition"):
                    return self.recognise(audio, activity)

            whole = threads.submit(with_stops(recognise))
            voices = [(audio, activity)]
            if channels:
                voices = [(channel, detect_speech(channel)) for channel in channels]
            segments = known or (self._said(voices) if transcriber.result() else ())
            speech = whole.result()
            reader.result()
        with self._events.stage("words"):
            fused = self.fuse(speech, segments)
        turns: tuple[Turn, ...] = ()
        if options.speakers is not None and segments and not any(segment.speaker for segment in segments):
            turns = self._turns(audio, activity)
            segments = attributed(segments, turns)
        sentences = list(cut_by_sentence(segments)) if by_sentence and not known else []
        if len(sentences) > 1:
            with self._events.stage("recognition"):
                segments = tuple(self._with_emotion(each, *self._voice_of(each, voices)) for each in sentences)
                together = judges_together(engines, options.changed(emotions=True))
                if together and not self._speaker and len(segments) >= _ENOUGH:
                    turns = turns or (() if self._split else self._turns(audio, activity))
                    segments = _together(together, segments, turns)
        return Analysis(audio, activity, segments, fused, fused.of(options.emotion_from))

    def _turns(self, audio: Audio, activity: SpeechActivity) -> tuple[Turn, ...]:
        """Return who speaks when in a recording in memory."""
        speakers = self._engines.diariser().stream()
        speakers.add(audio, activity)
        return speakers.turns(self._options.speakers or 0)

    def segments(self, audio: Audio, activity: SpeechActivity) -> tuple[Segment, ...]:
        """Transcribe a sound of any length: mono, 16 kHz."""
        return self._said([(audio, activity)])

    def recognise(self, audio: Audio, activity: SpeechActivity | None = None) -> EmotionScores:
        """Recognise the emotion of a sound.

        Args:
            audio: Mono, 16 kHz.
            activity: How likely somebody speaks at each moment of the sound; detected by default.

        Raises:
            NoSpeech: Nobody speaks in it.
            UsageError: The model takes no speaker profile, or the profile belongs to another model.
        """
        if self._speaker is None:
            return self._engines.recogniser().recognise(audio, activity=activity)
        detailed = self._engines.detailed(SPEAKER, "takes no speaker profile")
        return detailed.recognise(audio, activity=activity, speaker=self._speaker)

    def fuse(self, speech: EmotionScores, segments: Sequence[Segment]) -> FusedScores:
        """Return the emotion scores of the voice, of the words of segments, and of both together."""
        text = " ".join(segment.text for segment in segments).strip()
        heard = next((segment.language for segment in segments if segment.language), None)
        try:
            reader = self._engines.reader() if text else None
        except EngineMissing:
            reader = None
        return fuse(reader, speech, text, heard or self._options.language)

    def understand(self, speech: SpeechSegment) -> Segment | None:
        """Transcribe a speech segment, with its emotion if that was asked for; None if no words were recognised."""
        segment = self.words(speech)
        return self.with_emotion(speech, segment) if segment and self._options.emotions else segment

    def words(self, speech: SpeechSegment) -> Segment | None:
        """Transcribe a speech segment; None if no words were recognised."""
        transcriber = self._engines.transcriber(self._options.language)
        segment = transcriber.transcribe(speech, hotwords=self._options.hotwords)
        return written_in(segment, self._options.script) if segment else None

    def with_emotion(self, speech: SpeechSegment, segment: Segment) -> Segment:
        """Return what was said in a speech segment with its emotion, if it can be told."""
        return self._with_emotion(segment, speech.audio, speech.activity, speech.heard_from)

    def _said(self, voices: Sequence[tuple[Audio, SpeechActivity]]) -> tuple[Segment, ...]:
        """Transcribe a sound in memory, or the channels of one."""
        with self._events.stage("transcription"):
            split = len(voices) > 1
            heard = self.analyse(cut_channels([voices]) if split else cut_segments(voices))
            segments = tuple(segment for found in heard for segment in found.segments)
            return interleaved(segments) if split else segments

    @staticmethod
    def _voice_of(segment: Segment, voices: Sequence[tuple[Audio, SpeechActivity]]) -> tuple[Audio, SpeechActivity]:
        """Return the channel in which a segment was said."""
        return voices[int((segment.speaker or "").rpartition(" ")[2]) - 1] if len(voices) > 1 else voices[0]

    def _analysed(self, speech: SpeechSegment) -> AnalysedSegment:
        segment = self.understand(speech)
        known = {"speaker": speech.speaker} if speech.speaker else {}
        # Rounded, as if it were read back from a journal.
        segments = (Segment.from_dict(segment.to_dict() | known),) if segment else ()
        return AnalysedSegment(speech.heard_from, speech.heard_to, segments, speech.speaker)

    def _with_emotion(self, segment: Segment, audio: Audio, activity: SpeechActivity, begin: float = 0.0) -> Segment:
        """Return a segment with its emotion; the sound begins at `begin` seconds of the recording."""
        start, end = segment.start - begin, segment.end - begin
        try:
            speech = self.recognise(audio.slice(start, end), activity.slice(start, end))
        except NoSpeech:
            return segment
        emotion = speech
        if self._options.emotion_from != "speech":
            emotion = self.fuse(speech, [segment]).of(self._options.emotion_from)
        return dataclasses.replace(segment, emotion=emotion)

    def _load(self, stage: str, load: Callable[[], object], *, needed: bool = True) -> bool:
        """Load the engine of a stage; return whether there is one."""
        with self._events.stage(f"{stage}_loading"):
            try:
                load()
            except EngineMissing:
                if needed:
                    raise
                return False
        return True


def check_split(options: CallOptions) -> None:
    """Refuse what contradicts split channels.

    Raises:
        UsageError: Speakers are to be told apart in another way too, or a timeline is asked for.
    """
    if options.channels != "split":
        return
    if options.speakers is not None:
        raise UsageError("Split channels tell the speakers apart already.", hint="Leave --speakers out.")
    if options.timeline:
        raise UsageError(
            "A timeline follows one sound, and split channels are several.",
            hint="Take one with --channels 1, or leave --timeline out.",
        )


def _together(recogniser: SpeechRecogniser, segments: Sequence[Segment], turns: Sequence[Turn]) -> tuple[Segment, ...]:
    """Return segments judged knowing their speakers, who have their own channels or are told by turns."""
    who = [each.speaker or (speaker_of(each.start, each.end, turns) if turns else None) for each in segments]
    return knowing_speakers(recogniser, segments, who)


def _workers() -> int:
    """Return how many segments to transcribe in parallel."""
    return min(_AT_ONCE, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
