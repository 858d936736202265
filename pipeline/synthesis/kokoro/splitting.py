"""Cuts the official graph of Kokoro into its three parts: done once, where the weights are pulled."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from pipeline.core.errors import DownloadFailed
from pipeline.core.messages import reason
from pipeline.core.onnx_sessions import open_graph
from pipeline.core.values import Samples
from pipeline.synthesis.kokoro.istftnet import Istftnet
from pipeline.synthesis.kokoro.parts import (
    ALIGNED_PROSODY,
    ALIGNED_TEXT,
    DECODER,
    DURATIONS,
    ENCODER,
    ENERGY,
    F0,
    PREDICTOR,
    PROSODY,
    TEXT,
    Intended,
    Parts,
    whole_frames,
)
from pipeline.synthesis.kokoro.symbols import token_ids
from pipeline.synthesis.kokoro.voices import Styles, find_voice
from pipeline.synthesis.prosody.changes import TimbreChange

__all__ = ["GRAPH", "difference", "prepare", "split"]

GRAPH: Final = "kokoro-v1.0.int8.onnx"
"""The official graph in the folder of the weights."""

_PARTS: Final = {
    ENCODER: (["tokens", "style"], [DURATIONS, PROSODY, TEXT]),
    PREDICTOR: ([ALIGNED_PROSODY, "style"], [F0, ENERGY]),
    DECODER: ([ALIGNED_TEXT, F0, ENERGY, "style"], ["audio"]),
}
"""Each part with its inputs and outputs."""
_CLOSE: Final = 1e-5
"""Amplitude by which the parts may depart from the whole: they compute the same numbers."""
_SAMPLE: Final = "ðɪs ɪz hˌW ɪt sˈWndz."
"""Symbols that both say to be compared."""


def prepare(folder: Path) -> None:
    """Cut the graph in a folder of weights, and check that the parts do what the whole does.

    Args:
        folder: Holds the graph and `voices`; gets the parts.

    Raises:
        DownloadFailed: The graph is not one that can be cut, or the parts say something else.
    """
    split(folder / GRAPH, folder)
    far = difference(folder, Styles(folder / "voices").style(find_voice("youngwoman"), len(_SAMPLE)))
    if not far <= _CLOSE:
        raise DownloadFailed(
            f"{GRAPH} was cut, but its parts depart from it by {far:.1g}.",
            hint="Install another version of onnxruntime, and pull again.",
        )


def split(graph: Path, folder: Path) -> None:
    """Cut a graph at the tensors that `parts` names; each part is written beside the others.

    Args:
        graph: In the layout of Kokoro-82M v1.0 as kokoro-onnx exports it.
        folder: Where the parts go.

    Raises:
        DownloadFailed: It has another layout.
    """
    import onnx
    from onnx.utils import Extractor

    try:
        whole = onnx.load(graph)
    except Exception as error:  # protobuf's errors have no root of their own
        raise DownloadFailed(f"{graph.name} is not an ONNX graph: {reason(error)}.") from error
    extractor = Extractor(whole)
    try:
        for name, (inputs, outputs) in _PARTS.items():
            onnx.save(extractor.extract_model(inputs, outputs), folder / name)
    except ValueError as error:  # A tensor is not there.
        raise DownloadFailed(f"{graph.name} has another layout than Kokoro-82M v1.0: {reason(error)}.") from error


def difference(folder: Path, style: Samples) -> float:
    """Return the greatest difference between the sound of the whole graph and that of its parts.

    Args:
        folder: Holds both.
        style: Of any voice, float32 (1, 256).
    """
    tokens = token_ids(_SAMPLE)
    whole = open_graph(folder / GRAPH)
    (expected,) = whole.run(["audio"], {"tokens": tokens, "style": style, "speed": np.ones(1, np.float32)})
    parts = Parts(folder)
    encoded = parts.encode(tokens, style)
    frames = whole_frames(encoded.durations)
    f0, energy = parts.contours(encoded, frames, style)
    intended = Intended(encoded.text, frames, f0, energy, style, np.zeros(len(f0), np.bool_))
    samples = Istftnet(folder).sound(intended, TimbreChange())
    return float(np.abs(samples - expected.ravel()).max()) if samples.size == expected.size else np.inf
