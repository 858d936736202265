"""Learning to tell a woman's voice from a man's: the numbers of `pipeline.synthesis.world.speaker_sex`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from pipeline.core.files import atomic
from pipeline.synthesis.prosody import Floats
from pipeline.training.libraries import load_sklearn

__all__ = ["WHAT", "learned_sexes", "write_sexes"]

WHAT: Final = (
    "A linear discriminant of women's and men's voices: cosine series 2 to 15 of the spectrum of loud voiced frames "
    "from 300 to 6000 Hz, in dB, and the logarithm of F0: python detect.py train --config configs/acting.yaml "
    "--data RAVDESS."
)
"""What the numbers are."""
_SHRINKAGE: Final = 0.01
"""Share of the identity in the covariance: 15 traits of thousands of clips need little."""


def learned_sexes(heard: Sequence[tuple[Floats, str]]) -> dict[str, list[float]]:
    """Return the numbers of the discriminant.

    Args:
        heard: `traits` and `female` or `male`, of recordings of several women and men in all emotions.

    Raises:
        EngineMissing: scikit-learn is not installed.
    """
    rows = np.stack([found for found, _ in heard])
    mean, deviation = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    discriminants = load_sklearn("discriminant_analysis")
    model = discriminants.LinearDiscriminantAnalysis(solver="lsqr", shrinkage=_SHRINKAGE, priors=[0.5, 0.5])
    model.fit((rows - mean) / deviation, [sex == "female" for _, sex in heard])
    numbers = {"mean": mean, "deviation": deviation, "weights": model.coef_[0], "bias": model.intercept_}
    return {name: [round(float(value), 5) for value in values] for name, values in numbers.items()}


def write_sexes(path: Path, numbers: Mapping[str, Sequence[float]], source: Mapping[str, Any]) -> None:
    """Write the numbers, with where they come from; the file appears complete or not at all."""
    text = json.dumps({"_source": source, **numbers}, indent=1)
    with atomic(path) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")
