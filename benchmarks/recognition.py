"""How fast the shipped emotion recogniser is.

    python benchmarks/recognition.py examples/recording.wav

Prints the time of loading, of a clip and of its parts on one thread, the size of the checkpoint,
and the time and the memory of a fresh process that judges one clip.
"""

from __future__ import annotations

import platform
from collections.abc import Callable
from pathlib import Path

import common

COLD = """
import sys, time
begun = time.perf_counter()
from pipeline.audio import read_audio
from pipeline.recognition import RECOGNISERS
recogniser = RECOGNISERS.create(RECOGNISERS.choose(), threads=1)
recogniser.recognise(read_audio(sys.argv[1]))
print(time.perf_counter() - begun)
"""


def main() -> None:
    """Measure and print one JSON object."""
    parser = common.parser(__doc__)
    parser.add_argument("clip", type=Path, help="a recording of about four seconds")
    parser.add_argument("--repeats", type=int, default=50)
    arguments = parser.parse_args()

    from pipeline.audio import read_audio
    from pipeline.core.paths import bundled
    from pipeline.recognition.speech.conditioning import phrases

    audio = read_audio(arguments.clip)
    recogniser = common.recogniser("cnn1d")
    heard = [phrase.samples for phrase in phrases(audio)]
    cold = [common.fresh("-c", COLD, arguments.clip) for _ in range(3)]

    def milliseconds(work: Callable[[], object], repeats: int = arguments.repeats) -> float:
        return common.median_milliseconds(work, repeats)

    figures = {
        "machine": f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}, one thread",
        "clip_seconds": audio.duration,
        "load_ms": milliseconds(lambda: common.recogniser("cnn1d"), 5),
        "recognise_ms": milliseconds(lambda: recogniser.recognise(audio)),
        "conditioning_ms": milliseconds(lambda: list(phrases(audio))),
        "network_ms": milliseconds(lambda: [recogniser.probabilities(samples) for samples in heard]),
        "cold_start_seconds": min(ran.found for ran in cold),
        "cold_start_memory_mb": max(ran.megabytes for ran in cold),
        "model_mb": (bundled("checkpoints", "cnn1d") / "model.onnx").stat().st_size / 1e6,
    }
    common.report({name: round(value, 3) if isinstance(value, float) else value for name, value in figures.items()})


if __name__ == "__main__":
    main()
