"""How many lines of code two revisions have, by room, and how many signatures pass an option on.

    python benchmarks/lines.py 1a2ff7a HEAD

A line of code is a line of a Python file that is not blank; comments and docstrings count, as a reader meets them too.
A signature passes an option on where a function of `pipeline/` or `detect.py` has a parameter of its name;
those on the way lie between the command line and the engines, outside the rooms in which options act.
"""

from __future__ import annotations

import ast
import io
import subprocess
import tarfile
from collections import Counter
from pathlib import Path

import common

PRODUCT = ("pipeline", "emotivoice")
OPTIONS = ("strength", "language", "device")
ENGINES = ("audio", "recognition", "transcription", "synthesis", "training", "frontend", "weights")
"""Rooms of `pipeline/` where options act."""


def git(*arguments: str) -> bytes:
    """Return what git answers."""
    return subprocess.run(["git", *arguments], cwd=common.ROOT, capture_output=True, check=True).stdout


def sources(revision: str) -> dict[Path, str]:
    """Return the Python files of a revision, `.` being the files on the disk as they are."""
    if revision == ".":
        paths = [Path(name) for name in git("ls-files", "*.py").decode().split()]
        return {path: (common.ROOT / path).read_text() for path in paths if (common.ROOT / path).exists()}
    with tarfile.open(fileobj=io.BytesIO(git("archive", revision))) as files:
        return {
            Path(member.name): file.read().decode()
            for member in files
            if member.name.endswith(".py") and (file := files.extractfile(member))
        }


def room_of(path: Path) -> str:
    """Return `pipeline/audio` of `pipeline/audio/activity.py`; other folders are one room."""
    return "/".join(path.parts[:2]) if path.parts[0] == "pipeline" and len(path.parts) > 2 else path.parts[0]


def lines(files: dict[Path, str]) -> Counter[str]:
    """Return the lines of code of each room, and of the product as a whole."""
    counts: Counter[str] = Counter()
    for path, text in files.items():
        count = sum(bool(line.strip()) for line in text.splitlines())
        for name in (room_of(path), *(["**product**"] if path.parts[0] in (*PRODUCT, "detect.py") else [])):
            counts[name] += count
    return counts


def signatures(files: dict[Path, str], option: str) -> list[str]:
    """Return the functions of the product that have a parameter of this name, as `path:function`."""
    found = []
    for path, text in files.items():
        if path.parts[0] not in ("pipeline", "detect.py"):
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                given = node.args
                if option in {one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)}:
                    found.append(f"{path}:{node.name}")
    return found


def main() -> None:
    """Print both tables."""
    parser = common.parser(__doc__)
    parser.add_argument("before", help="a revision, or . for the files as they are")
    parser.add_argument("after", nargs="?", default="HEAD")
    parser.add_argument("--list", action="store_true", help="name the functions of the second revision")
    arguments = parser.parse_args()
    before, after = sources(arguments.before), sources(arguments.after)
    earlier, later = lines(before), lines(after)
    order = sorted({*earlier, *later}, key=lambda name: (name == "**product**", name))
    common.table(
        ("room", arguments.before, arguments.after, "change"),
        ((name, earlier[name], later[name], f"{later[name] - earlier[name]:+d}") for name in order),
    )
    print()

    def counted(named: list[str]) -> str:
        way = [name for name in named if not name.startswith(tuple(f"pipeline/{room}/" for room in ENGINES))]
        return f"{len(named)}, {len(way)} on the way"

    found = {option: (signatures(before, option), signatures(after, option)) for option in OPTIONS}
    common.table(
        ("signatures with", arguments.before, arguments.after),
        ((option, *map(counted, both)) for option, both in found.items()),
    )
    for option, (_, named) in found.items() if arguments.list else ():
        print(f"\n{option}:\n  " + "\n  ".join(named))


if __name__ == "__main__":
    main()
