"""Judges: models that recognise the emotion of synthetic speech."""

from __future__ import annotations

from typing import Final

from pipeline.core.engines import EngineSpec, Registry
from pipeline.core.errors import ResayError
from pipeline.core.paths import bundled
from pipeline.recognition import COMPARISON, Recogniser

__all__ = ["JUDGES", "create", "ready"]

JUDGES: Final[Registry[Recogniser]] = Registry(
    "judging",
    "--judge",
    (
        EngineSpec(
            name="judge",
            module="pipeline.recognition.judges",
            description="a recogniser for real and synthetic speech; no rule of acting was tuned on it",
            languages=(),
            licence="encoder: Moonshine, MIT; weights learned from RAVDESS: CC BY-NC-SA 4.0",
            weights="checkpoints/judge, part of this project",
            packages=("onnxruntime",),
            ready="ready",
            capabilities=frozenset({COMPARISON}),
        ),
    ),
)
"""Models trained to judge synthetic speech; without one, the emotion recogniser judges."""


def ready() -> str:
    """Return why no judge is installed; empty if there is one."""
    try:
        bundled("checkpoints", "judge")
    except ResayError as error:
        return error.message
    return ""


def create(*, threads: int = 0) -> Recogniser:
    """Load the judge of `checkpoints/judge`.

    Raises:
        WeightsMissing: This installation lacks it.
    """
    from pipeline.recognition.speech.recogniser import SpeechRecogniser

    return SpeechRecogniser(bundled("checkpoints", "judge"), threads=threads)
