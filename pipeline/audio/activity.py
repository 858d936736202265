"""Where in a sound somebody speaks: Silero's detector on ONNX Runtime."""

from __future__ import annotations

import functools
import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.loudness import LISTENING_LEVEL, level
from pipeline.audio.resampling import SAMPLE_RATE, resampled
from pipeline.core.onnx_sessions import open_graph
from pipeline.core.paths import bundled
from pipeline.core.values import Audio, Samples

__all__ = ["ACTIVITY", "FRAME_SECONDS", "MEMORY", "WINDOW", "SpeechDetector", "speech_probability", "speech_spans"]

ACTIVITY: Final = ("checkpoints", "activity", "model.onnx")
"""Where the project keeps the network."""

FRAME_SAMPLES: Final = 512
FRAME_SECONDS: Final = FRAME_SAMPLES / SAMPLE_RATE
"""Seconds that one probability stands for."""

_CONTEXT: Final = 64

WINDOW: Final = _CONTEXT + FRAME_SAMPLES
"""Samples that the network sees of a frame: the last ones before it, and its own."""

MEMORY: Final = 128
"""Numbers in each of the two parts of what the network remembers."""

_HYSTERESIS: Final = 0.15
_BLOCK: Final = 256 * FRAME_SAMPLES


class SpeechDetector:
    """Tells how likely somebody speaks, frame after frame; it remembers what it heard before."""

    def __init__(self) -> None:
        self._memory = [np.zeros((1, 1, MEMORY), np.float32)] * 2
        self._before = np.zeros(_CONTEXT, np.float32)

    def __call__(self, samples: Samples) -> NDArray[np.float32]:
        """Return how likely it is that somebody speaks in the next sound.

        Args:
            samples: float32, shape (time,), at 16 kHz; the last frame is filled up with silence.

        Returns:
            float32, shape (frames,), in [0, 1].
        """
        frames = math.ceil(len(samples) / FRAME_SAMPLES)
        if not frames:
            return np.zeros(0, np.float32)
        sound = np.zeros(_CONTEXT + frames * FRAME_SAMPLES, np.float32)
        sound[:_CONTEXT] = self._before
        sound[_CONTEXT : _CONTEXT + len(samples)] = samples
        self._before = sound[-_CONTEXT:]
        windows = np.lib.stride_tricks.sliding_window_view(sound, WINDOW)[::FRAME_SAMPLES]
        hidden, cell = self._memory
        probability: NDArray[np.float32]
        probability, *self._memory = _session().run(None, {"windows": windows, "hidden": hidden, "cell": cell})
        return probability


@functools.cache
def _session() -> Any:
    """Load the network, once in a process; several threads may run it, for each detector keeps its own memory."""
    return open_graph(bundled(*ACTIVITY))


def speech_probability(audio: Audio) -> NDArray[np.float32]:
    """Return how likely it is that somebody speaks, for every 32 ms.

    The sound is brought to one level first: the detector misses quiet speech (at -40 dB all of it).

    Args:
        audio: Mono, of any length; other rates than 16 kHz are resampled.

    Returns:
        float32, shape (frames,), in [0, 1]; the last frame is filled up with silence.
    """
    audio = resampled(audio)
    gain = LISTENING_LEVEL - level(audio.samples)
    if not math.isfinite(gain):
        return np.zeros(math.ceil(len(audio.samples) / FRAME_SAMPLES), np.float32)
    factor = np.float32(10 ** (gain / 20))
    detector = SpeechDetector()
    blocks = (audio.samples[start : start + _BLOCK] for start in range(0, len(audio.samples), _BLOCK))
    return np.concatenate([detector(block * factor) for block in blocks])


def speech_spans(
    audio: Audio,
    *,
    threshold: float = 0.4,
    minimum_speech: float = 0.1,
    minimum_silence: float = 0.3,
    padding: float = 0.1,
) -> tuple[tuple[float, float], ...]:
    """Return where somebody speaks.

    Speech begins at a frame of at least `threshold`, and ends where the probability
    stays more than 0.15 below it for `minimum_silence`.

    Args:
        audio: Mono, of any length.
        threshold: Probability in [0, 1] at which speech begins.
        minimum_speech: Seconds; what is shorter is not speech.
        minimum_silence: Seconds; a shorter pause does not part two spans.
        padding: Seconds added at both ends; where two spans would meet, each gets half of the pause.

    Returns:
        (start, end) in seconds from the start of the sound, in order, apart from each other; none where nobody speaks.
    """
    runs = _runs(speech_probability(audio), threshold, round(minimum_silence / FRAME_SECONDS))
    spans = [
        (first * FRAME_SECONDS, min(last * FRAME_SECONDS, audio.duration))
        for first, last in runs
        if (last - first) * FRAME_SECONDS >= minimum_speech
    ]
    padded = []
    for index, (start, end) in enumerate(spans):
        earliest = (spans[index - 1][1] + start) / 2 if index else 0.0
        latest = (end + spans[index + 1][0]) / 2 if index + 1 < len(spans) else audio.duration
        padded.append((max(start - padding, earliest), min(end + padding, latest)))
    return tuple(padded)


def _runs(probability: NDArray[np.float32], threshold: float, minimum_silence: int) -> list[tuple[int, int]]:
    """Return (first frame, frame after the last) of every stretch of speech, all numbers in frames."""
    runs: list[tuple[int, int]] = []
    first, last = -1, -1
    for frame, value in enumerate(probability):
        if first < 0 and value >= threshold:
            first = frame
        if first >= 0 and value >= threshold - _HYSTERESIS:
            last = frame + 1
        elif first >= 0 and frame + 1 - last >= max(1, minimum_silence):
            runs.append((first, last))
            first = -1
    return [*runs, (first, last)] if first >= 0 else runs
