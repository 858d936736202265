"""`detect.py transcribe --speakers`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "recording.wav"


def detect(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "detect.py"), "transcribe", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def dialogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example, then a larger speaker, who says it lower and more slowly; twice."""
    samples, rate = soundfile.read(EXAMPLE)
    lower = np.interp(np.arange(0, len(samples) - 1, 0.75), np.arange(len(samples)), samples)
    pause = np.zeros(rate)
    path = tmp_path_factory.mktemp("dialogue") / "dialogue.wav"
    soundfile.write(path, np.concatenate([samples, pause, lower, pause] * 2), rate)
    return path


def test_each_phrase_has_its_speaker(dialogue: Path) -> None:
    process = detect(dialogue, "--speakers", "2", "--json")
    assert process.returncode == 0, process.stderr
    segments = json.loads(process.stdout)["segments"]
    assert [segment["speaker"] for segment in segments] == ["speaker 1", "speaker 2"] * 2


def test_auto_finds_out_that_there_is_one() -> None:
    process = detect(EXAMPLE, "--speakers", "auto", "--json")
    assert process.returncode == 0, process.stderr
    assert [segment["speaker"] for segment in json.loads(process.stdout)["segments"]] == ["speaker 1"]


def test_speakers_are_printed_before_what_they_say(dialogue: Path) -> None:
    lines = detect(dialogue, "--speakers", "2").stdout.splitlines()
    assert ["speaker 1" in line for line in lines] == [True, False] * 2
    assert ["speaker 2" in line for line in lines] == [False, True] * 2


@pytest.mark.parametrize("speakers", ["0", "-1", "two", "1.5"])
def test_what_is_no_number_is_refused(speakers: str) -> None:
    process = detect(EXAMPLE, "--speakers", speakers)
    assert process.returncode == 2
    assert "number from 1, or auto" in process.stderr
