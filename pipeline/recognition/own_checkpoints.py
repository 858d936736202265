"""The user's own checkpoints: a folder that `detect.py train` wrote, given instead of the name of a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipeline.core.engines import EngineSpec
from pipeline.core.errors import WeightsMissing
from pipeline.recognition.checkpoint import MODEL, Modality, read_card

if TYPE_CHECKING:
    from pipeline.recognition.speech.recogniser import SpeechRecogniser
    from pipeline.recognition.text.recogniser import TextRecogniser

__all__ = ["SPEECH", "TEXT", "create_speech", "create_text", "speech_ready", "text_ready"]


def _spec(modality: Modality, *packages: str) -> EngineSpec:
    return EngineSpec(
        name="checkpoint",
        module=__name__,
        description=f"your own checkpoint of a {modality} model",
        languages=(),
        licence="that of what it was trained on",
        weights="the folder",
        packages=packages,
        create=f"create_{modality}",
        ready=f"{modality}_ready",
        automatic=False,
    )


SPEECH: Final = _spec("speech", "onnxruntime")
TEXT: Final = _spec("text", "onnxruntime")


def speech_ready(*, variant: str) -> str:
    """Return why a folder is not a checkpoint of speech; empty if it is one."""
    return _wanting(Path(variant), "speech")


def text_ready(*, variant: str) -> str:
    """Return why a folder is not a checkpoint of text; empty if it is one."""
    return _wanting(Path(variant), "text")


def create_speech(*, variant: str, threads: int = 0) -> SpeechRecogniser:
    """Load a checkpoint of speech.

    Args:
        variant: Its folder.
        threads: Computing threads; 0 leaves the choice to ONNX Runtime.

    Raises:
        WeightsMissing: The folder holds no checkpoint of speech.
        EngineMissing: The package that computes its features is not installed.
    """
    from pipeline.recognition.speech.recogniser import SpeechRecogniser

    return SpeechRecogniser(Path(variant), threads=threads)


def create_text(*, variant: str, threads: int = 0) -> TextRecogniser:
    """Load a checkpoint of text, as `create_speech` loads one of speech."""
    from pipeline.recognition.text.recogniser import TextRecogniser

    return TextRecogniser(Path(variant), threads=threads)


def _wanting(folder: Path, modality: Modality) -> str:
    try:
        read_card(folder, modality)
    except WeightsMissing as error:
        return str(error)
    return "" if (folder / MODEL).is_file() else f"{folder} holds no checkpoint that can be read: no {MODEL}."
