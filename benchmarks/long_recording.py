"""Hours of speech: memory, time, and whether an interrupted transcription ends as an uninterrupted one does.

    python benchmarks/long_recording.py --minutes 180

Clips of LibriSpeech, LJSpeech and RAVDESS are joined in random order with pauses of 0.3 to 6 seconds, in a temporary
folder. The command transcribes them once from start to end; then again, stopped by SIGINT in the middle and resumed.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import tempfile
import time
from functools import partial
from pathlib import Path

import common
import numpy as np
import soundfile

from pipeline.audio import SAMPLE_RATE, read_audio


def join(path: Path, data: Path, minutes: float, seed: int) -> float:
    """Write a long recording and return the share of it that is clips, which have pauses of their own."""
    choose = random.Random(seed)
    corpora = [common.sounds(data / name) for name in ("librispeech_test_other", "ljspeech", "ravdess")]
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


def transcribe(recording: Path, folder: Path, *options: str, stop_after: int = 0) -> common.Ran:
    """Run the command; with `stop_after`, press Ctrl-C once so many phrases are in the journal."""
    journal = folder / ".batch.jsonl"

    def stop(process: subprocess.Popen[str]) -> None:
        while stop_after:
            time.sleep(0.2)
            if journal.exists() and journal.read_bytes().count(b"\n") > stop_after:
                process.send_signal(signal.SIGINT)
                break

    command = (common.ROOT / "detect.py", "transcribe", recording, "-f", "json,srt,vtt", "-o", folder, *options)
    # Deaf to the signal if this runs in the background.
    heed = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    return common.fresh(*command, check=False, watch=stop, preexec_fn=heed)


def main() -> None:
    parser = common.parser(__doc__)
    parser.add_argument("--minutes", type=float, default=180)
    parser.add_argument("--seed", type=int, default=0)
    common.add_data(parser)
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
            f" {whole.processor / seconds:.4f} processor seconds a second, {whole.seconds / seconds:.4f} s a second",
            flush=True,
        )
        half = (folder / "whole" / "long.json").read_text(encoding="utf-8").count('"speaker"') // 2
        stopped = transcribe(recording, folder / "parts", stop_after=half)
        print(f"stopped after {half} phrases: exit {stopped.code}, “{stopped.said}”", flush=True)
        resumed = transcribe(recording, folder / "parts")
        print(
            f"resumed: exit {resumed.code}, peak {resumed.megabytes:.0f} MB,"
            f" {(stopped.processor + resumed.processor) / whole.processor:.2f} times the processor time in all"
        )
        for ending in ("json", "srt", "vtt"):
            pair = [(folder / part / f"long.{ending}").read_bytes() for part in ("whole", "parts")]
            print(f"{ending}: {'equal' if pair[0] == pair[1] else 'DIFFERENT'}, {len(pair[0])} bytes")
        left = sorted(path.name for path in (folder / "parts").iterdir())
        print(f"left in the folder: {', '.join(left)}")


if __name__ == "__main__":
    main()
