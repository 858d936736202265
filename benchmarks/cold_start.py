"""From nothing to a finished `output/1.wav`: seconds by part, and peak memory.

Each run is a process of its own, as a person would start it:

    python benchmarks/cold_start.py examples/recording.wav --runs 5

Prints a Markdown table of medians.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def one_run(recording: Path, options: list[str]) -> dict[str, float]:
    """Convert a recording in a fresh process; return seconds by part, and megabytes at the peak as `memory`."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(ROOT / "detect.py"), str(recording), "happy", "youngwoman", "-o", folder]
        started = time.perf_counter()
        process = subprocess.Popen([*command, "--quiet", *options], stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        if status:
            raise SystemExit(f"{' '.join(command)} failed.")
        timings: dict[str, float] = json.loads((Path(folder) / "1.json").read_text())["timings"]
    chain = timings.pop("total")
    unit = 1024**2 if platform.system() == "Darwin" else 1024
    return {"process": seconds, "chain": chain, **timings, "memory": usage.ru_maxrss / unit}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recording", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    arguments, options = parser.parse_known_args()
    one_run(arguments.recording, options)
    runs = [one_run(arguments.recording, options) for _ in range(arguments.runs)]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    print(f"{arguments.recording.name}, {arguments.runs} runs after one to warm the disk, {cores} cores, medians\n")
    print("| part | seconds | range |\n|---|---|---|")
    for part in runs[0]:
        values = [run[part] for run in runs]
        unit = " MB" if part == "memory" else ""
        digits = 0 if unit else 2
        print(
            f"| {part} | {statistics.median(values):.{digits}f}{unit}"
            f" | {min(values):.{digits}f}–{max(values):.{digits}f} |"
        )


if __name__ == "__main__":
    main()
