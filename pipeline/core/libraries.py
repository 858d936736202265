"""What other libraries are told before anything can import them: to send nothing, and where to leave their files."""

from __future__ import annotations

import os
import sys
import warnings
from typing import Final

from pipeline.core.paths import cache, expanded

__all__ = ["keep_to_this_machine"]

_SILENT: Final = ("ORT_DISABLE_TELEMETRY", "HF_HUB_DISABLE_TELEMETRY")
"""Variables that stop telemetry; libraries read them once, when they are imported.

ONNX Runtime since 1.29 keeps a device id and asks for a collector, and no call stops it."""

_FOLDERS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "MPLCONFIGDIR": ("matplotlib", ("~/.config/matplotlib", "~/.matplotlib")),
    "KERAS_HOME": ("keras", ("~/.keras",)),
    "NUMBA_CACHE_DIR": ("numba", ()),
}
"""Variable that says where a library leaves its files, to the library and the folders where it would.

Without it numba writes what librosa compiles beside the code of librosa."""


def keep_to_this_machine() -> None:
    """Stop the telemetry of libraries, and send what they leave into the cache.

    A variable that is set stays as it is, and so does a folder of settings that the person has already.
    """
    # Its telemetry has begun; the hub's library sends nothing until it is used.
    if "onnxruntime" in sys.modules and "ORT_DISABLE_TELEMETRY" not in os.environ:
        warnings.warn(
            "onnxruntime was imported before pipeline: set ORT_DISABLE_TELEMETRY=1 in the environment,"
            " or import pipeline first, to stop it from collecting usage data.",
            stacklevel=3,
        )
    for variable in _SILENT:
        os.environ.setdefault(variable, "1")
    for variable, (library, folders) in _FOLDERS.items():
        if not any(expanded(folder).is_dir() for folder in folders):
            os.environ.setdefault(variable, str(cache(library)))
