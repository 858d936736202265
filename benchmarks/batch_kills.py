"""Kills a batch of conversions again and again, and compares what it leaves with what an undisturbed one writes.

Recordings are made from the example, each at a level of its own. A process converts them with two workers and gets
SIGKILL at a random moment of its life: alone, or its workers too. It is run again until so many kills are done and the
batch has ended. Then every recording must have one result, under the number and with the bytes of the undisturbed run,
and nothing else may be in the folder.

With `--stand-ins` the engines are those of the tests, which take no time: what is left is the batch itself.

    python benchmarks/batch_kills.py --kills 200 --stand-ins --recordings 400
    python benchmarks/batch_kills.py --kills 20
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
import soundfile

STAND_INS = common.ROOT / "tests" / "batch" / "small_batch.py"
HIDDEN = {".batch.jsonl", ".batch.lock"}


def command(options: argparse.Namespace, recordings: Path, output: Path) -> list[str]:
    if options.stand_ins:
        return [sys.executable, str(STAND_INS), str(recordings), str(output), str(options.workers), "0"]
    detect = [sys.executable, str(common.ROOT / "detect.py"), str(recordings), "happy", "-o", str(output)]
    return [*detect, "--workers", str(options.workers), "--quiet"]


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


def lives(process: subprocess.Popen[bytes], output: Path, dice: random.Random, longest: float) -> bool:
    """Wait for a random moment; return whether the process lives at it.

    One in four comes at any time, which may be before the first recording; others after the journal has grown.
    """
    journal = output / ".batch.jsonl"
    before = journal.stat().st_size if journal.exists() else 0
    if dice.random() < 0.75:
        while process.poll() is None and (not journal.exists() or journal.stat().st_size <= before):
            time.sleep(0.01)
    end = time.monotonic() + dice.uniform(0, longest)
    while process.poll() is None and time.monotonic() < end:
        time.sleep(0.005)
    return process.poll() is None


def main() -> None:
    parser = common.parser(__doc__)
    parser.add_argument("--kills", type=int, default=200, help="how often the batch is killed")
    parser.add_argument("--recordings", type=int, default=60, help="how many recordings there are")
    parser.add_argument("--stand-ins", action="store_true", help="engines of the tests, which take no time")
    parser.add_argument(
        "--longest", type=float, default=2.0, help="seconds that a run lives at most after it has begun"
    )
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, help="where the work is done, such as a small tmpfs")
    options = parser.parse_args()
    dice = random.Random(options.seed)
    samples, rate = soundfile.read(common.ROOT / "examples" / "recording.wav")
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        recordings = Path(folder) / "recordings"
        recordings.mkdir()
        for number in range(options.recordings):
            level = 0.3 + 0.7 * number / options.recordings
            soundfile.write(recordings / f"{number}.wav", level * samples, rate)
        seconds = undisturbed(command(options, recordings, Path(folder) / "whole"))
        whole = contents(Path(folder) / "whole")
        print(f"undisturbed: {options.recordings} recordings in {seconds:.1f} s", flush=True)

        output = Path(folder) / "killed"
        kills, beyond = 0, 0
        while kills < options.kills:
            process = start(command(options, recordings, output))
            if not lives(process, output, dice, options.longest):
                beyond += 1  # It had ended: killing it now would show nothing.
                if beyond > 3:
                    break
                continue
            if dice.random() < 0.5:
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            kills += 1
            if kills % 20 == 0:
                print(f"{kills} kills, {len(list(output.glob('*.wav')))} results", flush=True)
        undisturbed(command(options, recordings, output))
        found = contents(output)
        print(f"{kills} kills in all, seed {options.seed}")
        print(f"results: {len([name for name in found if name.endswith('.wav')])} of {options.recordings}")
        equal = sum(found.get(name) == whole[name] for name in whole)
        print(f"equal to the undisturbed run: {equal} of {len(whole)} files")
        print(f"files that should not be there: {sorted(set(found) - set(whole)) or 'none'}")


if __name__ == "__main__":
    main()
