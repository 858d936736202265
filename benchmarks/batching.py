"""What it brings to give several segments to a network at once: processor time of each, on one thread.

The graphs take one sound; here their first dimension is made free. Sounds are as long as each other, which is the best
case: real segments differ, and the shorter ones would be filled with silence. The decoder of the transcriber follows
four beams of each segment already; with several segments each beam needs keys and values of its own sound.

    python benchmarks/batching.py
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import common
import numpy as np

BEAMS = 4
STEPS = 20
SIZES = (1, 4, 8)


def processor(work: Callable[[], object], repeats: int) -> float:
    """Return the milliseconds of processor time that some work takes, the median."""
    return common.median_milliseconds(work, repeats, time.process_time)


def freed(path: Path) -> bytes:
    """Return a graph whose inputs and outputs take any number of sounds."""
    import onnx

    model = onnx.load(path)
    for port in (*model.graph.input, *model.graph.output):
        size = port.type.tensor_type.shape.dim[0]
        size.ClearField("dim_value")
        size.dim_param = "batch"
    del model.graph.value_info[:]
    content: bytes = model.SerializeToString()
    return content


def network(path: Path, shape: tuple[int, ...], repeats: int, *, in_floats: bool) -> list[float]:
    """Return the milliseconds that a sound takes, by how many there are at once."""
    from pipeline.core.onnx_sessions import open_graph

    session = open_graph(freed(path), threads=1, in_floats=in_floats)
    name = session.get_inputs()[0].name
    wanted = [session.get_outputs()[-1 if in_floats else 0].name]
    noise = np.random.default_rng(0)
    found = []
    for size in SIZES:
        given = {name: 0.1 * noise.standard_normal((size, *shape)).astype(np.float32)}
        found.append(processor(lambda given=given: session.run(wanted, given), repeats) / size)
    return found


def decoder(frames: int, repeats: int) -> list[float]:
    """Return the milliseconds that a token of a segment takes, by how many segments there are at once."""
    from pipeline.core.onnx_sessions import open_graph
    from pipeline.transcription.moonshine import _FILES, _weights

    session = open_graph(_weights("tiny") / _FILES[1], threads=1, keeps_memory=False)
    heads = {port.name: port.shape for port in session.get_inputs() if port.name.startswith("past_key_values")}
    noise = np.random.default_rng(0)

    def run(rows: int, past: dict[str, Any], encoded: Any, *, cached: bool) -> dict[str, Any]:
        names = [name for name in past if not (cached and ".encoder." in name)]
        given = {
            "input_ids": np.ones((rows, 1), np.int64),
            "encoder_hidden_states": encoded,
            "encoder_attention_mask": np.ones((rows, 1), np.int64),
            "use_cache_branch": np.array([cached]),
        }
        wanted = ["logits", *(name.replace("past_key_values", "present") for name in names)]
        _, *present = session.run(wanted, past | given)
        return dict(zip(names, present, strict=True))

    found = []
    for size in SIZES:
        rows = BEAMS * size
        # One segment: the sound stands once for all beams, as in the transcriber.
        sounds = 1 if size == 1 else rows
        encoded = noise.standard_normal((sounds, frames, 288)).astype(np.float32)
        past = {
            name: np.zeros((sounds, shape[1], frames if ".encoder." in name else 0, shape[3]), np.float32)
            for name, shape in heads.items()
        }
        first = run(sounds, past, encoded, cached=False)
        states = {name: value for name, value in first.items() if ".encoder." in name}
        begun = {name: np.repeat(value, rows // sounds, 0) for name, value in first.items() if ".encoder." not in name}

        def text(
            rows: int = rows, encoded: Any = encoded, states: dict[str, Any] = states, begun: dict[str, Any] = begun
        ) -> None:
            past = begun
            for _ in range(STEPS):
                past = run(rows, past | states, encoded, cached=True)

        found.append(processor(text, repeats) / size / STEPS)
    return found


def main() -> None:
    parser = common.parser(__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="length of each sound")
    parser.add_argument("--repeats", type=int, default=10)
    options = parser.parse_args()
    samples = round(common.RATE * options.seconds)
    place = common.ROOT / "checkpoints"
    frames = round(41.7 * options.seconds)
    rows = [
        ("Moonshine's encoder", network(place / "encoder/model.onnx", (samples,), options.repeats, in_floats=True)),
        ("Whisper's encoder", network(place / "encoder/whisper.onnx", (samples,), options.repeats, in_floats=True)),
        ("emotion network", network(place / "cnn1d/model.onnx", (frames, 3392), options.repeats, in_floats=False)),
        ("decoder, one token", decoder(frames, options.repeats)),
    ]
    columns = ("ms of processor time each", *(f"{size} at once" for size in SIZES))
    common.table(columns, [(name, *(f"{each:.2f}" for each in found)) for name, found in rows])


if __name__ == "__main__":
    main()
