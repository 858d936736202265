"""Give a checkpoint's graph what knowing the speaker needs: an offset to subtract, and means to compare with.

The offset is an input with a default of zero, so that the graph serves as before whoever does not know of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.decoding import read_audio
from pipeline.core.emotions import EMOTIONS
from pipeline.core.onnx_sessions import open_graph
from pipeline.core.values import Samples
from pipeline.recognition.checkpoint import EMOTION_MEANS, MODEL, SPEAKER, STATISTICS, Card, read_card
from pipeline.recognition.speech.conditioning import at_speed, phrases
from pipeline.recognition.speech.features import load_features
from pipeline.training.corpora import Recording
from pipeline.training.speech.checkpoints import write_checkpoint

if TYPE_CHECKING:
    import onnx

__all__ = ["personalise", "with_emotion_means", "with_speaker"]

_POOLING: Final = "layer_statistics"
"""Name of the Keras layer that takes the statistics."""

_STORED: Final = "stored_emotion_means"
"""Name of the constant that holds them in half precision."""


def with_speaker(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the graph with the input `speaker`, zero where it is not given, and the output `statistics`.

    A network that takes mean, deviation, maximum and minimum of the layers over time gets all four centred.
    Any other gets the layers centred, and `statistics` are their means alone.

    Args:
        model: From features, (1, frames, size), to `logits` and `probabilities`, as `checkpoints.finished` gives it.
    """
    from onnx import ModelProto, TensorProto, checker, helper, numpy_helper

    changed = ModelProto()
    changed.CopyFrom(model)
    graph = changed.graph
    inside = {name for node in graph.node if f"/{_POOLING}" in node.name for name in node.output}
    leaving = [node for node in graph.node if f"/{_POOLING}" not in node.name and inside & set(node.input)]
    pooled = next((name for node in leaving if node.op_type == "Sub" for name in node.input if name in inside), "")
    source, centred = pooled or graph.input[0].name, "centred"
    for node in graph.node:
        if (node in leaving) if pooled else source in node.input:
            node.input[:] = [centred if name == source else name for name in node.input]
    if pooled:
        taken = helper.make_node("Identity", [source], [STATISTICS])
    else:
        graph.initializer.append(numpy_helper.from_array(np.array([1], np.int64), "time_axis"))
        taken = helper.make_node("ReduceMean", [source, "time_axis"], [STATISTICS], keepdims=0)
    place = next((index + 1 for index, node in enumerate(graph.node) if source in node.output), 0)
    graph.node.insert(place, taken)
    # (1, size) goes from (1, size) and from (1, frames, size) alike.
    graph.node.insert(place + 1, helper.make_node("Sub", [source, SPEAKER], [centred]))
    size = _size(graph, pooled)
    graph.initializer.append(numpy_helper.from_array(np.zeros((1, size), np.float32), SPEAKER))
    graph.input.append(helper.make_tensor_value_info(SPEAKER, TensorProto.FLOAT, [1, size]))
    graph.output.append(helper.make_tensor_value_info(STATISTICS, TensorProto.FLOAT, [1, size]))
    checker.check_model(changed)
    return changed


def _size(graph: onnx.GraphProto, pooled: str) -> int:
    """Return how many numbers are centred."""
    from onnx import numpy_helper

    if not pooled:
        return int(graph.input[0].type.tensor_type.shape.dim[-1].dim_value)
    reader = next(node for node in graph.node if node.op_type == "Sub" and "centred" in node.input)
    return int(next(numpy_helper.to_array(entry).size for entry in graph.initializer if entry.name in reader.input))


def with_emotion_means(model: onnx.ModelProto, means: NDArray[np.floating]) -> onnx.ModelProto:
    """Return the graph with the constant output `emotion_means`.

    Args:
        model: As `with_speaker` gives it; means that it has already are replaced.
        means: (labels, size).
    """
    from onnx import ModelProto, TensorProto, checker, helper, numpy_helper

    changed = ModelProto()
    changed.CopyFrom(model)
    # Half the precision is a thousandth of their spread, and half the size of the file.
    stored = numpy_helper.from_array(means.astype(np.float16), _STORED)
    earlier = next((entry for entry in changed.graph.initializer if entry.name == _STORED), None)
    if earlier is not None:
        earlier.CopyFrom(stored)
        return changed
    changed.graph.initializer.append(stored)
    changed.graph.node.append(helper.make_node("Cast", [_STORED], [EMOTION_MEANS], to=TensorProto.FLOAT))
    changed.graph.output.append(helper.make_tensor_value_info(EMOTION_MEANS, TensorProto.FLOAT, list(means.shape)))
    checker.check_model(changed)
    return changed


def personalise(
    folder: Path,
    recordings: Sequence[Recording],
    *,
    threads: int = 1,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Card:
    """Give a checkpoint on disk all that knowing the speaker needs; its answers for unknown speakers stay the same.

    Args:
        folder: A checkpoint from features to probabilities.
        recordings: The recordings that it was trained on.
        threads: Computing threads.
        progress: Called after every recording with how many of how many are done.

    Returns:
        The card with the new digest.

    Raises:
        WeightsMissing: There is no checkpoint.
        OutputError: The folder cannot be written.
    """
    import onnx

    card = read_card(folder)
    model = onnx.load(str(folder / MODEL))
    if SPEAKER not in {entry.name for entry in model.graph.input}:
        model = with_speaker(model)
    session = open_graph(model.SerializeToString(), threads=threads)
    features = load_features(card.features, threads)

    def statistics(samples: Samples) -> NDArray[np.float32]:
        heard = (features(at_speed(samples, speed))[np.newaxis] for speed in card.speeds)
        found = [session.run([STATISTICS], {features.name: frames})[0][0] for frames in heard]
        return np.asarray(np.mean(found, axis=0), np.float32)

    found: dict[str, list[NDArray[np.float32]]] = {emotion: [] for emotion in EMOTIONS}
    for done, recording in enumerate(recordings, start=1):
        longest = max(phrases(read_audio(recording.path)), key=lambda phrase: phrase.speech, default=None)
        if longest is not None:
            found[recording.emotion].append(statistics(longest.samples))
        progress(done, len(recordings))
    every = np.concatenate([np.array(rows) for rows in found.values() if rows]).mean(axis=0)
    means = np.array([np.mean(found[label], axis=0) if found[label] else every for label in card.labels])
    return write_checkpoint(folder, with_emotion_means(model, means), card)
