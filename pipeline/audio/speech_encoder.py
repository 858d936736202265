"""Moonshine's encoder, which the transcriber, the emotion recogniser and the judge of emotions share.

Moonshine tiny (Jeffries et al., 2024, arXiv:2410.15608; MIT licence) recognises English words. Its hidden states,
above all those of the middle layers, also carry how the words were said. All share one session of one file,
`checkpoints/encoder/model.onnx`, which `python -m pipeline.training.encoder` writes.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.core.onnx_sessions import open_graph
from pipeline.core.paths import bundled
from pipeline.core.values import Samples

__all__ = [
    "ENCODER",
    "LAYERS",
    "LAYER_SIZE",
    "MIN_SAMPLES",
    "WHISPER",
    "WHISPER_LAYERS",
    "WHISPER_LAYER_SIZE",
    "WHISPER_LONGEST",
    "SpeechEncoder",
    "speech_encoder",
    "whisper_encoder",
]

ENCODER: Final = ("checkpoints", "encoder", "model.onnx")
"""Path of the network in the project."""

LAYER_SIZE: Final = 288
"""Numbers per frame and layer."""

MIN_SAMPLES: Final = 2000
"""The shortest sound that the three strided convolutions can take, with a little to spare: 0.125 s."""

LAYERS: Final = ("stem", "0", "1", "2", "3", "4", "5", "output")
"""The hidden states: before any Transformer layer, after each, and after the norm at the end."""

WHISPER: Final = ("checkpoints", "encoder", "whisper.onnx")
"""Path of Whisper's encoder in the project."""

WHISPER_LAYERS: Final = ("stem", "0", "1")
"""Its hidden states: before any Transformer layer, and after the first two of four. The others are left out."""

WHISPER_LAYER_SIZE: Final = 384
"""Numbers per frame and layer."""

WHISPER_LONGEST: Final = 8.0
"""Seconds that it can hear at once: the longest phrase of emotion recognition at the slowest speed, and more."""

_SIDE_BY_SIDE: Final = 2
"""Sounds that are encoded side by side where each takes one thread; set by hand."""

_OPENING: Final = threading.Lock()
"""Held while a session is opened, so that two threads that need it at once share it."""


class SpeechEncoder:
    """The encoder on ONNX Runtime; may be used from several threads at once.

    Args:
        path: The network.
        threads: Computing threads; 0 leaves the choice to ONNX Runtime.

    Raises:
        WeightsMissing: There is no such file.
    """

    def __init__(self, path: Path, threads: int = 0) -> None:
        # Sounds differ in length; keeping the memory of the longest makes encoding twice as fast.
        self._session = open_graph(path, threads=threads, in_floats=True)
        # Half a minute of sound takes 0.15 GB. Where a run has all threads, another one would only wait for it.
        self._running = threading.Semaphore(_SIDE_BY_SIDE if threads == 1 else 1)

    def __call__(self, samples: Samples, layers: Sequence[str] = LAYERS[-1:]) -> list[NDArray[np.float32]]:
        """Return hidden states of a sound, float32 (frames, 288) each, 41.7 frames a second.

        Args:
            samples: float32 (time,) at 16 kHz, at least `MIN_SAMPLES`.
            layers: Which of `LAYERS`; the last by default.
        """
        with self._running:
            return [state[0] for state in self._session.run(list(layers), {"waveform": samples[np.newaxis]})]


def speech_encoder(threads: int = 0) -> SpeechEncoder:
    """Return the encoder, opened once per process for each number of threads.

    Args:
        threads: Computing threads; 0 leaves the choice to ONNX Runtime.

    Raises:
        WeightsMissing: This installation lacks the network.
    """
    with _OPENING:
        return _opened(ENCODER, threads)


def whisper_encoder(threads: int = 0) -> SpeechEncoder:
    """Return Whisper's encoder, as `speech_encoder` returns Moonshine's: `WHISPER_LAYERS`, 50 frames a second.

    Args:
        threads: Computing threads; 0 leaves the choice to ONNX Runtime.

    Raises:
        WeightsMissing: This installation lacks the network.
    """
    with _OPENING:
        return _opened(WHISPER, threads)


@functools.cache
def _opened(place: tuple[str, ...], threads: int) -> SpeechEncoder:
    return SpeechEncoder(bundled(*place), threads)
