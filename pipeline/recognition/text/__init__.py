"""Emotion in words. Importing this package imports nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.core.engines import EngineSpec, Registry
from pipeline.recognition.own_checkpoints import TEXT

if TYPE_CHECKING:
    from pipeline.recognition.text.recogniser import TextRecogniser

__all__ = ["READERS"]

READERS: Final[Registry[TextRecogniser]] = Registry(
    "reading",
    "--text-model",
    (
        EngineSpec(
            name="bert",
            module="pipeline.recognition.text.recogniser",
            description="a small BERT, embedded: emotion in English words, works without any download",
            languages=("en",),
            licence="weights learned from GoEmotions (Apache-2.0) and MELD (GPL-3.0) on all-MiniLM-L6-v2 (Apache-2.0)",
            weights="checkpoints/text, as detect.py train writes it",
            packages=("onnxruntime",),
        ),
    ),
    folder=TEXT,
)
"""Engines that recognise the emotion of words, the preferred one first."""
