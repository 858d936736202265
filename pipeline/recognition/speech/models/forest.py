"""Random forest over the statistics of a clip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.recognition.speech.models.settings import ModelSettings
from pipeline.recognition.speech.models.vectors import Arrays, Listener, VectorModel, Vectors, load_sklearn

if TYPE_CHECKING:
    import onnx

__all__ = ["Forest", "ForestSettings"]


class ForestSettings(ModelSettings):
    """Settings of the model."""

    model: Literal["forest"] = "forest"
    features: str = "librosa"
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
        thresholds = np.concatenate([tree.threshold for tree in trees])
        return {
            "tree": np.concatenate([np.full(tree.node_count, number) for number, tree in enumerate(trees)]),
            "node": np.concatenate([np.arange(tree.node_count) for tree in trees]),
            "left": np.concatenate([tree.children_left for tree in trees]),
            "right": np.concatenate([tree.children_right for tree in trees]),
            "column": np.concatenate([tree.feature for tree in trees]),
            "threshold": _rounded_down(thresholds),
            "value": values,
            "least_share": np.array([1e-3], np.float32),
        }

    def nodes(self, source: str, target: str) -> list[onnx.NodeProto]:
        """Return all trees as one node, and the logarithm of what it finds."""
        from onnx import helper

        arrays = self.arrays
        leaf = arrays["left"] < 0
        owners, places = np.nonzero(arrays["value"] * leaf[:, None])
        trees = helper.make_node(
            "TreeEnsembleRegressor",
            [source],
            ["shares"],
            domain="ai.onnx.ml",
            n_targets=self.labels,
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
            helper.make_node("Add", ["shares", "least_share"], ["raised"]),
            helper.make_node("Log", ["raised"], [target]),
        ]


def _rounded_down(thresholds: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the largest single-precision numbers not above the thresholds: no single-precision number lies between."""
    rounded = thresholds.astype(np.float32)
    above = rounded.astype(np.float64) > thresholds
    return np.where(above, np.nextafter(rounded, np.float32(-np.inf)), rounded).astype(np.float32)
