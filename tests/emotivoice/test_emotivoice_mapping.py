"""Weights that lie in their file."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from emotivoice import EmotiVoice
from emotivoice.checkpoints import convert, open_weights
from pipeline.core.errors import WeightsMissing


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16, torch.float16, torch.int64])
def test_weights_come_back_after_their_memory_was_given_away(tmp_path: Path, precision: torch.dtype) -> None:
    weights = {
        "matrix": (100 * torch.randn(7, 5)).to(precision),
        "scalar": torch.tensor(3, dtype=precision),
        "none": torch.zeros(0, 2, dtype=precision),
    }
    save_file(weights, tmp_path / "w.safetensors", metadata={"made": "here"})
    mapped, release = open_weights(tmp_path / "w.safetensors")
    for _ in range(2):
        assert set(mapped) == set(weights)
        for name, value in weights.items():
            assert mapped[name].dtype == precision
            assert torch.equal(mapped[name], value)
        release()


def test_a_writer_does_not_reach_the_file(tmp_path: Path) -> None:
    save_file({"a": torch.ones(3)}, tmp_path / "w.safetensors")
    before = (tmp_path / "w.safetensors").read_bytes()
    open_weights(tmp_path / "w.safetensors")[0]["a"] += 1
    assert (tmp_path / "w.safetensors").read_bytes() == before


@pytest.mark.parametrize("damage", [b"", b"\xff" * 64, b"\x08" + bytes(7) + b"{}      "])
def test_a_damaged_file_is_refused_or_holds_nothing(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(damage)
    if damage.endswith(b"{}      "):
        assert open_weights(path)[0] == {}
    else:
        with pytest.raises(WeightsMissing, match=r"w\.safetensors"):
            open_weights(path)


def test_a_converted_model_says_the_same_again_and_again(tiny_model: Path, tmp_path: Path) -> None:
    expected = EmotiVoice(tiny_model).synthesise("Hello world. 你好。", prompt="happy")
    folder = shutil.copytree(tiny_model, tmp_path / "converted")
    for name in ("g_00000000", "checkpoint_0"):
        convert(folder / name)
        (folder / name).unlink()
    engine = EmotiVoice(folder)
    for _ in range(3):
        np.testing.assert_allclose(engine.synthesise("Hello world. 你好。", prompt="happy"), expected, atol=1e-5)
