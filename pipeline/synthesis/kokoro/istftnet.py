"""Kokoro's own decoder: an iSTFTNet with a source of harmonics (Kaneko et al. 2022), by far the largest part.

A change of timbre is a filter on its finished sound.
"""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np

from pipeline.core.onnx_sessions import open_graph
from pipeline.core.values import Audio, Samples
from pipeline.synthesis.kokoro.parts import ALIGNED_TEXT, DECODER, ENERGY, F0, SAMPLE_RATE, STEP, Intended
from pipeline.synthesis.prosody.changes import TimbreChange
from pipeline.synthesis.prosody.prosody import f0_at
from pipeline.synthesis.world.filtering import filtered
from pipeline.synthesis.world.frames import PERIOD

__all__ = ["Istftnet"]


class Istftnet:
    """Makes sound of 24 kHz.

    Args:
        folder: Where the part lies.
        threads: Computing threads; 0 leaves the choice to ONNX Runtime.

    Raises:
        WeightsMissing: It is not there.
    """

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        # Loaded now, while the recording is still being heard, and not at the first sentence.
        importlib.import_module("pyworld")
        self._graph = open_graph(folder / DECODER, threads=threads)

    def sound(self, intended: Intended, timbre: TimbreChange, sample_rate: int = SAMPLE_RATE) -> Samples:
        """Return the sound; see `Decoder.sound`."""
        aligned = np.repeat(intended.text, intended.frames, axis=1)[None]
        given = {
            ALIGNED_TEXT: aligned,
            F0: intended.f0[None].astype(np.float32),
            ENERGY: intended.energy[None].astype(np.float32),
            "style": intended.style,
        }
        samples: Samples = self._graph.run(["audio"], given)[0].ravel()
        heard = np.where(intended.voiced, intended.f0, 0.0) * (sample_rate / SAMPLE_RATE)
        places = np.arange(int(len(samples) / sample_rate / PERIOD) + 1) * (PERIOD * sample_rate / STEP) - 0.5
        f0 = f0_at(heard, np.clip(places, 0, len(heard) - 1))
        return filtered(Audio(samples, sample_rate), f0, timbre).samples
