"""Transcription: engines behind one protocol that return words and their times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from pipeline.core.engines import EngineSpec, Registry
from pipeline.transcription.paddlespeech.models import MODELS
from pipeline.weights.catalogue import sizes

if TYPE_CHECKING:
    from pipeline.audio.speech_segments import SpeechSegment
    from pipeline.core.values import Segment

__all__ = ["PARTIAL", "TRANSCRIBERS", "Transcriber"]

PARTIAL: Final = "partial"
"""Capability: `partial(segment, hotwords="")` returns the text so far of an unfinished segment, at a lower cost."""


class Transcriber(Protocol):
    """Transcribes speech."""

    name: str
    """Name of the engine."""

    def transcribe(self, segment: SpeechSegment, *, hotwords: str = "") -> Segment | None:
        """Return what was said in a segment, with words, language and confidence; None if no words were recognised.

        Times are in seconds from the start of the recording.

        Args:
            segment: At most 30 s, mono, 16 kHz.
            hotwords: Names and words to expect, separated by commas; engines that cannot use them ignore them.
        """
        ...


TRANSCRIBERS: Final[Registry[Transcriber]] = Registry(
    "transcription",
    "--asr",
    (
        EngineSpec(
            name="moonshine",
            module="pipeline.transcription.moonshine",
            description="Moonshine, embedded: English; tiny, the default, works without any download",
            languages=("en",),
            licence="MIT (code and weights)",
            weights="tiny inside the package moonshine-voice; base by detect.py models pull moonshine-base",
            packages=("moonshine_voice", "onnxruntime", "pocketsphinx"),
            capabilities=frozenset({PARTIAL}),
            aliases=("moonshine-tiny",),
            variants=("tiny", *sizes("moonshine")),
            folders=True,
        ),
        EngineSpec(
            name="whisper",
            settings=("threads", "device", "language"),
            module="pipeline.transcription.whisper",
            description="Whisper on CTranslate2: a hundred languages, detects which; base by default",
            languages=(),
            licence="MIT (code and weights)",
            weights="detect.py models pull whisper-base, or another size",
            packages=("faster_whisper", "opencc"),
            extra="whisper",
            ready="wanting",
            variants=sizes("whisper"),
            folders=True,
        ),
        EngineSpec(
            name="accurate",
            settings=("threads", "device", "language"),
            module="pipeline.transcription.accurate",
            description="Moonshine and Whisper base, the surer text of both: fewer words wrong, many times the work",
            languages=(),
            licence="MIT (code and weights)",
            weights="as moonshine:tiny and whisper:base",
            packages=("moonshine_voice", "onnxruntime", "pocketsphinx", "faster_whisper", "opencc"),
            extra="whisper",
            ready="wanting",
            automatic=False,
            capabilities=frozenset({PARTIAL}),
        ),
        EngineSpec(
            name="paddlespeech",
            settings=("threads", "device", "language"),
            module="pipeline.transcription.paddlespeech.transcriber",
            description="PaddleSpeech, in a process of its own: English, Mandarin (--language zh), both (zh-en)",
            languages=("en", "zh"),
            licence="Apache-2.0 (code and weights)",
            weights="detect.py models pull paddlespeech-en, -zh or -zh-en",
            packages=("paddle", "paddlespeech"),
            extra="paddlespeech",
            ready="wanting",
            variants=tuple(model.name for model in MODELS),
            folders=True,
            decodings=("attention_rescoring", "attention", "ctc_prefix_beam_search", "ctc_greedy_search"),
        ),
    ),
)
