"""Moonshine networks of other sizes than the embedded one, made in the layout that they are released in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from pipeline.core.errors import EngineMissing, UnknownName, WeightsMissing
from pipeline.transcription import TRANSCRIBERS
from tests.transcription.whole_sounds import transcribed

onnx = pytest.importorskip("onnx", reason="the extra train is not installed")

TEXT = "Dogs are sitting by the door."
FILES = ("encoder_model.ort", "decoder_model_merged.ort", "tokenizer.bin")


def write_moonshine(folder: Path, text: str, *, layers: int, heads: int, size: int) -> None:
    """Write a network of a given shape that says a text, a word for each token that its memory holds."""
    from onnx import TensorProto, helper, numpy_helper

    pieces = ["<unk>", "<s>", "</s>", *(f"\u2581{word}" for word in text.split())]
    _write_vocabulary(folder / "tokenizer.bin", pieces)
    width = heads * size

    def port(name: str, *shape: int | str, kind: int = TensorProto.FLOAT):
        return helper.make_tensor_value_info(name, kind, shape)

    def constant(name: str, values: np.ndarray):
        return numpy_helper.from_array(values, name)

    mask = port("attention_mask", "batch", "samples", kind=TensorProto.INT64)
    kernel = np.random.default_rng(0).normal(size=(width, 1, 384)).astype(np.float32)
    encoder = helper.make_graph(
        [
            helper.make_node("Unsqueeze", ["input_values", "one"], ["channel"]),
            helper.make_node("Conv", ["channel", "kernel"], ["frames"], strides=[384]),
            helper.make_node("Transpose", ["frames"], ["last_hidden_state"], perm=[0, 2, 1]),
        ],
        "encoder",
        [port("input_values", "batch", "samples"), mask],
        [port("last_hidden_state", "batch", "frames", width)],
        [constant("one", np.array([1])), constant("kernel", kernel)],
    )
    _save(encoder, folder / FILES[0])

    script = np.full((len(pieces) - 2, len(pieces)), -5.0, np.float32)
    script[np.arange(len(script)), [*range(3, len(pieces)), 2]] = 5.0
    memories = [
        f"{layer}.{part}.{kind}"
        for layer in range(layers)
        for part in ("decoder", "encoder")
        for kind in ("key", "value")
    ]
    nodes = [
        helper.make_node("Shape", ["past_key_values.0.decoder.key"], ["known"], start=2, end=3),
        helper.make_node("Min", ["known", "last"], ["place"]),
        helper.make_node("Gather", ["script", "place"], ["row"]),
        helper.make_node("Shape", ["input_ids"], ["asked"]),
        helper.make_node("Concat", ["asked", "one"], ["target"], axis=0),
        helper.make_node("Expand", ["row", "target"], ["logits"]),
        helper.make_node("Shape", ["input_ids"], ["beams"], start=0, end=1),
        helper.make_node("Concat", ["beams", "rest"], ["new"], axis=0),
        helper.make_node("ConstantOfShape", ["new"], ["step"]),
    ]
    for memory in memories:
        past, present = f"past_key_values.{memory}", f"present.{memory}"
        if "decoder" in memory:
            nodes.append(helper.make_node("Concat", [past, "step"], [present], axis=2))
        else:
            nodes.append(helper.make_node("Identity", [past], [present]))
    decoder = helper.make_graph(
        nodes,
        "decoder",
        [
            port("encoder_attention_mask", "batch", "samples", kind=TensorProto.INT64),
            port("input_ids", "batch", "tokens", kind=TensorProto.INT64),
            port("encoder_hidden_states", "batch", "frames", width),
            *(port(f"past_key_values.{memory}", "batch", heads, "past" if "decoder" in memory else "frames", size)
              for memory in memories),
            port("use_cache_branch", 1, kind=TensorProto.BOOL),
        ],
        [
            port("logits", "batch", "tokens", len(pieces)),
            *(port(f"present.{memory}", "batch", heads, "all", size) for memory in memories),
        ],
        [
            constant("script", script),
            constant("last", np.array([len(script) - 1])),
            constant("one", np.array([1])),
            constant("rest", np.array([heads, 1, size])),
        ],
    )  # fmt: skip
    _save(decoder, folder / FILES[1])


def _save(graph, path: Path) -> None:
    """Write a graph in ONNX Runtime's own format."""
    import onnxruntime
    from onnx import helper

    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(path)
    options.add_session_config_entry("session.save_model_format", "ORT")
    onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def _write_vocabulary(path: Path, pieces: Sequence[str]) -> None:
    content = (piece.encode() for piece in pieces)
    path.write_bytes(b"".join(bytes([len(piece)]) + piece for piece in content))


@pytest.mark.parametrize(("layers", "heads", "size"), [(1, 2, 6), (8, 8, 52)])
def test_sizes_come_from_the_files(layers: int, heads: int, size: int, tmp_path: Path, say: Callable) -> None:
    write_moonshine(tmp_path, TEXT, layers=layers, heads=heads, size=size)
    engine = TRANSCRIBERS.create(TRANSCRIBERS.choose(f"moonshine:{tmp_path}", "en"), threads=1)
    assert engine.name == f"moonshine:{tmp_path}"
    (segment,) = transcribed(engine, say(TEXT)[0])
    assert segment.text == TEXT
    assert np.allclose([word.start for word in segment.words], say(TEXT)[1], atol=0.2)


def test_the_base_network_is_taken_from_where_it_is_pulled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, say: Callable
) -> None:
    monkeypatch.setenv("RESAY_HOME", str(tmp_path))
    folder = tmp_path / "weights" / "moonshine-base"
    folder.mkdir(parents=True)
    with pytest.raises(WeightsMissing, match="models pull moonshine-base"):
        TRANSCRIBERS.create(TRANSCRIBERS.find("moonshine:base"))
    write_moonshine(folder, TEXT, layers=2, heads=2, size=4)
    (folder / "weights.json").write_text("{}")
    engine = TRANSCRIBERS.create(TRANSCRIBERS.choose("moonshine:base", "en"), threads=1)
    assert engine.name == "moonshine:base"
    assert transcribed(engine, say(TEXT)[0])[0].text == TEXT


def test_a_folder_that_lacks_a_file(tmp_path: Path) -> None:
    write_moonshine(tmp_path, TEXT, layers=1, heads=1, size=2)
    (tmp_path / FILES[1]).unlink()
    with pytest.raises(EngineMissing, match=FILES[1]):
        TRANSCRIBERS.create(TRANSCRIBERS.choose(f"moonshine:{tmp_path}"))


@pytest.mark.parametrize(("name", "ran"), [("moonshine", "moonshine:tiny"), ("moonshine-tiny", "moonshine:tiny")])
def test_tiny_is_the_default(name: str, ran: str) -> None:
    assert TRANSCRIBERS.create(TRANSCRIBERS.choose(name), threads=1).name == ran


def test_an_unknown_size_lists_the_known_ones() -> None:
    with pytest.raises(UnknownName, match="moonshine:tiny, moonshine:base"):
        TRANSCRIBERS.choose("moonshine:huge")
