"""Writing a trained text model: its tokenizer, its graph, a card for machines and a card for people."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pipeline.core.files import atomic
from pipeline.recognition.text.checkpoint import CARD, MODEL, TextCard
from pipeline.recognition.text.tokens import TOKENIZER
from pipeline.training.markdown import confusion_table, table

if TYPE_CHECKING:
    import onnx
    from tokenizers import Tokenizer

__all__ = ["MODEL_CARD", "write_text_card", "write_text_checkpoint"]

MODEL_CARD: Final = "MODEL_CARD.md"


def write_text_checkpoint(folder: Path, model: onnx.ModelProto, tokenizer: Tokenizer, card: TextCard) -> TextCard:
    """Write the graph, the tokenizer and both cards; return the card with the graph's digest.

    Raises:
        OutputError: The folder cannot be written.
    """
    content = model.SerializeToString()
    card = replace(card, sha256=hashlib.sha256(content).hexdigest())
    for name, data in ((MODEL, content), (TOKENIZER, tokenizer.to_str().encode())):
        with atomic(folder / name) as temporary:
            temporary.write_bytes(data)
    write_text_card(folder, card)
    return card


def write_text_card(folder: Path, card: TextCard) -> None:
    """Write both cards beside a graph.

    Raises:
        OutputError: The folder cannot be written.
    """
    size = (folder / MODEL).stat().st_size
    for name, data in ((CARD, json.dumps(card.to_dict(), indent=2) + "\n"), (MODEL_CARD, _described(card, size))):
        with atomic(folder / name) as temporary:
            temporary.write_text(data, encoding="utf-8")


def _described(card: TextCard, size: int) -> str:
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
    return "\n".join([*lines, "## Licences", *(f"* {part}: {text}" for part, text in card.licences.items()), ""])


def _scores(title: str, scores: dict[str, Any], labels: Sequence[str]) -> list[str]:
    return [
        f"## {title}",
        scores["protocol"].capitalize() + ".",
        "",
        *table(("measure", "value"), _measures(scores)),
        "",
        "Rows are the true emotions, columns the answers (texts of one emotion):",
        "",
        *confusion_table(labels, scores["confusion"]),
        "",
    ]


def _measures(scores: dict[str, Any]) -> list[tuple[str, str]]:
    low, high = scores["macro_f1_interval"]
    found = [
        ("texts of one emotion", f"{scores['texts']}"),
        ("macro F1, one emotion", f"{scores['macro_f1']:.3f} (95 %: {low:.3f} to {high:.3f})"),
        ("accuracy, one emotion", f"{scores['accuracy']:.1%}"),
        ("unweighted average recall", f"{scores['unweighted_average_recall']:.1%}"),
        *((f"F1, {name}", f"{value:.3f}") for name, value in scores["f1"].items()),
        ("macro F1, several emotions, cross-fitted thresholds", f"{scores['several_macro_f1']:.3f}"),
        ("expected calibration error, raw", f"{scores['calibration_error']:.3f}"),
        ("the same after cross-fitted temperature", f"{scores['calibration_error_calibrated']:.3f}"),
    ]
    if scores["training_seconds"]:
        found.append(("processor seconds of one training", f"{scores['training_seconds']:.0f}"))
    return found
