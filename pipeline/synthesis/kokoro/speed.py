"""How fast Kokoro's own decoder computes on this machine: measured once, and kept beside the weights."""

from __future__ import annotations

import json
import platform
import time
from pathlib import Path
from typing import Final

import numpy as np

from pipeline.core.errors import OutputError
from pipeline.core.files import atomic
from pipeline.synthesis.kokoro.istftnet import Istftnet
from pipeline.synthesis.kokoro.parts import SAMPLE_RATE, Intended, Parts, whole_frames
from pipeline.synthesis.kokoro.symbols import token_ids
from pipeline.synthesis.kokoro.voices import Styles, find_voice
from pipeline.synthesis.prosody.changes import TimbreChange

__all__ = ["seconds_per_second"]

_FILE: Final = "speed.json"
"""Name of a machine to seconds per second of speech, in the folder of the weights."""
_SAMPLE: Final = "ðɪs ɪz hˌW ɪt sˈWndz."
"""Symbols of what is said."""


def seconds_per_second(folder: Path) -> float:
    """Return the seconds that a second of speech takes with all cores; above 1 is slower than real time.

    Args:
        folder: Kokoro's parts and `voices`.

    Raises:
        WeightsMissing: A part is not there.
    """
    path, machine = folder / _FILE, f"{platform.node()} {platform.machine()}"
    try:
        known: dict[str, float] = json.loads(path.read_text(encoding="utf-8"))
        return float(known[machine])
    except (OSError, ValueError, TypeError, KeyError):
        known = {}
    measured = round(_measured(folder), 2)
    try:
        with atomic(path) as temporary:
            temporary.write_text(json.dumps(known | {machine: measured}) + "\n", encoding="utf-8")
    except OutputError:
        pass  # A folder that nobody may write to is measured anew each time.
    return measured


def _measured(folder: Path) -> float:
    parts, decoder = Parts(folder), Istftnet(folder, threads=0)
    style = Styles(folder / "voices").style(find_voice("youngwoman"), len(_SAMPLE))
    encoded = parts.encode(token_ids(_SAMPLE), style)
    frames = whole_frames(encoded.durations)
    f0, energy = parts.contours(encoded, frames, style)
    intended = Intended(encoded.text, frames, f0, energy, style, np.zeros(len(f0), np.bool_))
    # The first run also lays out memory.
    samples = decoder.sound(intended, TimbreChange())
    begun = time.perf_counter()
    decoder.sound(intended, TimbreChange())
    return (time.perf_counter() - begun) * SAMPLE_RATE / len(samples)
