"""Messages are plain English wherever a value or a file comes from: nothing that only programmers read."""

from __future__ import annotations

import errno
import json
import os
import re
import socket
from pathlib import Path
from typing import Literal

import pytest
import yaml
from pydantic import BaseModel, Field, ValidationError

from pipeline.batch.journal import Journal
from pipeline.chain import VoicePipeline
from pipeline.core.errors import ResayError
from pipeline.core.files import atomic, require_writable
from pipeline.core.messages import in_words, reason, refusal
from pipeline.core.numbering import write_numbered
from pipeline.core.options import CallOptions
from pipeline.core.settings import Settings, load_settings
from pipeline.recognition.checkpoint import read_card
from pipeline.recognition.speech.speaker import SpeakerProfile
from pipeline.training.configuration import kind_of, load_config
from pipeline.training.runs import settings_in
from pipeline.transcripts.subtitle_reading import read_subtitles

RAW = re.compile(
    r"\[Errno|Input should|Value error|validation error|PosixPath|Traceback|object at 0x|<class|NoneType|\{'|\['|"
    r"Error\(|codec can't|Expecting value|while scanning|invalid literal|not subscriptable|Is a directory|No such file"
)


class Sample(BaseModel, extra="forbid"):
    """A value of each kind."""

    whole: int = Field(default=1, ge=0, le=8)
    more: float = Field(default=1, gt=0, lt=1.5)
    step: int = Field(default=4, multiple_of=4)
    finite: float = Field(default=1, allow_inf_nan=False)
    flag: bool = True
    word: str = Field(default="a", min_length=1, max_length=3)
    longer: str = Field(default="ab", min_length=2)
    code: str = Field(default="a", pattern="^[a-z]+$")
    choice: Literal["a", "b"] = "a"
    parts: list[int] = Field(default=[1], min_length=1, max_length=2)
    names: dict[str, int] = {}
    place: Path = Path()
    inner: Sample | None = None


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"whole": "two"}, "it must be a whole number"),
        ({"whole": 1.5}, "it must be a whole number"),
        ({"whole": None}, "it must be a whole number"),
        ({"whole": -1}, "it must be at least 0"),
        ({"whole": 9}, "it must be at most 8"),
        ({"more": 0}, "it must be greater than 0"),
        ({"more": 1.5}, "it must be less than 1.5"),
        ({"more": "much"}, "it must be a number"),
        ({"step": 6}, "it must be a multiple of 4"),
        ({"finite": float("nan")}, "it must be a finite number"),
        ({"flag": "perhaps"}, "it must be true or false"),
        ({"word": ""}, "it must not be empty"),
        ({"word": "abcd"}, "it must have at most 3 characters"),
        ({"word": 5}, "it must be a text"),
        ({"longer": "a"}, "it must have at least 2 characters"),
        ({"code": "A1"}, "it is not written as it should be"),
        ({"choice": "c"}, "it must be 'a' or 'b'"),
        ({"parts": []}, "it must have at least 1 parts"),
        ({"parts": [1, 2, 3]}, "it must have at most 2 parts"),
        ({"parts": 1}, "it must be a list"),
        ({"parts": ["x"]}, "it must be a whole number"),
        ({"names": 1}, "it must be names and values"),
        ({"place": 1}, "it must be a path"),
        ({"inner": 1}, "it must be names and values"),
        ({"other": 1}, "there is no such setting"),
    ],
)
def test_what_pydantic_refuses_is_said_in_words(values, said) -> None:
    with pytest.raises(ValidationError) as raised:
        Sample.model_validate(values)
    assert refusal(raised.value.errors()[0]) == said
    assert reason(raised.value) == said


def yaml_error(text: str) -> yaml.YAMLError:
    try:
        yaml.safe_load(text)
    except yaml.YAMLError as error:
        return error
    raise AssertionError(text)


def json_error(text: str) -> ValueError:
    try:
        json.loads(text)
    except ValueError as error:
        return error
    raise AssertionError(text)


def wrapped(inner: OSError) -> OSError:
    """Return an error as libraries of HTTP wrap it: without a number, the real one inside."""
    outer = OSError(f"<urllib3.connection.HTTPSConnection object at 0x7f>: {inner}")
    outer.__cause__ = inner
    return outer


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "card.json"), "it does not exist"),
        (PermissionError(errno.EACCES, "Permission denied"), "permission is denied"),
        (IsADirectoryError(errno.EISDIR, "Is a directory"), "it is a folder"),
        (NotADirectoryError(errno.ENOTDIR, "Not a directory"), "a part of the path is no folder"),
        (OSError(errno.ENOSPC, "No space left on device"), "no space is left on the disk"),
        (OSError(errno.EROFS, "Read-only file system"), "the disk can only be read"),
        (OSError(errno.ENAMETOOLONG, "File name too long"), "the name is too long"),
        (OSError(errno.EIO, "Input/output error"), "the disk reports an error"),
        (OSError("Something else."), "something else"),
        (OSError(), "the system refused it"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), "the connection is refused"),
        (wrapped(ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")), "the connection is refused"),
        (wrapped(socket.gaierror(-2, "Name or service not known")), "the name of the server is not known"),
        (TimeoutError("timed out"), "nothing answered in time"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"), "it is no text in UTF-8"),
        (json_error("{"), "it is not JSON (line 1, column 2)"),
        (yaml_error("a: [1\n"), "it is not YAML (line 2, column 1)"),
        (yaml_error("\0"), "it is not YAML (it holds characters that YAML forbids)"),
        (KeyError("labels"), "'labels' is missing"),
        (ModuleNotFoundError("No module named 'torch'", name="torch"), "the package torch is not installed"),
        (MemoryError(), "there is not enough memory"),
        (TypeError("'int' object is not subscriptable"), "something in it is not as it should be"),
        (ValueError("its numbers are damaged"), "its numbers are damaged"),
        (ValueError(), "something in it is not as it should be"),
    ],
)
def test_foreign_errors_are_said_in_words(error, said) -> None:
    assert reason(error) == said


def test_every_number_of_the_system_becomes_a_clause() -> None:
    for number in errno.errorcode:
        said = reason(OSError(number, os.strerror(number)))
        assert said
        assert not RAW.search(said)
        assert not said.endswith(".")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Path("a/b"), "a/b"),
        ({"a": 1}, "names and values"),
        ([1, "x"], "1, x"),
        (list(range(9)), "a list of 9"),
        (True, "true"),
        (None, "nothing"),
        (2.0, "2"),
        ("two\nlines", "two lines"),
        ("x" * 100, "x" * 59 + "…"),
    ],
)
def test_values_are_shown_as_people_write_them(value, shown) -> None:
    assert in_words(value) == shown


def _yaml(text):
    def read(folder):
        (folder / "x.yaml").write_bytes(text)
        load_settings(config=folder / "x.yaml", environment={})

    return read


def _config(text):
    def read(folder):
        (folder / "x.yaml").write_bytes(text)
        kind_of(folder / "x.yaml")
        load_config(folder / "x.yaml")

    return read


def _file(name, content, use):
    def read(folder):
        (folder / name).write_bytes(content)
        use(folder / name)

    return read


SOURCES = {
    "yaml: missing": lambda folder: load_settings(config=folder / "none.yaml", environment={}),
    "yaml: a folder": lambda folder: load_settings(config=folder, environment={}),
    "yaml: broken": _yaml(b"a: [\n"),
    "yaml: no text": _yaml(b"\xff\xfe\x00"),
    "yaml: a list": _yaml(b"- a\n"),
    "yaml: a mapping as a number": _yaml(b"strength: {a: 1}\n"),
    "yaml: a list as a text": _yaml(b"asr: [a, b]\n"),
    "yaml: nothing as a text": _yaml(b"voice: ''\n"),
    "yaml: an unknown key": _yaml(b"strenght: 1\n"),
    "environment: no number": lambda folder: load_settings(environment={"RESAY_STRENGTH": "loud"}),
    "environment: no truth": lambda folder: load_settings(environment={"RESAY_VERIFY": "perhaps"}),
    "environment: no choice": lambda folder: load_settings(environment={"RESAY_DEVICE": "abacus"}),
    "environment: unknown": lambda folder: load_settings(environment={"RESAY_VIOCE": "x"}),
    "python: out of range": lambda folder: CallOptions().changed(strength=9),
    "python: another type": lambda folder: CallOptions().changed(strength={"a": 1}),
    "python: a path": lambda folder: CallOptions().changed(voice=Path("a")),
    "python: unknown": lambda folder: VoicePipeline(Settings()).convert("x.wav", strenght=1),
    "python: an emotion": lambda folder: VoicePipeline(Settings()).check_conversion("hapy"),
    "python: a voice": lambda folder: VoicePipeline(Settings()).check_conversion("happy", "yongman"),
    "python: an output": lambda folder: VoicePipeline(Settings()).check_conversion(output=folder / "x.txt"),
    "python: a recording": lambda folder: VoicePipeline(Settings()).read(folder / "none.wav"),
    "python: a folder as a recording": lambda folder: VoicePipeline(Settings()).read(folder),
    "training: missing": lambda folder: load_config(folder / "none.yaml"),
    "training: broken": _config(b"a: [\n"),
    "training: a value": _config(b"model: cnn1d\nlr: much\n"),
    "training: a mapping": _config(b"model: cnn1d\nlr: {a: 1}\n"),
    "training: an unknown key": _config(b"model: cnn1d\nlearning: 1\n"),
    "training: an unknown model": _config(b"model: cnn2d\n"),
    "training: no run": lambda folder: settings_in(folder),
    "training: a damaged run": _file("settings.json", b"{", lambda path: settings_in(path.parent)),
    "a checkpoint: missing": lambda folder: read_card(folder),
    "a checkpoint: damaged": _file("card.json", b"{", lambda path: read_card(path.parent)),
    "a checkpoint: a key": _file("card.json", b'{"schema": 1}', lambda path: read_card(path.parent)),
    "a checkpoint: a list": _file("card.json", b"[]", lambda path: read_card(path.parent)),
    "a profile: missing": lambda folder: SpeakerProfile.load(folder / "none.json"),
    "a profile: damaged": _file("profile.json", b"{]", SpeakerProfile.load),
    "a profile: other keys": _file("profile.json", b'{"schema": 1}', SpeakerProfile.load),
    "subtitles: missing": lambda folder: read_subtitles(folder / "none.srt"),
    "subtitles: a folder": lambda folder: read_subtitles(folder),
    "a journal: below a file": _file("file", b"", Journal),
    "an output: below a file": _file("file", b"", lambda path: require_writable([path / "x.wav"])),
    "an output: a folder": lambda folder: require_writable([folder]),
    "an output: there": _file("file", b"", lambda path: require_writable([path])),
    "numbered: below a file": _file(
        "file", b"", lambda path: write_numbered(path, lambda sound: None, lambda sound: {})
    ),
    "atomic: below a file": _file("file", b"", lambda path: atomic(path / "x.wav").__enter__()),
}


@pytest.mark.parametrize("source", SOURCES)
def test_no_message_is_for_programmers(source, tmp_path) -> None:
    with pytest.raises(ResayError) as raised:
        SOURCES[source](tmp_path)
    told = str(raised.value)
    assert not RAW.search(told), told
    assert raised.value.message.endswith((".", "?"))
    assert ".." not in told.replace("../", "")
