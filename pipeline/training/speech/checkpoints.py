"""Writing a trained speech model: its graph, a card for machines and a card for people."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pipeline.core.files import atomic
from pipeline.recognition.speech.checkpoint import CARD, MODEL, Card
from pipeline.training.markdown import confusion_table, table

if TYPE_CHECKING:
    import onnx

__all__ = ["MODEL_CARD", "WEIGHTS", "finished", "write_checkpoint"]

MODEL_CARD: Final = "MODEL_CARD.md"
WEIGHTS: Final = "head.safetensors"

_SHIPPED: Final = {
    "moonshine-layers": "all layers of Moonshine's encoder (`checkpoints/encoder`)",
    "moonshine-x-vector": "all but the last layers of Moonshine's encoder and an x-vector (`checkpoints/encoder`)",
}
"""Features that the project's own networks give, in words."""


def finished(head: onnx.ModelProto, features: str, temperature: float) -> onnx.ModelProto:
    """Return one graph from features to `logits` and calibrated `probabilities`.

    Args:
        head: One input, features (1, frames, size), to logits (1, labels).
        features: Name of the features, and of the input of the graph.
        temperature: What the logits are divided by before the softmax.
    """
    import numpy as np
    from onnx import TensorProto, checker, compose, helper, numpy_helper

    head = compose.add_prefix(head, "head/")
    source, target = head.graph.input[0].name, head.graph.output[0].name
    labels = head.graph.output[0].type.tensor_type.shape.dim[-1].dim_value
    for node in head.graph.node:
        node.input[:] = [features if name == source else name for name in node.input]
    head.graph.input[0].name = features
    head.graph.initializer.append(numpy_helper.from_array(np.float32(temperature), "temperature"))
    head.graph.node.extend(
        [
            helper.make_node("Identity", [target], ["logits"]),
            helper.make_node("Div", ["logits", "temperature"], ["scaled"]),
            helper.make_node("Softmax", ["scaled"], ["probabilities"], axis=-1),
        ]
    )
    del head.graph.output[:]
    head.graph.output.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, labels]) for name in ("logits", "probabilities")
    )
    checker.check_model(head)
    return head


def write_checkpoint(folder: Path, model: onnx.ModelProto, card: Card) -> Card:
    """Write the graph and both cards; return the card with the graph's digest.

    Raises:
        OutputError: The folder cannot be written.
    """
    content = model.SerializeToString()
    card = Card(**asdict(card) | {"sha256": hashlib.sha256(content).hexdigest()})
    for name, data in (
        (MODEL, content),
        (CARD, json.dumps(card.to_dict(), indent=2).encode() + b"\n"),
        (MODEL_CARD, _described(card, len(content)).encode()),
    ):
        with atomic(folder / name) as temporary:
            temporary.write_bytes(data)
    return card


def _what(card: Card, size: int) -> str:
    """Say what the file takes and holds."""
    if card.features not in _SHIPPED:
        return f"One ONNX file from features ({card.features}) to probabilities, {size / 1e6:.1f} MB."
    return (
        f"One ONNX file, {size / 1e6:.1f} MB, from {_SHIPPED[card.features]} to probabilities; "
        "the sound is conditioned before (16 kHz, silence cut, level normalised)."
    )


def _described(card: Card, size: int) -> str:
    """Return the card for people, in Markdown."""
    scores = card.scores
    lines = [
        f"# {card.name}",
        "",
        "Tells which of eight emotions a person speaks in: " + ", ".join(card.labels) + ".",
        _what(card, size),
        "",
        "## Trained on",
        f"{card.data['clips']} clips of {card.data['speakers']} speakers of {', '.join(card.data['corpora'])} "
        f"({card.data['citation']}) Seed {card.seed}. The speakers act, in studio sound, "
        "two English sentences: emotion in other words, languages and in real life is expressed otherwise.",
        *_reading(card),
        "",
    ]
    if scores:
        lines += [
            "## Scores on unheard speakers",
            f"{scores['protocol'].capitalize()}; {scores['clips']} clips, {scores['speakers']} speakers, "
            f"seeds {', '.join(map(str, scores['seeds']))}. "
            "The shipped file was then trained on all of the speakers: scoring it on their clips would flatter it.",
            "",
            *table(("measure", "value"), _measures(scores)),
            "",
            "Rows are the true emotions, columns the answers (first seed):",
            "",
            *confusion_table(card.labels, scores["confusion"]),
            "",
        ]
    lines += [
        "## How sure it is",
        f"Logits are divided by {card.temperature:.2f}, fitted on unheard speakers. "
        f"Below a confidence of {card.unsure_below:.2f} the answer counts as unsure: "
        "on unheard speakers fewer than half of such answers were right.",
        "",
        "## Licences",
        *(f"* {part}: {licence}" for part, licence in card.licences.items()),
        "",
    ]
    return "\n".join(lines)


def _reading(card: Card) -> list[str]:
    """Say what read speech there was beside the corpus, and what for."""
    if not (told := card.data.get("reading")):
        return []
    return [
        f"What makes {told['clips']} clips of {told['speakers']} speakers who read aloud "
        f"({', '.join(told['corpora'])}) differ from neutral clips is not listened to: "
        "the sound of another place is no emotion."
    ]


def _measures(scores: dict[str, Any]) -> list[tuple[str, str]]:
    by_seed, by_fold = (
        ", ".join(f"{value:.1%}" for value in scores[f"accuracy_by_{part}"]) for part in ("seed", "fold")
    )
    return [
        ("accuracy", f"{scores['accuracy']:.1%} (by seed {by_seed})"),
        ("accuracy by fold", by_fold),
        ("unweighted average recall", f"{scores['unweighted_average_recall']:.1%}"),
        ("macro F1", f"{scores['macro_f1']:.3f}"),
        ("expected calibration error, raw", f"{scores['calibration_error']:.3f}"),
        ("the same after cross-fitted temperature", f"{scores['calibration_error_calibrated']:.3f}"),
        ("accuracy on the 60 % that it is surest of", f"{scores['surest_accuracy']:.1%}"),
        *((f"{name} clips found", f"{value:.1%}") for name, value in scores["recall"].items()),
        *((f"accuracy, {name} speakers", f"{value:.1%}") for name, value in scores["accuracy_by_sex"].items()),
        *((f"accuracy, {name} intensity", f"{value:.1%}") for name, value in scores["accuracy_by_intensity"].items()),
    ]
