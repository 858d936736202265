"""Importing the package loads no library of sound."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_import_is_light() -> None:
    program = "import sys, pipeline.audio; print(*sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    loaded = {name.split(".")[0] for name in result.stdout.split()}
    assert "pipeline" in loaded
    assert not loaded & {"av", "soundfile", "soxr", "onnxruntime"}
