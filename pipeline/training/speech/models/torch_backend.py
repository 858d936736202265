"""What torch trains on, and how its networks become ONNX."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, Any

from pipeline.core.errors import UsageError
from pipeline.training.libraries import load_torch

if TYPE_CHECKING:
    import onnx
    import torch

__all__ = ["chosen_device", "exported", "use_device"]

_asked = "auto"


def use_device(device: str) -> None:
    """Say what torch shall train on.

    Args:
        device: `auto` takes a GPU where there is one; `cpu`, `cuda` and `mps` insist.

    Raises:
        UsageError: There is no such device here.
        EngineMissing: `cuda` or `mps` is asked for, and torch is not installed.
    """
    global _asked
    if device not in ("auto", "cpu", "cuda", "mps"):
        raise UsageError(f"torch cannot train on '{device}'.", hint="Choose one of auto, cpu, cuda, mps.")
    if device in ("cuda", "mps") and device not in _present():
        raise UsageError(f"torch finds no {device} device.", hint="Give --device auto.")
    _asked = device


def chosen_device() -> torch.device:
    """Return what torch trains on: what `use_device` was told, or the fastest that there is."""
    return load_torch().device(_present()[0] if _asked == "auto" else _asked)  # type: ignore[no-any-return]


def exported(network: torch.nn.Module) -> onnx.ModelProto:
    """Return a network over `waveform`, float32 (1, samples), as ONNX of opset 18; its answer is `logits`."""
    import onnx

    torch = load_torch()
    file, example = io.BytesIO(), torch.zeros(1, 16000)
    with warnings.catch_warnings():
        # torch recommends its newer exporter, which needs a package more and gives the same graph.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (example,),
            file,
            input_names=["waveform"],
            output_names=["logits"],
            dynamic_axes={"waveform": {1: "samples"}},
            opset_version=18,
            dynamo=False,
        )
    model: onnx.ModelProto = onnx.load_from_string(file.getvalue())
    return model


def _present() -> list[str]:
    """Return the devices of this machine, the fastest first."""
    torch: Any = load_torch()
    found = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    return [name for name, there in found.items() if there]
