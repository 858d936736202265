"""openSMILE's functionals: one vector of statistics per clip.

Eyben, Wöllmer and Schuller, openSMILE, ACM Multimedia 2010.
Sound is passed to the library in memory; no file is written.
The reference recipe of this field passes whole recordings at their own level (`conditioned=False`),
so its models learn the recorder along with the voice.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import UnknownName
from pipeline.core.values import Samples
from pipeline.recognition.speech.features.moonshine import SAMPLE_RATE

__all__ = ["FEATURE_SETS", "Functionals"]

FEATURE_SETS: Final = ("IS09", "IS10", "ComParE_2016", "eGeMAPSv02", "emobase")
"""The available sets, as openSMILE names them."""


class Functionals:
    """The functionals of one set.

    Args:
        feature_set: One of `FEATURE_SETS`.
        conditioned: Whether silence and level are removed before; False only for comparison.
        threads: Not used: openSMILE computes with one.

    Raises:
        UnknownName: There is no such set.
        ImportError: The package `opensmile` is not installed.
    """

    precision: Final = np.float32  # Some of these numbers are far beyond the range of float16.

    def __init__(self, feature_set: str, conditioned: bool = True, threads: int = 1) -> None:
        if feature_set not in FEATURE_SETS:
            raise UnknownName(
                f"There is no feature set '{feature_set}'.", hint=f"Choose one of {', '.join(FEATURE_SETS)}."
            )
        import opensmile

        self.name = f"opensmile-{feature_set}" + ("" if conditioned else "-raw")
        self.conditioned = conditioned
        self._smile = opensmile.Smile(
            feature_set=opensmile.FeatureSet[feature_set],
            feature_level=opensmile.FeatureLevel.Functionals,
            num_workers=1,
        )
        self.size = int(self._smile.num_features)

    def __call__(self, samples: Samples) -> NDArray[np.float32]:
        """Return float32 (1, size) of a clip of at least 0.125 s at 16 kHz; undefined values are 0."""
        values = np.asarray(self._smile(samples, SAMPLE_RATE), np.float32).reshape(1, self.size)
        return np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
