"""The way to find a text, from the command to the engine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pipeline.chain.engines import Engines
from pipeline.core.engines import EngineSpec, Registry
from pipeline.core.errors import UnknownName
from pipeline.core.options import EngineSettings
from pipeline.transcription import TRANSCRIBERS
from pipeline.transcription.paddlespeech.transcriber import DECODINGS

ROOT = Path(__file__).resolve().parents[2]


def test_every_way_of_paddlespeech_can_be_asked_for() -> None:
    assert TRANSCRIBERS.find("paddlespeech").decodings == DECODINGS


@pytest.mark.parametrize(("asked", "given"), [("", {}), ("fast", {"decoding": "fast"}), ("FAST", {"decoding": "fast"})])
def test_the_engine_is_created_with_the_way_that_was_asked_for(
    asked: str, given: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = EngineSpec("two-ways", "tests.core.engines_for_tests", "", (), "", "", decodings=("exact", "fast"))
    monkeypatch.setattr(
        "pipeline.chain.engines.TRANSCRIBERS", Registry[dict[str, str]]("transcription", "--asr", [spec])
    )
    engine: Any = Engines(EngineSettings(decoding=asked)).transcriber("")
    assert {name: value for name, value in engine.items() if name == "decoding"} == given


@pytest.mark.parametrize(
    ("engine", "hint"), [("paddlespeech", "attention_rescoring"), ("moonshine", "Leave the setting decoding out")]
)
def test_an_engine_refuses_a_way_that_it_lacks(engine: str, hint: str) -> None:
    with pytest.raises(UnknownName, match="guessing") as refusal:
        TRANSCRIBERS.find(engine).decoded_by("guessing")
    assert hint in refusal.value.hint


def test_the_command_hands_it_on() -> None:
    command = [sys.executable, "detect.py", "transcribe", "examples/recording.wav", "--asr", "moonshine"]
    ran = subprocess.run(
        [*command, "--decoding", "attention"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == UnknownName.exit_code
    assert "moonshine cannot decode by 'attention'" in ran.stderr
