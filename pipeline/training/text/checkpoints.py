"""Writing a trained text model: its tokenizer, its graph, a card for machines and a card for people."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.recognition.checkpoint import Card
from pipeline.recognition.text.tokens import TOKENIZER
from pipeline.training.checkpoints import licence_lines, model_card, score_lines, write_card, write_checkpoint

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
    measured = _scores("Scores", card.scores, card.labels) if card.scores else []
    for name, found in card.scores.get("other_corpora", {}).items():
        measured += _scores(f"Scores on {name}", found, card.labels)
    spoken = (
        "Spoken words have a head of their own, for they are meant otherwise than written comments: its logits are "
        "divided by {temperature:.2f}, and it is unsure below {unsure_below:.2f}.\n\n"
    )
    denials = (
        "An English text that denies the emotion that is heard in it is put in other words and read again, and a note "
        "says so. The scores above are those of the network alone.\n\n"
    )
    weights = ", ".join(f"{name} {value:g}" for name, value in (card.fusion or {}).items())
    return model_card(
        "text",
        card=card,
        count=len(card.labels),
        labels=", ".join(card.labels),
        missing="" if "calm" in card.labels else " It never answers calm: no words are calm that are not neutral.",
        megabytes=size / 1e6,
        languages=", ".join(card.languages) or "those of the texts that it was trained on",
        trained=f"{card.data['texts']} texts of {', '.join(card.data['corpora'])} ({card.data['citation']}) "
        f"Seed {card.seed}.",
        scores=[*measured, ""] if measured else "",
        spoken=spoken.format(**card.spoken) if card.spoken else "",
        denials=denials if "en" in card.languages else "",
        fusion=f"## Together with speech\nWeights of the late fusion: {weights}.\n\n" if weights else "",
        licences=licence_lines(card),
    )


def _scores(title: str, scores: dict[str, Any], labels: Sequence[str]) -> list[str]:
    return [
        f"## {title}",
        scores["protocol"].capitalize() + ".",
        "",
        *score_lines(scores, labels),
    ]
