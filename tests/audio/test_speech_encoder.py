"""The encoder that everybody shares: what it computes, that it is opened once, and the x-vector beside it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from pipeline.audio.speaker_embeddings import SIZE, X_VECTOR, x_vector
from pipeline.audio.speech_encoder import ENCODER, LAYER_SIZE, LAYERS, MIN_SAMPLES, speech_encoder
from pipeline.core.onnx_sessions import open_graph
from pipeline.core.paths import bundled

ROOT = Path(__file__).resolve().parents[2]
SCALE, ZERO = 0.01, 120

OPENED = """
import onnxruntime
opened = []
class Counted(onnxruntime.InferenceSession):
    def __init__(self, path, *rest, **more):
        opened.append(str(path))
        super().__init__(path, *rest, **more)
onnxruntime.InferenceSession = Counted
import sys
from pathlib import Path
from pipeline.audio.speech_encoder import ENCODER
from pipeline.core.paths import bundled
from pipeline.recognition.speech.recogniser import SpeechRecogniser
from pipeline.transcription.moonshine import create
engines = [SpeechRecogniser(bundled("checkpoints", name), threads=1) for name in ("cnn1d", "judge")]
create(threads=1)
print(sum(path.endswith(str(Path(*ENCODER))) for path in opened), "onnx" in sys.modules)
"""


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    return np.random.default_rng(0).normal(scale=0.05, size=24_000).astype(np.float32)


def test_every_layer_is_given(noise) -> None:
    layers = speech_encoder(1)(noise, LAYERS)
    assert {layer.shape for layer in layers} == {(len(layers[0]), LAYER_SIZE)}
    assert len(layers) == len(LAYERS)
    (last,) = speech_encoder(1)(noise)
    np.testing.assert_array_equal(last, layers[-1])
    assert len(speech_encoder(1)(noise[:MIN_SAMPLES])[0]) > 1


def test_it_says_nearly_what_the_package_says(noise) -> None:
    encoder_file = pytest.importorskip("pipeline.training.encoder.speech_encoder").encoder_file
    stored = onnxruntime.InferenceSession(str(encoder_file()), providers=["CPUExecutionProvider"])
    given = {"input_values": noise[np.newaxis], "attention_mask": np.ones((1, len(noise)), np.int64)}
    rough, (exact,) = stored.run(None, given)[0][0], speech_encoder(1)(noise)
    assert exact.shape == rough.shape
    cosine = (exact * rough).sum(-1) / np.linalg.norm(exact, axis=-1) / np.linalg.norm(rough, axis=-1)
    assert cosine.mean() > 0.99


def test_noise_of_a_millionth_moves_it_by_no_more(noise) -> None:
    (before,), (after,) = (speech_encoder(1)(sound) for sound in (noise, noise * np.float32(1 + 1e-6)))
    assert np.linalg.norm(after - before) < 1e-4 * np.linalg.norm(before)


def test_all_share_one_session_and_none_needs_onnx() -> None:
    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(speech_encoder, [1] * 8))) == 1
    done = subprocess.run([sys.executable, "-c", OPENED], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "False"]


def test_the_shipped_networks_are_made_by_their_command() -> None:
    pytest.importorskip("onnx", reason="onnx is not installed: pip install '.[train]'")
    from pipeline.training.encoder.speech_encoder import encoder_graph, in_8_bits
    from pipeline.training.encoder.x_vector import x_vector_graph

    card = bundled(*ENCODER[:-1], "MODEL_CARD.md").read_text(encoding="utf-8")
    for place, model in ((ENCODER, in_8_bits(encoder_graph())), (X_VECTOR, x_vector_graph())):
        shipped = bundled(*place).read_bytes()
        assert hashlib.sha256(shipped).hexdigest() in card
        assert model.SerializeToString() == shipped


@pytest.mark.parametrize("added", [True, False], ids=["with a bias", "without"])
@pytest.mark.parametrize("kind", ["DynamicQuantizeMatMul", "MatMulIntegerToFloat"])
def test_the_product_is_that_of_floats(kind: str, added: bool) -> None:
    onnx = pytest.importorskip("onnx", reason="onnx is not installed: pip install '.[train]'")
    from pipeline.training.encoder.speech_encoder import in_floats

    helper, floats = onnx.helper, onnx.TensorProto.FLOAT
    random = np.random.default_rng(0)
    constants = {
        "w": random.integers(0, 256, (24, 10), np.uint8),
        "scale": np.array(SCALE, np.float32),
        "zero": np.array(ZERO, np.uint8),
        "b": random.normal(size=10).astype(np.float32),
    }
    bias = ["b"] if added else []
    if kind == "DynamicQuantizeMatMul":
        nodes = [helper.make_node(kind, ["x", "w", "scale", "zero", *bias], ["y"], name="/part/MatMul_quant")]
    else:
        ports = ["rounded", "w", "x scale", "scale", "x zero", "zero", *bias]
        nodes = [
            helper.make_node("DynamicQuantizeLinear", ["x"], ["rounded", "x scale", "x zero"]),
            helper.make_node(kind, ports, ["y"], name="/part/MatMul_quant"),
        ]
    graph = helper.make_graph(
        list(in_floats(nodes)),
        "tiny",
        [helper.make_tensor_value_info("x", floats, ["rows", 24])],
        [helper.make_tensor_value_info("y", floats, ["rows", 10])],
        [onnx.numpy_helper.from_array(values, name) for name, values in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    session = open_graph(model.SerializeToString(), in_floats=True)
    x = random.normal(size=(5, 24)).astype(np.float32)
    expected = x @ ((constants["w"].astype(np.float32) - ZERO) * np.float32(SCALE)) + (constants["b"] if added else 0)
    np.testing.assert_allclose(session.run(None, {"x": x})[0], expected, atol=1e-5)


@pytest.mark.parametrize("length", [32_000, 9_001, 2_000])
def test_the_x_vector_is_that_of_the_package(noise, vowels, length) -> None:
    from pipeline.training.encoder.x_vector import x_vector_network

    sound = vowels(2.0)[:length] + noise[:1]
    padded = np.pad(sound, (0, max(0, 8000 - len(sound))))
    stored = onnxruntime.InferenceSession(x_vector_network(), providers=["CPUExecutionProvider"])
    expected, found = stored.run(None, {"waveform": padded[np.newaxis]})[0][0], x_vector(sound)
    assert found.shape == expected.shape == (SIZE,)
    assert found @ expected / np.linalg.norm(found) / np.linalg.norm(expected) > 0.98


def test_a_foreign_library_is_not_believed(tmp_path: Path) -> None:
    package = tmp_path / "moonshine_voice"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "libmoonshine.so").write_bytes(b"\0" * 100 + b"ORTM" + b"\1" * 1000)
    (package / "libmoonshine.dylib").touch()
    program = """
from pipeline.core.errors import WeightsMissing
from pipeline.training.encoder.x_vector import x_vector_network
try:
    x_vector_network()
except WeightsMissing as error:
    print(error.hint)
"""
    places = os.pathsep.join([str(tmp_path), str(ROOT)])
    ran = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | {"PYTHONPATH": places}, capture_output=True, text=True
    )
    assert (ran.returncode, ran.stdout) == (0, "Run pip install 'moonshine-voice==0.0.62'.\n"), ran.stderr
