"""Whether a batch of thousands stays as it was: time, memory and open files from the first recording to the last.

The beginnings of clips of RAVDESS, each about a second of speech, are converted again and again by one batch with its
journal. After each result the time that it took, the megabytes in memory and the open files of the process that works
are noted. The slope of each over the recordings after the first tenth is a least-squares line; its standard error is
that of the means of a hundred blocks, so that neighbours may depend on each other.

    python benchmarks/batch_steadiness.py --conversions 5000 --json steadiness.json

With `--workers N` memory and open files are those of the process of the batch, which keeps the journal.
"""

from __future__ import annotations

import json
import os
import random
import tempfile
import time
from collections import Counter
from itertools import islice, takewhile
from pathlib import Path
from typing import Any

import common
import numpy as np
import soundfile

BLOCKS = 100
"""Means to which the line is fitted."""


def beginnings(clips: list[Path], seconds: float, folder: Path) -> list[Path]:
    """Write the first seconds of speech of each clip."""
    found = []
    for clip in clips:
        samples, rate = soundfile.read(clip, always_2d=True)
        loud = np.flatnonzero(np.abs(samples[:, 0]) > 0.1 * np.abs(samples).max())
        start = max(0, int(loud[0]) - rate // 10)
        found.append(folder / f"{clip.stem}.wav")
        soundfile.write(found[-1], samples[start : start + round(seconds * rate), 0], rate)
    return found


def slope(values: list[float], first: int) -> tuple[float, float]:
    """Return the rise for 1,000 recordings after the first ones, and its standard error."""
    blocks = np.array_split(np.asarray(values[first:]), min(BLOCKS, max(3, len(values[first:]) // 5)))
    means = np.array([block.mean() for block in blocks])
    places = np.cumsum([len(block) for block in blocks]) / 1000
    places = places - places.mean()
    rise = float(places @ means / (places @ places))
    rest = means - means.mean() - rise * places
    return rise, float(np.sqrt(rest @ rest / (len(means) - 2) / (places @ places)))


def measured(name: str, values: list[float]) -> dict[str, Any]:
    """Return what became of a quantity over the batch."""
    part = max(1, len(values) // 10)
    rise, error = slope(values, part)
    return {
        "what": name,
        "first": round(float(np.median(values[:part])), 4),
        "last": round(float(np.median(values[-part:])), 4),
        "largest": round(max(values), 4),
        "slope_per_1000": round(rise, 5),
        "standard_error": round(error, 5),
    }


def main() -> None:
    parser = common.parser(__doc__)
    parser.add_argument("--conversions", type=int, default=5000)
    parser.add_argument("--clips", type=int, default=200, help="different recordings, which come again and again")
    parser.add_argument("--seconds", type=float, default=1.3, help="length of each")
    parser.add_argument("--workers", type=int, default=0, help="processes; 0 converts in this one")
    parser.add_argument("--minutes", type=float, default=600, help="time after which no other recording is taken")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="file for the figures")
    common.add_data(parser, "ravdess")
    options = parser.parse_args()
    from pipeline import VoicePipeline
    from pipeline.batch.workers import resident
    from pipeline.core.results import Conversion

    clips = common.sounds(options.ravdess) or common.sounds(options.ravdess, "*.wav")
    random.Random(options.seed).shuffle(clips)
    times: list[float] = []
    processor: list[float] = []
    memory: list[float] = []
    files: list[float] = []
    ended: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "recordings").mkdir()
        sources = beginnings(clips[: options.clips], options.seconds, folder / "recordings")
        end = time.monotonic() + 60 * options.minutes
        numbered = takewhile(lambda _: time.monotonic() < end, range(options.conversions))
        endless = (sources[number % len(sources)] for number in numbered)
        workers = options.workers or ""
        results = VoicePipeline().convert_many(endless, "happy", output=folder / "output", workers=workers)
        began, computed = time.perf_counter(), time.process_time()
        for number, result in enumerate(results):
            times.append(time.perf_counter() - began)
            processor.append(time.process_time() - computed)
            memory.append(resident() / 1024**2)
            files.append(len(os.listdir("/proc/self/fd")))
            ended["done" if isinstance(result, Conversion) else type(result.error).__name__] += 1
            if number % 100 == 99:
                print(
                    f"{number + 1}: {np.mean(times[-100:]):.3f} s, {np.mean(processor[-100:]):.3f} s of processor,"
                    f" {memory[-1]:.1f} MB, {files[-1]:.0f} files",
                    flush=True,
                )
            began, computed = time.perf_counter(), time.process_time()
        numbers = {int(path.stem) for path in (folder / "output").glob("*.wav")}
        quantities = {
            "seconds a recording": times,
            "processor seconds a recording": processor,
            "megabytes in memory": memory,
            "open files": files,
        }
        found = {
            "conversions": len(times),
            "seconds": round(sum(times), 1),
            "workers": options.workers,
            "ended": dict(ended),
            "numbers": len(numbers),
            "left_over": sorted(
                path.name for path in (folder / "output").glob(".*") if not path.name.startswith(".batch.")
            ),
            "journal_bytes": (folder / "output" / ".batch.jsonl").stat().st_size,
            "figures": [measured(name, values) for name, values in quantities.items()],
        }
    print()
    common.table(
        ("", "first tenth", "last tenth", "largest", "slope over 1,000", "its standard error"),
        (tuple(islice(row.values(), 6)) for row in found["figures"]),
    )
    common.report(found)
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
