"""What Whisper costs at its real sizes, with random weights.

    python benchmarks/whisper.py --size base --threads 1 2

The network always hears 30 seconds, however short the phrase, and then writes one token after the other.
Random weights never end a sentence, so each phrase is given as many tokens as people need who say four a second.
Each number of threads runs in a process of its own; the first phrase, which makes buffers ready, is counted apart.
How well trained weights hear is for `benchmarks/transcription.py --asr whisper:base`.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import statistics
import tempfile
from pathlib import Path

import common
import numpy as np

SIZES = {
    "tiny": {"layers": 4, "heads": 6, "width": 384},
    "base": {"layers": 6, "heads": 8, "width": 512},
    "small": {"layers": 12, "heads": 12, "width": 768},
    "medium": {"layers": 24, "heads": 16, "width": 1024},
    "large-v3": {"layers": 32, "heads": 20, "width": 1280, "mels": 128},
}
PHRASES = (4.0, 10.0, 30.0)
TOKENS_PER_SECOND = 4
RUNS = 3


def measure(folder: str, threads: int) -> dict[str, float]:
    """Load the model, hear phrases of noise, and return what it took. Runs alone in its process."""
    with common.Clock() as loading:
        engine = common.transcriber(f"whisper:{folder}", threads=threads)
    figures = {"seconds until loaded": loading.wall}
    figures["memory after loading, MB"] = common.peak_megabytes()
    noise = np.random.default_rng(0).normal(scale=0.1, size=int(PHRASES[-1] * 16000)).astype(np.float32)
    with common.Clock() as first:
        hear(engine, noise[:16000])
    figures["seconds for the first phrase"] = first.wall
    for seconds in PHRASES:
        clocks = [common.Clock() for _ in range(RUNS)]
        for clock in clocks:
            with clock:
                hear(engine, noise[: int(seconds * common.RATE)])
        middle = statistics.median(clock.wall for clock in clocks)
        figures[f"seconds per second of audio, phrases of {seconds:g} s"] = middle / seconds
    return figures | {"peak memory, MB": common.peak_megabytes()}


def hear(engine: object, samples: np.ndarray) -> None:
    """Encode a phrase, find out its language, write its tokens and time its words, as `WhisperTranscriber` does."""
    from faster_whisper.audio import pad_or_trim
    from faster_whisper.tokenizer import Tokenizer

    model = engine._model
    tokenizer = Tokenizer(model.hf_tokenizer, model.model.is_multilingual, task="transcribe", language="en")
    prompt = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
    encoded = model.encode(pad_or_trim(model.feature_extractor(samples)[..., :-1]))
    model.model.detect_language(encoded)
    count = max(len(prompt), round(len(samples) / 16000 * TOKENS_PER_SECOND))
    (written,) = model.model.generate(
        encoded,
        [prompt],
        beam_size=5,
        # The runtime keeps half of it for the prompt.
        max_length=2 * count,
        suppress_tokens=[tokenizer.eot],
    )
    assert len(written.sequences_ids[0]) == count
    model.find_alignment(tokenizer, [written.sequences_ids[0]], encoded, [round(len(samples) / 160)])


def write(folder: str, size: str) -> None:
    """Write a model of a size with random weights."""
    place = common.ROOT / "tests" / "transcription" / "tiny_whisper.py"
    spec = importlib.util.spec_from_file_location("tiny_whisper", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.write_random(Path(folder), **SIZES[size])
    if "mels" in SIZES[size]:
        (Path(folder) / "preprocessor_config.json").write_text(json.dumps({"feature_size": SIZES[size]["mels"]}))


def main() -> None:
    """Measure and print one JSON object."""
    parser = common.parser(__doc__)
    parser.add_argument("--size", choices=SIZES, default="base")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--write", help=argparse.SUPPRESS)
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.write:
        write(arguments.write, arguments.size)
        return
    if arguments.measure:
        print(json.dumps(measure(arguments.measure, arguments.threads[0])))
        return
    report: dict[str, object] = {"size": arguments.size, "tokens per second of audio": TOKENS_PER_SECOND}
    with tempfile.TemporaryDirectory() as folder:
        # Alone in a process, for what it imports and makes would count as the engine's.
        common.fresh(__file__, "--write", folder, "--size", arguments.size)
        for threads in arguments.threads:
            found = common.fresh(__file__, "--measure", folder, "--threads", threads).found
            report[f"{threads} threads"] = {name: round(value, 3) for name, value in found.items()}
    common.report(report)


if __name__ == "__main__":
    main()
