"""Resay hears a recording, tells how and what was said, and says it again in another emotion and voice."""

from __future__ import annotations

import os
import sys
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.chain import VoicePipeline

__all__ = ["VoicePipeline", "__version__"]

__version__ = "0.1.0"

# ONNX Runtime since 1.29 keeps a device id and asks for a collector; only this, before its first import, stops it.
if "onnxruntime" in sys.modules and "ORT_DISABLE_TELEMETRY" not in os.environ:
    warnings.warn(
        "onnxruntime was imported before pipeline: set ORT_DISABLE_TELEMETRY=1 in the environment,"
        " or import pipeline first, to stop it from collecting usage data.",
        stacklevel=2,
    )
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")


def __getattr__(name: str) -> Any:
    # The chain imports every stage; the version and the command's help need none of them.
    if name == "VoicePipeline":
        from pipeline.chain import VoicePipeline

        return VoicePipeline
    raise AttributeError(f"module 'pipeline' has no attribute '{name}'")
