"""Nothing is left behind outside the output folder, by the project or by a library of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "recording.wav"


@pytest.mark.parametrize(
    "arguments",
    [
        [str(EXAMPLE), "happy", "--verify", "-o", "output"],
        ["recognize", str(EXAMPLE), "--fusion"],
        ["transcribe", str(EXAMPLE), "--speakers", "auto"],
        ["speak", "Good evening.", "sad", "-o", "speech.wav"],
        ["read", "I am so sorry."],
    ],
    ids=lambda arguments: arguments[0] if arguments[0].isalpha() else "convert",
)
def test_the_home_of_a_person_stays_empty(arguments, tmp_path):
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    work.mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "ORT_", "RESAY_"))}
    process = subprocess.run(
        [sys.executable, str(ROOT / "detect.py"), *arguments],
        cwd=work,
        env=environment | {"HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    # A result that is not as it should be is code 1, too.
    assert process.returncode in ((0, 1) if "--verify" in arguments else (0,)), process.stderr
    assert "Traceback" not in process.stderr
    assert [str(path.relative_to(home)) for path in home.rglob("*")] == []


def test_a_library_that_was_imported_before_is_told_of():
    code = "import onnxruntime, warnings; warnings.simplefilter('error'); import pipeline"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ORT_")}
    process = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert "ORT_DISABLE_TELEMETRY=1" in process.stderr
