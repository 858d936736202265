"""What PaddleSpeech costs in our worker, with random weights.

    python benchmarks/paddlespeech_worker.py [SOUND]

At the size of transformer_librispeech (12 and 6 layers, 256 wide, 5000 pieces of words): seconds to start and load,
seconds of processor time per second of sound by way of decoding, peak memory, one thread.
Random weights write a token per frame where trained ones write a few per second, so that rescoring costs more here.

On a tiny model beside the command `paddlespeech asr`: the same text, and what one clip costs either way.
"""

from __future__ import annotations

import os
import sys
import tempfile
import wave
from pathlib import Path

import common
import numpy as np

from pipeline.audio import read_audio
from pipeline.transcription.paddlespeech.process import Worker

CHECKPOINT = "exp/random/checkpoints/avg_1"
THREADS = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
LENGTHS = (4, 10, 30)
REPETITIONS = 3


def make(folder: Path) -> None:
    """Write both models. Runs in a process of its own."""
    from pipeline.transcription.paddlespeech.patches import forbid_network, tame

    sys.path.append(str(common.ROOT / "tests" / "transcription"))
    from random_paddlespeech import OFFICIAL, TINY, settings_of, write_random_weights

    os.environ["PPSPEECH_HOME"] = str(folder / "home")
    forbid_network()
    tame()
    pieces = ["<blank>", "<unk>", *(f"w{number}" for number in range(5000)), "<eos>"]
    write_random_weights(folder / "official", settings_of("transformer", pieces, size=OFFICIAL), CHECKPOINT)
    letters = ["<blank>", "<unk>", "<space>", *map(chr, range(ord("a"), ord("z") + 1)), "<eos>"]
    write_random_weights(folder / "tiny", settings_of("conformer", letters, size=TINY), CHECKPOINT)


def peak_megabytes(pid: int | None) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def started(folder: Path, decoding: str, scratch: Path) -> tuple[Worker, float]:
    """Return a loaded worker and the seconds that it took."""
    request = {"do": "load", "folder": str(folder), "decoding": decoding, "device": "cpu", "punctuation": ""}
    worker = Worker(request, environment=THREADS | {"PPSPEECH_HOME": str(scratch / "home")})
    with common.Clock() as clock:
        worker.start()
    return worker, clock.wall


def at_official_size(folder: Path, scratch: Path, samples: np.ndarray) -> None:
    size = (folder / f"{CHECKPOINT}.pdparams").stat().st_size / 1e6
    print(f"official size, {size:.0f} MB of random weights, one thread")
    for decoding in ("attention_rescoring", "ctc_greedy_search"):
        worker, seconds = started(folder, decoding, scratch)
        loaded, memory = common.processor_seconds(worker.pid), peak_megabytes(worker.pid)
        print(f"  {decoding}: loaded in {seconds:.1f} s ({loaded:.1f} s of processor), {memory:.0f} MB")
        for length in LENGTHS:
            sound = np.resize(samples, length * 16000)
            costs = []
            for _ in range(REPETITIONS):
                before = common.processor_seconds(worker.pid)
                worker.ask({"do": "hear"}, sound)
                costs.append((common.processor_seconds(worker.pid) - before) / length)
            print(f"    {length:2d} s: {min(costs):.3f} s of processor per second of sound")
        print(f"    peak {peak_megabytes(worker.pid):.0f} MB")
        worker.close()


def beside_the_command(folder: Path, scratch: Path, samples: np.ndarray) -> None:
    wav = scratch / "sound.wav"
    with wave.open(str(wav), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    program = Path(sys.executable).with_name("paddlespeech")
    options = [
        "asr", "--input", wav, "-y", "--lang", "en", "--model", "transformer_librispeech",
        "--config", folder / "model.yaml", "--ckpt_path", folder / CHECKPOINT,
    ]  # fmt: skip
    ran = common.fresh(program, *options, environment=THREADS | {"PPSPEECH_HOME": str(scratch / "home")})
    theirs = ran.output.splitlines()[-1]
    print(f"tiny model, a clip of {len(samples) / 16000:.1f} s")
    print(f"  paddlespeech asr: {ran.seconds:.1f} s, {ran.processor:.1f} s of processor, every time")
    worker, seconds = started(folder, "attention_rescoring", scratch)
    loaded = common.processor_seconds(worker.pid)
    ours = worker.ask({"do": "hear"}, samples)["text"]
    before_hearing = common.processor_seconds(worker.pid)
    with common.Clock() as hearing:
        for _ in range(REPETITIONS):
            worker.ask({"do": "hear"}, samples)
    each = hearing.wall / REPETITIONS
    cost = (common.processor_seconds(worker.pid) - before_hearing) / REPETITIONS
    print(f"  our worker: {seconds:.1f} s ({loaded:.1f} s of processor) once, then {each:.2f} s ({cost:.2f} s) a clip")
    memory = peak_megabytes(worker.pid)
    worker.close()
    with common.Clock() as again:
        worker.ask({"do": "hear"}, samples)
    worker.close()
    print(f"  peak {memory:.0f} MB, given back on closing; the next clip then takes {again.wall:.1f} s")
    print(f"  the same text: {'yes' if ours == theirs else f'no: {ours!r}, {theirs!r}'} ({ours[:40]!r})")


def main() -> None:
    parser = common.parser(__doc__)
    parser.add_argument(
        "sound", nargs="?", default=str(common.ROOT / "examples" / "recording.wav"), help="what to hear"
    )
    parser.add_argument("--make", metavar="FOLDER", help="only write the models")
    arguments = parser.parse_args()
    if arguments.make:
        make(Path(arguments.make))
        return
    samples = read_audio(arguments.sound).samples
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        common.fresh(__file__, "--make", name)
        beside_the_command(scratch / "tiny", scratch, samples)
        at_official_size(scratch / "official", scratch, samples)


if __name__ == "__main__":
    main()
