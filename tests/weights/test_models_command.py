"""`detect.py models` as a person runs it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import pipeline.weights
from pipeline.cli import main
from pipeline.core.catalogue import Catalogue
from pipeline.weights import Download, Weights, pulling, store

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def models(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the verb; gives exit code, standard output and standard error."""
    monkeypatch.setenv("COLUMNS", "80")

    def run(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(["models", *map(str, arguments)])
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return run


def test_the_list_shows_whole_names_and_states(models: Run) -> None:
    code, said, talk = models()
    assert (code, talk) == (0, "")
    for shown in ("paddlespeech-en", "paddlespeech-zh-wenetspeech", "131 MB", "Apache-2.0", os.environ["RESAY_HOME"]):
        assert shown in said
    entries = [json.loads(line) for line in models("--json")[1].splitlines()]
    assert {entry["name"] for entry in entries} >= {"paddlespeech-en", "paddlespeech-zh"}
    assert not any(entry["installed"] for entry in entries)


@pytest.mark.parametrize(
    ("arguments", "exit_code", "message"),
    [
        (["pull"], 2, "NAME"),
        (["pull", "nothing"], 2, "There are no weights 'nothing'"),
        (["remove", "paddlespeech-en"], 3, "not there"),
        (["pull", "paddlespeech-en", "--from", "/nowhere"], 2, "There is no /nowhere"),
        (["pull", "paddlespeech-en", "--mirror", "http://127.0.0.1:1"], 3, "cannot be downloaded"),
    ],
)
def test_mistakes_are_explained(arguments: list[str], exit_code: int, message: str, models: Run) -> None:
    code, said, talk = models(*arguments)
    assert (code, said) == (exit_code, "")
    assert message in talk


@pytest.fixture
def tiny(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue of one entry that counts as large."""
    content = b"weights"
    part = Download(server.add("tiny.bin", content), f"sha256:{hashlib.sha256(content).hexdigest()}")
    entries = Catalogue("There are no weights", Weights("tiny", "--asr tiny", "Tiny", "MIT", 7, (part,)))
    for module in (pipeline.weights, store):
        monkeypatch.setattr(module, "CATALOGUE", entries)
    monkeypatch.setattr(pulling, "LARGE", 5)


@pytest.mark.usefixtures("tiny")
def test_a_large_download_wants_a_yes(models: Run) -> None:
    code, said, talk = models("pull", "tiny")
    assert (code, said) == (2, "")
    assert "--yes" in talk


@pytest.mark.usefixtures("tiny")
def test_pull_list_remove(models: Run) -> None:
    code, said, talk = models("pull", "tiny", "--yes")
    assert (code, talk) == (0, "")
    assert "tiny is ready" in said
    assert "--asr tiny" in said
    assert "MIT" in said
    (listed,) = [json.loads(line) for line in models("list", "tiny", "--json")[1].splitlines()]
    assert (Path(listed["folder"]) / "tiny.bin").read_bytes() == b"weights"
    assert "already" in models("pull", "tiny")[1]
    assert models("remove", "tiny")[0] == 0
    assert not Path(listed["folder"]).exists()
