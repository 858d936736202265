"""Logistic regression over the statistics of a clip."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.training.graphs import GraphBuilder
from pipeline.training.libraries import load_sklearn
from pipeline.training.speech.models.settings import ModelSettings
from pipeline.training.speech.models.vectors import Arrays, Listener, VectorModel, Vectors

__all__ = ["Logistic", "LogisticSettings"]


class LogisticSettings(ModelSettings):
    """Settings of the model."""

    model: Literal["logistic"] = "logistic"
    features: str = "moonshine-layers"
    C: float = Field(0.001, gt=0)
    """How little the weights are held down."""
    max_iter: int = Field(300, ge=1)
    """Most steps of the solver."""


class Logistic(VectorModel[LogisticSettings]):
    """The model."""

    def fitted(
        self, vectors: Vectors, labels: NDArray[np.int64], seed: int, listen: Listener, validation: Any
    ) -> Arrays:
        """Fit by L-BFGS."""
        self.estimator = load_sklearn("linear_model").LogisticRegression(
            C=self.settings.C, max_iter=self.settings.max_iter, random_state=seed
        )
        self.estimator.fit(vectors, labels)
        # An emotion that no clip shows gets no chance.
        weights = np.zeros((self.labels, vectors.shape[1]), np.float32)
        bias = np.full(self.labels, -100.0, np.float32)
        weights[self.estimator.classes_] = self.estimator.coef_
        bias[self.estimator.classes_] = self.estimator.intercept_
        return {"weights": weights, "bias": bias}

    def answer(self, graph: GraphBuilder, source: str, target: str) -> None:
        """Add one product and one sum."""
        graph.add("Gemm", [source, "weights", "bias"], target, transB=1)
