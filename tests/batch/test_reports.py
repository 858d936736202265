"""A batch of the command: reports, progress for programs, and results that are listed again."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pipeline.batch.items import Outcome
from pipeline.batch.reports import Summary, write_report
from pipeline.cli import main
from pipeline.core.errors import EngineFailed

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "recording.wav"


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    return int(left.value.code or 0)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    clips = tmp_path / "clips"
    clips.mkdir()
    for name in ("a.wav", "b <&>.wav"):
        shutil.copy(EXAMPLE, clips / name)
    (clips / "broken.wav").write_text("no sound")
    return tmp_path


class Cells(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def heed_interrupts() -> None:
    """Undo that a test run in the background is deaf to Ctrl-C, and so is all that it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("workers", [[], ["--workers", "1"]], ids=["this process", "a worker"])
def test_an_interrupted_conversion_says_how_to_go_on(workers, folder, capsys):
    for number in range(4):
        shutil.copy(EXAMPLE, folder / "clips" / f"c{number}.wav")
    process = subprocess.Popen(
        [sys.executable, str(EXAMPLE.parents[1] / "detect.py"), "clips", "happy", *workers],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, preexec_fn=heed_interrupts,
    )  # fmt: skip
    first = process.stdout.readline()
    os.killpg(process.pid, signal.SIGINT)
    more, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Run the same command again to go on." in told.splitlines()[-1]
    assert "Traceback" not in told
    assert told.splitlines()[-1].startswith("Interrupted.")
    done = len((first + more).splitlines())
    assert 1 <= done < 6
    assert not [path for path in Path("output").glob(".*") if "tmp" in path.name or "claim" in path.name]
    assert run("clips", "happy") == 1
    printed, told = capsys.readouterr()
    assert printed.startswith(first)
    assert "Going on" in told
    assert sorted(path.name for path in Path("output").glob("*.wav")) == [f"{n}.wav" for n in (1, 2, 4, 5, 6, 7)]


WORK = {
    "convert": (["clips", "happy"], {"output": ["output/1.wav", "output/2.wav", None], "emotion_spoken": "happy"}),
    "recognize": (["recognize", "clips"], {"emotion": "neutral"}),
    "transcribe": (["transcribe", "clips", "-o", "texts"], {"text": "I never thought that I would see you again."}),
}


@pytest.mark.parametrize("verb", WORK)
def test_reports_and_progress(verb, folder, capsys):
    arguments, expected = WORK[verb]
    reports = [part for ending in ("json", "csv", "html") for part in ("--report", f"report.{ending}")]
    assert run(*arguments, *reports, "--progress", "json", "--json") == 1
    printed, told = capsys.readouterr()
    values = json.loads(Path("report.json").read_text())
    assert (values["recordings"], values["done"], values["failed"], values["done_before"]) == (3, 2, 1, 0)
    rows = list(csv.DictReader(Path("report.csv").open(newline="")))
    assert [row["file"] for row in rows] == [row["file"] for row in values["files"]]
    for name, value in expected.items():
        if isinstance(value, list):
            assert [row[name] for row in values["files"]] == value
        else:
            assert [row[name] for row in rows] == [value, value, ""]
    assert "broken.wav" in rows[2]["error"]
    assert "clips/b <&>.wav" in Cells(Path("report.html").read_text()).texts
    events = [event for event in map(json.loads, told.splitlines()) if "progress" in event]
    ends = [event for event in events if event["progress"] == "recording"]
    assert [event["file"] for event in ends] == ["clips/a.wav", "clips/b <&>.wav", "clips/broken.wav"]
    assert (events[0]["progress"], events[0]["total"]) == ("begin", 3)
    assert (events[-1]["progress"], events[-1]["done"], events[-1]["failed"]) == ("end", 2, 1)
    assert "error" in ends[2]
    assert ends[0]["remaining"] > 0

    assert run(*arguments, *reports, "--json") == 1, "an earlier report is replaced"
    again, told = capsys.readouterr()
    assert "Going on" in told
    assert json.loads(Path("report.json").read_text())["done_before"] == 2
    if verb != "transcribe":
        assert again == printed, "the same results are listed again"


ODD = [
    "a\"b'c.wav",
    "new\nline.wav",
    "<script>alert(1)</script>.wav",
    "tab\t,;.wav",
    "=cmd|' '!A1.wav",
    "-x.wav",
    os.fsdecode(b"\xff.wav"),
    "😀.wav",
]


def test_a_manifest_says_who_speaks(folder, capsys):
    Path("rows.csv").write_text("file;speaker;emotion\nclips/a.wav;Ann;happy\nclips/b <&>.wav;Bob;sad\n")
    assert run("--manifest", "rows.csv", "--report", "report.json") == 0
    values = json.loads(Path("report.json").read_text())
    assert values["speakers"] == {"Ann": {"neutral": 1}, "Bob": {"neutral": 1}}
    assert [row["speakers"] for row in values["files"]] == ["Ann", "Bob"]
    assert [row["emotion_spoken"] for row in values["files"]] == ["happy", "sad"]
    assert run("--manifest", "rows.csv", "--overwrite") == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["clips/none.wav", "happy"], ["clips/a.wav", "--strength", "9"], ["clips", "happy", "--no-such-option"],
        ["transcribe", "clips", "-f", "pdf"], ["recognize", "clips/broken.wav"], ["clips/broken.wav", "-q"],
    ],
)  # fmt: skip
def test_programs_get_lines_of_json_whatever_happens(arguments, folder, capsys):
    assert run(*arguments, "--progress", "json") > 0
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert any("error" in line for line in told)


def test_errors_are_told_to_who_wants_no_talk(folder, capsys):
    assert run("clips", "happy", "-q") == 1
    printed, told = capsys.readouterr()
    assert "broken.wav" in told
    assert len(told.splitlines()) == 1
    assert len(printed.splitlines()) == 2


def test_reports_hold_names_of_every_kind(tmp_path):
    summary = Summary()
    for number, name in enumerate(ODD):
        summary.add(Outcome(number, name, error=EngineFailed(f"{name} is odd.")))
    for ending in ("json", "csv", "html"):
        write_report(summary, tmp_path / f"report.{ending}")
    assert [row["file"] for row in json.loads((tmp_path / "report.json").read_bytes())["files"]] == ODD
    # What is no text in UTF-8 has question marks where a form has no escapes.
    written = [name.encode("utf-8", "replace").decode() for name in ODD]
    cells = [f"'{name}" if name[0] in "=-" else name for name in written]
    with (tmp_path / "report.csv").open(newline="", encoding="utf-8") as file:
        assert [row["file"] for row in csv.DictReader(file)] == cells
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert set(written) <= set(Cells(page).texts)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["clips", "happy", "--report", "report.pdf"], ".html"),
        (["clips", "happy", "--report", "there.json"], "there.json exists already. Give another --report"),
        (["s3://bucket/clips", "happy", "--watch"], "s3://bucket/clips is no folder of this machine"),
        (["--manifest", "s3://bucket/rows.csv"], "a file of this machine"),
        (["--manifest", "nested.jsonl"], "row 1: strength is neither text nor number"),
        (["--manifest", "twice.csv"], "stands in it twice"),
        (["--manifest", "rows.csv"], "rows.csv, row 1: "),
        (["clips", "happy", "--workers", "1000"], "to 999"),
        (["clips", "happy", "--progress", "xml"], "--progress json"),
        (["clips", "happy", "--workers", "many"], "auto, ray"),
        (["clips", "happy", "--workers", "0"], "from 1"),
        (["clips", "happy", "--time-limit", "-1"], "at least 0"),
        (["clips/a.wav", "happy", "--watch"], "no folder"),
        (["--manifest", "none.csv"], "cannot be read"),
        (["--manifest", "rows.csv", "clips/a.wav"], "Leave one of them out"),
        (["--manifest", "rows.csv", "--watch"], "--watch or --manifest"),
        (["--manifest", "rows.csv"], "robot"),
        (["convert"], "no recording"),
        (["clips", "happy", "-o", "one.wav"], "Give a folder"),
        (["recognize", "clips", "--plot", "--workers", "2"], "Leave --plot out"),
    ],
)
def test_what_cannot_be_is_refused_first(arguments, said, folder, capsys):
    Path("there.json").write_text("mine")
    Path("rows.csv").write_text("file,voice\nclips/a.wav,robot\n")
    Path("nested.jsonl").write_text('{"file": "clips/a.wav", "strength": {"a": 1}}\n')
    Path("twice.csv").write_text("file,FILE\nclips/a.wav,clips/b.wav\n")
    before = sorted(folder.rglob("*"))
    assert run(*arguments) == 2
    assert said in capsys.readouterr().err
    assert sorted(folder.rglob("*")) == before
