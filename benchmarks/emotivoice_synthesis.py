"""What EmotiVoice costs at the official sizes, with random weights.

    python benchmarks/emotivoice_synthesis.py

Each variant runs in a process of its own:
seconds of processor time per second of audio by part, peak memory, time to start.
The plain variant is what the official code does: checkpoints read into memory, weight norm computed at every call,
one sentence at a time, the prompt encoded anew for every sentence.
Ours has the weights as `models pull` leaves them, rewritten as safetensors.

`--long CHARACTERS ...` streams English and Chinese texts of these lengths instead, and tells the peak memory of each;
`--size small` does it with a small model.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator

import common

TEXT = (
    "The quick brown fox jumps over the lazy dog, and then it rests for a while. "
    "Nobody had expected the weather to change so quickly on that afternoon. "
    "She closed the window, lit the lamp, and began to read the letter aloud. "
    "我来到北京，清华大学。今天天气很好，我们一起去公园散步吧。"
)
LONG_TEXT = f"{TEXT} "
VARIANTS = {
    "plain": {"normalised": True},
    "ours": {},
    "ours, bfloat16": {"precision": "bfloat16"},
}


def measure(folder: str, variant: str, threads: int) -> dict[str, float]:
    """Load the model, speak, and return what it took. Runs alone in its process."""
    begin = time.perf_counter()
    import torch

    torch.set_num_threads(threads)
    from emotivoice.engine import EmotiVoice
    from emotivoice.frontend import split_sentences

    engine = EmotiVoice(folder, **VARIANTS[variant])
    start = time.perf_counter() - begin
    if variant == "plain":
        engine._vocoder.forward = lambda mel: _plain_vocoder(engine._vocoder, mel)
    parts = {"style": 0.0, "acoustic": 0.0, "vocoder": 0.0}
    for part, module in (("style", engine._style), ("acoustic", engine._acoustic), ("vocoder", engine._vocoder)):
        _time_calls(module, part, parts)
    pieces = list(split_sentences(TEXT)) if variant == "plain" else [TEXT]
    engine.synthesise("Warm up. 你好。")
    best: dict[str, float] = {}
    for _ in range(3):
        parts.update(dict.fromkeys(parts, 0.0))
        begin, samples = time.process_time(), 0
        for piece in pieces:
            if variant == "plain":
                engine._prompts.clear()
            samples += len(engine.synthesise(piece, prompt="happy"))
        total, seconds = time.process_time() - begin, samples / engine.sample_rate
        if not best or total / seconds < best["total"]:
            best = {
                "total": total / seconds,
                **{part: value / seconds for part, value in parts.items()},
                "audio": seconds,
            }
    begin = time.perf_counter()
    next(iter(engine.stream(TEXT, prompt="happy")))
    return best | {
        "start": start,
        "first_sound": time.perf_counter() - begin,
        "memory": common.peak_megabytes(),
    }


def measure_long(folder: str, characters: int, threads: int) -> dict[str, float]:
    """Stream a text of so many characters and return what it took. Runs alone in its process."""
    import torch

    torch.set_num_threads(threads)
    from emotivoice.engine import EmotiVoice

    engine = EmotiVoice(folder)
    text = (LONG_TEXT * (characters // len(LONG_TEXT) + 1))[:characters]
    begin, samples = time.process_time(), 0
    for chunk in engine.stream(text, prompt="happy"):
        samples += len(chunk)
    return {
        "audio": samples / engine.sample_rate,
        "processor": time.process_time() - begin,
        "memory": common.peak_megabytes(),
    }


def _plain_vocoder(vocoder: object, mel: object) -> object:
    """Do what the official vocoder does: whole sequences, and nothing in place."""
    import torch
    from torch.nn.functional import leaky_relu

    x = vocoder.conv_pre(mel.transpose(1, 2))
    blocks = len(vocoder.sizes.block_kernels)
    for stage, up in enumerate(vocoder.ups):
        x = up(leaky_relu(x, 0.1))
        total = 0
        for block in vocoder.resblocks[stage * blocks : (stage + 1) * blocks]:
            residual = x
            for first, second in zip(block.convs1, block.convs2, strict=True):
                residual = residual + second(leaky_relu(first(leaky_relu(residual, 0.1)), 0.1))
            total = total + residual
        x = total / blocks
    return torch.tanh(vocoder.conv_post(leaky_relu(x, 0.01)))


def _time_calls(module: object, name: str, parts: dict[str, float]) -> None:
    forward = module.forward

    def timed(*arguments: object, **named: object) -> object:
        begin = time.process_time()
        try:
            return forward(*arguments, **named)
        finally:
            parts[name] += time.process_time() - begin

    module.forward = timed


def main() -> None:
    parser = common.parser(__doc__)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument("--long", type=int, nargs="+", metavar="CHARACTERS")
    parser.add_argument("--size", choices=("official", "small"), default="official")
    parser.add_argument("--measure", nargs=3, metavar=("FOLDER", "WHAT", "THREADS"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        folder, what, threads = arguments.measure
        found = measure_long(folder, int(what), int(threads)) if what.isdigit() else measure(folder, what, int(threads))
        print(json.dumps(found))
        return

    def alone(variant: str, what: str, threads: int) -> dict[str, float]:
        model = f"{folder}/{'plain' if variant == 'plain' else 'ours'}"
        return common.fresh(__file__, "--measure", model, what, threads, environment=_threads(threads)).found

    def long() -> Iterator[tuple[object, ...]]:
        for characters in arguments.long:
            found = alone("ours", str(characters), arguments.threads[0])
            yield characters, *(f"{found[part]:.0f}" for part in ("audio", "processor", "memory"))

    def short() -> Iterator[tuple[object, ...]]:
        digits = {"total": 3, "style": 3, "acoustic": 3, "vocoder": 3, "start": 1, "first_sound": 2, "memory": 0}
        for threads in arguments.threads:
            for variant in arguments.variants:
                found = alone(variant, variant, threads)
                yield variant, threads, *(f"{found[part]:.{places}f}" for part, places in digits.items())

    with tempfile.TemporaryDirectory() as folder:
        _write_model(folder, arguments.size)
        if arguments.long:
            common.table(("characters", "seconds of audio", "processor seconds", "peak MB"), long())
        else:
            parts = "total", "style", "acoustic", "vocoder", "start s", "first sound s", "peak MB"
            common.table(("variant", "threads", *parts), short())


def _write_model(folder: str, size: str) -> None:
    """Write a model with random weights as it is released, and another converted."""
    code = (
        "import shutil, sys; from pathlib import Path; from emotivoice.random_weights import *\n"
        "from emotivoice.configuration import read_configuration; from emotivoice.checkpoints import convert\n"
        "from emotivoice.training.trainer import SMALL_BERT\n"
        "folder, size = Path(sys.argv[1]), sys.argv[2]\n"
        "bert = OFFICIAL_BERT if size == 'official' else SMALL_BERT\n"
        "write_random_weights(folder / 'plain', read_configuration(size), bert)\n"
        "shutil.copytree(folder / 'plain', folder / 'ours')\n"
        "for name in ('g_00000000', 'checkpoint_0'):\n"
        "    convert(folder / 'ours' / name); (folder / 'ours' / name).unlink()"
    )
    common.fresh("-c", code, folder, size, environment=_threads(1))


def _threads(count: int) -> dict[str, str]:
    return {"OMP_NUM_THREADS": str(count)}


if __name__ == "__main__":
    main()
