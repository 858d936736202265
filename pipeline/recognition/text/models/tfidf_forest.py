"""Random forest over TF-IDF: every tree answers for all emotions at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.recognition.speech.models.vectors import load_sklearn
from pipeline.recognition.text.models.tfidf import Arrays, TfidfModel, TfidfSettings

if TYPE_CHECKING:
    import onnx

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
        return {
            "tree": np.concatenate([np.full(tree.node_count, number) for number, tree in enumerate(trees)]),
            "node": np.concatenate([np.arange(tree.node_count) for tree in trees]),
            "left": np.concatenate([tree.children_left for tree in trees]),
            "right": np.concatenate([tree.children_right for tree in trees]),
            "column": np.concatenate([tree.feature for tree in trees]),
            "threshold": np.concatenate([tree.threshold for tree in trees]).astype(np.float32),
            "value": (values / len(trees)).astype(np.float32),
            "little": np.array(1e-3, np.float32),
            "nearly_one": np.array(1 - 1e-3, np.float32),
            "one": np.array(1, np.float32),
        }

    def nodes(self, source: str) -> list[onnx.NodeProto]:
        """Return all trees as one node, and the logarithms of what it finds."""
        from onnx import helper

        node, arrays = helper.make_node, self.arrays
        leaf = arrays["left"] < 0
        owners, places = np.nonzero(arrays["value"] * leaf[:, None])
        trees = node(
            "TreeEnsembleRegressor",
            [source],
            ["shares"],
            domain="ai.onnx.ml",
            n_targets=len(self.labels),
            aggregate_function="SUM",
            post_transform="NONE",
            nodes_treeids=arrays["tree"].tolist(),
            nodes_nodeids=arrays["node"].tolist(),
            nodes_featureids=np.maximum(arrays["column"], 0).tolist(),
            nodes_modes=np.where(leaf, "LEAF", "BRANCH_LEQ").tolist(),
            nodes_values=np.where(leaf, 0, arrays["threshold"]).tolist(),
            nodes_truenodeids=np.maximum(arrays["left"], 0).tolist(),
            nodes_falsenodeids=np.maximum(arrays["right"], 0).tolist(),
            target_treeids=arrays["tree"][owners].tolist(),
            target_nodeids=arrays["node"][owners].tolist(),
            target_ids=places.tolist(),
            target_weights=arrays["value"][owners, places].tolist(),
        )
        return [
            trees,
            node("Clip", ["shares", "little", "nearly_one"], ["kept"]),
            node("Log", ["kept"], ["logits"]),
            node("Sub", ["one", "kept"], ["others"]),
            node("Log", ["others"], ["against"]),
            node("Sub", ["logits", "against"], ["several"]),
        ]
