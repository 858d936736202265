"""Accurate transcription: two engines hear each segment, and the text of the surer one is kept.

Moonshine and Whisper make different mistakes, and the geometric mean of the confidence of their words tells which of
the two made fewer. Nothing of that is fitted. Of 3140 words of 362 clips Moonshine has 209 wrong, Whisper base 188, the
surer of both 164 by segment and 163 by clip. Rules with a number that was chosen on other speakers did no better: 172
with an offset by segment, 169 word by word (a vote along the alignment of both texts); and scoring both texts by both
networks had no fewer wrong on the 148 clips where it was tried.

English words that one engine alone hears are none: so 1 of 144 sounds without speech gets words, 5 where Moonshine was
believed by itself. Of 111 segments of speech, half of them in noise at 5 or 15 dB, both hear words in each.
"""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from pipeline.audio.speech_segments import SpeechSegment
from pipeline.core.stopping import with_stops
from pipeline.core.values import Segment
from pipeline.transcription import PARTIAL, moonshine, whisper

__all__ = ["AccurateTranscriber", "create", "wanting"]


def create(*, threads: int = 0, device: str = "auto", language: str = "") -> AccurateTranscriber:
    """Load both engines.

    Args:
        threads: CPU threads; 0 leaves the choice to the engines.
        device: `cpu`, `cuda`, or `auto` for the better of the two, for Whisper.
        language: ISO 639-1 code; empty or `auto` to find it out.

    Raises:
        EngineMissing: CUDA was asked for and this machine has none.
        WeightsMissing: The weights are not on this machine.
        UnknownName: Whisper does not hear the language.
    """
    thorough = whisper.create(threads=threads, device=device, language=language)
    return AccurateTranscriber(moonshine.create(threads=threads), thorough, language, side_by_side=threads != 1)


def wanting() -> str:
    """Return why Whisper cannot be loaded, or an empty text."""
    return whisper.wanting()


class AccurateTranscriber:
    """Transcribes English by two engines, and other languages by the one that hears them; usable from several threads.

    Args:
        quick: Hears English, and says so of anything.
        thorough: Hears many languages.
        language: ISO 639-1 code; empty or `auto` to find it out.
        side_by_side: Whether both hear a segment at the same time.
    """

    name: Final = "accurate"
    capabilities: Final = frozenset({PARTIAL})

    def __init__(
        self,
        quick: moonshine.MoonshineTranscriber,
        thorough: whisper.WhisperTranscriber,
        language: str = "",
        *,
        side_by_side: bool = True,
    ) -> None:
        self._quick, self._thorough = quick, thorough
        self._english = language.casefold().partition("-")[0] in ("", "auto", "en")
        self._side_by_side = side_by_side

    def transcribe(self, segment: SpeechSegment, *, hotwords: str = "") -> Segment | None:
        """Return what was said, as the surer engine heard it, with its name; None if no words were recognised.

        Args:
            segment: At most 30 s, mono, 16 kHz.
            hotwords: Names and words to expect, separated by commas.
        """
        if not self._english:
            return _by(self._thorough, self._thorough.transcribe(segment, hotwords=hotwords))
        engines: tuple[Any, Any] = self._quick, self._thorough
        with ThreadPoolExecutor(2 if self._side_by_side else 1) as threads:
            hear = with_stops(lambda engine: engine.transcribe(segment, hotwords=hotwords))
            quick, thorough = threads.map(hear, engines)
        if thorough is None:
            return None  # Knocks and babble into which Moonshine alone writes words.
        if quick is None:
            # It knows English speech from a hum or a siren, into which Whisper writes words.
            return None if thorough.language == "en" else _by(self._thorough, thorough)
        if (quick.confidence or 0.0) < (thorough.confidence or 0.0):
            return _by(self._thorough, thorough)
        if thorough.language == "en":
            told = {"language_confidence": thorough.language_confidence, "language_heard": thorough.language_heard}
            quick = dataclasses.replace(quick, **told)
        return _by(self._quick, quick)

    def partial(self, segment: SpeechSegment, *, hotwords: str = "") -> str:
        """Return the text so far of an unfinished segment, as Moonshine hears it; empty in other languages.

        Args:
            segment: At most 30 s, mono, 16 kHz: speech and little around it.
            hotwords: Names and words to expect, separated by commas.
        """
        return self._quick.partial(segment, hotwords=hotwords) if self._english else ""


def _by(engine: Any, segment: Segment | None) -> Segment | None:
    """Return a segment with the name of the engine that heard it."""
    return dataclasses.replace(segment, engine=engine.name) if segment else None
