"""What was said: recognisers of speech behind one protocol, with phrases, words and their times."""

from __future__ import annotations

from typing import Final

from pipeline.core.engines import EngineSpec, Registry, Transcriber

__all__ = ["TRANSCRIBERS"]

TRANSCRIBERS: Final[Registry[Transcriber]] = Registry(
    "transcription",
    "--asr",
    (
        EngineSpec(
            name="moonshine-tiny",
            module="pipeline.transcription.moonshine",
            description="Moonshine tiny, embedded: English, works without any download",
            languages=("en",),
            licence="MIT (code and weights)",
            weights="inside the package moonshine-voice",
            packages=("moonshine_voice", "onnxruntime", "pocketsphinx"),
        ),
    ),
)
