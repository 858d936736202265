"""Writing a trained text model: its tokenizer, its graph, a card for machines and a card for people."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.recognition.checkpoint import Card
from pipeline.recognition.text.tokens import TOKENIZER
from pipeline.training.checkpoints import licence_lines, score_lines, write_card, write_checkpoint

if TYPE_CHECKING:
    import onnx
    from tokenizers import Tokenizer

__all__ = ["write_text_card", "write_text_checkpoint"]


def write_text_checkpoint(folder: Path, model: onnx.ModelProto, tokenizer: Tokenizer, card: Card) -> Card:
    """Write the graph, the tokenizer and both cards; return the card with the graph's digest.

    Raises:
        OutputError: The folder cannot be written.
    """
    return write_checkpoint(folder, model, card, _described, {TOKENIZER: tokenizer.to_str().encode()})


def write_text_card(folder: Path, card: Card) -> None:
    """Write both cards beside a graph.

    Raises:
        OutputError: The folder cannot be written.
    """
    write_card(folder, card, _described)


def _described(card: Card, size: int) -> str:
    """Return the card for people, as Markdown."""
    missing = "" if "calm" in card.labels else " It never answers calm: no words are calm that are not neutral."
    lines = [
        f"# {card.name}, emotion in words",
        "",
        f"Tells which of {len(card.labels)} emotions a text is in: {', '.join(card.labels)}.{missing}",
        f"A tokenizer and one ONNX file from tokens to answers, {size / 1e6:.1f} MB. "
        f"Languages: {', '.join(card.languages) or 'those of the texts that it was trained on'}.",
        "",
        "## Trained on",
        f"{card.data['texts']} texts of {', '.join(card.data['corpora'])} ({card.data['citation']}) "
        f"Seed {card.seed}. {card.data.get('note', '')}".rstrip(),
        "",
    ]
    if card.scores:
        lines += _scores("Scores", card.scores, card.labels)
    for name, found in card.scores.get("other_corpora", {}).items():
        lines += _scores(f"Scores on {name}", found, card.labels)
    lines += [
        "## How sure it is",
        f"Logits are divided by {card.temperature:.2f}. Below a confidence of {card.unsure_below:.2f} the answer "
        "counts as unsure: fewer than half of such answers were right. "
        "Irony is not heard in words alone.",
        "",
    ]
    if card.spoken:
        lines += [
            "Spoken words have a head of their own, for they are meant otherwise than written comments: its logits are "
            f"divided by {card.spoken['temperature']:.2f}, and it is unsure below {card.spoken['unsure_below']:.2f}.",
            "",
        ]
    if card.fusion:
        lines += [
            "## Together with speech",
            "Weights of the late fusion: "
            + ", ".join(f"{name} {value:g}" for name, value in card.fusion.items())
            + ".",
            "",
        ]
    return "\n".join([*lines, *licence_lines(card)])


def _scores(title: str, scores: dict[str, Any], labels: Sequence[str]) -> list[str]:
    return [
        f"## {title}",
        scores["protocol"].capitalize() + ".",
        "",
        *score_lines(scores, labels),
    ]
