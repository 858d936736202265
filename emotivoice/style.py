"""The style encoder: BERT with its pooler (Devlin et al., 2019), and the classifiers of prompts beside it.

Attributes bear the names of the official checkpoint.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from emotivoice.configuration import BertSizes
from emotivoice.embedding import Embedding
from emotivoice.wordpieces import WordPieces

__all__ = ["OFFICIAL_CLASSES", "Bert", "StyleEncoder"]

OFFICIAL_CLASSES: Final = {"pitch": 3, "speed": 3, "energy": 3, "emotion": 7}
"""How many kinds of each property the official classifiers tell apart."""


class BertEmbeddings(nn.Module):
    """Words, positions and types, added and normed."""

    def __init__(self, sizes: BertSizes) -> None:
        super().__init__()
        self.word_embeddings = Embedding(sizes.vocabulary, sizes.width, padding_idx=0)
        self.position_embeddings = Embedding(sizes.positions, sizes.width)
        self.token_type_embeddings = Embedding(sizes.token_types, sizes.width)
        self.LayerNorm = nn.LayerNorm(sizes.width, eps=sizes.epsilon)

    def forward(self, pieces: Tensor) -> Tensor:
        """Return `(batch, pieces, width)` of numbers `(batch, pieces)`."""
        positions = torch.arange(pieces.shape[1], device=pieces.device)
        embedded = self.word_embeddings(pieces) + self.position_embeddings(positions)
        return self.LayerNorm(embedded + self.token_type_embeddings.weight[0])


class _BertOutput(nn.Module):
    def __init__(self, inner: int, sizes: BertSizes) -> None:
        super().__init__()
        self.dense = nn.Linear(inner, sizes.width)
        self.LayerNorm = nn.LayerNorm(sizes.width, eps=sizes.epsilon)

    def forward(self, x: Tensor, residual: Tensor) -> Tensor:
        return self.LayerNorm(self.dense(x) + residual)


class BertAttention(nn.Module):
    """Self-attention and its residual."""

    def __init__(self, sizes: BertSizes) -> None:
        super().__init__()
        self.heads = sizes.heads
        self.self = nn.ModuleDict({name: nn.Linear(sizes.width, sizes.width) for name in ("query", "key", "value")})
        self.output = _BertOutput(sizes.width, sizes)

    def forward(self, x: Tensor, seen: Tensor) -> Tensor:
        """Take and return `(batch, pieces, width)`."""
        batch, time, width = x.shape
        query, key, value = (
            self.self[name](x).view(batch, time, self.heads, -1).transpose(1, 2) for name in ("query", "key", "value")
        )
        attended = functional.scaled_dot_product_attention(query, key, value, attn_mask=seen)
        return self.output(attended.transpose(1, 2).reshape(batch, time, width), x)


class BertLayer(nn.Module):
    """Attention, then two linear layers, each followed by its norm."""

    def __init__(self, sizes: BertSizes) -> None:
        super().__init__()
        self.attention = BertAttention(sizes)
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(sizes.width, sizes.inner_width)})
        self.output = _BertOutput(sizes.inner_width, sizes)

    def forward(self, x: Tensor, seen: Tensor) -> Tensor:
        """Take and return `(batch, pieces, width)`."""
        x = self.attention(x, seen)
        return self.output(functional.gelu(self.intermediate["dense"](x)), x)


class Bert(nn.Module):
    """BERT.

    Args:
        sizes: Layers, heads, channels.
    """

    def __init__(self, sizes: BertSizes) -> None:
        super().__init__()
        self.embeddings = BertEmbeddings(sizes)
        layers = nn.ModuleList(BertLayer(sizes) for _ in range(sizes.layers))
        self.encoder = nn.ModuleDict({"layer": layers})
        self.pooler = nn.ModuleDict({"dense": nn.Linear(sizes.width, sizes.width)})

    def forward(self, pieces: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Return the last layer `(batch, pieces, width)` and the pooled vector `(batch, width)`."""
        seen = (torch.arange(pieces.shape[1], device=pieces.device)[None, :] < lengths[:, None])[:, None, None, :]
        x = self.embeddings(pieces)
        for layer in self.encoder["layer"].children():
            x = layer(x, seen)
        return x, torch.tanh(self.pooler["dense"](x[:, 0]))

    def numbers(self, texts: list[str], pieces: WordPieces) -> tuple[Tensor, Tensor]:
        """Return texts as `forward` takes them: numbers `(batch, pieces)` and their lengths `(batch,)`."""
        embeddings = self.embeddings.position_embeddings
        rows = [torch.tensor(pieces(text, embeddings.num_embeddings)) for text in texts]
        device = embeddings.weight.device
        padded = nn.utils.rnn.pad_sequence(rows, batch_first=True).to(device)
        return padded, torch.tensor([len(row) for row in rows], device=device)


class StyleEncoder(nn.Module):
    """Texts to vectors: of a prompt the style, of the spoken text the content.

    Args:
        sizes: Of BERT.
        classes: How many kinds of each property the classifiers tell apart.
        projection: Width of the projection that training uses.
    """

    def __init__(self, sizes: BertSizes, classes: Mapping[str, int] = OFFICIAL_CLASSES, projection: int = 128) -> None:
        super().__init__()
        self.bert = Bert(sizes)
        for name in OFFICIAL_CLASSES:
            self.add_module(f"{name}_clf", nn.ModuleDict({"classifier": nn.Linear(sizes.width, classes[name])}))
        self.style_embed_proj = nn.Linear(sizes.width, projection)

    def forward(self, pieces: Tensor, lengths: Tensor) -> Tensor:
        """Return the pooled vectors `(batch, width)` of numbers `(batch, pieces)`."""
        return self.bert(pieces, lengths)[1]

    def classify(self, pieces: Tensor, lengths: Tensor) -> dict[str, Tensor]:
        """Return vectors (`embedding`, `last_hidden`) and the classifiers' logits (`pitch_logits`, ...) by name."""
        last_hidden, pooled = self.bert(pieces, lengths)
        logits = {f"{name}_logits": self.get_submodule(f"{name}_clf.classifier")(pooled) for name in OFFICIAL_CLASSES}
        return {"last_hidden": last_hidden, "embedding": pooled, **logits}
