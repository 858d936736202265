"""Writing a trained speech model: its graph, a card for machines and a card for people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pipeline.recognition.checkpoint import Card
from pipeline.training import checkpoints
from pipeline.training.checkpoints import licence_lines, model_card, score_lines
from pipeline.training.markdown import table

if TYPE_CHECKING:
    import onnx

__all__ = ["WEIGHTS", "finished", "write_checkpoint"]

WEIGHTS: Final = "head.safetensors"

_SPOKEN: Final = {
    "one": "The speakers act, in studio sound, two English sentences: emotion in other words, languages and in real "
    "life is expressed otherwise.",
    "several": "All of them act, in studio sound: emotion in real life is expressed otherwise.",
}
"""How many corpora there are to what is said of them."""

_KNOWN: Final = (
    "Of a speaker of whom n other clips are known, log probabilities are multiplied by "
    "1 + {card.known_gain:.2f} log2(1 + n / 8) once the lean is taken away: fitted on clips drawn from those speakers, "
    "2 to all, of all emotions or of one. "
)
"""What is said of the certainty about known speakers."""

_SHIPPED: Final = {
    "moonshine-layers": "all layers of Moonshine's encoder (`checkpoints/encoder`)",
    "moonshine-whisper": "all but the last layers of Moonshine's encoder, an x-vector and the lower layers of Whisper "
    "tiny.en's encoder (`checkpoints/encoder`)",
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


def _elsewhere(corpora: dict[str, Any]) -> list[str]:
    """Return the Markdown of what models reach on each corpus that they were not trained on."""
    if not corpora:
        return []
    rows = [
        (
            name,
            f"{found['clips']} of {found['speakers']}",
            str(len(found["emotions"])),
            f"{found['accuracy']:.1%}, {found['unweighted_average_recall']:.1%}",
            f"{found['accuracy_known']:.1%}, {found['unweighted_average_recall_known']:.1%}",
            f"{found['calibration_error']:.3f}, {found['calibration_error_known']:.3f}",
            f"{found['calibration_error_all']:.3f}, {found['calibration_error_all_known']:.3f}",
        )
        for name, found in corpora.items()
    ]
    head = (
        "corpus left out",
        "clips of speakers",
        "emotions",
        "one clip: accuracy, UAR",
        "speakers known",
        "ECE",
        "ECE, all eight",
    )
    return [
        "## On a corpus that it never heard",
        "Each corpus was left out in turn, and judged over the emotions that it shares with the others: by one clip,",
        "and by clips whose speakers are known by themselves, each judged knowing the speaker's others. ECE, the",
        "calibration error over the shared emotions and over all eight, is in the same order; temperature and gain are",
        "those of the other corpora.",
        "Where the network has learned from the corpus, the discriminant answered alone.",
        "",
        *table(head, rows),
        "",
    ]


def _described(card: Card, size: int) -> str:
    """Return the card for people, in Markdown."""
    scores, told = card.scores, card.data.get("reading")
    measured, reading = [], ""
    if scores:
        measured = [
            *_elsewhere(scores.get("corpora", {})),
            "## Scores on unheard speakers" if not scores.get("corpora") else "## All of these clips together",
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
    if expert := card.data.get("expert"):
        reading += (
            "\nIts answer is the mean of two: a linear discriminant of all these clips, and the network of "
            f"`configs/{expert['name']}_ravdess.yaml`, which knows {', '.join(expert['corpora'])} alone. "
            f"By itself that is right in {expert.get('accuracy', 0):.1%} there "
            f"({expert.get('protocol', 'not measured')})."
        )
    return model_card(
        "speech",
        card=card,
        labels=", ".join(card.labels),
        what=_what(card, size),
        corpora=", ".join(card.data["corpora"]),
        reading=reading,
        scores=measured,
        known=_KNOWN.format(card=card) if card.known_gain else "",
        licences=licence_lines(card),
        spoken=_SPOKEN["several" if len(card.data["corpora"]) > 1 else "one"],
    )
