"""Random forest over TF-IDF: every tree answers for all emotions at once."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.training.graphs import GraphBuilder
from pipeline.training.libraries import load_sklearn
from pipeline.training.text.models.tfidf import Arrays, TfidfModel, TfidfSettings
from pipeline.training.trees import add_trees, tree_arrays

__all__ = ["TfidfForest", "TfidfForestSettings"]


class TfidfForestSettings(TfidfSettings):
    """Settings of the model."""

    model: Literal["tfidf_forest"] = "tfidf_forest"
    longest_run: int = Field(2, ge=1, le=5)
    most_runs: int = Field(4000, ge=1)
    n_estimators: int = Field(100, ge=1)
    """Trees."""
    max_leaf_nodes: int = Field(600, ge=2)
    """Ends of a tree's branches."""
    min_samples_leaf: int = Field(3, ge=1)
    """Fewest texts at the end of a branch."""


class TfidfForest(TfidfModel[TfidfForestSettings]):
    """The model: the mean share of each emotion at the ends of the branches."""

    def fitted(self, vectors: Any, wanted: NDArray[np.float32], seed: int) -> Arrays:
        """Grow the trees."""
        estimator = load_sklearn("ensemble").RandomForestRegressor(
            self.settings.n_estimators,
            max_leaf_nodes=self.settings.max_leaf_nodes,
            min_samples_leaf=self.settings.min_samples_leaf,
            max_features="sqrt",
            random_state=seed,
            n_jobs=1,
        )
        estimator.fit(vectors, wanted)
        trees = [member.tree_ for member in estimator.estimators_]
        values = np.concatenate([tree.value[:, :, 0].reshape(tree.node_count, -1) for tree in trees])
        return tree_arrays(trees, values / len(trees)) | {
            "little": np.array(1e-3, np.float32),
            "nearly_one": np.array(1 - 1e-3, np.float32),
            "one": np.array(1, np.float32),
        }

    def answer(self, graph: GraphBuilder, source: str) -> None:
        """Add all trees as one node, and the logarithms of what it finds."""
        kept = graph.add("Clip", [add_trees(graph, self.arrays, source), "little", "nearly_one"], "kept")
        logits = graph.add("Log", [kept], "logits")
        against = graph.add("Log", [graph.add("Sub", ["one", kept], "others")], "against")
        graph.add("Sub", [logits, against], "several")
