"""Live captions: what is said while somebody speaks, in spite of what fails, and who says it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipeline.audio.speech_segments import SpeechSegment
from pipeline.chain.analysis import Analyser
from pipeline.chain.engines import Engines
from pipeline.chain.known_speakers import LiveVoices, judges_together
from pipeline.core.engines import capabilities_of
from pipeline.core.errors import ResayError
from pipeline.core.failures import explained
from pipeline.core.options import CallOptions
from pipeline.core.values import Segment, Turn
from pipeline.transcription import PARTIAL
from pipeline.transcription.live import LiveTranscriber
from pipeline.transcription.script import written_in
from pipeline.transcription.speakers import Diarisation
from pipeline.transcription.speakers.attribution import speaker_of

__all__ = ["LiveSpeakers", "OnProblem", "OnSpeech", "live_transcriber"]

OnProblem = Callable[[ResayError], None]
"""Gets what failed; the transcription goes on without it."""

OnSpeech = Callable[[SpeechSegment, Segment], None]
"""Gets the sound of a finished segment and what was said in it."""


def live_transcriber(
    engines: Engines,
    options: CallOptions,
    *,
    partials: bool = True,
    on_problem: OnProblem | None = None,
    on_speech: OnSpeech | None = None,
) -> LiveTranscriber:
    """Return a live transcription, as `VoicePipeline.live` describes."""
    analyser = Analyser(engines, options)
    transcriber: Any = engines.transcriber(options.language)
    recogniser = judges_together(engines, options)
    voices = LiveVoices(recogniser) if recogniser else None

    def tell(error: Exception, what: str) -> None:
        if on_problem is None:
            raise error
        on_problem(explained(error, what))

    def understand(speech: SpeechSegment) -> Segment | None:
        try:
            return analyser.words(speech)
        except Exception as error:
            tell(error, f"What was said from {speech.start:.1f} to {speech.end:.1f} s")
            return None

    def finish(speech: SpeechSegment, segment: Segment) -> Segment:
        if options.emotions:
            try:
                segment = analyser.with_emotion(speech, segment)
                segment = voices.judged(speech, segment) if voices else segment
            except Exception as error:  # Words go on without.
                tell(error, f"How it was said from {speech.start:.1f} to {speech.end:.1f} s")
        if on_speech:
            on_speech(speech, segment)
        return segment

    def partial(speech: SpeechSegment) -> str:
        try:
            if PARTIAL in capabilities_of(transcriber):
                return str(transcriber.partial(speech, hotwords=options.hotwords))
            segment = transcriber.transcribe(speech, hotwords=options.hotwords)
        except Exception as error:
            tell(error, f"What is said from {speech.start:.1f} s on")
            return ""
        return written_in(segment, options.script).text if segment else ""

    return LiveTranscriber(understand, partial if partials else None, finish)


class LiveSpeakers:
    """Tells apart who says the segments of a live transcription; what is heard later may change who said earlier ones.

    Args:
        diarisation: Of a diariser, to which nothing was added yet.
        count: Number of speakers; 0 estimates it.
    """

    def __init__(self, diarisation: Diarisation, count: int = 0) -> None:
        self._diarisation = diarisation
        self._count = count
        self._spans: list[tuple[float, float]] = []
        self._seconds = 0.0

    def add(self, speech: SpeechSegment) -> None:
        """Add a finished segment."""
        self._diarisation.add(speech.audio, speech.activity)
        # What lies between segments is not heard: they follow each other at once.
        begin = self._seconds - speech.heard_from
        self._spans.append((begin + speech.start, begin + speech.end))
        self._seconds += speech.audio.duration

    def speakers(self) -> tuple[str | None, ...]:
        """Return who says each segment that was added, as far as it is known by now."""
        turns: tuple[Turn, ...] = self._diarisation.turns(self._count)
        return tuple(speaker_of(start, end, turns) if turns else None for start, end in self._spans)
