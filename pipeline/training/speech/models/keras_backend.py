"""The one door through which TensorFlow enters a process."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import UsageError
from pipeline.core.temporary import temporary_folder
from pipeline.training.libraries import imported

if TYPE_CHECKING:
    import onnx

__all__ = ["exported", "load_keras", "padded", "use_device"]


def load_keras(threads: int = 0) -> ModuleType:
    """Import Keras on TensorFlow.

    TensorFlow loads its libraries with RTLD_GLOBAL.
    What is loaded later and has a symbol of the same name (the FFT of openSMILE, the protobuf of Paddle)
    then calls into TensorFlow, and the process crashes.
    TensorFlow leaves that out where the module that sets the flag is missing, so here it is made to seem missing.

    Args:
        threads: Threads of TensorFlow, if it has not begun to compute; 0 leaves the choice to it.

    Raises:
        EngineMissing: TensorFlow or Keras is not installed.
    """
    sys.modules.setdefault("tensorflow.python.pywrap_dlopen_global_flags", None)  # type: ignore[arg-type]
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    keras, tensorflow = (imported(name, "TensorFlow and Keras", "train") for name in ("keras", "tensorflow"))
    if threads:
        with suppress(RuntimeError):  # It has begun to compute; what it began with stays.
            tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
            tensorflow.config.threading.set_inter_op_parallelism_threads(1)
    return keras


def use_device(device: str) -> None:
    """Say what TensorFlow may compute on; to be called before it is loaded.

    Args:
        device: `auto` takes a GPU where there is one, `cpu` hides it, `cuda` insists on it.

    Raises:
        UsageError: There is no such device here.
        EngineMissing: `cuda` is asked for, and TensorFlow is not installed.
    """
    if device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    elif device == "cuda":
        load_keras()
        import tensorflow

        if not tensorflow.config.list_physical_devices("GPU"):
            raise UsageError("TensorFlow finds no GPU.", hint="Give --device auto, or install TensorFlow with CUDA.")
    elif device != "auto":
        raise UsageError(f"Networks in Keras cannot train on '{device}'.", hint="Choose one of auto, cpu, cuda.")


def padded(clips: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return clips of different lengths as one array (clips, frames, size), the shorter ones filled up with zeros."""
    batch = np.zeros((len(clips), max(map(len, clips)), clips[0].shape[1]), np.float32)
    for row, clip in zip(batch, clips, strict=True):
        row[: len(clip)] = clip
    return batch


def exported(network: Any) -> onnx.ModelProto:
    """Return a Keras network of one input and one output as ONNX, opset 18, with batch and time free."""
    import onnx

    network(np.zeros((1, 8, network.input_shape[-1]), np.float32))  # Keras exports only what was called before.
    with temporary_folder() as folder:
        path = folder / "network.onnx"
        network.export(str(path), format="onnx", opset_version=18, verbose=False)
        model: onnx.ModelProto = onnx.load(str(path))
    return model
