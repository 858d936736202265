"""Support vectors with a Gaussian kernel, one machine per emotion against all others."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.training.graphs import GraphBuilder
from pipeline.training.libraries import load_sklearn
from pipeline.training.speech.models.settings import ModelSettings
from pipeline.training.speech.models.vectors import Arrays, Listener, VectorModel, Vectors

__all__ = ["Svm", "SvmSettings"]


class SvmSettings(ModelSettings):
    """Settings of the model."""

    model: Literal["svm"] = "svm"
    features: str = "opensmile-IS10"
    C: float = Field(10.0, gt=0)
    """How much a clip on the wrong side costs."""
    gamma: float = Field(1.0, gt=0)
    """Narrowness of the kernel, in units of one over the number of numbers."""


class Svm(VectorModel[SvmSettings]):
    """The model: its logits are the signed distances that the machines find."""

    def fitted(
        self, vectors: Vectors, labels: NDArray[np.int64], seed: int, listen: Listener, validation: Any
    ) -> Arrays:
        """Fit every machine on the kernel that they share, which is computed once."""
        gamma = self.settings.gamma / vectors.shape[1]
        kernel = _kernel(vectors, gamma)
        machines, support = {}, np.zeros((self.labels, len(vectors)), np.float32)
        bias = np.full(self.labels, -100.0, np.float32)
        for label in np.unique(labels).tolist():
            machine = load_sklearn("svm").SVC(C=self.settings.C, kernel="precomputed", cache_size=500)
            machine.fit(kernel, labels == label)
            support[label, machine.support_] = machine.dual_coef_[0]
            bias[label] = machine.intercept_[0]
            machines[label] = machine
        used = np.flatnonzero(np.any(support != 0, axis=0))
        self.estimator = _Machines(machines, vectors, gamma, self.labels)
        return {
            "vectors": vectors[used],
            "support": np.ascontiguousarray(support[:, used]),
            "bias": bias,
            "lengths": np.sum(vectors[used] ** 2, axis=1),
            "twice": np.array([2.0], np.float32),
            "minus_gamma": np.array([-gamma], np.float32),
        }

    def answer(self, graph: GraphBuilder, source: str, target: str) -> None:
        """Add the kernel against the support vectors, exp(-gamma |x - v|²), and its weighted sums."""
        length = graph.add("ReduceSum", [graph.add("Mul", [source, source], "powers"), "time"], "length", keepdims=1)
        products = graph.add("Gemm", [source, "vectors"], "products", transB=1)
        lengths = graph.add("Add", [length, "lengths"], "lengths_together")
        distance = graph.add("Sub", [lengths, graph.add("Mul", [products, "twice"], "double")], "distance")
        kernel = graph.add("Exp", [graph.add("Mul", [distance, "minus_gamma"], "exponent")], "kernel")
        graph.add("Gemm", [kernel, "support", "bias"], target, transB=1)


class _Machines:
    """The fitted machines behind one `predict`, as scikit-learn's classifiers have it."""

    def __init__(self, machines: dict[int, Any], vectors: Vectors, gamma: float, labels: int) -> None:
        self._machines = machines
        self._vectors = vectors
        self._gamma = gamma
        self._labels = labels

    def decision_function(self, vectors: Vectors) -> NDArray[np.float64]:
        """Return the signed distances, (clips, labels)."""
        kernel = _kernel(vectors, self._gamma, self._vectors)
        found = np.full((len(vectors), self._labels), -100.0)
        for label, machine in self._machines.items():
            found[:, label] = machine.decision_function(kernel)
        return found

    def predict(self, vectors: Vectors) -> NDArray[np.int64]:
        """Return the label of each clip."""
        return np.asarray(self.decision_function(vectors).argmax(axis=1))


def _kernel(vectors: Vectors, gamma: float, others: Vectors | None = None) -> NDArray[np.float64]:
    first = vectors.astype(np.float64)
    second = first if others is None else others.astype(np.float64)
    distance = (first**2).sum(axis=1)[:, None] + (second**2).sum(axis=1)[None] - 2 * first @ second.T
    kernel: NDArray[np.float64] = np.exp(-gamma * np.maximum(distance, 0))
    return kernel
