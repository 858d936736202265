"""A checkpoint of one's own is given as a folder wherever a model is named."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.chain.engines import Engines
from pipeline.cli import app
from pipeline.core.errors import UnknownName, WeightsMissing
from pipeline.core.options import EngineSettings
from pipeline.core.paths import bundled
from pipeline.recognition import RECOGNISERS
from pipeline.recognition.text import READERS

RECORDING = Path(__file__).resolve().parents[2] / "examples" / "recording.wav"


def told(*arguments: object) -> dict:
    result = CliRunner().invoke(app, [*map(str, arguments), "--json"])
    assert result.exit_code == 0, result.output + repr(result.exception)
    return json.loads(result.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """The shipped checkpoint of speech under another name."""
    folder = tmp_path_factory.mktemp("own") / "model"
    shutil.copytree(bundled("checkpoints", "cnn1d"), folder)
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    (folder / "card.json").write_text(json.dumps(card | {"name": "mine"}), encoding="utf-8")
    return folder


def test_every_verb_takes_the_folder(own):
    shipped, mine = told("recognize", RECORDING), told("recognize", RECORDING, "--model", own)
    assert (shipped["model"], mine["model"]) == ("cnn1d", "mine")
    assert mine["probabilities"] == shipped["probabilities"]
    assert told("predict", RECORDING, "--model", own)["probabilities"] == mine["probabilities"]
    segment = told("transcribe", RECORDING, "--emotions", "--model", own)["segments"][0]
    assert segment["emotion"]["model"] == "mine"


def test_a_folder_of_words_is_read_with():
    text = bundled("checkpoints", "text")
    shipped = told("read", "What a wonderful day!")
    assert told("read", "What a wonderful day!", "--model", text) == shipped
    assert told("predict", "What a wonderful day!", "--model", text) == shipped
    assert told("read", "What a wonderful day!", "--text-model", text) == shipped


@pytest.mark.parametrize("kind", ["nothing", "empty", "card alone", "broken card", "text", "kokoro"])
def test_what_is_no_checkpoint_of_speech_is_refused_before_anything(kind, own, tmp_path):
    folder = tmp_path / "folder"
    if kind in ("text", "kokoro"):
        shutil.copytree(bundled("checkpoints", kind), folder)
    elif kind != "nothing":
        folder.mkdir()
        if kind == "card alone":
            shutil.copy(own / "card.json", folder)
        elif kind == "broken card":
            (folder / "card.json").write_text("{", encoding="utf-8")
    with pytest.raises(WeightsMissing, match="holds no checkpoint"):
        Engines(EngineSettings(model=str(folder)))
    for verb in (["recognize"], ["convert"], ["transcribe", "--emotions"]):
        output = ["--output", tmp_path / "output"] if verb == ["convert"] else []
        result = CliRunner().invoke(app, [*verb, str(RECORDING), "--model", str(folder), *map(str, output)])
        assert isinstance(result.exception, WeightsMissing), result.output + repr(result.exception)
    assert not (tmp_path / "output").exists()


def test_a_checkpoint_of_speech_reads_no_words(own):
    with pytest.raises(WeightsMissing, match="not of a text model"):
        READERS.find(str(own))


def test_a_name_wins_over_a_folder_of_the_name(own, monkeypatch):
    monkeypatch.chdir(own.parent)
    (own.parent / "cnn1d").mkdir(exist_ok=True)
    assert RECOGNISERS.find("cnn1d").name == "cnn1d"
    assert RECOGNISERS.find("model").label == "checkpoint:model"
    with pytest.raises(UnknownName, match="cnn1d or the folder of a checkpoint"):
        RECOGNISERS.find("modle")
