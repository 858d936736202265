"""How fast a batch is, with how many workers, beside one command for each recording, and where the time goes.

    python benchmarks/batch.py --clips 1000
    python benchmarks/batch.py --clips 150 --verbs convert
    python benchmarks/batch.py --clips 0 --looped 0 --stages 40

Clips of RAVDESS, in an order that the seed gives, are converted, transcribed and recognised by the command with 1 and 2
workers, and some of them by a plain loop of one command for each. Seconds are those from start to end, loading of the
engines included. One worker has the threads of both cores; `taskset -c 0` gives it one. With `--stages` the same is
done in this process with one thread for each network, and the processor time inside each network is taken.
"""

from __future__ import annotations

import json
import os
import random
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

import common
import soundfile

VERBS = {"recognize": (), "transcribe": ("-f", "txt"), "convert": ("happy",)}
"""Verb to what stands behind the recordings."""


def batch(verb: str, clips: list[Path], output: Path, *options: object) -> tuple[common.Ran, dict[str, float]]:
    """Run one command over clips; return what it cost and where the time went, by stage."""
    report = output.with_name(f"report of {output.name}") / "report.json"  # With the journal of `recognize`.
    place = () if verb == "recognize" else ("-o", output)
    ran = common.fresh(
        common.ROOT / "detect.py", verb, *clips, *VERBS[verb], *place, *options, "--report", report, "--quiet",
        check=False,
    )  # fmt: skip
    values = json.loads(report.read_text(encoding="utf-8"))
    if values["failed"]:
        print(f"{verb}: {values['failed']} of {values['recordings']} failed", flush=True)
    return ran, values["timings"]


def throughput(clips: list[Path], verbs: list[str], workers: list[int], looped: int, folder: Path) -> None:
    seconds = sum(soundfile.info(clip).duration for clip in clips)
    print(f"{len(clips)} clips, {seconds:.0f} s of sound; {len(os.sched_getaffinity(0))} cores\n", flush=True)
    columns = ("verb", "by", "clips", "s", "s a second of sound", "times 1 worker", "processor s a second")
    rows = []
    for verb in verbs:
        some = clips[:looped]
        began, computed = time.perf_counter(), 0.0
        for number, clip in enumerate(some):
            place = () if verb == "recognize" else ("-o", folder / f"{verb} {number}")
            computed += common.fresh(
                common.ROOT / "detect.py", verb, clip, *VERBS[verb], *place, "--quiet", check=False
            ).processor
        if sound := sum(soundfile.info(clip).duration for clip in some):
            spent = time.perf_counter() - began
            cells = (f"{spent:.1f}", f"{spent / sound:.3f}", "", f"{computed / sound:.3f}")
            rows.append((verb, "one command for each", looped, *cells))
        alone = 0.0
        for count in workers if clips else ():
            ran, _ = batch(verb, clips, folder / f"{verb} with {count}", "--workers", count)
            alone = alone or (ran.seconds if count == 1 else 0.0)
            faster = f"{alone / ran.seconds:.2f}" if alone else ""
            cells = (f"{ran.seconds:.1f}", f"{ran.seconds / seconds:.3f}", faster, f"{ran.processor / seconds:.3f}")
            rows.append((verb, f"workers: {count}", len(clips), *cells))
            print(rows[-1], flush=True)
    print()
    common.table(columns, rows)


def stages(clips: list[Path], verbs: list[str], folder: Path) -> None:
    """Take the processor time inside each network, in this process."""
    from pipeline import VoicePipeline
    from pipeline.core.errors import ResayError
    from pipeline.core.settings import Settings

    import onnxruntime  # isort: skip # After the pipeline, which stops its telemetry.

    spent: Counter[str] = Counter()
    opened: dict[int, str] = {}
    lock = Lock()

    session = onnxruntime.InferenceSession
    begin = session.__init__

    def remember(self: Any, graph: Any, *arguments: Any, **more: Any) -> None:
        begin(self, graph, *arguments, **more)
        place = Path(graph) if isinstance(graph, str) else Path("graph in memory")
        opened[id(self)] = "/".join(place.parts[-2:])

    session.__init__ = remember
    work_on = session.run

    def run(self: Any, *arguments: Any, **more: Any) -> Any:
        began = time.thread_time()
        try:
            return work_on(self, *arguments, **more)
        finally:
            with lock:
                spent[opened.get(id(self), "?")] += time.thread_time() - began

    session.run = run
    pipeline = VoicePipeline(Settings(threads=1))
    sound = sum(soundfile.info(clip).duration for clip in clips[1:])
    for verb in verbs:
        work = {
            "recognize": pipeline.recognise,
            "transcribe": pipeline.transcribe,
            "convert": lambda clip: pipeline.convert(clip, "happy", output=folder / "stages"),
        }[verb]
        work(clips[0])
        spent.clear()
        began = time.process_time()
        for clip in clips[1:]:
            with suppress(ResayError):
                work(clip)
        total = time.process_time() - began
        print(f"\n{verb}: {len(clips) - 1} clips, {total / sound:.4f} s of processor a second of sound")
        rest = total - sum(spent.values())
        rows = [*spent.most_common(), ("the rest", rest)]
        common.table(
            ("where", "share", "ms a clip"),
            [(name, f"{took / total:.1%}", f"{1000 * took / (len(clips) - 1):.1f}") for name, took in rows],
        )


def main() -> None:
    parser = common.parser(__doc__)
    parser.add_argument("--clips", type=int, default=1000, help="clips for the throughput; 0 measures none")
    parser.add_argument("--looped", type=int, default=20, help="clips for the plain loop")
    parser.add_argument("--verbs", nargs="*", choices=list(VERBS), default=list(VERBS))
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--stages", type=int, default=0, help="clips in this process, stage by stage; 0 for none")
    parser.add_argument("--seed", type=int, default=0)
    common.add_data(parser, "ravdess")
    options = parser.parse_args()
    sounds = common.sounds(options.ravdess) or common.sounds(options.ravdess, "*.wav")
    random.Random(options.seed).shuffle(sounds)
    with tempfile.TemporaryDirectory() as name:
        if options.clips or options.looped:
            clips = sounds[: options.clips]
            throughput(
                clips or sounds[: options.looped],
                options.verbs,
                options.workers if clips else [],
                options.looped,
                Path(name),
            )
        if options.stages:
            stages(sounds[: options.stages + 1], options.verbs, Path(name))


if __name__ == "__main__":
    main()
