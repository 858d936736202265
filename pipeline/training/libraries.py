"""The libraries that training alone needs: imported when they are used, and an error that says how to install them."""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Sequence
from types import ModuleType

from pipeline.core.errors import EngineMissing
from pipeline.core.messages import reason

__all__ = ["imported", "load_onnx", "load_sklearn", "load_torch", "load_transformers", "require_modules"]


def load_onnx() -> ModuleType:
    """Import onnx, which writes graphs.

    Raises:
        EngineMissing: It is not installed.
    """
    return imported("onnx", "onnx", "train")


def load_sklearn(name: str) -> ModuleType:
    """Import a module of scikit-learn.

    Raises:
        EngineMissing: It is not installed.
    """
    return imported(f"sklearn.{name}", "scikit-learn", "train")


def load_torch(threads: int = 0, *, extras: str = "train,finetune") -> ModuleType:
    """Import torch.

    Args:
        threads: Threads of torch; 0 leaves the choice to it.
        extras: The extras of this project that bring it.

    Raises:
        EngineMissing: It is not installed.
    """
    torch = imported("torch", "torch", extras)
    if threads:
        torch.set_num_threads(threads)
    return torch


def load_transformers(*, extras: str = "train,finetune") -> ModuleType:
    """Import transformers without the TensorFlow that it takes along where there is one.

    That costs seconds, and TensorFlow loaded so crashes openSMILE in the same process (see `keras_backend`).

    Args:
        extras: The extras of this project that bring it.

    Raises:
        EngineMissing: It is not installed.
    """
    os.environ.setdefault("USE_TF", "0")
    return imported("transformers", "transformers", extras)


def require_modules(names: Sequence[str], extras: str) -> None:
    """Check that modules can be imported, without importing them: what is needed last is missed first.

    Args:
        names: Their names.
        extras: The extras of this project that bring them.

    Raises:
        EngineMissing: One is not installed.
    """
    absent = [name for name in names if importlib.util.find_spec(name) is None]
    if absent:
        raise EngineMissing(f"Training needs {', '.join(absent)}.", hint=f"Run pip install '.[{extras}]'.")


def imported(name: str, library: str, extras: str) -> ModuleType:
    """Import a module.

    Args:
        name: Its name.
        library: What a person knows it as.
        extras: The extras of this project that bring it.

    Raises:
        EngineMissing: It is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise EngineMissing(
            f"Training needs {library}: {reason(error)}.", hint=f"Run pip install '.[{extras}]'."
        ) from error
