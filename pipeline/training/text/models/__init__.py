"""Text models: each one file, all trained, evaluated, saved and served the same way.

Whatever a model is made of, it is served as a tokenizer (`tokenizer.json`) and one ONNX graph
from the numbers of a text's tokens to `logits` and `several`.
Importing this package imports no framework; a model's own module is imported when the model is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.core.catalogue import Catalogue
from pipeline.recognition.text.recogniser import Answers
from pipeline.training.corpora.texts import LabelledText
from pipeline.training.model_specs import ModelSpec

if TYPE_CHECKING:
    import onnx
    from tokenizers import Tokenizer

__all__ = ["TEXT_MODELS", "Listener", "TextModel", "targets"]

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
            spoken: Whether somebody said them; a model that learned one kind alone answers to both alike.
        """
        ...

    def tokenizer(self) -> Tokenizer:
        """Return what cuts texts into tokens, with its truncation set."""
        ...

    def graph(self) -> onnx.ModelProto:
        """Return the model as ONNX: `tokens`, int64 (1, tokens), to `logits` and `several`, each (1, labels).

        A model that learned written and spoken texts has the output `spoken` too: the logits of spoken ones.
        """
        ...


TEXT_MODELS: Final[Catalogue[ModelSpec[TextModel]]] = Catalogue(
    "There is no text model",
    *(
        ModelSpec(name, model, framework, description, "text")
        for name, model, framework, description in (
            ("bert", "Bert", "torch, transformers", "a fine-tuned BERT, in 8 bits where wanted"),
            ("text_lstm", "TextLstm", "torch", "a recurrent network over pieces of words"),
            ("tfidf_logistic", "TfidfLogistic", "scikit-learn", "logistic regression over TF-IDF"),
            ("tfidf_forest", "TfidfForest", "scikit-learn", "a random forest over TF-IDF"),
        )
    ),
)
"""All models of text."""


def targets(texts: Sequence[LabelledText], labels: Sequence[str]) -> NDArray[np.float32]:
    """Return float32 (texts, labels): 1 where a text has the emotion."""
    wanted = np.zeros((len(texts), len(labels)), np.float32)
    place = {label: number for number, label in enumerate(labels)}
    for row, text in zip(wanted, texts, strict=True):
        row[[place[emotion] for emotion in text.emotions]] = 1
    return wanted
