"""Who judges whether an emotion is heard in synthetic speech."""

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
            description="a recogniser for synthetic speech as well as real, which no acting was tuned on",
            languages=(),
            licence="encoder: Moonshine, MIT; weights learnt from RAVDESS: CC BY-NC-SA 4.0",
            weights="checkpoints/judge, part of this project",
            packages=("onnxruntime",),
            ready="ready",
            capabilities=frozenset({COMPARISON}),
        ),
    ),
)
"""Models trained to judge synthetic speech; where none is there, the emotion recogniser judges."""


def ready() -> str:
    """Return why there is no judge of its own; empty where there is one."""
    try:
        bundled("checkpoints", "judge")
    except ResayError as error:
        return error.message
    return ""


def create(*, threads: int = 0) -> Recogniser:
    """Load the judge of `checkpoints/judge`.

    Raises:
        WeightsMissing: There is none.
    """
    from pipeline.recognition.speech.recogniser import SpeechRecogniser

    return SpeechRecogniser(bundled("checkpoints", "judge"), threads=threads)
