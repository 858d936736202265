"""What was spoken for each written word, as the commands tell it: real voices."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.core.results import Conversion

TEXT = "Take 50 µg at 10:30 &amp; pay -$5.50 to AT&T on <b>3 May</b>, привет 😀!"
READ_AS = {
    "50": "fifty",
    "µg": "micrograms",
    "10:30": "ten thirty",
    "&amp;": "and",
    "-$5.50": "minus five dollars fifty cents",
    "AT&T": "A T and T",
    "<b>3": "the third of",
    "May</b>,": "May",
    "😀!": "grinning face",
}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def detect(*arguments: str) -> None:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("voice", ["embedded", "espeak"])
def test_every_voice_says_the_same_words_and_tells_them(voice: str, here: Path) -> None:
    detect("speak", TEXT, "--tts", voice)
    said = json.loads((here / "output" / "1.json").read_text(encoding="utf-8"))
    words = said["words"]
    assert [word["text"] for word in words] == [word for word in TEXT.split() if word != "привет"]
    assert {word["text"]: word["read_as"] for word in words if "read_as" in word} == READ_AS
    assert [word.get("read_as") for word in said["output_segments"][0]["words"]] == [
        word.get("read_as") for word in words
    ]
    assert said["notes"] == [
        "Signs without a usual reading were said by their names: 😀 (grinning face).",
        "This voice has no reading for, and left out: привет.",
        "Mark-up was not said: <b>, </b>.",
    ]


def test_a_conversion_tells_how_it_read_what_it_heard(here: Path) -> None:
    detect("speak", "The ticket costs 5 dollars and 50 cents.", "-o", "talk.wav")
    detect("convert", "talk.wav", "happy")
    values = json.loads((here / "output" / "1.json").read_text(encoding="utf-8"))
    assert "read_as" not in str(values["segments"])
    spoken = [word.get("read_as") or word["text"].strip(".") for word in values["output_words"]]
    assert " ".join(spoken).lower() == "the ticket costs five dollars fifty cents" or "fifty" in spoken
    read = [word.read_as for word in Conversion.from_dict(values).spoken.words]
    assert read == [word.get("read_as") for word in values["output_words"]]


def test_a_text_comes_by_standard_input(here: Path) -> None:
    result = CliRunner().invoke(app, ("speak", "-", "happy", "--tts", "espeak"), input="Good evening.\n")
    assert result.exit_code == 0, result.output
    assert json.loads((here / "output" / "1.json").read_text(encoding="utf-8"))["text"] == "Good evening."
