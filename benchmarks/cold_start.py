"""From nothing to a finished `output/1.wav`: seconds by part, and peak memory.

Each run is a process of its own, as a person would start it:

    python benchmarks/cold_start.py examples/recording.wav --runs 5

Prints a Markdown table of medians. Other options go to the command that is measured.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
from pathlib import Path

import common


def one_run(recording: Path, options: list[str]) -> dict[str, float]:
    """Convert a recording in a fresh process; return seconds by part, and megabytes at the peak as `memory`."""
    with tempfile.TemporaryDirectory() as folder:
        command = (common.ROOT / "detect.py", recording, "happy", "youngwoman", "-o", folder, "--quiet")
        ran = common.fresh(*command, *options)
        timings: dict[str, float] = json.loads((Path(folder) / "1.json").read_text())["timings"]
    return {"process": ran.seconds, "chain": timings.pop("total"), **timings, "memory": ran.megabytes}


def main() -> None:
    """Measure and print."""
    parser = common.parser(__doc__)
    parser.add_argument("recording", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    arguments, options = parser.parse_known_args()
    one_run(arguments.recording, options)
    runs = [one_run(arguments.recording, options) for _ in range(arguments.runs)]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    print(f"{arguments.recording.name}, {arguments.runs} runs after one to warm the disk, {cores} cores, medians\n")

    def row(part: str) -> tuple[str, str, str]:
        values = [run[part] for run in runs]
        unit, digits = (" MB", 0) if part == "memory" else ("", 2)
        middle = f"{statistics.median(values):.{digits}f}{unit}"
        return part, middle, f"{min(values):.{digits}f}–{max(values):.{digits}f}"

    common.table(("part", "seconds", "range"), map(row, runs[0]))


if __name__ == "__main__":
    main()
