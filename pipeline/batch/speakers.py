"""Recordings of a batch whose speakers are known by themselves: each is judged knowing its speaker's others."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from pipeline.batch.items import Outcome
from pipeline.core.results import Recognition
from pipeline.core.values import EmotionScores
from pipeline.transcription.speakers.clustering import grouped

__all__ = ["is_judged_alone", "knowing_speakers"]

_TOGETHER: Final = 256
"""Recordings that wait to be judged together: bounds memory and the time until the first is told; set by hand."""


def is_judged_alone(options: Mapping[str, Any]) -> bool:
    """Return whether options of a recognition ask for something that is said of each recording by itself.

    Args:
        options: Keywords of `VoicePipeline.recognise`.
    """
    names = ("words", "text", "explain", "speaker", "timeline", "each_alone")
    return any(options.get(name) for name in names)


def knowing_speakers(outcomes: Iterable[Outcome], recogniser: Callable[[], Any]) -> Iterator[Outcome]:
    """Yield outcomes in their order; recognitions of one voice are judged together.

    Args:
        outcomes: What became of each recording, judged alone; recognitions have speaker embeddings.
        recogniser: Returns the recogniser that judged them.
    """
    waiting: list[Outcome] = []
    for outcome in outcomes:
        waiting.append(outcome)
        if len(waiting) == _TOGETHER:
            yield from _together(waiting, recogniser)
            waiting = []
    yield from _together(waiting, recogniser)


def _together(outcomes: Sequence[Outcome], recogniser: Callable[[], Any]) -> list[Outcome]:
    found = list(outcomes)
    heard = [
        (place, outcome.result)
        for place, outcome in enumerate(outcomes)
        if isinstance(outcome.result, Recognition) and outcome.result.speaker_embedding
    ]
    if len(heard) < 2:
        return found
    groups = grouped(np.array([result.speaker_embedding for _, result in heard], np.float32))
    for group in range(int(groups.max()) + 1):
        own = [heard[place] for place in np.flatnonzero(groups == group).tolist()]
        judged = recogniser().judge_together([_written(result.scores) for _, result in own])
        for (place, result), scores in zip(own, judged, strict=True):
            found[place] = dataclasses.replace(found[place], result=dataclasses.replace(result, scores=scores))
    return found


def _written(scores: EmotionScores) -> EmotionScores:
    """Return scores as the journal keeps them, so that a batch that was stopped says the same in the end."""
    return EmotionScores.from_dict(scores.to_dict())
