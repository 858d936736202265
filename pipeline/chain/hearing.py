"""Everything that a conversion hears in a recording, heard side by side: the emotion, the words, what the words say."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pipeline.chain.listening import Listener
from pipeline.core.engines import Recogniser, Transcriber
from pipeline.core.errors import EngineMissing, NoSpeech, UsageError
from pipeline.core.settings import Settings
from pipeline.core.timings import Timings
from pipeline.core.values import Audio, EmotionScores, Segment
from pipeline.recognition import DetailedRecogniser
from pipeline.recognition.fusion import FusedScores
from pipeline.recognition.joint import JointRecogniser
from pipeline.recognition.speech.speaker import SpeakerProfile
from pipeline.transcripts.sentences import cut_by_sentence

__all__ = ["Heard", "Hearing"]


@dataclass(frozen=True, eq=False)
class Heard:
    """What was heard in a recording."""

    audio: Audio
    """The recording: mono, 16 kHz."""
    segments: tuple[Segment, ...]
    """The phrases; each with its own emotion where that was asked for and could be told."""
    together: FusedScores
    """How the whole was said, what its words say, and both together."""
    emotion: EmotionScores
    """What the settings go by: voice, words or both."""

    @property
    def text(self) -> str:
        """All that was said; empty where no word was understood."""
        return " ".join(segment.text for segment in self.segments).strip()


class Hearing:
    """Hears recordings that fit in memory with all engines at once.

    Args:
        settings: What tells the emotion, and the language.
        recogniser: Gives the engine that tells how something was said, when it is needed.
        transcriber: Gives the engine that tells what was said.
        listener: Hears the phrases.
        joint: Reads the words.
    """

    def __init__(
        self,
        settings: Settings,
        recogniser: Callable[[], Recogniser],
        transcriber: Callable[[], Transcriber],
        listener: Listener,
        joint: JointRecogniser,
    ) -> None:
        self._settings = settings
        self._recogniser = recogniser
        self._transcriber = transcriber
        self._listener = listener
        self._joint = joint

    def __call__(
        self,
        audio: Audio,
        *,
        speaker: SpeakerProfile | None = None,
        by_phrase: bool = False,
        words_needed: bool = True,
        timings: Timings,
    ) -> Heard:
        """Hear a recording; the models of emotion, of words and of what words say are loaded side by side.

        Args:
            audio: Mono, 16 kHz.
            speaker: Who speaks.
            by_phrase: Whether to cut the phrases into sentences and tell the emotion of each, where there are several.
            words_needed: Whether it is an error that nothing can transcribe the language.
            timings: Gets the seconds of each stage.

        Raises:
            NoSpeech: Nobody speaks in the recording.
            EngineMissing: An engine is not ready on this machine.
            UsageError: The model cannot be told who speaks, or the profile was made with another.
        """
        with ThreadPoolExecutor(2) as threads:
            reads = threads.submit(self._load_reader, timings)
            scores = threads.submit(self._emotion, audio, speaker, timings)
            segments = self._words(audio, words_needed, timings)
            speech = scores.result()
            reads.result()
        with timings.clock("words"):
            together = self._together(speech, segments)
        sentences = list(cut_by_sentence(segments)) if by_phrase else []
        if len(sentences) > 1:
            with timings.clock("recognition"):
                segments = tuple(self._with_emotion(sentence, audio, speaker) for sentence in sentences)
        return Heard(audio, segments, together, together.of(self._settings.emotion_from))

    def recognise(self, audio: Audio, speaker: SpeakerProfile | None = None) -> EmotionScores:
        """Tell how something was said.

        Raises:
            NoSpeech: Nobody speaks in it.
            UsageError: The model cannot be told who speaks, or the profile was made with another.
        """
        if speaker is None:
            return self._recogniser().recognise(audio)
        return self.detailed("cannot be told who speaks").recognise(audio, speaker=speaker)

    def detailed(self, otherwise: str) -> DetailedRecogniser:
        """Return the recogniser if it can do more than recognise.

        Raises:
            UsageError: It cannot; the message says what is asked too much.
        """
        recogniser = self._recogniser()
        if not isinstance(recogniser, DetailedRecogniser):
            raise UsageError(f"The model {recogniser.name} {otherwise}.", hint="Leave --model out.")
        return recogniser

    def _emotion(self, audio: Audio, speaker: SpeakerProfile | None, timings: Timings) -> EmotionScores:
        with timings.clock("recognition_loading"):
            self._recogniser()
        with timings.clock("recognition"):
            return self.recognise(audio, speaker)

    def _load_reader(self, timings: Timings) -> None:
        """Load what reads words; without it the voice alone is judged, unless the words were asked for."""
        with timings.clock("words_loading"):
            try:
                self._joint.recogniser  # noqa: B018 - loads it
            except EngineMissing:
                if self._settings.emotion_from in ("text", "both"):
                    raise

    def _words(self, audio: Audio, needed: bool, timings: Timings) -> tuple[Segment, ...]:
        with timings.clock("transcription_loading"):
            try:
                self._transcriber()
            except EngineMissing:
                if needed:
                    raise
                return ()
        with timings.clock("transcription"):
            return self._listener.segments(audio)

    def _together(self, speech: EmotionScores, segments: Sequence[Segment]) -> FusedScores:
        text = " ".join(segment.text for segment in segments).strip()
        heard = next((segment.language for segment in segments if segment.language), None)
        try:
            words = self._joint.words(text, heard or self._settings.language) if text else None
            return self._joint.fused(speech, words)
        except EngineMissing:
            return FusedScores(speech, speech, None, ("speech",))

    def _with_emotion(self, segment: Segment, audio: Audio, speaker: SpeakerProfile | None) -> Segment:
        try:
            speech = self.recognise(audio.slice(segment.start, segment.end), speaker)
        except NoSpeech:
            return segment
        emotion = self._together(speech, [segment]).of(self._settings.emotion_from)
        return dataclasses.replace(segment, emotion=emotion)
