"""Decision trees of scikit-learn as arrays, and these as one ONNX node that adds up what all trees say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.training.graphs import GraphBuilder

__all__ = ["add_trees", "tree_arrays"]


def tree_arrays(trees: Sequence[Any], values: NDArray[np.floating]) -> dict[str, NDArray[Any]]:
    """Return all nodes of all trees, one after the other: (nodes,) each, but `value`, (nodes, answers).

    Args:
        trees: The `tree_` of each member of a forest.
        values: What each node adds to the sum where a branch ends there, (nodes, answers).
    """
    return {
        "tree": np.concatenate([np.full(tree.node_count, number) for number, tree in enumerate(trees)]),
        "node": np.concatenate([np.arange(tree.node_count) for tree in trees]),
        "left": np.concatenate([tree.children_left for tree in trees]),
        "right": np.concatenate([tree.children_right for tree in trees]),
        "column": np.concatenate([tree.feature for tree in trees]),
        "threshold": _rounded_down(np.concatenate([tree.threshold for tree in trees])),
        "value": values.astype(np.float32),
    }


def add_trees(graph: GraphBuilder, arrays: dict[str, NDArray[Any]], source: str) -> str:
    """Add the node from vectors, (1, columns), to the sums, (1, answers); return the name of these.

    Args:
        graph: What it is added to.
        arrays: As `tree_arrays` gives them.
        source: Name of what goes in.
    """
    leaf = arrays["left"] < 0
    owners, places = np.nonzero(arrays["value"] * leaf[:, None])
    return graph.add(
        "TreeEnsembleRegressor",
        [source],
        "shares",
        domain="ai.onnx.ml",
        n_targets=arrays["value"].shape[1],
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


def _rounded_down(thresholds: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the largest single-precision numbers not above the thresholds: no single-precision number lies between."""
    rounded = thresholds.astype(np.float32)
    above = rounded.astype(np.float64) > thresholds
    return np.where(above, np.nextafter(rounded, np.float32(-np.inf)), rounded).astype(np.float32)
