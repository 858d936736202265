"""Faster or slower speech at the same pitch."""

from __future__ import annotations

from typing import Final

import numpy as np

from pipeline.core.values import Audio

__all__ = ["at_tempo"]

_BLOCK: Final = 4096
"""Samples that the filter is given at once; any size would do."""

_LEAST: Final = 0.5
"""Smallest ratio of durations: the speech is twice as fast. Set by hand."""

_MOST: Final = 2.0
"""Largest ratio of durations: the speech is half as fast, the slowest that one `atempo` can do."""


def at_tempo(audio: Audio, ratio: float) -> Audio:
    """Return the sound at another duration, by overlapping similar pieces (ffmpeg's `atempo`).

    Args:
        audio: Any sound.
        ratio: The new duration divided by the old one, in [0.5, 2].

    Raises:
        ValueError: The ratio is outside this range.
    """
    if not _LEAST <= ratio <= _MOST:
        raise ValueError(f"A ratio of durations must be in [{_LEAST}, {_MOST}], not {ratio}.")
    wanted = round(len(audio.samples) * ratio)
    if wanted == len(audio.samples):
        return audio
    import av
    import av.filter

    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=audio.sample_rate, format="fltp", layout="mono")
    tempo = graph.add("atempo", f"{1 / ratio:.6f}")
    sink = graph.add("abuffersink")
    source.link_to(tempo)
    tempo.link_to(sink)
    graph.configure()

    parts: list[np.ndarray] = []

    def drain() -> None:
        while True:
            try:
                parts.append(graph.pull().to_ndarray()[0])
            except (av.error.BlockingIOError, av.error.EOFError):
                return

    for start in range(0, len(audio.samples), _BLOCK):
        block = np.ascontiguousarray(audio.samples[None, start : start + _BLOCK], dtype=np.float32)
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="mono")
        frame.sample_rate, frame.pts = audio.sample_rate, start
        graph.push(frame)
        drain()
    graph.push(None)
    drain()
    samples = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    # The last piece may end some milliseconds early or late.
    fitted = np.zeros(wanted, np.float32)
    length = min(wanted, len(samples))
    fitted[:length] = samples[:length]
    return Audio(fitted, audio.sample_rate)
