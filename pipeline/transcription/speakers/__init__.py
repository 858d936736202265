"""Who said it: engines that find the turns of the speakers, behind one protocol."""

from __future__ import annotations

from typing import Final

from pipeline.core.engines import Diariser, EngineSpec, Registry

__all__ = ["DIARISERS"]

DIARISERS: Final[Registry[Diariser]] = Registry(
    "diarisation",
    "--diariser",
    (
        EngineSpec(
            name="x-vector",
            module="pipeline.transcription.speakers.diariser",
            description="clustered x-vectors, embedded: any language, works without any download",
            languages=(),
            licence="MIT (code and weights)",
            weights="inside the package moonshine-voice",
            packages=("moonshine_voice", "onnxruntime"),
        ),
    ),
)
