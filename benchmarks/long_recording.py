"""Hours of speech: memory, time, and whether an interrupted transcription ends as an uninterrupted one does.

Run from the project's root, with the corpora in ../shared/data:

    python benchmarks/long_recording.py --minutes 180

Clips of LibriSpeech, LJSpeech and RAVDESS are joined in random order with pauses of 0.3 to 6 seconds, in a temporary
folder. The command transcribes them once from start to end; then again, stopped by SIGINT in the middle and resumed.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from pipeline.audio import SAMPLE_RATE, read_audio


@dataclass(frozen=True)
class Run:
    """What one run of the command cost."""

    code: int
    """Exit code."""
    seconds: float
    """Wall-clock time."""
    computing: float
    """Processor seconds."""
    megabytes: float
    """Peak of resident memory."""
    said: str
    """What it wrote on standard error."""


def join(path: Path, data: Path, minutes: float, seed: int) -> float:
    """Write a long recording and return the share of it that is clips, which have pauses of their own."""
    choose = random.Random(seed)
    corpora = [sorted((data / name).rglob("*.flac")) for name in ("librispeech_test_other", "ljspeech", "ravdess")]
    length, clips = 0, 0
    with soundfile.SoundFile(path, "w", SAMPLE_RATE, 1, "PCM_16") as file:
        while length < 60 * minutes * SAMPLE_RATE:
            sound = read_audio(choose.choice(choose.choice(corpora))).samples
            pause = np.zeros(round(choose.uniform(0.3, 6.0) * SAMPLE_RATE), np.float32)
            pause += np.random.default_rng(length).normal(scale=1e-4, size=len(pause)).astype(np.float32)
            file.write(np.concatenate([sound, pause]))
            length += len(sound) + len(pause)
            clips += len(sound)
    return clips / length


def transcribe(recording: Path, folder: Path, *options: str, stop_after: int = 0) -> Run:
    """Run the command; with `stop_after`, press Ctrl-C once so many phrases are in the journal."""
    began = time.perf_counter()
    command = [sys.executable, "detect.py", "transcribe", str(recording), "-f", "json,srt,vtt", "-o", str(folder)]
    with tempfile.TemporaryFile("w+") as talk:
        process = subprocess.Popen(
            [*command, *options],
            stdout=subprocess.DEVNULL,
            stderr=talk,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # Deaf to it if this runs in background.
        )
        journal = folder / f"{recording.stem}.journal.jsonl"
        while stop_after:
            time.sleep(0.2)
            if journal.exists() and journal.read_bytes().count(b"\n") > stop_after:
                process.send_signal(signal.SIGINT)
                break
        _, status, usage = os.wait4(process.pid, 0)
        talk.seek(0)
        return Run(
            os.waitstatus_to_exitcode(status),
            time.perf_counter() - began,
            usage.ru_utime + usage.ru_stime,
            usage.ru_maxrss / 1024,
            talk.read().strip(),
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=180)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        recording = folder / "long.flac"
        share = join(recording, arguments.data, arguments.minutes, arguments.seed)
        seconds = soundfile.info(recording).duration
        print(f"{seconds / 3600:.2f} hours, {share:.0%} of it clips; {len(os.sched_getaffinity(0))} cores", flush=True)

        whole = transcribe(recording, folder / "whole")
        cues = (folder / "whole" / "long.srt").read_text().count("-->")
        print(
            f"uninterrupted: exit {whole.code}, {cues} cues, peak {whole.megabytes:.0f} MB,"
            f" {whole.computing / seconds:.4f} processor seconds a second, {whole.seconds / seconds:.4f} s a second",
            flush=True,
        )
        half = (folder / "whole" / "long.json").read_text(encoding="utf-8").count('"speaker"') // 2
        stopped = transcribe(recording, folder / "parts", stop_after=half)
        print(f"stopped after {half} phrases: exit {stopped.code}, “{stopped.said}”", flush=True)
        resumed = transcribe(recording, folder / "parts", "--resume")
        print(
            f"resumed: exit {resumed.code}, peak {resumed.megabytes:.0f} MB,"
            f" {(stopped.computing + resumed.computing) / whole.computing:.2f} times the processor time in all"
        )
        for ending in ("json", "srt", "vtt"):
            pair = [(folder / part / f"long.{ending}").read_bytes() for part in ("whole", "parts")]
            print(f"{ending}: {'equal' if pair[0] == pair[1] else 'DIFFERENT'}, {len(pair[0])} bytes")
        left = sorted(path.name for path in (folder / "parts").iterdir())
        print(f"left in the folder: {', '.join(left)}")


if __name__ == "__main__":
    main()
