"""Runs the command in this process, in surroundings that a test breaks: consoles, disks, homes, folders, weights."""

from __future__ import annotations

import functools
import io
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

import pipeline.chain.pipeline
from pipeline.chain.engines import Engines
from pipeline.cli import main
from pipeline.core import paths

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = str(ROOT / "examples" / "recording.wav")

VERBS: dict[str, list[str]] = {
    "convert": [EXAMPLE, "happy"],
    "recognize": ["recognize", EXAMPLE],
    "transcribe": ["transcribe", EXAMPLE],
    "speak": ["speak", "Good evening.", "sad"],
    "read": ["read", "I am so sorry, 你好."],
    "verify": ["verify", EXAMPLE],
    "predict": ["predict", EXAMPLE],
    "models": ["models"],
    "voices": ["voices"],
    "emotions": ["emotions"],
    "doctor": ["doctor"],
    "licenses": ["licenses"],
    "corpora": ["corpora"],
    "calls": ["calls", "notice"],
    "listen": ["listen", "--file", EXAMPLE, "--fast"],
    "help": ["--help"],
}
"""Every verb that does something without a corpus, in one process."""

REFUSED: dict[str, list[str]] = {
    "missing": ["nowhere.wav"],
    "usage": [EXAMPLE, "--no-such-option"],
    "serve": ["serve", "--host", "192.0.2.7"],
    "watch": ["watch", ".", "--once"],
    "train": ["train", "--data", "nowhere"],
    "preprocess": ["preprocess", "--data", "nowhere"],
    "evaluate": ["evaluate", "--data", "nowhere"],
}
"""What ends in an error of ours anyhow."""


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int | str
    """Exit code, or the name of an error that came through."""
    output: bytes
    talk: str


class Shared:
    """Loads the engines for each settings once."""

    def __init__(self) -> None:
        self._engines = functools.cache(Engines)

    def __call__(self, settings, **given):
        return self._engines(settings)


@contextmanager
def standard(stdin: object, stdout: object, stderr: object) -> Iterator[None]:
    """Put streams in the place of the process's own."""
    own = sys.stdin, sys.stdout, sys.stderr
    sys.stdin, sys.stdout, sys.stderr = stdin, stdout, stderr  # type: ignore[assignment]
    try:
        yield
    finally:
        sys.stdin, sys.stdout, sys.stderr = own


def text(path: Path | int, encoding: str = "utf-8", mode: str = "w") -> io.TextIOWrapper:
    """Open a stream as Python opens the standard ones: strict, and written when its buffer is full."""
    return open(path, mode, encoding=encoding, errors="strict")  # type: ignore[return-value]


def run(
    arguments: Sequence[str],
    folder: Path,
    *,
    encoding: str = "utf-8",
    stdout: Path | int | None = None,
    stderr: Path | None = None,
    closed: str = "",
) -> Ran:
    """Run the command.

    Args:
        arguments: What stands after its name.
        folder: Where what it says is kept.
        encoding: Of both outputs.
        stdout: Another place for the output.
        stderr: Another place for the talk.
        closed: Names of streams that are closed.
    """
    said, told = folder / "said", folder / "told"
    said.touch()
    told.touch()
    output = None if "stdout" in closed else text(said if stdout is None else stdout, encoding)
    talk = None if "stderr" in closed else text(told if stderr is None else stderr, encoding)
    code: int | str = 0
    with open(os.devnull, encoding="utf-8") as nothing:
        with standard(None if "stdin" in closed else nothing, output, talk):
            try:
                main(list(arguments))
            except SystemExit as left:
                code = left.code if isinstance(left.code, int) else 0 if left.code is None else str(left.code)
            except BaseException as error:
                code = type(error).__name__
        for stream in (output, talk):
            if stream is not None:
                try:
                    stream.close()
                except OSError as error:
                    code = f"{type(error).__name__} at the end"
    return Ran(code, said.read_bytes(), told.read_text("utf-8", errors="replace"))


def forget() -> None:
    """Forget what the package keeps for the whole process, such as its networks."""
    for name, module in list(sys.modules.items()):
        if name.startswith("pipeline"):
            for value in list(vars(module).values()):
                if callable(getattr(value, "cache_clear", None)):
                    value.cache_clear()


def broken_installation(folder: Path, file: str, damage: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the package find its checkpoints in a copy of which one file is damaged; return that file."""
    shutil.copytree(ROOT / "checkpoints", folder / "checkpoints", copy_function=os.link)
    (folder / "configs").symlink_to(ROOT / "configs")
    path = folder / "checkpoints" / file
    content = path.read_bytes()
    path.unlink()
    broken = {"empty": b"", "cut": content[: len(content) // 2], "garbage": bytes(range(256)) * 16, "list": b"[1, 2]"}
    path.write_bytes(broken[damage])
    monkeypatch.setattr(paths, "__file__", str(folder / "pipeline" / "core" / "paths.py"))
    forget()
    return path


def share_engines(monkeypatch: pytest.MonkeyPatch, shared: Shared) -> None:
    """Let every pipeline use the same engines."""
    monkeypatch.setattr(pipeline.chain.pipeline, "Engines", shared)
