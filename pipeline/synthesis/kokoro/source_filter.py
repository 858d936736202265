"""The small decoder: from features of the text, F0, energy and a voice's timbre to sound, as Kokoro's own makes it.

A network predicts, for each window of 25 ms, a filter on the source's pulses and one on white noise; everything else is
a Fourier transform. It learned from Kokoro's own decoder: `detect.py train --config configs/decoder.yaml`.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Final

import numpy as np

from pipeline.core.onnx_sessions import open_graph
from pipeline.core.values import Samples
from pipeline.synthesis.kokoro.features import BINS, HOP, TIMBRE, WINDOW, frame_numbers
from pipeline.synthesis.kokoro.filters import Filters, Spectra
from pipeline.synthesis.kokoro.parts import SAMPLE_RATE, STEP, STEPS, Intended
from pipeline.synthesis.kokoro.source import pulses
from pipeline.synthesis.prosody import Floats
from pipeline.synthesis.prosody.changes import TimbreChange
from pipeline.synthesis.world.rendering import rough_gain

__all__ = ["SourceFilter"]

_SEED: Final = 0
"""Of the noise: the same sentence sounds the same each time."""
_BREATH: Final = -4.0
"""dB of noise in voiced sounds: the network, which learned the mean of what may be, makes more of it than people do.
Chosen by DistillMOS on sentences 26 to 45 of `benchmarks/sentences.txt`."""
_MOST_ROUGHNESS: Final = 0.8
"""Greatest depth of roughness: at 1 every other period of the voice is lost."""
_LEAST_WEIGHT: Final = 1e-3
"""Sum of squared windows below which a sample at an end of the sound is left quiet."""
_WINDOW: Final = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)
"""Of Hann, periodic, (600,)."""


class SourceFilter:
    """Makes sound of 24 kHz.

    Args:
        graph: The network.
        threads: Computing threads.

    Raises:
        WeightsMissing: There is no such file.
    """

    def __init__(self, graph: Path | bytes, *, threads: int = 1) -> None:
        self._network = open_graph(graph, threads=threads)

    def sound(self, intended: Intended, timbre: TimbreChange, sample_rate: int = SAMPLE_RATE) -> Samples:
        """Return the sound; see `Decoder.sound`."""
        steps = STEPS * intended.frames
        (values,) = self._network.run(
            None,
            {
                "text": np.repeat(intended.text.T, steps, axis=0)[None],
                "frame": frame_numbers(steps, intended.f0, intended.energy)[None],
                "timbre": intended.style[:, :TIMBRE],
            },
        )
        filters = Filters.of(values[0])
        timbre = dataclasses.replace(timbre, breath=timbre.breath + _BREATH)
        voiced = np.repeat(intended.voiced, STEP // HOP)
        depth = np.clip(timbre.roughness, 0.0, _MOST_ROUGHNESS) * intended.voiced
        source: Floats = pulses(intended.f0, depth)
        if depth.any():
            source = source * rough_gain(np.repeat(intended.f0, STEP), np.repeat(depth, STEP), SAMPLE_RATE)
        pulse = _spectra(source)
        noise = _spectra(np.random.default_rng(_SEED).standard_normal(len(source), np.float32))
        frequencies = np.linspace(0, sample_rate / 2, BINS)
        changed = filters.changed(timbre, pulse, noise, voiced, frequencies, HOP / sample_rate)
        return _sound(changed.spectra(pulse, noise))


def _spectra(sound: Floats) -> Spectra:
    """Return the short-time spectra, (windows, 301); the first window is centred on the first sample."""
    padded = np.pad(sound, WINDOW // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP][: len(sound) // HOP]
    found: Spectra = np.fft.rfft(windows * _WINDOW, axis=1).astype(np.complex64)
    return found


def _sound(spectra: Spectra) -> Samples:
    """Return the sound of short-time spectra, (150 x windows,)."""
    waves = np.fft.irfft(spectra, WINDOW, axis=1).astype(np.float32) * _WINDOW
    total = np.zeros((len(waves) + WINDOW // HOP - 1, HOP), np.float32)
    weight = np.zeros_like(total)
    for part in range(WINDOW // HOP):
        piece = slice(part * HOP, (part + 1) * HOP)
        total[part : part + len(waves)] += waves[:, piece]
        weight[part : part + len(waves)] += _WINDOW[piece] ** 2
    sound = (total / np.maximum(weight, _LEAST_WEIGHT)).ravel()
    return sound[WINDOW // 2 :][: len(waves) * HOP].astype(np.float32)
