"""Writing a trained speech model: its graph, a card for machines and a card for people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipeline.recognition.checkpoint import Card
from pipeline.training import checkpoints
from pipeline.training.checkpoints import licence_lines, model_card, score_lines

if TYPE_CHECKING:
    import onnx

__all__ = ["WEIGHTS", "finished", "write_checkpoint"]

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
    return checkpoints.write_checkpoint(folder, model, card, _described)


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
    scores, told = card.scores, card.data.get("reading")
    measured, reading = [], ""
    if scores:
        measured = [
            "## Scores on unheard speakers",
            f"{scores['protocol'].capitalize()}; {scores['clips']} clips, {scores['speakers']} speakers, "
            f"seeds {', '.join(map(str, scores['seeds']))}. "
            "The shipped file was then trained on all of the speakers: scoring it on their clips would flatter it.",
            "",
            *score_lines(scores, card.labels),
            "",
        ]
    if told:
        reading = (
            f"\nWhat makes {told['clips']} clips of {told['speakers']} speakers who read aloud "
            f"({', '.join(told['corpora'])}) differ from neutral clips is not listened to: "
            "the sound of another place is no emotion."
        )
    return model_card(
        "speech",
        card=card,
        labels=", ".join(card.labels),
        what=_what(card, size),
        corpora=", ".join(card.data["corpora"]),
        reading=reading,
        scores=measured,
        licences=licence_lines(card),
    )
