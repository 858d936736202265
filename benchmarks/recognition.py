"""How fast the shipped emotion recogniser is: `python benchmarks/recognition.py CLIP`.

Prints the time of loading, of a clip and of its parts on one thread, the size of the checkpoint,
and the time and the memory of a fresh process that judges one clip.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

COLD = """
import sys, time
begun = time.perf_counter()
from pipeline.audio import read_audio
from pipeline.recognition import RECOGNISERS
recogniser = RECOGNISERS.create(RECOGNISERS.choose(), threads=1)
recogniser.recognise(read_audio(sys.argv[1]))
print(time.perf_counter() - begun)
"""


def median_milliseconds(work: Callable[[], object], repeats: int) -> float:
    """Return the median time of some work."""
    work()
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return 1000 * float(np.median(times))


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clip", type=Path, help="a recording of about four seconds")
    parser.add_argument("--repeats", type=int, default=50)
    arguments = parser.parse_args()

    from pipeline.audio import read_audio
    from pipeline.core.paths import bundled
    from pipeline.recognition import RECOGNISERS
    from pipeline.recognition.speech.conditioning import phrases

    audio = read_audio(arguments.clip)
    folder = bundled("checkpoints", "cnn1d")
    spec = RECOGNISERS.choose("cnn1d")
    recogniser = RECOGNISERS.create(spec, threads=1)
    heard = [phrase.samples for phrase in phrases(audio)]
    cold = [
        float(subprocess.run([sys.executable, "-c", COLD, arguments.clip], capture_output=True, check=True).stdout)
        for _ in range(3)
    ]
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (1 if sys.platform == "darwin" else 1024)
    figures = {
        "machine": f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}, one thread",
        "clip_seconds": audio.duration,
        "load_ms": median_milliseconds(lambda: RECOGNISERS.create(spec, threads=1), 5),
        "recognise_ms": median_milliseconds(lambda: recogniser.recognise(audio), arguments.repeats),
        "conditioning_ms": median_milliseconds(lambda: list(phrases(audio)), arguments.repeats),
        "network_ms": median_milliseconds(
            lambda: [recogniser.probabilities(samples) for samples in heard], arguments.repeats
        ),
        "cold_start_seconds": min(cold),
        "cold_start_memory_mb": memory,
        "model_mb": (folder / "model.onnx").stat().st_size / 1e6,
    }
    print(json.dumps({name: round(value, 3) if isinstance(value, float) else value for name, value in figures.items()}))


if __name__ == "__main__":
    main()
