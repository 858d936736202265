"""MLP: a multi-layer perceptron over the statistics of a clip."""

from __future__ import annotations

import copy
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.training.graphs import GraphBuilder
from pipeline.training.libraries import load_sklearn
from pipeline.training.speech.models.settings import ModelSettings
from pipeline.training.speech.models.vectors import Arrays, Listener, VectorModel, Vectors

__all__ = ["Mlp", "MlpSettings"]


class MlpSettings(ModelSettings):
    """Settings of the model."""

    model: Literal["mlp"] = "mlp"
    features: str = "opensmile-IS10"
    epochs: int = Field(60, ge=1)
    """Most times that every clip is seen."""
    batch_size: int = Field(32, ge=1)
    lr: float = Field(1e-3, gt=0)
    weight_decay: float = Field(0.1, ge=0)
    """Penalty on the squares of the weights."""
    hidden_size: tuple[int, ...] = Field((256,), min_length=1)
    """Width of each hidden layer."""
    patience: int = Field(0, ge=0)
    """Epochs without a better accuracy on held-out training speakers before training stops; 0 trains to the end."""


class Mlp(VectorModel[MlpSettings]):
    """The model."""

    def fitted(
        self, vectors: Vectors, labels: NDArray[np.int64], seed: int, listen: Listener, validation: Any
    ) -> Arrays:
        """Fit by Adam, epoch by epoch."""
        settings = self.settings
        estimator = load_sklearn("neural_network").MLPClassifier(
            settings.hidden_size,
            alpha=settings.weight_decay,
            batch_size=min(settings.batch_size, len(vectors)),
            learning_rate_init=settings.lr,
            random_state=seed,
        )
        best, best_epoch, kept = -1.0, 0, None
        for epoch in range(1, settings.epochs + 1):
            estimator.partial_fit(vectors, labels, classes=np.unique(labels) if epoch == 1 else None)
            figures = {"loss": float(estimator.loss_), "accuracy": float(estimator.score(vectors, labels))}
            if validation:
                figures["validation"] = float(estimator.score(*validation))
                if figures["validation"] > best:
                    best, best_epoch, kept = figures["validation"], epoch, copy.deepcopy(estimator)
            listen(epoch, figures)
            if validation and settings.patience and epoch - best_epoch >= settings.patience:
                break
        self.estimator = kept if kept is not None and settings.patience else estimator
        arrays: Arrays = {}
        layers = list(zip(self.estimator.coefs_, self.estimator.intercepts_, strict=True))
        for number, (weights, bias) in enumerate(layers):
            if number + 1 == len(layers):
                weights, bias = self._for_all_labels(weights, bias)
            arrays[f"weights_{number}"] = weights.astype(np.float32)
            arrays[f"bias_{number}"] = bias.astype(np.float32)
        return arrays

    def answer(self, graph: GraphBuilder, source: str, target: str) -> None:
        """Add a product, a sum and a rectifier per layer, none after the last."""
        last = len(self.settings.hidden_size)
        for number in range(last):
            total = graph.add("Gemm", [source, f"weights_{number}", f"bias_{number}"], f"sum_{number}")
            source = graph.add("Relu", [total], f"hidden_{number}")
        graph.add("Gemm", [source, f"weights_{last}", f"bias_{last}"], target)

    def _for_all_labels(self, weights: NDArray[Any], bias: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the last layer with a column for every emotion; one that no clip shows gets no chance."""
        wide, far = np.zeros((len(weights), self.labels)), np.full(self.labels, -100.0)
        shown = self.estimator.classes_
        if len(shown) == 2:  # scikit-learn then has one output, the logit of the second class.
            wide[:, shown], far[shown] = np.hstack([0 * weights, weights]), [0.0, bias[0]]
        else:
            wide[:, shown], far[shown] = weights, bias
        return wide, far
