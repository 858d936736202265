"""Files appear whole or not at all, and what is damaged is named."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from pipeline.core.errors import OutputError, WeightsMissing
from pipeline.core.files import as_json, atomic, named_if_damaged


@pytest.mark.parametrize("content", [b"", b"\x93NUMPY", bytes(range(256))], ids=["empty", "cut", "garbage"])
def test_a_damaged_file_is_named(content: bytes, tmp_path: Path):
    path = tmp_path / "kept.npy"
    path.write_bytes(content)
    with pytest.raises(WeightsMissing, match=r"kept\.npy is damaged.*Remove it"), named_if_damaged(path):
        np.load(path, allow_pickle=False)


def test_want_of_memory_is_no_damage(tmp_path: Path):
    with pytest.raises(MemoryError), named_if_damaged(tmp_path / "kept.npy"):
        raise MemoryError


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "ascii", None])
@pytest.mark.parametrize("text", ["plain", "naïve", "你好 😢", "a\udcff.wav", 'quote " and\nline'])
def test_json_comes_back_from_any_encoding(text: str, encoding: str | None):
    line = as_json({"file": text}, encoding=encoding)
    assert json.loads(line.encode(encoding or "utf-8").decode(encoding or "utf-8")) == {"file": text}


def test_a_name_as_long_as_the_system_allows(tmp_path: Path):
    path = tmp_path / f"{'n' * 251}.txt"
    with atomic(path) as temporary:
        temporary.write_text("whole", encoding="utf-8")
    assert path.read_text(encoding="utf-8") == "whole"
    with (
        pytest.raises(OutputError, match=r"Give a shorter one\."),
        atomic(tmp_path / f"{'n' * 252}.txt") as temporary,
    ):
        temporary.write_text("whole", encoding="utf-8")
    assert list(tmp_path.iterdir()) == [path]
