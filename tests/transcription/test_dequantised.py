"""Networks of 8 bits that compute with floats: what changes, what stays, and what is left alone."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from pipeline.transcription.dequantised import dequantised

SCALE, ZERO = 0.01, 120


def loaded(path: Path) -> onnxruntime.InferenceSession:
    """Load a network as it was changed."""
    changed = dequantised(path)
    assert changed is not None
    network, weights = changed
    options = onnxruntime.SessionOptions()
    values = [onnxruntime.OrtValue.ortvalue_from_numpy(each) for each in weights.values()]
    options.add_external_initializers(list(weights), values)
    return onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])


def write(path: Path, nodes: list, constants: dict[str, np.ndarray]) -> Path:
    """Write a network from `x` (rows, 24) to `y` in the ORT format."""
    onnx = pytest.importorskip("onnx", reason="the extra train is not installed")
    helper = onnx.helper
    floats = onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        [helper.make_node(kind, *ports, domain=domain, **attributes) for kind, domain, ports, attributes in nodes],
        "tiny",
        [helper.make_tensor_value_info("x", floats, ["rows", 24])],
        [helper.make_tensor_value_info("y", floats, None)],
        [onnx.numpy_helper.from_array(values, name) for name, values in constants.items()],
    )
    operators = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=operators, ir_version=9)
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(path)
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.add_session_config_entry("session.save_model_format", "ORT")
    onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return path


def numbers() -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    return {
        "w": random.integers(0, 256, (24, 10), np.uint8),
        "scale": np.array(SCALE, np.float32),
        "zero": np.array(ZERO, np.uint8),
        "b": random.normal(size=10).astype(np.float32),
    }


@pytest.mark.parametrize("added", [True, False], ids=["with a bias", "without"])
@pytest.mark.parametrize("kind", ["DynamicQuantizeMatMul", "MatMulIntegerToFloat"])
def test_the_product_is_that_of_floats(kind: str, added: bool, tmp_path: Path) -> None:
    bias = ["b"] if added else []
    if kind == "DynamicQuantizeMatMul":
        nodes = [(kind, "com.microsoft", (["x", "w", "scale", "zero", *bias], ["p"]), {})]
    else:
        ports = ["rounded", "w", "x scale", "scale", "x zero", "zero", *bias]
        nodes = [
            ("DynamicQuantizeLinear", "", (["x"], ["rounded", "x scale", "x zero"]), {}),
            (kind, "com.microsoft", (ports, ["p"]), {}),
        ]
    constants = numbers() if added else {name: values for name, values in numbers().items() if name != "b"}
    # What stands after the product keeps its attributes: lists of integers, integers and floats.
    after = [
        ("Transpose", "", (["p"], ["t"]), {"perm": [1, 0]}),
        ("Softmax", "", (["t"], ["s"]), {"axis": 0}),
        ("LeakyRelu", "", (["s"], ["y"]), {"alpha": 0.3}),
    ]
    path = write(tmp_path / "tiny.ort", nodes + after, constants)
    x = np.random.default_rng(1).normal(size=(5, 24)).astype(np.float32)
    scores = x @ ((constants["w"].astype(np.float32) - ZERO) * np.float32(SCALE)) + constants.get("b", 0)
    expected = np.exp(scores - scores.max(axis=1, keepdims=True))
    expected = (expected / expected.sum(axis=1, keepdims=True)).T
    (y,) = loaded(path).run(None, {"x": x})
    np.testing.assert_allclose(y, expected, atol=1e-6)
    (rough,) = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]).run(None, {"x": x})
    assert np.abs(rough - expected).max() > 1e-5


def test_what_has_no_such_product_is_left(tmp_path: Path) -> None:
    path = write(tmp_path / "plain.ort", [("Relu", "", (["x"], ["y"]), {})], {})
    assert dequantised(path) is None
    other = tmp_path / "other.ort"
    other.write_bytes(b"no network at all")
    assert dequantised(other) is None


def test_the_embedded_encoder_says_nearly_the_same() -> None:
    package = importlib.util.find_spec("moonshine_voice")
    assert package is not None
    assert package.origin is not None
    folder = Path(package.origin).parent / "assets" / "tiny-en"
    assert dequantised(folder / "decoder_model_merged.ort") is None
    sound = np.random.default_rng(0).normal(scale=0.05, size=(1, 24000)).astype(np.float32)
    given = {"input_values": sound, "attention_mask": np.ones(sound.shape, np.int64)}
    stored = onnxruntime.InferenceSession(str(folder / "encoder_model.ort"), providers=["CPUExecutionProvider"])
    (rough,), (exact,) = stored.run(None, given), loaded(folder / "encoder_model.ort").run(None, given)
    assert exact.shape == rough.shape
    cosine = (exact * rough).sum(-1) / np.linalg.norm(exact, axis=-1) / np.linalg.norm(rough, axis=-1)
    assert cosine.mean() > 0.99
