"""Naturalness: how much a sound is like a person speaking, by a model that learned what listeners say."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from pipeline.core.engines import EngineSpec, Registry
from pipeline.core.values import Audio

if TYPE_CHECKING:
    from pipeline.audio.activity import SpeechActivity

__all__ = ["NATURALNESS_JUDGES", "DistillMos", "NaturalnessJudge", "create", "naturalness_of"]

_STRETCH: Final = 7.68
"""Seconds that the network of DistillMOS takes at once: 122,880 samples. Longer sound costs it much memory."""

_MOST_STRETCHES: Final = 6
"""Stretches of a long sound that are judged, about a third of a second of computing each; set by hand."""

_UNUSED: Final = "torchaudio"
"""Imported by distillmos, which needs it for its own command only; its wheels do not load with every torch."""


class NaturalnessJudge(Protocol):
    """Tells how natural speech sounds."""

    name: str
    """Name of the model."""

    def score(self, audio: Audio) -> float:
        """Return the mean opinion score that listeners would give, from 1 (bad) to 5 (excellent).

        Args:
            audio: Speech: mono, 16 kHz, of any level, a few seconds long.
        """
        ...


NATURALNESS_JUDGES: Final[Registry[NaturalnessJudge]] = Registry(
    "naturalness",
    "--naturalness",
    (
        EngineSpec(
            name="distillmos",
            module="pipeline.recognition.naturalness",
            description="DistillMOS: predicts the opinion of listeners, for results; it learned from people's scores",
            languages=(),
            licence="code and weights: MIT",
            weights="within the package distillmos, 17 MB",
            packages=("distillmos", "torch"),
            extra="naturalness",
        ),
    ),
)
"""Models that judge naturalness; without one, nothing is said of it."""


class DistillMos:
    """DistillMOS (Stahl and Gamper), a network of 16 kHz sound.

    Args:
        model: The network of the package `distillmos`.
    """

    name = "distillmos"

    def __init__(self, model: Any) -> None:
        self._model = model

    def score(self, audio: Audio) -> float:
        """Return the mean opinion score, as `NaturalnessJudge.score`; the model ignores the level."""
        import torch

        with torch.inference_mode():
            return float(self._model(torch.from_numpy(np.ascontiguousarray(audio.samples))[None]))


def create(*, threads: int = 0) -> DistillMos:
    """Load DistillMOS.

    Args:
        threads: Threads of torch; 0 leaves them to torch.
    """
    import torch

    with _stand_in(_UNUSED):
        from distillmos import sqa

    if threads:
        torch.set_num_threads(threads)
    # The constructor could load the weights as well, but prints so to standard output.
    model = sqa.ConvTransformerSQAModel(load_weights=False)
    model.load_state_dict(torch.load(sqa.DEFAULT_WEIGHTS_CHKPT, map_location="cpu", weights_only=True)["model"])
    return DistillMos(model.eval())


def naturalness_of(judge: NaturalnessJudge, audio: Audio, activity: SpeechActivity) -> float | None:
    """Return the naturalness of a sound of any length, 1 to 5; None if there is nothing to judge.

    Up to six stretches, spread over the sound, are judged; each counts by how much speech it holds.

    Args:
        judge: The model.
        audio: Mono, 16 kHz.
        activity: How likely somebody speaks at each moment of the sound.
    """
    starts = list(_starts(activity))
    if not starts:
        return None
    places = np.unique(np.linspace(0, len(starts) - 1, _MOST_STRETCHES).round().astype(int))
    chosen = [(starts[place], starts[place] + _STRETCH) for place in places]
    speech = [activity.slice(*stretch).probability.sum() for stretch in chosen]
    return float(np.average([judge.score(audio.slice(*stretch)) for stretch in chosen], weights=speech))


def _starts(activity: SpeechActivity) -> Iterator[float]:
    """Yield the seconds at which stretches begin that hold all speech: each begins with speech."""
    reach = 0.0
    for start, end in activity.spans():
        while reach < end:
            begin = max(start, reach)
            reach = begin + _STRETCH
            yield begin


@contextmanager
def _stand_in(name: str) -> Iterator[None]:
    """Let a module be imported that imports another one, without it: an empty module stands in for it."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = ModuleType(name)
    try:
        yield
    finally:
        del sys.modules[name]
