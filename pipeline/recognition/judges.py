"""Who judges whether an emotion is heard in synthetic speech."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pipeline.core.engines import EngineSpec, Recogniser, Registry
from pipeline.core.errors import ResayError
from pipeline.core.loading import lazily
from pipeline.core.paths import bundled
from pipeline.core.settings import Settings

__all__ = ["JUDGES", "create", "judge", "ready"]

JUDGES: Final[Registry[Recogniser]] = Registry(
    "judging",
    "--judge",
    (
        EngineSpec(
            name="judge",
            module="pipeline.recognition.judges",
            description="a recogniser for synthetic speech as well as real, which no acting was tuned on",
            languages=(),
            licence="encoder: Moonshine, MIT; weights learnt from RAVDESS: CC BY-NC-SA 4.0",
            weights="checkpoints/judge, part of this project",
            packages=("onnxruntime",),
            ready="ready",
        ),
    ),
)
"""Models trained to judge synthetic speech; where none is there, the emotion recogniser judges."""


def judge(settings: Settings, otherwise: Callable[[], Recogniser]) -> Callable[[], Recogniser]:
    """Return what gives the judge, loaded when it is first needed.

    Args:
        settings: Threads and device.
        otherwise: Gives who judges where there is no judge of its own.
    """
    if any(not spec.missing() for spec in JUDGES.specs):
        return lazily(JUDGES, "auto", "", settings)
    return otherwise


def ready() -> str:
    """Return why there is no judge of its own; empty where there is one."""
    try:
        bundled("checkpoints", "judge")
    except ResayError as error:
        return error.message
    return ""


def create(*, threads: int = 0, device: str = "auto", language: str = "") -> Recogniser:
    """Load the judge of `checkpoints/judge`.

    Raises:
        WeightsMissing: There is none.
    """
    from pipeline.recognition.speech.recogniser import SpeechRecogniser

    return SpeechRecogniser(bundled("checkpoints", "judge"), threads=threads)
