"""Kills a batch again and again, and compares what it leaves with what an undisturbed one writes.

Recordings are made from the example: its sentence three times, each recording at a level of its own. A process converts
or transcribes them and gets SIGKILL: alone, or its workers too. Kills are spread over the whole batch: each comes at a
random moment after the share of the recordings is done that its number is of all kills, one in four at any moment after
the start. The same command is run again until so many kills are done, and once more to the end. Then every recording
must have the same files as in the undisturbed run, with the same bytes, and nothing else may be in the folder.

With `--stand-ins` the engines are those of the tests, which take no time: what is left is the batch itself.
With `--full` nothing is killed: the folder is a small file system in memory (which needs root), full after about one
more recording each time, and the batch goes on when it has become larger.

    python benchmarks/batch_kills.py --kills 200 --stand-ins --recordings 400
    python benchmarks/batch_kills.py --kills 200 --verb transcribe
    python benchmarks/batch_kills.py --full --stand-ins
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import common
import numpy as np
import soundfile

STAND_INS = common.ROOT / "tests" / "batch" / "small_batch.py"
HIDDEN = {".batch.jsonl", ".batch.lock"}


def command(options: argparse.Namespace, recordings: Path, output: Path) -> list[str]:
    if options.stand_ins:
        verb = ["transcribe"] if options.verb == "transcribe" else []
        return [sys.executable, str(STAND_INS), str(recordings), str(output), str(options.workers or ""), "0", *verb]
    how = ["--workers", str(options.workers)] if options.workers else []
    verbs = {"convert": [str(recordings), "happy"], "transcribe": ["transcribe", str(recordings), "-f", "json,srt"]}
    return [sys.executable, str(common.ROOT / "detect.py"), *verbs[options.verb], "-o", str(output), *how, "--quiet"]


def start(arguments: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        arguments,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env=os.environ | {"PYTHONPATH": str(common.ROOT)},
    )


def undisturbed(arguments: list[str]) -> float:
    started = time.perf_counter()
    process = start(arguments)
    _, told = process.communicate()
    if process.returncode:
        raise SystemExit(f"The batch failed with exit code {process.returncode}: {told.decode()}")
    return time.perf_counter() - started


def contents(output: Path) -> dict[str, object]:
    found: dict[str, object] = {}
    for path in output.iterdir():
        if path.suffix == ".json":
            values = json.loads(path.read_text(encoding="utf-8"))
            found[path.name] = {name: values[name] for name in values if name not in ("timings", "created", "output")}
        elif path.name not in HIDDEN:
            found[path.name] = path.read_bytes()
    return found


def done(output: Path) -> int:
    """Return how many recordings the journal calls done."""
    journal = output / ".batch.jsonl"
    return journal.read_bytes().count(b'"done": true') if journal.exists() else 0


def lives(process: subprocess.Popen[bytes], output: Path, dice: random.Random, longest: float, due: int) -> bool:
    """Wait for a random moment; return whether the process lives at it.

    Args:
        process: Works on the batch.
        output: Its folder.
        dice: Chooses the moment.
        longest: Seconds after which it comes at most.
        due: Recordings that must be done before the seconds are counted, for three in four.
    """
    if dice.random() < 0.75:
        while process.poll() is None and done(output) < due:
            time.sleep(0.02)
    end = time.monotonic() + dice.uniform(0, longest)
    while process.poll() is None and time.monotonic() < end:
        time.sleep(0.002)
    return process.poll() is None


def killed(options: argparse.Namespace, arguments: list[str], output: Path) -> None:
    """Run the batch and kill it, so often."""
    dice = random.Random(options.seed)
    kills, beyond, amid = 0, 0, 0
    while kills < options.kills and beyond < 4:
        due = options.recordings * kills // options.kills + 1
        before = done(output)
        process = start(arguments)
        if not lives(process, output, dice, options.longest, due):
            _, told = process.communicate()
            if process.returncode:
                raise SystemExit(f"The batch failed with exit code {process.returncode}: {told.decode()}")
            beyond += 1  # It had ended: killing it now would show nothing.
            continue
        if dice.random() < 0.5:
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        kills += 1
        amid += done(output) > before
        if kills % 20 == 0:
            print(f"{kills} kills, {done(output)} recordings done", flush=True)
    print(f"{kills} kills, seed {options.seed}; {amid} of them after that run had done a recording")


def filled(options: argparse.Namespace, arguments: list[str], disk: Path, output: Path, whole: set[str]) -> None:
    """Run the batch on a file system that is full again and again."""
    kilobytes, times = 64, 0
    while True:
        process = start(arguments)
        _, told = process.communicate()
        if not process.returncode:
            break
        complaint = told.decode().strip().splitlines()[-1]
        if times % 10 == 0:
            print(f"full at {kilobytes} kB, {done(output)} recordings done: {complaint}", flush=True)
        if strange := set(contents(output)) - whole if output.exists() else set():
            raise SystemExit(f"half-written: {sorted(strange)}")
        times += 1
        kilobytes += options.step
        subprocess.run(["mount", "-o", f"remount,size={kilobytes}k", str(disk)], check=True)
    print(f"the disk was full {times} times; complete at {kilobytes} kB")


def main() -> None:
    parser = common.parser(__doc__)
    parser.add_argument("--kills", type=int, default=200, help="how often the batch is killed")
    parser.add_argument("--recordings", type=int, default=60, help="how many recordings there are")
    parser.add_argument("--stand-ins", action="store_true", help="engines of the tests, which take no time")
    parser.add_argument("--verb", choices=["convert", "transcribe"], default="convert")
    parser.add_argument("--full", action="store_true", help="a disk that is full again and again, instead of kills")
    parser.add_argument("--step", type=int, default=150, help="kilobytes by which it grows each time")
    parser.add_argument("--longest", type=float, default=2.0, help="seconds until the kill, at most")
    parser.add_argument("--workers", type=int, default=2, help="processes; 0 for none but that of the batch")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, help="where the work is done")
    options = parser.parse_args()
    sentence, rate = soundfile.read(common.ROOT / "examples" / "recording.wav")
    pause = np.zeros(round(1.5 * rate))
    samples = np.concatenate([sentence, pause, sentence, pause, sentence])
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        recordings = Path(folder) / "recordings"
        recordings.mkdir()
        for number in range(options.recordings):
            level = 0.3 + 0.7 * number / options.recordings
            soundfile.write(recordings / f"{number}.wav", level * samples, rate)
        seconds = undisturbed(command(options, recordings, Path(folder) / "whole"))
        whole = contents(Path(folder) / "whole")
        print(f"{options.verb}: {options.recordings} recordings in {seconds:.1f} s undisturbed", flush=True)

        disk = Path(folder) / "disk"
        output = disk / "output"
        disk.mkdir()
        arguments = command(options, recordings, output)
        if options.full:
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)], check=True)
        try:
            if options.full:
                filled(options, arguments, disk, output, set(whole))
            else:
                killed(options, arguments, output)
            undisturbed(arguments)
            found = contents(output)
        finally:
            if options.full:
                subprocess.run(["umount", str(disk)], check=True)
        print(f"recordings: {options.recordings}, files: {len(found)}")
        equal = sum(found.get(name) == whole[name] for name in whole)
        print(f"equal to the undisturbed run: {equal} of {len(whole)} files")
        print(f"files that should not be there: {sorted(set(found) - set(whole)) or 'none'}")


if __name__ == "__main__":
    main()
