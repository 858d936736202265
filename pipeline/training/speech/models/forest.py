"""Random forest over the statistics of a clip."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.training.graphs import GraphBuilder
from pipeline.training.libraries import load_sklearn
from pipeline.training.speech.models.settings import ModelSettings
from pipeline.training.speech.models.vectors import Arrays, Listener, VectorModel, Vectors
from pipeline.training.trees import add_trees, tree_arrays

__all__ = ["Forest", "ForestSettings"]


class ForestSettings(ModelSettings):
    """Settings of the model."""

    model: Literal["forest"] = "forest"
    features: str = "librosa-statistics"
    n_estimators: int = Field(300, ge=1)
    """Trees."""
    min_samples_leaf: int = Field(2, ge=1)
    """Fewest clips at the end of a branch."""


class Forest(VectorModel[ForestSettings]):
    """The model: its logits are the logarithms of the mean shares at the ends of the branches."""

    def fitted(
        self, vectors: Vectors, labels: NDArray[np.int64], seed: int, listen: Listener, validation: Any
    ) -> Arrays:
        """Grow the trees."""
        self.estimator = load_sklearn("ensemble").RandomForestClassifier(
            self.settings.n_estimators, min_samples_leaf=self.settings.min_samples_leaf, random_state=seed, n_jobs=1
        )
        self.estimator.fit(vectors, labels)
        trees = [member.tree_ for member in self.estimator.estimators_]
        shares = [tree.value[:, 0] / tree.value[:, 0].sum(axis=1, keepdims=True) for tree in trees]
        values = np.zeros((sum(map(len, shares)), self.labels), np.float32)
        values[:, self.estimator.classes_] = np.concatenate(shares) / len(trees)
        return tree_arrays(trees, values) | {"least_share": np.array([1e-3], np.float32)}

    def answer(self, graph: GraphBuilder, source: str, target: str) -> None:
        """Add all trees as one node, and the logarithm of what it finds."""
        shares = add_trees(graph, self.arrays, source)
        graph.add("Log", [graph.add("Add", [shares, "least_share"], "raised")], target)
