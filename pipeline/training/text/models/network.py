"""What the networks share: heads on the mean of a text's token vectors, the losses, the training, the export.

Heads learn together: one emotion (softmax), multi-label (a sigmoid each), and the corpus's own finer labels, which are
not served. What is said and what is written are often meant otherwise, and people label them otherwise: where there are
texts of both kinds, the one emotion of spoken texts has a head of its own.
"""

from __future__ import annotations

import io
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import SettingsError
from pipeline.core.onnx_sessions import open_graph, optimised
from pipeline.recognition.text.recogniser import Answers
from pipeline.recognition.text.tokens import spelled
from pipeline.training.corpora.texts import LabelledText
from pipeline.training.libraries import load_torch
from pipeline.training.text.models import Listener, targets
from pipeline.training.text.models.optimisation import losses
from pipeline.training.text.models.settings import TextNetworkSettings

if TYPE_CHECKING:
    import onnx
    import torch
    from tokenizers import Tokenizer

__all__ = ["EXTRAS", "TextNetwork"]

Settings = TypeVar("Settings", bound=TextNetworkSettings)

EXTRAS: Final = "train,text"
"""The extras of this project that bring what training needs."""


@dataclass(frozen=True)
class _Examples:
    """Texts as they are trained on."""

    numbers: list[list[int]]
    """The tokens of each."""
    wanted: torch.Tensor
    """(texts, labels), 1 where a text has the emotion."""
    finest: torch.Tensor | None
    """(texts, finer labels) likewise; nothing where the corpora have none."""
    spoken: torch.Tensor
    """(texts, 1), whether the head of spoken texts answers."""
    frequent: torch.Tensor
    """(texts, labels): what the loss adds to the answers for how frequent an emotion is in the text's corpus."""


class TextNetwork(ABC, Generic[Settings]):
    """A network over tokens.

    Args:
        settings: How it is built and trained.
        labels: The emotions that it tells apart.
        threads: Computing threads.
    """

    languages: tuple[str, ...] = ()

    def __init__(self, settings: Settings, labels: tuple[str, ...], threads: int = 1) -> None:
        self.settings = settings
        self.labels = labels
        self.torch: Any = load_torch(threads, extras=EXTRAS)
        self.network: Any = None
        self._both_kinds = False
        self._graph: onnx.ModelProto | None = None

    @abstractmethod
    def tokenizer(self) -> Tokenizer:
        """Return what cuts texts into tokens, with its truncation set."""

    @abstractmethod
    def encoder(self, texts: Sequence[LabelledText]) -> tuple[torch.nn.Module, int]:
        """Return a module from tokens and mask, (texts, tokens), to vectors (texts, tokens, size), and that size.

        Args:
            texts: What will be trained on, for an encoder that learns its tokens from them.
        """

    def groups(self, encoder: torch.nn.Module) -> list[dict[str, Any]]:
        """Return the encoder's parameters with the learning rate of each, `params` and `lr`."""
        return [{"params": list(encoder.parameters()), "lr": self.settings.lr}]

    def finished(self, graph: onnx.ModelProto) -> onnx.ModelProto:
        """Return the exported graph as it is to be served."""
        return graph

    def fit(
        self,
        texts: Sequence[LabelledText],
        *,
        seed: int,
        progress: Listener = lambda epoch, values: None,
    ) -> None:
        """Train; in half precision where the processor has it."""
        torch, settings = self.torch, self.settings
        torch.manual_seed(seed)
        encoder, size = self.encoder(texts)
        finer = 1 + max((number for text in texts for number in text.finer), default=-1)
        self._both_kinds = len({text.spoken for text in texts}) == 2
        self.network = _heads(torch, encoder, size, len(self.labels), finer, settings.dropout)
        self._graph = None
        torch.manual_seed(seed)
        examples, random = self._examples(texts, finer), np.random.default_rng([seed, 0])
        trained = losses(
            self.network,
            [*self.groups(self.network.encoder), {"params": self._head_weights(), "lr": settings.head_lr}],
            [*map(len, examples.numbers)],
            lambda batch: self._loss(examples, batch),
            random,
            settings,
            epochs=settings.epochs,
            averaged=settings.averaged,
        )
        for epoch, loss in enumerate(trained, start=1):
            progress(epoch, {"loss": loss})
        self.network.eval()

    def _head_weights(self) -> list[Any]:
        return [value for name, value in self.network.named_parameters() if not name.startswith("encoder.")]

    def _outputs(self, numbers: Sequence[Sequence[int]]) -> Any:
        """Return what the heads say of texts, each (texts, labels)."""
        with self.torch.autocast("cpu", self.torch.bfloat16, enabled=_half_precision(self.torch)):
            found = self.network(*_padded(self.torch, numbers))
        return [part.float() for part in found]

    def _examples(self, texts: Sequence[LabelledText], finer: int) -> _Examples:
        torch = self.torch
        wanted = targets(texts, self.labels)
        finest = torch.zeros(len(texts), max(finer, 1))
        for row, text in zip(finest, texts, strict=True):
            row[list(text.finer)] = 1
        return _Examples(
            self._numbers((text.text for text in texts), self.settings.trained_tokens),
            torch.tensor(wanted),
            finest if finer else None,
            torch.tensor([[text.spoken and self._both_kinds] for text in texts]),
            torch.tensor(_frequent(texts, wanted, self.settings.balance)),
        )

    def _loss(self, examples: _Examples, batch: NDArray[np.int64]) -> Any:
        """Return cross-entropy against all of a text's emotions in equal shares, and the weighted other losses.

        What is frequent in a text's corpus is added to the answer that is judged, so that the answer itself need not
        hold it: Menon et al., Long-tail learning via logit adjustment, ICLR 2021 (arXiv:2007.07314).
        """
        functional = self.torch.nn.functional
        wanted = examples.wanted[batch]
        one, multi_label, finer, spoken = self._outputs([examples.numbers[place] for place in batch])
        answer = self.torch.where(examples.spoken[batch], spoken, one) + examples.frequent[batch]
        loss = functional.cross_entropy(answer, wanted / wanted.sum(dim=1, keepdim=True))
        each = functional.binary_cross_entropy_with_logits(multi_label, wanted, reduction="none")
        loss = loss + self.settings.several * each.sum(dim=1).mean()
        if examples.finest is None or not self.settings.finer:
            return loss
        finest = examples.finest[batch]
        shares = finest / finest.sum(dim=1, keepdim=True).clamp(min=1)
        return loss + self.settings.finer * functional.cross_entropy(finer, shares)

    def answers(self, texts: Sequence[str], *, spoken: bool = False) -> Answers:
        """Return what the served graph says, each text judged alone by the head of its kind."""
        session = open_graph(self.graph().SerializeToString())
        numbers = self._numbers(texts, self.settings.longest)
        outputs = ["spoken" if spoken and self._both_kinds else "logits", "several"]
        found = [session.run(outputs, {"tokens": np.array([entry or [0]], np.int64)}) for entry in numbers]
        logits, multi_label = (np.concatenate(part) for part in zip(*found, strict=True))
        return Answers(logits, multi_label)

    def graph(self) -> onnx.ModelProto:
        """Return the model as ONNX: `tokens`, int64 (1, tokens), to `logits` and `several`, each (1, labels).

        Where it learned written and spoken texts it has the output `spoken` too: the logits of spoken ones.
        """
        if self._graph is None:
            import onnx

            graph = self.finished(self._exported())
            self._graph = onnx.load_from_string(optimised(graph.SerializeToString()))
        return self._graph

    def _exported(self) -> onnx.ModelProto:
        import onnx

        torch, network, both_kinds = self.torch, self.network, self._both_kinds

        class Served(torch.nn.Module):  # type: ignore[misc, name-defined]
            def forward(self, tokens: Any) -> Any:
                one, multi_label, _, spoken = network(tokens, torch.ones_like(tokens))
                return (one, multi_label, spoken) if both_kinds else (one, multi_label)

        content = io.BytesIO()
        with warnings.catch_warnings():
            # The exporter that follows this one needs another package, and writes no smaller graph.
            warnings.simplefilter("ignore")
            served = Served()
            served.network = network
            torch.onnx.export(
                served.eval(),
                (torch.ones(1, 7, dtype=torch.long),),
                content,
                input_names=["tokens"],
                output_names=["logits", "several", *(["spoken"] if both_kinds else [])],
                dynamic_axes={"tokens": {1: "tokens"}},
                opset_version=17,
                dynamo=False,
            )
        return onnx.load_from_string(content.getvalue())

    def _numbers(self, texts: Iterable[str], longest: int) -> list[list[int]]:
        tokenizer = self.tokenizer()
        tokenizer.enable_truncation(longest)
        found = [entry.ids for entry in tokenizer.encode_batch([spelled(text) for text in texts])]
        tokenizer.enable_truncation(self.settings.longest)
        return found


def _heads(torch: Any, encoder: Any, size: int, labels: int, finer: int, dropout: float) -> Any:
    """Return the network: an encoder, the mean over its tokens, and the heads."""

    class Network(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.encoder = encoder
            self.dropout = torch.nn.Dropout(dropout)
            self.one = torch.nn.Linear(size, labels)
            self.several = torch.nn.Linear(size, labels)
            self.finer = torch.nn.Linear(size, max(finer, 1))
            self.spoken = torch.nn.Linear(size, labels)

        def forward(self, tokens: Any, mask: Any) -> Any:
            vectors, kept = self.encoder(tokens, mask).float(), mask.unsqueeze(-1).float()
            mean = self.dropout((vectors * kept).sum(dim=1) / kept.sum(dim=1))
            return self.one(mean), self.several(mean), self.finer(mean), self.spoken(mean)

    return Network()


def _padded(torch: Any, numbers: Sequence[Sequence[int]]) -> tuple[Any, Any]:
    """Return tokens and mask, int64 (texts, tokens); a text without tokens has one."""
    tokens = [torch.tensor(entry or [0], dtype=torch.long) for entry in numbers]
    pad = torch.nn.utils.rnn.pad_sequence
    return pad(tokens, batch_first=True), pad([torch.ones_like(entry) for entry in tokens], batch_first=True)


def _frequent(
    texts: Sequence[LabelledText], wanted: NDArray[np.float32], balance: Mapping[str, float]
) -> NDArray[np.float32]:
    """Return (texts, labels): the logarithm of each emotion's share in the text's corpus, times that corpus's setting.

    Raises:
        SettingsError: The setting names a corpus that no text is of.
    """
    corpora = np.array([text.corpus for text in texts])
    found = np.zeros(wanted.shape, np.float32)
    for corpus, share in balance.items():
        rows = corpora == corpus
        if not rows.any():
            raise SettingsError(
                f"The setting 'balance' names the corpus '{corpus}', of which no text is trained on.",
                hint=f"Give it too (--also {corpus}=FOLDER), or leave it out of the setting.",
            )
        counts = wanted[rows].sum(axis=0) + 1
        found[rows] = share * np.log(counts / counts.sum())
    return found


def _half_precision(torch: Any) -> bool:
    """Return whether the processor multiplies in bfloat16; elsewhere it would only be slower."""
    capabilities: dict[str, Any] = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
