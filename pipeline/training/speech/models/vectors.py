"""What the models of scikit-learn share: a clip as one vector, weights as arrays, and an ONNX graph made from these.

The graph is written here, node by node, from the fitted arrays.
What a model answers is what its graph answers, so training, scoring and serving cannot differ.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import SettingsError
from pipeline.core.files import named_if_damaged
from pipeline.core.onnx_sessions import open_graph
from pipeline.training.corpora import Recording
from pipeline.training.graphs import CLAMP, VARIANCE_FLOOR, GraphBuilder, checked_model, pooling, standardisation
from pipeline.training.speech.models import Clips, Validation
from pipeline.training.speech.models.settings import ModelSettings

if TYPE_CHECKING:
    import onnx

__all__ = ["Arrays", "VectorModel"]

Arrays = dict[str, NDArray[Any]]
"""Fitted weights by name."""

Listener = Callable[[int, dict[str, float]], None]
"""Takes the number of an epoch and its figures."""

Vectors = NDArray[np.float32]
"""Standardised clips: (clips, numbers)."""

Settings = TypeVar("Settings", bound=ModelSettings)


class VectorModel(ABC, Generic[Settings]):
    """A classifier over one vector per clip.

    A clip of one frame is that frame; a longer one is mean, deviation, maximum and minimum over time.
    Every number is standardised and clamped at five deviations,
    which keeps a clip unlike the training data from drawing the answer anywhere.

    Args:
        settings: How it is trained.
        size: Numbers per frame.
        labels: Number of emotions.
        threads: Not used: one is enough for these.
    """

    def __init__(self, settings: Settings, size: int, labels: int, threads: int = 1) -> None:
        self.settings = settings
        self.size = size
        self.labels = labels
        self.arrays: Arrays = {}
        self.estimator: Any = None
        """What scikit-learn fitted; only there after `fit`."""

    @abstractmethod
    def fitted(
        self, vectors: Vectors, labels: NDArray[np.int64], seed: int, listen: Listener, validation: Any
    ) -> Arrays:
        """Fit `estimator`; return its weights.

        Args:
            vectors: Standardised clips.
            labels: Number of each clip's emotion.
            seed: Seed of all chance.
            listen: To be called after every epoch, where there are any.
            validation: The vectors and labels of other speakers, or None.
        """

    @abstractmethod
    def answer(self, graph: GraphBuilder, source: str, target: str) -> None:
        """Add the nodes from the standardised vector, (batch, numbers), to the logits; weights go by their names."""

    def fit(
        self,
        clips: Clips,
        labels: Sequence[int],
        *,
        seed: int,
        progress: Listener = lambda epoch, values: None,
        validation: Validation | None = None,
        recordings: Sequence[Recording] = (),
    ) -> None:
        """Train from nothing, on the clean clips and all of their copies.

        Args:
            clips: For every clip its versions, the clean one first.
            labels: Number of each clip's emotion.
            seed: Seed of all chance.
            progress: Called after every epoch; a model that has none has one.
            validation: Clips of other speakers, whose accuracy tells when to stop.
            recordings: Not used.
        """
        rows: list[Vectors] = []
        numbers: list[int] = []
        pooled = False
        for versions, label in zip(clips, labels, strict=True):
            pooled = pooled or len(versions[0]) > 1
            rows.extend(_vector(version, pooled) for version in versions)
            numbers.extend([label] * len(versions))
        vectors = np.stack(rows)
        mean, deviation = vectors.mean(axis=0, dtype=np.float64), vectors.std(axis=0, dtype=np.float64) + 1e-4
        self.arrays = {
            "pooled": np.array([pooled]),
            "mean": mean.astype(np.float32),
            "deviation": deviation.astype(np.float32),
        }
        held = None
        if validation:
            other = np.stack([_vector(versions[0], pooled) for versions in validation[0]])
            held = self.standardised(other), np.asarray(validation[1])
        told = False

        def listen(epoch: int, values: dict[str, float]) -> None:
            nonlocal told
            told = True
            progress(epoch, values)

        standardised, wanted = self.standardised(vectors), np.asarray(numbers)
        self.arrays |= self.fitted(standardised, wanted, seed, listen, held)
        if not told:
            progress(1, {"accuracy": float(np.mean(self.estimator.predict(standardised) == wanted))})

    def standardised(self, vectors: Vectors) -> Vectors:
        """Return vectors in deviations from the mean, clamped."""
        scaled = (vectors - self.arrays["mean"]) / self.arrays["deviation"]
        return np.clip(scaled, -CLAMP, CLAMP).astype(np.float32)

    def vectors(self, clips: Iterable[NDArray[np.floating]]) -> Vectors:
        """Return the standardised vectors of clips, as `estimator` takes them."""
        return self.standardised(np.stack([_vector(clip, bool(self.arrays["pooled"][0])) for clip in clips]))

    def logits(self, clips: Iterable[NDArray[np.floating]]) -> NDArray[np.float32]:
        """Return float32 (clips, labels), each clip judged alone as it is in serving."""
        session = open_graph(self.graph().SerializeToString())
        answers = [session.run(None, {"frames": clip[np.newaxis].astype(np.float32)})[0] for clip in clips]
        return np.concatenate(answers)

    def save_weights(self, path: Path) -> None:
        """Write the weights as safetensors."""
        from safetensors.numpy import save

        path.write_bytes(save({name: np.ascontiguousarray(value) for name, value in self.arrays.items()}))

    def load_weights(self, path: Path) -> None:
        """Read weights that `save_weights` wrote for the same settings.

        Raises:
            SettingsError: The weights are those of another model.
        """
        from safetensors.numpy import load_file

        with named_if_damaged(path):
            stored = load_file(path)
        numbers = self.size * (4 if stored.get("pooled", [False])[0] else 1)
        if stored.get("mean", np.zeros(0)).shape != (numbers,):
            raise SettingsError(f"{path} holds the weights of another model than these settings describe.")
        self.arrays = stored

    def graph(self) -> onnx.ModelProto:
        """Return the model as ONNX, from float32 (batch, frames, size) to logits (batch, labels)."""
        graph = GraphBuilder()
        graph.constants |= {name: value for name, value in self.arrays.items() if value.dtype == np.float32}
        if self.arrays["pooled"][0]:
            parts = pooling(graph, "frames")
            parts.append(graph.add("ReduceMax", ["frames", "time"], "largest", keepdims=0))
            parts.append(graph.add("ReduceMin", ["frames", "time"], "smallest", keepdims=0))
            vector = graph.add("Concat", parts, "vector", axis=1)
        else:
            time = graph.constant("time", np.array([1]))
            vector = graph.add("ReduceMean", ["frames", time], "vector", keepdims=0)
        self.answer(graph, standardisation(graph, vector), "logits")
        used = {name for node in graph.nodes for name in node.input}
        return checked_model(
            self.settings.model,
            graph.nodes,
            {name: value for name, value in graph.constants.items() if name in used},
            {"frames": ("batch", "frames", self.size)},
            {"logits": ("batch", self.labels)},
            domains={node.domain: 3 for node in graph.nodes if node.domain},
        )


def _vector(frames: NDArray[np.floating], pooled: bool) -> Vectors:
    whole = frames.astype(np.float32)
    if not pooled:
        return np.asarray(whole.mean(axis=0), np.float32)
    spread = np.sqrt(whole.var(axis=0) + VARIANCE_FLOOR)
    return np.concatenate([whole.mean(axis=0), spread, whole.max(axis=0), whole.min(axis=0)])
