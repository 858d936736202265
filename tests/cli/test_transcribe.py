"""`detect.py transcribe` as a person runs it: files, interruption, what it says when there is nothing to say."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
import srt
import webvtt
from typer.testing import CliRunner

from pipeline.batch.journal import JOURNAL
from pipeline.cli import app
from pipeline.core.results import Transcript

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "recording.wav"
TEXT = "I never thought that I would see you again."


def command(*arguments):
    return [sys.executable, str(ROOT / "detect.py"), *map(str, arguments)]


def detect(*arguments, folder, **options):
    return subprocess.run(
        command(*arguments), cwd=folder, capture_output=True, text=True, timeout=120, check=False, **options
    )


def names(folder):
    """Return the names of the files in a folder, without those by which a batch goes on."""
    found = sorted(path.name for path in folder.iterdir()) if folder.exists() else []
    return [name for name in found if name not in (JOURNAL, ".batch.lock")]


@pytest.fixture(scope="module")
def long_recording(tmp_path_factory):
    """The example eight times with pauses."""
    samples, rate = soundfile.read(EXAMPLE)
    path = tmp_path_factory.mktemp("long") / "long talk.flac"
    soundfile.write(path, np.concatenate([np.append(samples, np.zeros(rate))] * 8), rate)
    return path


def test_files_of_every_format(tmp_path):
    process = detect("transcribe", EXAMPLE, "-f", "txt,srt,vtt,tsv,json", "-o", "texts", folder=tmp_path)
    assert process.returncode == 0, process.stderr
    files = names(tmp_path / "texts")
    assert files == [f"recording.{ending}" for ending in ("json", "srt", "tsv", "txt", "vtt")]
    assert process.stdout.split() == [f"texts/recording.{ending}" for ending in ("txt", "srt", "vtt", "tsv", "json")]
    content = {path.suffix[1:]: path.read_text(encoding="utf-8") for path in (tmp_path / "texts").iterdir()}
    assert content["txt"] == f"{TEXT}\n"
    assert [" ".join(cue.content.split()) for cue in srt.parse(content["srt"])] == [TEXT]
    assert [" ".join(cue.text.split()) for cue in webvtt.from_string(content["vtt"])] == [TEXT]
    assert content["tsv"].splitlines()[1].split("\t")[2] == TEXT
    transcript = Transcript.from_dict(json.loads(content["json"]))
    assert (transcript.text, transcript.language, transcript.source) == (TEXT, "en", str(EXAMPLE))
    assert transcript.duration == pytest.approx(soundfile.info(EXAMPLE).duration, abs=0.01)
    (segment,) = transcript.segments
    assert segment.emotion is None
    assert 0 < segment.confidence <= 1
    assert segment.language_confidence > 0.5


def test_files_that_are_there_are_kept_unless_asked(tmp_path):
    kept = tmp_path / "output" / "recording.srt"
    kept.parent.mkdir()
    kept.write_text("mine")
    process = detect("transcribe", EXAMPLE, "-f", "srt", folder=tmp_path)
    assert process.returncode == 2
    assert "--overwrite" in process.stderr
    assert kept.read_text() == "mine"
    process = detect("transcribe", EXAMPLE, "-f", "srt", "--resume", folder=tmp_path)
    assert (process.returncode, kept.read_text()) == (0, "mine")
    assert "done already" in process.stderr
    process = detect("transcribe", EXAMPLE, "-f", "srt", "--overwrite", folder=tmp_path)
    assert process.returncode == 0
    assert "see you again" in kept.read_text()
    assert names(kept.parent) == ["recording.srt"]


def test_a_folder_with_recordings_of_one_name(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / "clips" / folder).mkdir(parents=True)
        shutil.copy(EXAMPLE, tmp_path / "clips" / folder / "talk.wav")
    (tmp_path / "clips" / "z.wav").write_text("no sound")
    process = detect("transcribe", "clips", "-o", "texts", "--json", folder=tmp_path)
    assert process.returncode == 1
    lines = [json.loads(line) for line in process.stdout.splitlines()]
    assert [line.get("files") for line in lines] == [["texts/talk.txt"], ["texts/talk-2.txt"], None]
    assert "error" in lines[2]
    assert names(tmp_path / "texts") == ["talk-2.txt", "talk.txt"]


@pytest.mark.parametrize("options", [(), ("--speakers", "2")], ids=["at once", "at the end"])
def test_phrases_of_several_recordings_stand_below_their_names(options, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clips").mkdir()
    for name in ("a.wav", "b.wav"):
        shutil.copy(EXAMPLE, tmp_path / "clips" / name)
    soundfile.write("clips/c.wav", np.zeros(16_000), 16_000)
    run = CliRunner().invoke(app, ["transcribe", "clips", *options])
    names, phrases = "clips/a.wav clips/b.wav clips/c.wav".split(), run.stdout
    assert [line for line in run.stdout.splitlines() if "clips" in line] == names
    for name, following in zip(names, [*names[1:], ""], strict=True):
        phrases = phrases.partition(f"{name}\n")[2]
        assert ("never thought" in (phrases.partition(following)[0] if following else phrases)) is (name != names[-1])
    alone = CliRunner().invoke(app, ["transcribe", "clips/a.wav", *options])
    assert "clips" not in alone.stdout
    assert "never thought" in alone.stdout


@pytest.mark.parametrize("option", ["--emotions", "--timeline"])
def test_words_and_how_they_were_said(option, tmp_path):
    process = detect("transcribe", EXAMPLE, option, "--json", "-f", "vtt", folder=tmp_path)
    values = json.loads(process.stdout)
    transcript = Transcript.from_dict(values)
    assert transcript.text == TEXT
    assert all(segment.emotion for segment in transcript.segments)
    assert bool(transcript.windows) is (option == "--timeline")
    captions = webvtt.read(tmp_path / "output" / "recording.vtt")
    assert {caption.raw_text.split(">")[0].split(".")[1] for caption in captions} == {
        segment.emotion.top for segment in transcript.segments
    }
    printed = detect("transcribe", EXAMPLE, option, folder=tmp_path).stdout
    assert transcript.segments[0].emotion.top in printed


def heed_interrupts() -> None:
    """Undo that a test run in the background is deaf to Ctrl-C, and so is all that it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_interrupted_and_resumed_is_the_same_as_uninterrupted(tmp_path, long_recording):
    arguments = ("transcribe", long_recording, "-f", "json,srt", "--hint", "again")
    assert detect(*arguments, "-o", "whole", folder=tmp_path).returncode == 0
    assert len(json.loads((tmp_path / "whole" / "long talk.json").read_text())["segments"]) == 8
    journal = tmp_path / "parts" / JOURNAL
    process = subprocess.Popen(
        command(*arguments, "-o", "parts"), cwd=tmp_path, stderr=subprocess.PIPE, text=True, preexec_fn=heed_interrupts
    )
    while not (journal.exists() and journal.read_bytes().count(b'"piece"') > 1):
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert len(said.splitlines()) == 1
    assert "Run the same command again to go on" in said
    assert names(tmp_path / "parts") == []

    other = detect(*arguments[:-1], "never", "-o", "parts", folder=tmp_path)
    assert (other.returncode, "with other options" in other.stderr) == (2, True)
    before = journal.read_bytes().count(b'"piece"')
    assert detect(*arguments, "-o", "parts", folder=tmp_path).returncode == 0
    assert names(tmp_path / "parts") == names(tmp_path / "whole")
    for name in names(tmp_path / "whole"):
        assert (tmp_path / "parts" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    assert before > 1
    assert "thought" not in journal.read_text(encoding="utf-8"), "what was said stands in the results alone"
    again = detect(*arguments, "-o", "parts", folder=tmp_path)
    assert (again.returncode, "done already" in again.stderr) == (0, True)


def test_interrupted_without_files_says_what_would_have_helped(tmp_path, long_recording):
    process = subprocess.Popen(
        command("transcribe", long_recording), cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=heed_interrupts,
    )  # fmt: skip
    assert TEXT in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "-f txt" in said
    assert names(tmp_path) == []


def test_standard_input_with_a_timeline_is_read_twice(tmp_path):
    process = subprocess.run(
        command("transcribe", "-", "--timeline", "-f", "txt"),
        cwd=tmp_path,
        stdin=subprocess.Popen(["cat", EXAMPLE], stdout=subprocess.PIPE).stdout,
        capture_output=True,
        text=True,
        check=True,
    )
    assert process.stdout.split() == ["output/standard-input.txt"]


def test_nothing_heard_is_said_plainly(tmp_path):
    soundfile.write(tmp_path / "quiet.wav", np.zeros(32000), 16000)
    process = detect("transcribe", "quiet.wav", "--json", folder=tmp_path)
    assert process.returncode == 0
    assert json.loads(process.stdout)["notes"] == ["Nothing was heard in quiet.wav."]
    assert "Nothing was heard in quiet.wav." in process.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-f", "docx"], "vtt"),
        (["--resume"], "-f txt"),
        (["--overwrite"], "-f txt"),
    ],
)
def test_wrong_usage_of_files(arguments, message, tmp_path):
    process = detect("transcribe", EXAMPLE, *arguments, folder=tmp_path)
    assert process.returncode == 2
    assert message in process.stderr
    assert names(tmp_path) == []


def test_the_conversion_has_subtitles_of_what_it_says(tmp_path):
    process = detect(EXAMPLE, "angry", "youngman", "-f", "srt,vtt,json", folder=tmp_path)
    assert process.returncode == 0, process.stderr
    assert names(tmp_path / "output") == ["1.json", "1.srt", "1.vtt", "1.wav"]
    duration = soundfile.info(tmp_path / "output" / "1.wav").duration
    cues = list(srt.parse((tmp_path / "output" / "1.srt").read_text()))
    assert " ".join(" ".join(cue.content.split()) for cue in cues) == f"[youngman, angry] {TEXT}"
    assert cues[-1].start.total_seconds() < duration
    captions = webvtt.read(tmp_path / "output" / "1.vtt")
    assert captions[0].voice == "youngman"
    assert captions[0].raw_text.startswith("<v.angry youngman>")
