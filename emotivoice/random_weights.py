"""A folder in the official layout with weights that nobody has trained.

Training begins there, and benchmarks and tests run it.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import torch

from emotivoice.checkpoints import Weights
from emotivoice.configuration import BertSizes, Configuration
from emotivoice.frontend.tokens import official_vocabulary
from emotivoice.prompts import EMOTION_PROMPTS
from emotivoice.style import StyleEncoder
from emotivoice.training.model import Generator
from pipeline.core.files import atomic

__all__ = ["OFFICIAL_BERT", "character_pieces", "save_generator", "save_style", "write_random_weights"]

TYPICAL_FRAMES = 6
"""Of a token of speech, about a tenth of a second, which a model with random weights says of every token."""

OFFICIAL_BERT = {
    "vocab_size": 13685,
    "hidden_size": 768,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "intermediate_size": 3072,
    "max_position_embeddings": 512,
    "type_vocab_size": 2,
    "layer_norm_eps": 1e-12,
    "hidden_act": "gelu",
}
"""The sizes of simbert-base-chinese."""


def write_random_weights(
    folder: Path, configuration: str, bert: dict[str, Any], speakers: list[str] | None = None, seed: int = 0
) -> None:
    """Write every file of a model.

    Args:
        folder: Where to; made if need be.
        configuration: Text of a `config.yaml`.
        bert: A `config.json`; its `vocab_size` grows to that of the character vocabulary that is written beside it.
        speakers: Identities; the official 2014 by default.
        seed: Of the random weights.
    """
    torch.manual_seed(seed)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.yaml").write_text(configuration, encoding="utf-8")
    pieces = character_pieces()
    bert = {**bert, "vocab_size": max(bert.get("vocab_size", 0), len(pieces))}
    bert_folder = folder / "simbert-base-chinese"
    bert_folder.mkdir(exist_ok=True)
    (bert_folder / "config.json").write_text(json.dumps(bert, indent=1), encoding="utf-8")
    (bert_folder / "vocab.txt").write_text("\n".join(pieces), encoding="utf-8")
    save_style(folder / "checkpoint_0", make_style(BertSizes.read(bert_folder / "config.json")))
    if speakers is not None:
        (folder / "speaker2").write_text("\n".join(speakers) + "\n", encoding="utf-8")
    sizes = Configuration.read(folder / "config.yaml")
    generator = Generator(sizes, len(official_vocabulary()), len(speakers) if speakers is not None else 2014)
    torch.nn.init.constant_(generator.am.duration_predictor.linear.bias, math.log(TYPICAL_FRAMES + 1))
    save_generator(folder / "g_00000000", generator)


def make_style(sizes: BertSizes) -> StyleEncoder:
    """Make a style encoder whose vectors differ visibly from prompt to prompt.

    With the small weights that BERT usually begins with, all prompts would look alike, and nothing could be learned.
    """
    style = StyleEncoder(sizes)
    for module in style.modules():
        if isinstance(module, torch.nn.Linear | torch.nn.Embedding):
            torch.nn.init.xavier_normal_(module.weight)
        if isinstance(module, torch.nn.Linear):
            torch.nn.init.zeros_(module.bias)
    return style


def save_generator(path: Path, generator: Generator) -> None:
    """Write a `g_…` in the official layout."""
    _save(path, {"generator": generator.state_dict()})


def save_style(path: Path, style: StyleEncoder) -> None:
    """Write a `checkpoint_…` in the official layout."""
    _save(path, {"model": {f"module.{name}": value for name, value in style.state_dict().items()}})


def character_pieces() -> list[str]:
    """Return a vocabulary of single characters that no text wholly escapes, for models without simbert's."""
    letters = [chr(number) for number in range(33, 127) if not chr(number).isupper()]
    prompts = sorted(set("".join(EMOTION_PROMPTS.values())) - {" "})
    return ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters), *prompts]


def _save(path: Path, content: dict[str, Weights]) -> None:
    with atomic(path) as draft:
        torch.save(content, draft)
