"""A tiny Kokoro in the official layout: the same names of tensors, made of tables, small enough to be built in a test.

Each symbol has a duration, an F0 and an energy of its own, which the style scales; the sound is two sines of exactly
this F0 and energy, and a whistle for what has no voice. So what was asked for can be measured, and every part of the
official graph is there to be cut, aligned, changed and spoken.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pipeline.synthesis.kokoro.features import INNER
from pipeline.synthesis.kokoro.features import TEXT as TEXT_WIDTH
from pipeline.synthesis.kokoro.parts import ALIGNED_PROSODY, ALIGNED_TEXT, DURATIONS, ENERGY, F0, PROSODY, TEXT
from pipeline.synthesis.kokoro.symbols import token_ids
from pipeline.synthesis.kokoro.voices import listed_voices
from pipeline.training.decoder.lessons import HALFWAY

VOWELS = "AIOQWYaeiouyæɑɒɔəɚɛɜɐɤɨɪʊʌᵊᵻ"
VOICED = "bdjlmnvwzðŋɡɥɹɻʒʤT"
PAUSES = " ,.!?"
RATE, STEP, FRAME = 24_000, 300, 600
SYMBOLS = 178


def write_tiny_kokoro(graph: Path, voices: Path) -> None:
    """Write the graph, and voices by id whose F0 is about the real one's."""
    from onnx import save

    graph.parent.mkdir(parents=True, exist_ok=True)
    save(_graph(), graph)
    voices.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(0)
    for voice in listed_voices():
        if "_" in voice.name:
            style = random.uniform(0.9, 1.1, (510, 1, 256)).astype(np.float32)
            # The first number of the half for prosody is F0 in Hz; that of the half for timbre is the loudness.
            style[..., 128] = float(voice.description.split()[-2])
            style[..., 0] = 1.0
            style.tofile(voices / f"{voice.name}.bin")


def _tables() -> tuple[np.ndarray, np.ndarray]:
    """Return what each symbol is: frames (symbols, 1), and F0 as a ratio, energy, whistle, zeros (symbols, 512)."""
    random = np.random.default_rng(1)
    frames = np.full((SYMBOLS, 1), 2.2, np.float32)
    features = np.zeros((SYMBOLS, TEXT_WIDTH), np.float32)
    features[:, :3] = (0.01, 3.0, 1.0)

    def put(symbols: str, seconds: float, f0: float, energy: float, whistle: float) -> None:
        for symbol in symbols:
            number = int(token_ids(symbol)[0, 1])
            frames[number] = seconds / 0.025 + random.uniform(-0.2, 0.2)
            features[number, :3] = (f0 * random.uniform(0.9, 1.1), energy, whistle)

    put(VOWELS, 0.09, 1.0, 9.0, 0.0)
    put(VOICED, 0.06, 1.0, 7.0, 0.0)
    put(" ", 0.025, 0.01, 2.0, 0.0)
    put(",.!?", 0.2, 0.01, -6.0, 0.0)
    put("ˈˌː→↗↓↘ʰ", 0.025, 1.0, 7.0, 0.0)
    features[0, :3], frames[0] = (0.01, -9.0, 0.0), 12.0
    return frames, features


def _graph():
    from onnx import TensorProto, helper, numpy_helper, shape_inference

    frames, features = _tables()
    constants = {
        "frames": frames,
        "features": features,
        "axis2": np.array([2]),
        "axis1": np.array([1]),
        "three": np.array([3]),
        "zero": np.array(0),
        "one": np.array(1),
        "ones": np.array([1]),
        "least": np.array(1.0, np.float32),
        "places": np.array([128]),
        "length": np.array([256]),
        "first": np.array([0]),
        "f0 row": np.array([0]),
        "energy row": np.array([1]),
        "whistle row": np.array([2]),
        "twice": np.array([1, 1, 1, 2]),
        "row": np.array([1, -1]),
        "steps": np.array([1, 1, STEP]),
        "repeated": np.array([1, 1, 1, FRAME]),
        "many": np.array([1, INNER, 1]),
        "flat": np.array([-1]),
        "turn": np.array(2 * np.pi / RATE, np.float32),
        "two": np.array(2.0, np.float32),
        "whistled": np.array(2 * np.pi * 3000 / RATE, np.float32),
        "audible": np.array(20.0, np.float32),
        "quiet": np.array(0.004, np.float32),
        "deep": np.array(0.5, np.float32),
    }
    nodes = []

    def node(kind: str, inputs: str, output: str, **attributes: object) -> str:
        names = [name.strip() for name in inputs.split("|")]
        nodes.append(helper.make_node(kind, names, [output], name=f"node {len(nodes)}", **attributes))
        return output

    # Tokens to durations and features.
    node("Slice", "style | places | length | axis1", "manner")
    node("Slice", "manner | first | ones | axis1", "pitch")
    node("Slice", "style | first | ones | axis1", "loudness")
    node("Gather", "frames | tokens", "lasting", axis=0)
    node("ReduceSum", "lasting | axis2", DURATIONS, keepdims=0)
    node("Gather", "features | tokens", "looked up", axis=0)
    node("Concat", "looked up", PROSODY, axis=2)
    node("Transpose", "looked up", TEXT, perm=[0, 2, 1])
    # What the official graph does to align them.
    node("Div", f"{DURATIONS} | speed", "spoken")
    node("Round", "spoken", "rounded")
    node("Max", "rounded | least", "clipped")
    node("Cast", "clipped", "whole", to=TensorProto.INT64)
    node("CumSum", "whole | one", "ends")
    node("Sub", "ends | whole", "starts")
    node("ReduceMax", "ends", "total", keepdims=0)
    node("Range", "zero | total | one", "times")
    node("Unsqueeze", "ends | axis2", "ends column")
    node("Unsqueeze", "starts | axis2", "starts column")
    node("Less", "times | ends column", "before end")
    node("GreaterOrEqual", "times | starts column", "after start")
    node("And", "before end | after start", "inside")
    node("Cast", "inside", "alignment", to=TensorProto.FLOAT)
    node("Transpose", PROSODY, "prosody rows", perm=[0, 2, 1])
    node("MatMul", "prosody rows | alignment", ALIGNED_PROSODY)
    node("MatMul", f"{TEXT} | alignment", ALIGNED_TEXT)
    # F0 and energy, two values a frame.
    for output, row in ((F0, "f0 row"), (ENERGY, "energy row")):
        node("Gather", f"{ALIGNED_PROSODY} | {row}", f"{row} taken", axis=1)
        node("Unsqueeze", f"{row} taken | three", f"{row} apart")
        node("Tile", f"{row} apart | twice", f"{row} doubled")
        node("Reshape", f"{row} doubled | row", output if output == ENERGY else "f0 ratio")
    node("Mul", "f0 ratio | pitch", F0)
    # Sound: energy is a natural logarithm of power.
    node("Unsqueeze", f"{F0} | axis1", "f0 across")
    node("Tile", "f0 across | many", HALFWAY)
    node("ReduceMax", f"{HALFWAY} | axis1", "f0 again", keepdims=0)
    for name, tensor in (("hertz", "f0 again"), ("level", ENERGY)):
        node("Unsqueeze", f"{tensor} | axis2", f"{name} apart")
        node("Tile", f"{name} apart | steps", f"{name} repeated")
        node("Reshape", f"{name} repeated | row", name)
    node("Mul", "hertz | turn", "turned")
    node("CumSum", "turned | one", "phase")
    node("Sin", "phase", "sine")
    node("Mul", "phase | two", "second phase")
    node("Sin", "second phase", "second sine")
    node("Add", "sine | second sine", "tone")
    node("Greater", "hertz | audible", "has voice")
    node("Cast", "has voice", "voice", to=TensorProto.FLOAT)
    node("Mul", "tone | voice", "voiced tone")
    node("Mul", "level | deep", "log amplitude")
    node("Exp", "log amplitude", "amplitude")
    node("Mul", "amplitude | quiet", "gain")
    node("Mul", "voiced tone | gain", "voice sound")
    node("Gather", f"{ALIGNED_TEXT} | whistle row", "whistle taken", axis=1)
    node("Unsqueeze", "whistle taken | three", "whistle apart")
    node("Tile", "whistle apart | repeated", "whistle repeated")
    node("Reshape", "whistle repeated | row", "whistle")
    node("Sub", "hertz | hertz", "silence")
    node("Add", "silence | whistled", "whistle turn")
    node("CumSum", "whistle turn | one", "whistle phase")
    node("Sin", "whistle phase", "whistle sine")
    node("Mul", "whistle sine | whistle", "whistle sound")
    node("Mul", "whistle sound | gain", "whistle loud")
    node("Add", "voice sound | whistle loud", "mixed")
    node("Mul", "mixed | loudness", "scaled")
    node("Reshape", "scaled | flat", "audio")
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "tiny",
        [
            value("tokens", TensorProto.INT64, [1, None]),
            value("style", TensorProto.FLOAT, [1, 256]),
            value("speed", TensorProto.FLOAT, [1]),
        ],
        [value("audio", TensorProto.FLOAT, [None])],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    # The official graph describes its tensors too.
    return shape_inference.infer_shapes(model)
