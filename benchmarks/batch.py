"""How fast a batch is, with how many workers, and whether a long one stays as it was.

    python benchmarks/batch.py --clips 1000
    python benchmarks/batch.py --clips 0 --conversions 5000

The first converts, transcribes and recognises clips of RAVDESS, in its own process and with 1 and 2 workers, beside a
plain loop of one command for each of a few clips. The second converts again and again in one process, and compares
memory, time and open files of the first and the last tenth.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import tempfile
import time
from pathlib import Path

import common
import numpy as np
import soundfile

VERBS = {"recognize": (), "transcribe": ("-f", "txt"), "convert": ("happy",)}
"""Verb to what stands behind the recordings."""


def batch(verb: str, clips: list[Path], output: Path, *options: object) -> tuple[common.Ran, dict[str, float]]:
    """Run one command over clips; return what it cost and where the time went, by stage."""
    report = output.with_suffix(".json")
    place = () if verb == "recognize" else ("-o", output)
    ran = common.fresh(
        common.ROOT / "detect.py", verb, *clips, *VERBS[verb], *place, *options, "--report", report, "--quiet",
        check=False,
    )  # fmt: skip
    values = json.loads(report.read_text(encoding="utf-8"))
    if values["failed"]:
        print(f"{verb}: {values['failed']} of {values['recordings']} failed", flush=True)
    return ran, values["timings"]


def throughput(clips: list[Path], workers: list[int], looped: int, folder: Path) -> None:
    seconds = sum(soundfile.info(clip).duration for clip in clips)
    print(f"{len(clips)} clips, {seconds:.0f} s of sound; {len(os.sched_getaffinity(0))} cores\n", flush=True)
    rows = []
    for verb in VERBS:
        some = clips[:looped]
        began = time.perf_counter()
        for number, clip in enumerate(some):
            place = () if verb == "recognize" else ("-o", folder / f"{verb} {number}")
            common.fresh(common.ROOT / "detect.py", verb, clip, *VERBS[verb], *place, "--quiet", check=False)
        loop = (time.perf_counter() - began) / max(1, sum(soundfile.info(clip).duration for clip in some))
        rows.append((verb, f"one command for each of {looped}", "", f"{loop:.3f}", "", ""))
        alone = 0.0
        for count in (0, *workers):
            options = ("--workers", count) if count else ()
            ran, timings = batch(verb, clips, folder / f"{verb} with {count}", *options)
            alone = alone or (ran.seconds if count == 1 else 0.0)
            faster = f"{alone / ran.seconds:.2f}" if alone else ""
            how = f"{count} workers" if count else "this process"
            rows.append(
                (
                    verb,
                    how,
                    f"{ran.seconds:.1f}",
                    f"{ran.seconds / seconds:.3f}",
                    faster,
                    f"{ran.processor / seconds:.3f}",
                )
            )
            if verb == "convert" and timings:
                stages = ", ".join(f"{stage} {spent / sum(timings.values()):.0%}" for stage, spent in timings.items())
                print(f"convert, {how}: {stages}", flush=True)
    print()
    common.table(("verb", "by", "s", "s a second of sound", "times 1 worker", "processor s a second"), rows)


def resident() -> float:
    """Return the megabytes that this process has in memory."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024**2


def steadiness(clips: list[Path], conversions: int, folder: Path) -> None:
    from pipeline import VoicePipeline

    output = folder / "long"
    times: list[float] = []
    memory: list[float] = []
    files: list[int] = []
    began = time.perf_counter()
    sources = (clips[number % len(clips)] for number in range(conversions))
    for number, _ in enumerate(VoicePipeline().convert_many(sources, "happy", output=output)):
        times.append(time.perf_counter() - began)
        memory.append(resident())
        files.append(len(os.listdir("/proc/self/fd")))
        if number % 50 == 49:
            for path in output.glob("*.wav"):  # The sounds of thousands would fill the disk.
                path.unlink()
        began = time.perf_counter()
    part = max(1, conversions // 10)
    rows = [
        (
            name,
            f"{np.median(each[:part]):.3f}",
            f"{np.median(each[-part:]):.3f}",
            f"{1000 * np.polyfit(range(part, len(each)), each[part:], 1)[0]:.3f}",
        )
        for name, each in (("seconds a recording", times), ("megabytes in memory", memory), ("open files", files))
    ]
    print(f"\n{conversions} conversions in one process")
    common.table(("", "first tenth", "last tenth", "slope over 1,000 after the first tenth"), rows)


def main() -> None:
    parser = common.parser(__doc__)
    parser.add_argument("--clips", type=int, default=1000, help="clips for the throughput; 0 measures none")
    parser.add_argument("--looped", type=int, default=20, help="clips for the plain loop")
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--conversions", type=int, default=0, help="conversions in one process; 0 for none")
    parser.add_argument("--seed", type=int, default=0)
    common.add_data(parser, "ravdess")
    options = parser.parse_args()
    sounds = common.sounds(options.ravdess) or common.sounds(options.ravdess, "*.wav")
    random.Random(options.seed).shuffle(sounds)
    with tempfile.TemporaryDirectory() as name:
        if options.clips:
            throughput(sounds[: options.clips], options.workers, options.looped, Path(name))
        if options.conversions:
            shutil.rmtree(Path(name) / "long", ignore_errors=True)
            steadiness(sounds[:100], options.conversions, Path(name))


if __name__ == "__main__":
    main()
