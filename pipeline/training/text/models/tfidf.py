"""What the classical models share: counts of runs of tokens, weighted by how rare they are, made into ONNX.

Each run counts log(1 + times) · (1 + log((1 + texts) / (1 + texts with it))), and a text's vector has length one:
TF-IDF with sublinear counts (Salton and Buckley, 1988).
What a model answers is what its graph answers, so training, scoring and serving cannot differ.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.core.errors import UsageError
from pipeline.core.onnx_sessions import open_graph
from pipeline.recognition.text.recogniser import Answers
from pipeline.recognition.text.tokens import learned_tokenizer, spelled
from pipeline.training.corpora.texts import LabelledText
from pipeline.training.graphs import GraphBuilder, checked_model
from pipeline.training.libraries import load_sklearn
from pipeline.training.text.models import Listener, targets
from pipeline.training.text.models.settings import TextSettings

if TYPE_CHECKING:
    import onnx
    from tokenizers import Tokenizer

__all__ = ["Arrays", "TfidfModel", "TfidfSettings"]

Arrays = dict[str, NDArray[Any]]
"""Fitted weights by name."""

Run = tuple[int, ...]
"""Tokens that follow each other."""


class TfidfSettings(TextSettings):
    """How texts become vectors."""

    pieces: int = Field(8000, ge=300)
    """Most pieces of words, learned from the training texts."""
    longest_run: int = Field(3, ge=1, le=5)
    """Pieces in a row that are counted as one."""
    least_texts: int = Field(3, ge=1)
    """Fewest texts that a run must be in."""
    most_runs: int = Field(100_000, ge=1)
    """Runs that are counted: those in most texts."""


Settings = TypeVar("Settings", bound=TfidfSettings)


class TfidfModel(ABC, Generic[Settings]):
    """A classifier over the TF-IDF of runs of tokens.

    Args:
        settings: How it is trained.
        labels: The emotions that it tells apart.
        threads: Not used: one is enough for these.
    """

    languages: tuple[str, ...] = ()

    def __init__(self, settings: Settings, labels: tuple[str, ...], threads: int = 1) -> None:
        self.settings = settings
        self.labels = labels
        self.runs: list[Run] = []
        self.arrays: Arrays = {}
        self._tokenizer: Tokenizer | None = None

    @abstractmethod
    def fitted(self, vectors: Any, wanted: NDArray[np.float32], seed: int) -> Arrays:
        """Fit; return the weights.

        Args:
            vectors: Sparse (texts, runs).
            wanted: (texts, labels), 1 where a text has the emotion.
            seed: Seed of all chance.
        """

    @abstractmethod
    def answer(self, graph: GraphBuilder, source: str) -> None:
        """Add the nodes from the vector (1, runs) to `logits` and `several`; weights go by their names."""

    def fit(
        self,
        texts: Sequence[LabelledText],
        *,
        seed: int,
        progress: Listener = lambda epoch, values: None,
    ) -> None:
        """Train from nothing.

        Raises:
            UsageError: The texts have nothing in common.
        """
        self._tokenizer = learned_tokenizer(
            (spelled(text.text) for text in texts), self.settings.pieces, self.settings.longest
        )
        numbers = self._numbers(text.text for text in texts)
        seen = Counter(run for entry in numbers for run in set(self._runs_of(entry)))
        common = seen.most_common(self.settings.most_runs)
        self.runs = sorted(
            (run for run, count in common if count >= self.settings.least_texts), key=lambda run: (len(run), run)
        )
        if not self.runs:
            raise UsageError(
                f"No piece of a word is in {self.settings.least_texts} of the {len(texts)} texts.",
                hint="Add texts, or give fewer least_texts in the settings.",
            )
        rarity = np.log((1 + len(texts)) / (1 + np.array([seen[run] for run in self.runs]))) + 1
        self.arrays = {"rarity": rarity.astype(np.float32)}
        self.arrays |= self.fitted(self._vectors(numbers), targets(texts, self.labels), seed)
        progress(1, {"runs": float(len(self.runs))})

    def answers(self, texts: Sequence[str], *, spoken: bool = False) -> Answers:
        """Return what the graph says, each text judged alone; to spoken and written ones alike."""
        session = open_graph(self.graph().SerializeToString())
        found = [
            session.run(["logits", "several"], {"tokens": np.array([entry or [0]], np.int64)})
            for entry in self._numbers(texts)
        ]
        logits, multi_label = (np.concatenate(part) for part in zip(*found, strict=True))
        return Answers(logits, multi_label)

    def tokenizer(self) -> Tokenizer:
        """Return the tokenizer that `fit` learned."""
        if self._tokenizer is None:
            raise AssertionError("a model is fitted before it is asked")
        return self._tokenizer

    def graph(self) -> onnx.ModelProto:
        """Return the model as ONNX: `tokens`, int64 (1, tokens), to `logits` and `several`, each (1, labels)."""
        graph = GraphBuilder()
        graph.constants |= {**self.arrays, "one": np.float32(1), "least": np.float32(1e-6)}
        sizes = [sum(len(run) < length for run in self.runs) for length in range(1, self.settings.longest_run + 1)]
        counts = graph.add(
            "TfIdfVectorizer",
            ["tokens"],
            "counts",
            mode="TF",
            min_gram_length=1,
            max_gram_length=self.settings.longest_run,
            max_skip_count=0,
            # Where the runs of each length begin among all tokens of all runs.
            ngram_counts=[sum(len(run) for run in self.runs[:first]) for first in sizes],
            ngram_indexes=list(range(len(self.runs))),
            pool_int64s=[token for run in self.runs for token in run],
        )
        sublinear = graph.add("Log", [graph.add("Add", [counts, "one"], "counts_and_one")], "sublinear")
        weighted = graph.add("Mul", [sublinear, "rarity"], "weighted")
        length = graph.add("ReduceL2", [weighted], "length", axes=[1], keepdims=1)
        vector = graph.add("Div", [weighted, graph.add("Max", [length, "least"], "some_length")], "vector")
        self.answer(graph, vector)
        used = {name for node in graph.nodes for name in node.input}
        return checked_model(
            self.settings.model,
            graph.nodes,
            {name: value for name, value in graph.constants.items() if name in used},
            {"tokens": (1, "tokens")},
            dict.fromkeys(("logits", "several"), (1, len(self.labels))),
            integers=("tokens",),
            opset=17,
            domains={"ai.onnx.ml": 3},
        )

    def _numbers(self, texts: Iterable[str]) -> list[list[int]]:
        return [entry.ids for entry in self.tokenizer().encode_batch([spelled(text) for text in texts])]

    def _runs_of(self, tokens: Sequence[int]) -> Iterator[Run]:
        for length in range(1, self.settings.longest_run + 1):
            for start in range(len(tokens) - length + 1):
                yield tuple(tokens[start : start + length])

    def _vectors(self, numbers: Sequence[Sequence[int]]) -> Any:
        """Return the sparse vectors, (texts, runs), that the graph computes one by one."""
        from scipy.sparse import csr_matrix

        places = {run: number for number, run in enumerate(self.runs)}
        values: list[float] = []
        columns: list[int] = []
        ends = [0]
        for entry in numbers:
            counts = Counter(places[run] for run in self._runs_of(entry) if run in places)
            columns += counts
            values += counts.values()
            ends.append(len(columns))
        weights = np.log1p(np.array(values, np.float32)) * self.arrays["rarity"][columns]
        matrix = csr_matrix((weights, columns, ends), shape=(len(numbers), len(self.runs)))
        return load_sklearn("preprocessing").normalize(matrix)
