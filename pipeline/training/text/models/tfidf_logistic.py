"""Logistic regression over TF-IDF: one for each emotion against the others."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.training.graphs import GraphBuilder
from pipeline.training.libraries import load_sklearn
from pipeline.training.text.models.tfidf import Arrays, TfidfModel, TfidfSettings

__all__ = ["TfidfLogistic", "TfidfLogisticSettings"]


class TfidfLogisticSettings(TfidfSettings):
    """Settings of the model."""

    model: Literal["tfidf_logistic"] = "tfidf_logistic"
    C: float = Field(4.0, gt=0)
    """How little the weights are held down."""
    balanced: bool = True
    """Whether a rare emotion weighs as much as a common one."""


class TfidfLogistic(TfidfModel[TfidfLogisticSettings]):
    """The model."""

    def fitted(self, vectors: Any, wanted: NDArray[np.float32], seed: int) -> Arrays:
        """Fit by L-BFGS; with a larger tolerance it gives up on rare emotions without a word."""
        linear_model = load_sklearn("linear_model")
        weights = np.zeros((len(self.labels), vectors.shape[1]), np.float32)
        # An emotion that no text shows gets no chance.
        bias = np.full(len(self.labels), -100.0, np.float32)
        for number, column in enumerate(wanted.T):
            if not 0 < column.sum() < len(column):
                bias[number] = 100.0 if column.all() else -100.0
                continue
            estimator = linear_model.LogisticRegression(
                C=self.settings.C,
                class_weight="balanced" if self.settings.balanced else None,
                tol=1e-5,
                max_iter=300,
                random_state=seed,
            )
            estimator.fit(vectors, column)
            weights[number], bias[number] = estimator.coef_[0], estimator.intercept_[0]
        return {"weights": weights, "bias": bias}

    def answer(self, graph: GraphBuilder, source: str) -> None:
        """Add one product and one sum, which both answers share."""
        graph.add("Identity", [graph.add("Gemm", [source, "weights", "bias"], "several", transB=1)], "logits")
