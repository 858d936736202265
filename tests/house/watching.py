"""Watches a process and its children from outside: which packets they send, and which files they leave where."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

_SENDING = ("connect", "sendto", "sendmsg", "sendmmsg")
_CREATING = (
    "open", "openat", "openat2", "creat", "mkdir", "mkdirat", "rename", "renameat", "renameat2", "link", "linkat",
    "symlink", "symlinkat", "mknod", "mknodat",
)  # fmt: skip
_SILENT = re.compile(r"AF_(UNIX|NETLINK)|UNIX(-STREAM|-DGRAM)?:|NETLINK:")
"""Sockets within the machine, to services of the system."""
_CALL = re.compile(r"^(?:\d+ +)?(\w+)\((.*)\) += (-?\d+)(?:<(.*)>)?")
_PATH = re.compile(r'"((?:[^"\\]|\\.)*)"')
_CODE = re.compile(r"/__pycache__(/[^/]+\.pyc(\.\d+)?)?$")
"""What Python itself leaves beside code that it has not run before."""


@dataclass(frozen=True)
class Watched:
    """What a process did."""

    code: int
    output: str
    talk: str
    packets: list[str]
    """Calls that reach for another machine, or for a port of this one."""
    strays: list[str]
    """Files and folders that were made or opened for writing outside the places that are allowed."""


def needs_strace() -> None:
    """Skip a test where no process can be watched."""
    try:
        subprocess.run(["strace", "-qq", "-o", os.devnull, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("strace is not installed, or may not be used here")


def watch(arguments: Sequence[object], folder: Path, **variables: str) -> Watched:
    """Run Python with a home, a folder to work in and one for temporary files that are empty, and watch it.

    Args:
        arguments: What follows the name of Python.
        folder: Where these folders are made; `work` may hold files already.
        variables: Of the environment, in addition to those of a person who has set nothing.
    """
    home, work, temporary, trace = (folder / name for name in ("home", "work", "temporary", "trace"))
    for path in (home, work, temporary, trace):
        path.mkdir(exist_ok=True)
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH", "VIRTUAL_ENV") if name in os.environ}
    settings = {"HOME": str(home), "TMPDIR": str(temporary), "OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1"}
    calls = f"trace={','.join((*_SENDING, *_CREATING))}"
    strace = ["strace", "-ff", "-qq", "-yy", "-s", "4096", "-o", str(trace / "of"), "-e", calls, "-e", "signal=none"]
    process = subprocess.run(
        [*strace, sys.executable, *map(str, arguments)],
        cwd=work,
        env=kept | settings | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    lines = [line for file in trace.iterdir() for line in file.read_text("utf-8", errors="replace").splitlines()]
    assert lines, "a process opens files at least"
    allowed = (work, temporary, home / ".cache" / "resay", Path("/dev"), Path("/proc"))
    return Watched(
        process.returncode,
        process.stdout,
        process.stderr,
        [line for line in lines if line.startswith(_SENDING) and not _SILENT.search(line)],
        sorted({path for line in lines for path in _made(line, work) if not _within(path, allowed)}),
    )


def _made(line: str, work: Path) -> list[str]:
    """Return the paths that a call made, or opened for writing; none of a call that failed."""
    match = _CALL.match(line)
    if not match or match[1] not in _CREATING or int(match[3]) < 0:
        return []
    name, given, _, opened = match.groups()
    if name.startswith("open"):
        # A file without a name, which a test of a folder makes, is gone when it is closed.
        if not re.search(r"O_(WRONLY|RDWR|CREAT)", given) or "O_TMPFILE" in given:
            return []
        return [(opened or "").removesuffix(" (deleted)").removesuffix("(deleted)")]
    # Both names of a move: a file that is moved was somewhere before.
    return [os.path.normpath(work / text) for text in _PATH.findall(given)]


def _within(path: str, places: Sequence[Path]) -> bool:
    # The folders above the cache are made with it, and hold nothing else.
    above = {str(parent) for place in places[:3] for parent in place.parents}
    return path in above or bool(_CODE.search(path)) or any(Path(path).is_relative_to(place) for place in places)
