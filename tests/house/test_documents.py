"""What README and the pages of `docs/` tell a reader to run, runs.

Commands stand in blocks, or in the text between backticks; each runs in a folder that has the recordings it names.
Those of `NOT_RUN` are read instead: the program, the verb and every option must exist.
"""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer

from pipeline.audio import SoundInformation, read_audio, write_sound
from pipeline.cli import VERBS, app, main, with_verb

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *(ROOT / folder / "README.md" for folder in ("examples", "benchmarks")),
    *sorted((ROOT / "checkpoints").glob("*/MODEL_CARD.md")),
]
RECORDING = ROOT / "examples" / "recording.wav"

NOT_RUN = {
    r"shared/data": "needs a corpus",
    r"(^| )(/?[A-Z]{2,}|runs?|runs/\S+)( |$)|…|\.\.\.( |$)": "names what only the reader has",
    r"^make |pytest": "installs, or is this suite",
    r"^(\S*python )?benchmarks/": "measures for minutes",
    r"^python -m (emotivoice|pipeline)\.|^torchrun ": "trains, or writes what ships",
    r"--tts (festival|flite|emotivoice|kokoro)|--asr (whisper|paddlespeech|moonshine:)": "needs what is optional",
    r"--asr accurate|--language auto": "needs what is optional",
    r"^(python )?detect\.py train": "trains for minutes to hours",
    r"detect\.py serve": "does not end by itself",
    r"models pull|^pip ": "downloads",
    r"--watch": "runs until somebody ends it",
    r"(s3|gs)://|--workers ray": "needs what is optional",
    r"--manifest": "names what only the reader has",
    r"detect\.py watch": "runs until somebody ends it",
    r"detect\.py calls (--|trends|deliveries|export)": "needs calls that were watched",
    r"detect\.py listen( --microphone|$)": "needs a microphone",
}
"""Patterns of commands that are read and not run, and why."""

COMMAND = re.compile(
    r"^([A-Z_]+=\S* |[a-z]+ [^|]+\| *)?(\S*python3?|detect\.py|resay|make|pip|torchrun|benchmarks/\S+\.py)( [ -~]|$)"
)
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"(?<=\n\n)(?: {4}.*\n+)+")
SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
SHELL = re.compile(r"^[A-Z_]+=|(^| )(\||<|>|&&)( |$)")
"""What only a shell understands."""
SOUND = re.compile(r"\.(wav|mp3|flac|opus|ogg|m4a)$")


@dataclass(frozen=True)
class Command:
    """A command line of a document."""

    document: str
    line: str

    @property
    def plain(self) -> str:
        """The line without its comment."""
        return self.line.partition(" #")[0].strip()

    @property
    def words(self) -> list[str]:
        """The words, without the program `python` and what a comment says."""
        words = shlex.split(self.line, comments=True)
        return words[1:] if words[0].endswith(("python", "python3")) else words

    @property
    def reasons(self) -> list[str]:
        """Why it is not run; empty where it is."""
        return [reason for pattern, reason in NOT_RUN.items() if re.search(pattern, self.plain)]


def commands_of(document: Path) -> Iterator[Command]:
    """Yield the commands of a document: those of its blocks, and in the text what is more than the name of a verb."""
    text = document.read_text(encoding="utf-8")
    name = document.relative_to(ROOT).as_posix()
    prose = BLOCK.sub("\n", text)
    blocks = [body for language, body in BLOCK.findall(text) if language in {"", "bash", "sh", "shell", "console"}]
    for block in [*blocks, *INDENTED.findall(prose)]:
        for line in block.replace("\\\n", " ").splitlines():
            line = line.strip().removeprefix("$ ")
            if COMMAND.match(line):
                yield Command(name, line)
    for span in SPAN.findall(INDENTED.sub("\n", prose)):
        if COMMAND.match(span) and len(span.split()) > (2 if span.startswith("detect.py") else 1):
            yield Command(name, span)


COMMANDS = list(dict.fromkeys(command for document in DOCUMENTS for command in commands_of(document)))
SNIPPETS = {
    path.relative_to(ROOT).as_posix(): [
        body for language, body in BLOCK.findall(path.read_text(encoding="utf-8")) if language == "python"
    ]
    for path in DOCUMENTS
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Path:
    """A working directory after one conversion, in the places that the documents speak of."""
    folder = tmp_path_factory.mktemp("desk")
    for name in ("examples", "configs"):
        shutil.copytree(ROOT / name, folder / name)
    with contextlib.chdir(folder), pytest.raises(SystemExit) as left:
        main(["examples/recording.wav", "happy", "youngwoman", "-f", "wav,srt", "--quiet"])
    assert left.value.code == 0
    return folder


@pytest.fixture
def at_desk(desk, tmp_path, monkeypatch) -> Path:
    """A copy of the working directory, which is the current one; nothing of the person's own is used."""
    folder = tmp_path / "desk"
    shutil.copytree(desk, folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("RESAY_HOME", str(tmp_path / "home"))
    return folder


def provide(words: list[str]) -> None:
    """Make the recordings and folders that words name, where they are not what the command writes."""
    audio = read_audio(RECORDING, sample_rate=22_050)
    written = [word for before, word in itertools.pairwise(words) if before in {"-o", "--output", "--report"}]
    for word in words:
        path = Path(word + "recording.wav" if word.endswith("/") else word.replace("*", "1"))
        if SOUND.search(path.name) and word not in written and not path.exists() and " " not in word:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_sound(path, audio, information=SoundInformation("test", "own", "surprised", ""))


@pytest.mark.parametrize("command", [one for one in COMMANDS if not one.reasons], ids=lambda one: one.plain)
def test_command_runs(command, at_desk, capsys):
    words = command.words
    provide(words)
    if SHELL.search(command.plain):
        shutil.copy(ROOT / "detect.py", at_desk)
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        environment = os.environ | {"PATH": path, "PYTHONPATH": str(ROOT)}
        subprocess.run(["bash", "-ec", command.plain], env=environment, stdin=subprocess.DEVNULL, check=True)
        return
    assert words[0] in {"detect.py", "resay"}, f"{command.document}: nobody knows how to run this"
    with pytest.raises(SystemExit) as left:
        main(words[1:])
    assert left.value.code in {0, None}, capsys.readouterr().err


@pytest.mark.parametrize("command", [one for one in COMMANDS if one.reasons], ids=lambda one: one.plain)
def test_command_that_is_not_run_exists(command, capsys, monkeypatch):
    program, *arguments = command.words
    options = {word.partition("=")[0] for word in arguments if re.match(r"--?[a-z]", word)}
    if program in {"detect.py", "resay"}:
        verb = with_verb(arguments)[0]
        assert verb in VERBS
        known = {
            name
            for one in typer.main.get_command(app).commands[verb].params
            for name in (*one.opts, *one.secondary_opts)
        }
        assert options <= known | {"--help"}
    elif program.startswith("benchmarks/"):
        assert options <= set(re.findall(r"--?[a-z][a-z-]*", benchmark_help(ROOT / program, capsys, monkeypatch)))
    elif program == "make":
        targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        assert set(arguments) <= set(targets)
    elif "-m" in (program, *arguments):
        named = (program, *arguments)
        module = named[named.index("-m") + 1]
        assert importlib.util.find_spec(module), f"there is no module {module}"
    else:
        assert program == "pip"


@pytest.mark.parametrize("document", [name for name, blocks in SNIPPETS.items() if blocks])
def test_snippets_run(document, at_desk):
    """The blocks of a document are one program."""
    code = "\n".join(SNIPPETS[document])
    provide(re.findall(r"[\"']([^\"'\n]+)[\"']", code))
    exec(compile(code, document, "exec"), {"__name__": "__main__"})  # noqa: S102


def test_there_is_a_reason_for_each_command_that_is_not_run():
    given = {reason for command in COMMANDS for reason in command.reasons}
    assert set(NOT_RUN.values()) == given, "reasons that no command needs go"
    assert len([command for command in COMMANDS if not command.reasons]) >= 10


@pytest.mark.parametrize("script", sorted((ROOT / "benchmarks").glob("*.py")), ids=lambda path: path.stem)
def test_benchmark_tells_what_it_measures(script, capsys, monkeypatch):
    """Every script answers `--help`, and the index has it."""
    if script.stem == "common":
        return
    assert benchmark_help(script, capsys, monkeypatch).startswith("usage:")
    assert f"`benchmarks/{script.name}" in (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")


def benchmark_help(script: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    """Return what a benchmark answers to `--help`."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.syspath_prepend(str(script.parent))
    monkeypatch.setattr(sys, "argv", [script.name, "--help"])
    capsys.readouterr()
    before = set(sys.modules)
    try:
        with pytest.raises(SystemExit) as left:
            runpy.run_path(str(script), run_name="__main__")
    finally:
        for name in set(sys.modules) - before:
            if str(getattr(sys.modules[name], "__file__", "")).startswith(str(script.parent)):
                del sys.modules[name]
    assert left.value.code == 0
    return capsys.readouterr().out
