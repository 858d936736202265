"""The verb `recognize` with what looks closer: real model, in this process."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.chain import VoicePipeline
from pipeline.cli import app
from pipeline.core.errors import EngineMissing, ResayError

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "recording.wav"
FIELDS = [
    "file",
    "emotion",
    "confidence",
    "unsure",
    "probabilities",
    "dimensions",
    "known_from",
    "warnings",
    "model",
    "duration",
]


def recognize(*arguments):
    return CliRunner().invoke(app, ["recognize", *map(str, arguments)])


def objects(result):
    assert result.exit_code == 0, result.output + repr(result.exception)
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize(
    ("flags", "more"),
    [
        ([], []),
        (["--timeline"], ["windows"]),
        (["--explain"], ["explanation"]),
        (["--timeline", "--explain"], ["windows", "explanation"]),
    ],
)
def test_json_holds_what_was_asked_for_and_no_more(flags, more):
    (values,) = objects(recognize(EXAMPLE, "--json", *flags))
    assert list(values) == FIELDS + more
    assert values["file"] == str(EXAMPLE)
    assert values["emotion"] == max(values["probabilities"], key=values["probabilities"].get)
    for window in values.get("windows", []):
        assert list(window) == ["start", "end", "emotion", "probabilities", "dimensions"]
    if more[-1:] == ["explanation"]:
        assert {"seconds", "frequencies"} < set(values["explanation"])


def test_json_is_one_object_per_recording(tmp_path):
    (tmp_path / "bad.wav").write_bytes(b"no sound")
    result = recognize(EXAMPLE, tmp_path / "bad.wav", EXAMPLE, "--json")
    assert result.exit_code == 1
    first, bad, last = (json.loads(line) for line in result.stdout.splitlines())
    assert first == last
    assert list(bad) == ["file", "error"]
    assert bad["error"]["code"] == "unreadable-audio"


def test_people_get_times_and_bars():
    result = recognize(EXAMPLE, "--timeline", "--explain")
    assert result.exit_code == 0
    assert "0:00 to 0:0" in result.stdout
    assert "points" in result.stdout
    assert "Hz" in result.stdout


@pytest.mark.parametrize("flags", [[], ["--same-speaker"], ["--explain", "--with-text"]])
def test_without_matplotlib_a_picture_is_refused_before_anything_is_heard(flags, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    for name in ("recognise", "profile", "read"):
        monkeypatch.setattr(VoicePipeline, name, lambda *_, **__: pytest.fail("something was heard"))
    result = recognize(EXAMPLE, "--plot", "-o", tmp_path / "new.png", *flags)
    assert isinstance(result.exception, EngineMissing), result.output + repr(result.exception)
    assert "pip install '.[plots]'" in result.exception.hint
    assert not list(tmp_path.iterdir())


def test_pictures(tmp_path):
    pytest.importorskip("matplotlib")
    assert recognize(EXAMPLE, "--plot", "--explain", "-o", tmp_path / "one.png").exit_code == 0
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(EXAMPLE, other)
    values = objects(recognize(EXAMPLE, other / EXAMPLE.name, "--plot", "-o", tmp_path / "many", "--json"))
    assert [Path(entry["plot"]).name for entry in values] == ["recording.png", "recording-2.png"]
    (value,) = objects(recognize(other / EXAMPLE.name, "--plot", "-o", other, "--json"))
    assert Path(value["plot"]) == other / "recording.png"
    for path in (tmp_path / "one.png", other / "recording.png", *(tmp_path / "many").iterdir()):
        assert path.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["-o", "x.png"], "--plot"),
        (["--save-profile", "x.json"], "--same-speaker"),
        (["--profile", "missing.json"], "no speaker's profile"),
    ],
)
def test_what_cannot_be_is_said(flags, said):
    result = recognize(EXAMPLE, *flags)
    assert isinstance(result.exception, ResayError)
    assert result.exception.exit_code == 2
    assert said in str(result.exception)
