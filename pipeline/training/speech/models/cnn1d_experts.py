"""Two experts whose answers are averaged: one of one corpus, which was trained before, and one of several.

The network of `cnn1d` knows one way of acting well. Beside it stands a linear discriminant, found in closed form, that
learned from several corpora what emotions have in common across languages, rooms and ways of acting: each corpus
counts by the root of its clips, and what a speaker adds beside the emotions that his corpus has is told apart from
these. What the mean of both reaches on corpora that were left out stands in the card.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.audio.speaker_embeddings import SIZE
from pipeline.audio.speech_encoder import LAYER_SIZE
from pipeline.core.errors import SettingsError
from pipeline.core.files import named_if_damaged
from pipeline.core.onnx_sessions import open_graph
from pipeline.recognition.checkpoint import MODEL, read_card
from pipeline.recognition.speech.features.moonshine import MoonshineXVector
from pipeline.training.corpora import Recording
from pipeline.training.graphs import CLAMP, GraphBuilder, checked_model, pooling, standardisation
from pipeline.training.libraries import load_onnx
from pipeline.training.speech.models import Clips, Validation
from pipeline.training.speech.models.discriminant import additive_effects, linear_discriminant
from pipeline.training.speech.models.settings import ModelSettings

if TYPE_CHECKING:
    import onnx

__all__ = ["Cnn1dExperts", "Cnn1dExpertsSettings"]

_LOWEST: Final = 3 * LAYER_SIZE
"""Numbers of the layers of Moonshine that the discriminant reads, from below; higher ones depend on the corpus more."""

_FRAMES: Final = "frames"
"""Input of the graph."""


class Cnn1dExpertsSettings(ModelSettings):
    """Settings of both."""

    model: Literal["cnn1d_experts"] = "cnn1d_experts"
    features: Literal["moonshine-whisper"] = "moonshine-whisper"
    expert: Path
    """Folder of the checkpoint of `cnn1d` on moonshine-x-vector, as its own training wrote it."""
    share: float = Field(0.5, ge=0, le=1)
    """Weight of the discriminant beside the expert."""
    sharpness: float = Field(0.3, gt=0)
    """What the logits of the discriminant are multiplied by to spread as those of the expert do, once calibrated."""
    ridge: float = Field(5e-4, gt=0)
    """Shrinkage of the discriminant's covariance, as a share of its trace."""
    centred: float = Field(0.5, ge=0, le=1)
    """How much of what a speaker adds the discriminant may take for noise: 1 leaves it out of the covariance."""
    corpora: Literal["several"] = "several"
    """Which corpora it learns from: all that are given, read speech as neutral."""
    own_speed: Literal[False] = False
    """It trains at the speeds at which it hears, and at no other."""


class Cnn1dExperts:
    """The mean of both. Where the expert has heard clips that are held out, the discriminant answers alone.

    Args:
        settings: How both are joined, and the discriminant found.
        size: Numbers per frame.
        labels: Number of emotions.
        threads: Not used: one is enough.

    Raises:
        WeightsMissing: There is no such expert.
    """

    def __init__(self, settings: Cnn1dExpertsSettings, size: int, labels: int, threads: int = 1) -> None:
        self.settings = settings
        self.size = size
        self.labels = labels
        self.arrays: dict[str, NDArray[Any]] = {}
        self._card = read_card(settings.expert)
        self._session: Any = None
        """What answers, opened when it is first asked."""

    def fit(
        self,
        clips: Clips,
        labels: Sequence[int],
        *,
        seed: int,
        progress: Callable[[int, dict[str, float]], None] = lambda epoch, values: None,
        validation: Validation | None = None,
        recordings: Sequence[Recording] = (),
    ) -> None:
        """Find the discriminant on all versions of the clips; there is no chance in it.

        Args:
            clips: For every clip its versions.
            labels: Number of each clip's emotion.
            seed: Not used.
            progress: Called once.
            validation: Not used.
            recordings: Who speaks in each, and of which corpus it is.
        """
        versions = [[self._read(frames) for frames in heard] for heard in clips]
        counts = [len(heard) for heard in versions]
        rows = np.stack([vector for heard in versions for vector in heard])
        emotions = np.repeat(np.asarray(labels), counts)
        speakers = np.repeat([each.speaker for each in recordings], counts)
        _, places, sizes = np.unique(
            np.repeat([each.corpus for each in recordings], counts), return_inverse=True, return_counts=True
        )
        mean, deviation = rows.mean(axis=0, dtype=np.float64), rows.std(axis=0, dtype=np.float64) + 1e-4
        self.arrays = {"mean": mean.astype(np.float32), "deviation": deviation.astype(np.float32)}
        seen = np.clip((rows - self.arrays["mean"]) / self.arrays["deviation"], -CLAMP, CLAMP)
        voices = additive_effects(seen, emotions, speakers)
        weights, bias = linear_discriminant(
            seen - voices,
            emotions,
            self.labels,
            self.settings.ridge,
            1 / np.sqrt(sizes[places]),
            (1 - self.settings.centred) * voices,
        )
        self.arrays |= {"weights": weights, "bias": bias, "both": np.array([self._heard_nothing_else(recordings)])}
        self._session = None
        progress(1, {"accuracy": float(np.mean((seen @ weights + bias).argmax(axis=1) == emotions))})

    def logits(self, clips: Iterable[NDArray[np.floating]]) -> NDArray[np.float32]:
        """Return float32 (clips, labels), each clip judged alone as it is in serving."""
        if self._session is None:
            self._session = open_graph(self.graph().SerializeToString())
        answers = (self._session.run(None, {_FRAMES: clip[np.newaxis].astype(np.float32)}) for clip in clips)
        return np.concatenate([found for (found,) in answers])

    def save_weights(self, path: Path) -> None:
        """Write the discriminant as safetensors."""
        from safetensors.numpy import save

        path.write_bytes(save({name: np.ascontiguousarray(value) for name, value in self.arrays.items()}))

    def load_weights(self, path: Path) -> None:
        """Read a discriminant that `save_weights` wrote for the same settings.

        Raises:
            SettingsError: It is that of another model.
        """
        from safetensors.numpy import load_file

        with named_if_damaged(path):
            stored = load_file(path)
        if stored.get("weights", np.zeros(0)).shape != (2 * len(self._columns), self.labels):
            raise SettingsError(f"{path} holds the weights of another model than these settings describe.")
        self.arrays, self._session = stored, None

    def graph(self) -> onnx.ModelProto:
        """Return both as ONNX, from float32 (1, frames, size) to logits (1, labels)."""
        graph = GraphBuilder()
        graph.constants |= {name: self.arrays[name] for name in ("mean", "deviation", "weights", "bias")}
        columns = graph.constant("columns", self._columns)
        frames = graph.add("Gather", [_FRAMES, columns], "read", axis=2)
        vector = graph.add("Concat", pooling(graph, frames), "vector", axis=1)
        found = graph.add("Gemm", [standardisation(graph, vector), "weights", "bias"], "discriminant")
        sharp = graph.add("Mul", [found, graph.constant("sharpness", np.float32(self.settings.sharpness))], "sharp")
        parts = [sharp]
        domains, functions = {}, []
        if self.arrays["both"][0]:
            expert = self._expert_graph()
            first = graph.constant("width", np.array([MoonshineXVector.size]))
            ends = [graph.constant("from", np.array([0])), first, graph.constant("last_axis", np.array([2]))]
            graph.add("Slice", [_FRAMES, *ends], f"expert/{MoonshineXVector.name}")
            graph.nodes += list(expert.graph.node)
            graph.constants |= {entry.name: entry for entry in expert.graph.initializer}
            domains = {entry.domain: entry.version for entry in expert.opset_import if entry.domain}
            functions = list(expert.functions)
            share, own = self.settings.share, 1 - self.settings.share
            calm = graph.constant("expert_weight", np.float32(own / self._card.temperature))
            parts = [
                graph.add("Mul", ["expert/logits", calm], "expert_share"),
                graph.add("Mul", [sharp, graph.constant("share", np.float32(share))], "discriminant_share"),
            ]
        graph.add("Sum", parts, "logits")
        model = checked_model(
            self.settings.model,
            graph.nodes,
            graph.constants,
            {_FRAMES: (1, "frames", self.size)},
            {"logits": (1, self.labels)},
            domains=domains,
        )
        model.functions.extend(functions)
        return model

    @property
    def _columns(self) -> NDArray[np.int64]:
        """Numbers of a frame that the discriminant reads: lower layers, the x-vector and Whisper's layers."""
        voice = MoonshineXVector.size - SIZE
        return np.asarray(np.r_[0:_LOWEST, voice : self.size], np.int64)

    def _read(self, frames: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return mean and deviation over time of the columns that are read, (2 * columns,), as the graph does."""
        seen = frames[:, self._columns].astype(np.float32)
        return np.concatenate([seen.mean(axis=0), np.sqrt(seen.var(axis=0) + 1e-6)])

    def _heard_nothing_else(self, recordings: Sequence[Recording]) -> bool:
        """Return whether all clips that the expert was trained on are among these."""
        return sum(each.corpus in self._card.data["corpora"] for each in recordings) >= int(self._card.data["clips"])

    def _expert_graph(self) -> onnx.ModelProto:
        """Return the expert's graph, its names beginning with `expert/`, from its features to its logits."""
        library = load_onnx()
        stored = library.load(str(self.settings.expert / MODEL))
        wanted = {"logits"}
        kept = []
        for node in reversed(stored.graph.node):
            if wanted & set(node.output):
                kept.append(node)
                wanted |= set(node.input)
        del stored.graph.node[:]
        stored.graph.node.extend(reversed(kept))
        for entry in [entry for entry in stored.graph.output if entry.name != "logits"]:
            stored.graph.output.remove(entry)
        used = [entry for entry in stored.graph.initializer if entry.name in wanted]
        del stored.graph.initializer[:]
        stored.graph.initializer.extend(used)
        return library.compose.add_prefix(stored, "expert/")
