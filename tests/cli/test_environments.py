"""Whatever the surroundings: an error is one line with a fitting code, and nothing half-written is left."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pipeline.chain import VoicePipeline
from pipeline.cli import console
from tests.cli.environments import (
    EXAMPLE,
    REFUSED,
    ROOT,
    VERBS,
    Shared,
    broken_installation,
    forget,
    run,
    share_engines,
)

FULL = Path("/dev/full")
CHEAP = ("emotions", "voices", "licenses", "models", "corpora", "help")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")

FITTING = {"missing": 4} | dict.fromkeys(("usage", "serve", "watch", "train", "preprocess", "evaluate"), 2)
"""What is refused, to its exit code."""


@pytest.fixture(scope="module")
def shared() -> Shared:
    return Shared()


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shared: Shared) -> Path:
    """A folder of its own to work in, and engines that are loaded once for all cases."""
    share_engines(monkeypatch, shared)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return work


def one_error(talk: str) -> str:
    """Return the only line about an error; engines are told on another."""
    (line,) = [line for line in talk.splitlines() if line.startswith("error:")]
    assert "Traceback" not in talk
    return line


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
@pytest.mark.parametrize("verb", VERBS)
def test_what_a_console_cannot_show_is_replaced(verb, encoding, tmp_path):
    ran = run(VERBS[verb], tmp_path, encoding=encoding)
    assert ran.code == 0, ran.talk
    shown = ran.output.decode(encoding)
    assert shown.strip()
    assert "█" not in shown
    plain = {"recognize": "###", "read": "I am so sorry, ??", "convert": '"I never thought', "models": "+---"}
    if encoding == "ascii" and verb in plain:
        assert plain[verb] in shown


def test_json_loses_nothing_on_any_console(tmp_path):
    for encoding in ("utf-8", "cp1252", "ascii"):
        ran = run(["read", "Ich bin so müde, 你好 😢.", "--json"], tmp_path, encoding=encoding)
        assert json.loads(ran.output.decode(encoding))["text"] == "Ich bin so müde, 你好 😢."


@pytest.mark.parametrize(("columns", "least"), [("0", 80), ("1", 60), ("20", 60), ("79", 79)])
def test_a_width_that_leaves_no_room_is_none(columns, least, tmp_path):
    def told(*arguments: str) -> str:
        ran = subprocess.run(
            [sys.executable, str(ROOT / "detect.py"), *arguments],
            env=os.environ | {"COLUMNS": columns},
            capture_output=True,
            text=True,
            check=False,
        )
        return ran.stdout + ran.stderr

    assert least - 25 < len(told("emotions").splitlines()[0]) <= least
    assert told("recognize", "nowhere.wav") == "error: nowhere.wav does not exist. Check the path.\n"


@pytest.mark.parametrize("name", ["x\ny.wav", "x\r\u2028y.wav", "x\x1b[31my.wav"])
def test_a_name_with_an_end_of_a_line_in_it_is_told_in_one_line(name, tmp_path, place):
    (place / name).touch()
    ran = run(["speak", "Hello.", "-o", name], tmp_path)
    assert ran.code == 2
    shown = ran.talk.removesuffix("\n")
    assert "exists already" in shown
    assert shown.isprintable()


@needs_full
@pytest.mark.parametrize("verb", VERBS)
def test_a_full_disk_behind_the_output_is_one_line(verb, tmp_path):
    ran = run(VERBS[verb], tmp_path, stdout=FULL)
    assert ran.code == 1
    assert one_error(ran.talk) == (
        "error: Standard output cannot be written: no space is left on the disk."
        " Remove something, or give another place."
    )


@pytest.mark.parametrize("verb", VERBS)
def test_nobody_reads_on(verb, tmp_path):
    reading, writing = os.pipe()
    os.close(reading)
    ran = run(VERBS[verb], tmp_path, stdout=writing)
    assert ran.code == 141
    assert "error" not in ran.talk


@pytest.mark.parametrize("verb", [*VERBS, *REFUSED])
def test_closed_streams(verb, tmp_path, place):
    arguments = (VERBS | REFUSED)[verb]
    ran = run(arguments, tmp_path, closed="stdout")
    assert ran.code == 1
    assert one_error(ran.talk) == "error: Standard output is closed. Send it to a file, or to /dev/null."
    assert run(arguments, tmp_path, closed="stdin stdout stderr").code == 1
    assert list(place.iterdir()) == [], "what nobody can be told is not begun"


@needs_full
@pytest.mark.parametrize("verb", [*VERBS, *REFUSED])
def test_the_talk_may_be_lost(verb, tmp_path):
    fitting = FITTING.get(verb, 0)
    assert run((VERBS | REFUSED)[verb], tmp_path, stderr=FULL).code == fitting
    assert run((VERBS | REFUSED)[verb], tmp_path, closed="stdin stderr").code == fitting


def test_a_closed_input_is_an_empty_one(tmp_path):
    ran = run(["-", "happy"], tmp_path, closed="stdin")
    assert (ran.code, one_error(ran.talk)) == (4, "error: Standard input is empty. Give a recording.")


TERMINALS = {
    "dumb": {"TERM": "dumb"},
    "none": {"TERM": ""},
    "columns are no number": {"COLUMNS": "abc", "LINES": "-3"},
    "no columns": {"COLUMNS": "0", "LINES": "0"},
    "one column": {"COLUMNS": "1"},
    "no colour": {"NO_COLOR": "1"},
    "colour": {"FORCE_COLOR": "1"},
    "a language that is none": {"LC_ALL": "xx_YY.nonsense", "LANG": "de_DE@euro"},
    "no home": {"HOME": None, "XDG_CACHE_HOME": None, "XDG_DATA_HOME": None},
    "a home that is not there": {"HOME": "/nonexistent/home"},
    "a home that cannot be written": {"HOME": "/proc"},
    "a folder of weights that cannot be": {"RESAY_HOME": "~nobody-of-this-name/x"},
    "a temporary folder that is not there": {"TMPDIR": "/nonexistent"},
    "a temporary folder that cannot be written": {"TMPDIR": "/proc"},
    "debugging": {"RESAY_DEBUG": "1"},
}


@pytest.mark.parametrize("name", TERMINALS)
def test_variables_do_not_matter(name, tmp_path, monkeypatch):
    for variable, value in TERMINALS[name].items():
        monkeypatch.delenv(variable, raising=False) if value is None else monkeypatch.setenv(variable, value)
    monkeypatch.setattr(tempfile, "tempdir", None)
    for verb in ("speak", "recognize", "models", "emotions", "help"):
        ran = run(VERBS[verb], tmp_path)
        assert (ran.code, "error" in ran.talk) == (0, False), ran.talk


@pytest.mark.parametrize("verb", [*VERBS, *REFUSED])
def test_a_current_folder_that_is_gone(verb, tmp_path, place):
    place.rmdir()
    ran = run((VERBS | REFUSED)[verb], tmp_path)
    if verb in ("convert", "speak", "missing"):
        assert ran.code == 1
        assert one_error(ran.talk).endswith("Check the path, and that the current folder still exists.")
    elif verb in ("train", "evaluate"):
        assert ran.code == 1
        assert "cannot be written: it does not exist" in one_error(ran.talk)
    else:
        assert ran.code == FITTING.get(verb, 0)
        assert "Traceback" not in ran.talk


WRITING = {
    "convert": [EXAMPLE, "happy", "-o"],
    "speak": ["speak", "Good evening.", "-o"],
    "transcribe": ["transcribe", EXAMPLE, "-f", "srt", "-o"],
    "recognize": ["recognize", EXAMPLE, "--same-speaker", "--save-profile"],
}


@pytest.mark.parametrize("verb", WRITING)
@pytest.mark.parametrize("output", ["/proc/output", "file/output", "n" * 300])
def test_a_place_that_cannot_be_written_is_named(verb, output, tmp_path, place):
    (place / "file").touch()
    ran = run([*WRITING[verb], f"{output}.wav" if verb == "speak" else output], tmp_path)
    assert ran.code == 1
    # Of a path it may be the folder that cannot be.
    assert output.removesuffix("/output")[:100] in one_error(ran.talk)
    assert [path.name for path in place.iterdir()] == ["file"]


@pytest.mark.parametrize("verb", WRITING)
def test_a_disk_that_fills_while_a_result_is_written(verb, tmp_path, place):
    target = "said.wav" if verb == "speak" else "output"
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40, limits[1]))
    try:
        # What is said here goes through pipes, which have no limit.
        reading, writing = os.pipe()
        ran = run([*WRITING[verb], target], tmp_path, stdout=writing, stderr=Path(f"/dev/fd/{writing}"))
        told = os.read(reading, 1 << 16).decode()
        os.close(reading)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert ran.code == 1
    assert "cannot be written" in one_error(told)
    assert target in told
    # The journal of a batch stays, so that the same command can go on.
    left = [path for path in place.rglob("*") if path.is_file() and not path.name.startswith(".batch.")]
    assert left == [], "nothing half-written is left"


NAMES = {
    "no text": b"a\xff.wav",
    "a line's end": b"a\nb.wav",
    "long": b"n" * 251 + b".wav",
    "marks": b"[red]x[bold] `id` $HOME.wav",
}
OPENING = {
    "convert": (["convert"], ["happy"]),
    "recognize": (["recognize"], ["--json"]),
    "transcribe": (["transcribe"], ["-f", "txt,json,srt", "-o", "texts"]),
    "verify": (["verify"], []),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("verb", OPENING)
def test_names_of_files_may_be_anything(verb, name, tmp_path, place):
    recording = os.fsdecode(NAMES[name])
    try:
        shutil.copy(EXAMPLE, recording)
    except OSError:
        pytest.skip("no file can have this name here")
    before, after = OPENING[verb]
    ran = run([*before, recording, *after], tmp_path)
    assert ran.code == 0, ran.talk
    assert "error" not in ran.talk
    if verb == "recognize":
        assert json.loads(ran.output)["file"] == recording


@pytest.mark.parametrize("name", [b"zz\xff.wav", b"a\nb.wav", b"n" * 5000 + b".wav", b"n/" * 3000 + b"x.wav"])
def test_names_that_no_file_has_are_told_in_one_line(name, tmp_path):
    ran = run([os.fsdecode(name)], tmp_path)
    assert ran.code in (1, 4)
    assert len(one_error(ran.talk)) < 500
    assert len(ran.talk.splitlines()) == 1


WEIGHTS = {
    "activity/model.onnx": "recognize",
    "cnn1d/card.json": "recognize",
    "cnn1d/model.onnx": "recognize",
    "encoder/model.onnx": "recognize",
    "encoder/x_vector.onnx": "recognize",
    "judge/card.json": "verify",
    "judge/model.onnx": "verify",
    "text/card.json": "read",
    "text/model.onnx": "read",
    "text/tokenizer.json": "read",
    "kokoro/decoder.onnx": "speak",
    "kokoro/encoder.onnx": "speak",
    "kokoro/predictor.onnx": "speak",
    "kokoro/voices/af_heart.bin": "speak",
}


@pytest.mark.parametrize(
    ("file", "damage"),
    [(file, damage) for file in WEIGHTS for damage in ("empty", "cut", "list" if file.endswith("json") else "garbage")],
)
def test_broken_weights_are_named(file, damage, tmp_path, monkeypatch):
    share_engines(monkeypatch, Shared())
    broken = broken_installation(tmp_path, file, damage, monkeypatch)
    try:
        ran = run(VERBS[WEIGHTS[file]], tmp_path)
    finally:
        forget()
    assert ran.code == 3, ran.talk
    line = one_error(ran.talk)
    assert "ONNXRuntimeError" not in line
    assert broken.name in line
    assert str(broken.parent) in line
    assert len(line) < 800


def test_weights_of_ones_own_are_named_too(tmp_path):
    shutil.copytree(ROOT / "checkpoints" / "text", tmp_path / "own")
    for name in ("card.json", "model.onnx", "tokenizer.json"):
        path = tmp_path / "own" / name
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 3])
        ran = run([*VERBS["read"], "--model", str(path.parent)], tmp_path)
        path.write_bytes(content)
        assert ran.code == 3
        assert name in one_error(ran.talk)


NONSENSE = {
    "a variable that is none": ({"RESAY_NONSENSE": "1"}, ""),
    "a number that is none": ({"RESAY_THREADS": "many"}, ""),
    "a number that is huge": ({"RESAY_THREADS": "9" * 30}, ""),
    "seconds that are no number": ({"RESAY_MAX_SECONDS": "nan"}, ""),
    "a switch that is none": ({"RESAY_VERIFY": "perhaps"}, ""),
    "letters that are none": ({"RESAY_VOICE": "\udcff"}, ""),
    "a date that does not exist": ({}, "voice: 2024-13-45"),
    "a date": ({}, "voice: 2024-12-24"),
    "lists in lists": ({}, "a: " + "[" * 1500),
    "no number": ({}, "strength: .nan"),
    "a zero byte": ({}, "a: \0"),
    "a tab": ({}, "a:\n\t- b"),
    "a list": ({}, "[1, 2]"),
    "a name that is a number": ({}, "1: 2"),
    "an object of Python": ({}, "a: !!python/object/apply:os.system [id]"),
    "an anchor that is none": ({}, "a: *b"),
}


@pytest.mark.parametrize("name", NONSENSE)
def test_settings_that_are_nonsense_are_named(name, tmp_path, place, monkeypatch):
    variables, config = NONSENSE[name]
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    (place / "own.yaml").write_text(config, encoding="utf-8")
    ran = run(["speak", "Hello.", *(["--config", "own.yaml"] if config else [])], tmp_path)
    assert ran.code == 2
    line = one_error(ran.talk)
    assert next(iter(variables), "own.yaml") in line
    assert "Did you mean" not in line


@pytest.mark.parametrize("verb", ["convert", "recognize", "transcribe"])
def test_each_failure_of_a_batch_names_its_recording_once(verb, tmp_path, place):
    for name, level in (("silent.wav", 0.0), ("noise.wav", 0.1)):
        soundfile.write(name, level * np.random.default_rng(0).standard_normal(40 * 16000), 16000)
    Path("empty.wav").touch()
    shutil.copy(EXAMPLE, "speech.wav")
    ran = run([*([verb] if verb != "convert" else []), "silent.wav", "noise.wav", "empty.wav", "speech.wav"], tmp_path)
    assert ran.code == 1
    lines = [line for line in ran.talk.splitlines() if line.startswith("error:")]
    failed = ["empty.wav"] if verb == "transcribe" else ["silent.wav", "noise.wav", "empty.wav"]
    assert [[line.count(name) for name in failed] for line in lines] == np.eye(len(failed), dtype=int).tolist()


UNFORESEEN = {
    "a key": (KeyError("tempo"), 1, "Something failed that should not: KeyError: 'tempo'. Set RESAY_DEBUG=1"),
    "memory": (MemoryError(), 1, "There is not enough memory."),
    "memory in C++": (RuntimeError("[ONNXRuntimeError] : 6 : std::bad_alloc"), 1, "There is not enough memory."),
    "a graph": (
        RuntimeError("[ONNXRuntimeError] : 1 : FAIL : Non-zero status code"),
        1,
        "RuntimeError: Non-zero status code",
    ),
    "a package": (ImportError("libx.so: cannot open shared object file"), 3, "A package cannot be loaded: libx.so"),
    "a file": (PermissionError(13, "Permission denied", "/some/file"), 1, "/some/file: permission is denied."),
    "recursion": (RecursionError("maximum recursion depth exceeded"), 1, "RecursionError"),
    "many lines": (ValueError("one\ntwo\n" + "x" * 5000), 1, "ValueError: one two xxx"),
}


@pytest.mark.parametrize("verb", ["convert", "recognise", "transcribe", "speak", "verify"])
@pytest.mark.parametrize("name", UNFORESEEN)
def test_an_error_that_nobody_foresaw_is_one_line(verb, name, tmp_path, monkeypatch):
    error, code, message = UNFORESEEN[name]

    def fail(*arguments, **options):
        raise error

    monkeypatch.setattr(VoicePipeline, verb, fail)
    spoken = "recognize" if verb == "recognise" else verb
    ran = run(VERBS[spoken], tmp_path)
    assert ran.code == code
    line = one_error(ran.talk)
    assert message in line
    if name not in ("a package", "a file") and verb != "speak":
        assert EXAMPLE in line, "it says which recording"


def test_one_recording_that_fails_strangely_does_not_end_a_batch(tmp_path, place, monkeypatch):
    for name in ("a.wav", "b.wav"):
        shutil.copy(EXAMPLE, name)
    whole = VoicePipeline.convert

    def convert(self, source, *arguments, **options):
        if source == "a.wav":
            raise ZeroDivisionError("division by zero")
        return whole(self, source, *arguments, **options)

    monkeypatch.setattr(VoicePipeline, "convert", convert)
    ran = run(["a.wav", "b.wav", "happy", "--json"], tmp_path)
    assert ran.code == 1
    failed, done = map(json.loads, ran.output.splitlines())
    assert "ZeroDivisionError" in failed["error"]["message"]
    assert done["source"] == "b.wav"


def test_a_traceback_is_shown_to_whom_asks_for_it(tmp_path, monkeypatch):
    def fail(*arguments, **options):
        raise KeyError("tempo")

    monkeypatch.setattr(VoicePipeline, "speak", fail)
    monkeypatch.setenv("RESAY_DEBUG", "1")
    ran = run(VERBS["speak"], tmp_path)
    assert ran.code == 1
    assert "in fail" in ran.talk
    assert ran.talk.splitlines()[-1].startswith("error: Something failed")


def detect(command: str, folder: Path, **options) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a shell that breaks its surroundings."""
    line = command.replace("DETECT", "PYTHON ROOT/detect.py").replace("PYTHON ", f"{sys.executable} ")
    line = line.replace("ROOT", str(ROOT))
    return subprocess.run(
        ["bash", "-c", line], cwd=folder, capture_output=True, timeout=120, check=False, **options
    )  # fmt: skip


@pytest.mark.parametrize(
    ("command", "code", "lines"),
    [
        ("DETECT emotions <&- >&- 2>&-", 1, 0),
        ("DETECT emotions <&- >&-", 1, 1),
        ("LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 DETECT read 'So müde, 你好.'", 0, 0),
        ("PYTHONUNBUFFERED=1 DETECT emotions > /dev/full", 1, 1),
        ("set -o pipefail; DETECT emotions | true", 141, 0),
        ("PYTHON -I -S ROOT/detect.py emotions", 3, 1),
    ],
)
def test_processes(command, code, lines, place):
    done = detect(command, place)
    assert (done.returncode, len(done.stderr.splitlines())) == (code, lines), done.stderr.decode()


def heeded():
    """Let a new process heed signals that are ignored where the tests run in the background."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
def test_a_process_that_is_ended_leaves_nothing_half_written(number, code, place):
    talk = " ".join(["Nobody knew who had left the door open that night."] * 60)
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "detect.py"), "speak", talk, "happy"],
        cwd=place, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, preexec_fn=heeded,
    )  # fmt: skip
    loaded = Path(f"/proc/{process.pid}/maps")
    while "onnxruntime" not in loaded.read_text(encoding="utf-8"):
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(number)
    _, told = process.communicate(timeout=60)
    assert process.returncode == code, told.decode()
    assert b"Traceback" not in told
    assert [path for path in place.rglob("*") if path.is_file()] == []


def test_the_console_is_what_it_was(capsys):
    console.results.print("█")
    assert capsys.readouterr().out == "█\n"
