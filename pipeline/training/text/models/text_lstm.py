"""LSTM: a recurrent network over pieces of words that are learned from the training texts, in both directions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from pipeline.recognition.text.tokens import learned_tokenizer, spelled
from pipeline.training.corpora.texts import LabelledText
from pipeline.training.text.models.network import TextNetwork
from pipeline.training.text.models.settings import TextNetworkSettings

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer

__all__ = ["TextLstm", "TextLstmSettings"]


class TextLstmSettings(TextNetworkSettings):
    """Settings of the network and of its training."""

    model: Literal["text_lstm"] = "text_lstm"
    epochs: int = Field(6, ge=1)
    lr: float = Field(2e-3, gt=0)
    head_lr: float = Field(2e-3, gt=0)
    dropout: float = Field(0.5, ge=0, lt=1)
    pieces: int = Field(8000, ge=300)
    """Most pieces of words."""
    embedding_size: int = Field(128, ge=1)
    rnn_size: int = Field(128, ge=1)
    """Cells of each direction."""


class TextLstm(TextNetwork[TextLstmSettings]):
    """The network."""

    def __init__(self, settings: TextLstmSettings, labels: tuple[str, ...], threads: int = 1) -> None:
        super().__init__(settings, labels, threads)
        self._tokenizer: Tokenizer | None = None

    def tokenizer(self) -> Tokenizer:
        """Return the tokenizer that the training learned."""
        if self._tokenizer is None:
            raise AssertionError("a model is fitted before it is asked")
        return self._tokenizer

    def encoder(self, texts: Sequence[LabelledText]) -> tuple[torch.nn.Module, int]:
        """Return embeddings and one recurrent layer; dropout stands before and after it."""
        torch, settings = self.torch, self.settings
        self._tokenizer = learned_tokenizer((spelled(text.text) for text in texts), settings.pieces, settings.longest)
        pieces = self._tokenizer.get_vocab_size()

        class Encoder(torch.nn.Module):  # type: ignore[misc, name-defined]
            def __init__(self) -> None:
                super().__init__()
                self.embedding = torch.nn.Embedding(pieces, settings.embedding_size)
                self.dropout = torch.nn.Dropout(settings.dropout)
                self.lstm = torch.nn.LSTM(
                    settings.embedding_size, settings.rnn_size, batch_first=True, bidirectional=True
                )

            def forward(self, tokens: Any, mask: Any) -> Any:
                found = self.dropout(self.embedding(tokens)) * mask.unsqueeze(-1)
                return self.lstm(found)[0]

        return Encoder(), 2 * settings.rnn_size
