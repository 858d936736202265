"""Text models: each one file, all trained, evaluated, saved and served the same way.

Whatever a model is made of, it is served as a tokenizer (`tokenizer.json`) and one ONNX graph
from the numbers of a text's tokens to `logits` and `several`.
Importing this package imports no framework; a model's own module is imported when the model is asked for.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import UnknownName
from pipeline.recognition.text.recogniser import Answers
from pipeline.training.corpora.texts import LabelledText

if TYPE_CHECKING:
    import onnx
    from tokenizers import Tokenizer

    from pipeline.training.text.models.settings import TextSettings

__all__ = ["TEXT_MODELS", "Listener", "TextModel", "TextModelSpec", "find_text_model", "targets"]

Listener = Callable[[int, dict[str, float]], None]
"""Called after every epoch with its number and figures such as `{"loss"}`."""


class TextModel(Protocol):
    """A classifier of texts."""

    languages: tuple[str, ...]
    """ISO 639-1 codes of what it can read; empty where it learns that from the corpus."""

    def fit(self, texts: Sequence[LabelledText], *, seed: int, progress: Listener = ...) -> None:
        """Train from nothing, or from the base that the settings name.

        Args:
            texts: What is trained on.
            seed: Seed of all chance.
            progress: Told after every epoch.
        """
        ...

    def answers(self, texts: Sequence[str], *, spoken: bool = False) -> Answers:
        """Return what the served model says, each text judged alone.

        Args:
            texts: The texts.
            spoken: Whether somebody said them; a model that learnt one kind alone answers to both alike.
        """
        ...

    def tokenizer(self) -> Tokenizer:
        """Return what cuts texts into tokens, with its truncation set."""
        ...

    def graph(self) -> onnx.ModelProto:
        """Return the model as ONNX: `tokens`, int64 (1, tokens), to `logits` and `several`, each (1, labels).

        A model that learnt written and spoken texts has the output `spoken` too: the logits of spoken ones.
        """
        ...


@dataclass(frozen=True)
class TextModelSpec:
    """What is known about a model without importing it."""

    name: str
    """What a person types, and the name of its module."""
    model: str
    """Class of the model, called with settings, labels and threads."""
    settings: str
    """Class of its settings."""
    framework: str
    """What trains it; prediction needs none of it."""
    description: str

    def _get(self, name: str) -> Any:
        return getattr(importlib.import_module(f"{__name__}.{self.name}"), name)

    def settings_class(self) -> type[TextSettings]:
        """Return the class of the settings, without importing the framework."""
        found: type[TextSettings] = self._get(self.settings)
        return found

    def create(self, settings: TextSettings, labels: tuple[str, ...], threads: int = 1) -> TextModel:
        """Return an untrained model.

        Args:
            settings: How it is built and trained.
            labels: The emotions that it tells apart.
            threads: Computing threads.

        Raises:
            EngineMissing: The framework is not installed.
        """
        model: TextModel = self._get(self.model)(settings, labels, threads)
        return model


TEXT_MODELS: Final = (
    TextModelSpec("bert", "Bert", "BertSettings", "torch, transformers", "a fine-tuned BERT, in 8 bits where wanted"),
    TextModelSpec("text_lstm", "TextLstm", "TextLstmSettings", "torch", "a recurrent network over pieces of words"),
    TextModelSpec(
        "tfidf_logistic", "TfidfLogistic", "TfidfLogisticSettings", "scikit-learn", "logistic regression over TF-IDF"
    ),
    TextModelSpec("tfidf_forest", "TfidfForest", "TfidfForestSettings", "scikit-learn", "a random forest over TF-IDF"),
)
"""All models of text."""


def find_text_model(name: str) -> TextModelSpec:
    """Return the model of a name.

    Raises:
        UnknownName: There is none; the message lists the choices.
    """
    for spec in TEXT_MODELS:
        if spec.name == name:
            return spec
    names = ", ".join(spec.name for spec in TEXT_MODELS)
    raise UnknownName(f"There is no text model '{name}'.", hint=f"Choose one of {names}.")


def targets(texts: Sequence[LabelledText], labels: Sequence[str]) -> NDArray[np.float32]:
    """Return float32 (texts, labels): 1 where a text has the emotion."""
    wanted = np.zeros((len(texts), len(labels)), np.float32)
    place = {label: number for number, label in enumerate(labels)}
    for row, text in zip(wanted, texts, strict=True):
        row[[place[emotion] for emotion in text.emotions]] = 1
    return wanted
