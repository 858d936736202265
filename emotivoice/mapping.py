"""Weights used where they lie in their file, so that they need no memory but the system's cache of the file."""

from __future__ import annotations

import json
import mmap
from collections.abc import Callable, Iterable
from pathlib import Path

import torch
from safetensors import safe_open
from torch import Tensor, nn

__all__ = ["Release", "map_weights", "release_after"]

Release = Callable[[], None]
"""Gives the memory of weights back; they are read from their file again when they are next used."""

_PRECISIONS = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "U8": torch.uint8,
}


def map_weights(path: Path) -> tuple[dict[str, Tensor], Release]:
    """Map a safetensors file into memory.

    Returns:
        The weights, which must not be written to, and what gives their memory back for a while.

    Raises:
        SafetensorError: The file is no safetensors file.
        OSError: The file cannot be read.
    """
    with safe_open(path, framework="pt") as checked:  # that every weight lies inside the file
        names = list(checked.keys())
    with path.open("rb") as file:
        # Private: what a program writes into a weight by mistake does not reach the file.
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    return {name: _view(content, start, header[name]) for name in names}, lambda: _release(content)


def release_after(modules: Iterable[nn.Module], release: Release) -> None:
    """Give the memory of weights back each time after one of some modules has run.

    A model of many layers then takes the memory of one; the next run finds the weights in the system's cache.
    """
    for module in modules:
        module.register_forward_hook(lambda *_: release())


def _view(content: mmap.mmap, start: int, entry: dict[str, list[int] | str]) -> Tensor:
    precision = _PRECISIONS[str(entry["dtype"])]
    first, end = (int(offset) for offset in entry["data_offsets"])
    shape = [int(size) for size in entry["shape"]]
    if first == end:
        return torch.empty(shape, dtype=precision)
    return torch.frombuffer(
        content, dtype=precision, count=(end - first) // precision.itemsize, offset=start + first
    ).view(shape)


def _release(content: mmap.mmap) -> None:
    if hasattr(mmap, "MADV_DONTNEED"):
        content.madvise(mmap.MADV_DONTNEED)
