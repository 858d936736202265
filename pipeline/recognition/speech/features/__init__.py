"""Features of speech behind one protocol, and their catalogue; nothing heavy is imported before one is loaded."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from pipeline.core.catalogue import Catalogue
from pipeline.core.errors import EngineMissing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pipeline.core.values import Samples

__all__ = ["FEATURES", "FeatureSpec", "Features", "load_features"]


class Features(Protocol):
    """Turns a conditioned clip into numbers."""

    @property
    def name(self) -> str:
        """Name of the features; it is unique to the way they are computed."""
        ...

    @property
    def size(self) -> int:
        """Numbers per frame."""
        ...

    @property
    def precision(self) -> type[np.floating[Any]]:
        """Type in which the numbers are stored: float16 if its 11 bits and its maximum of 65504 suffice, or float32."""
        ...

    @property
    def conditioned(self) -> bool:
        """Whether silence and level are removed before; False only for the reference recipe."""
        ...

    def __call__(self, samples: Samples) -> NDArray[np.float32]:
        """Return float32 (frames, size) of a clip at 16 kHz; a single frame if they describe the whole clip."""
        ...


@dataclass(frozen=True)
class FeatureSpec:
    """Description of features, available without loading them."""

    name: str
    """Value of `features` in the training settings."""
    module: str
    """Module of this package that holds the factory."""
    factory: str
    """A function or class of the keywords `threads` and `settings`."""
    description: str
    """One line about them."""
    sequence: bool
    """Whether a clip has many frames; otherwise it has one."""
    packages: tuple[str, ...] = ()
    """Modules that must be importable."""
    ships: bool = False
    """Whether they need only networks that ship with the project, so that checkpoints on them run everywhere."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Keywords of the factory."""

    def load(self, threads: int = 1) -> Features:
        """Load the features.

        Args:
            threads: Computing threads, if the features can use more than one.

        Raises:
            EngineMissing: A package is not installed; the message says what to run.
            WeightsMissing: The weights of an encoder are not on this machine.
        """
        absent = [package for package in self.packages if importlib.util.find_spec(package) is None]
        if absent:
            raise EngineMissing(
                f"The features {self.name} need {', '.join(absent)}.", hint="Run pip install '.[train]'."
            )
        module = importlib.import_module(f"pipeline.recognition.speech.features.{self.module}")
        features: Features = getattr(module, self.factory)(threads=threads, **self.settings)
        return features


def _functionals(feature_set: str, description: str) -> FeatureSpec:
    return FeatureSpec(
        f"opensmile-{feature_set}",
        "functionals",
        "Functionals",
        description,
        sequence=False,
        packages=("opensmile",),
        settings={"feature_set": feature_set},
    )


FEATURES: Final = Catalogue(
    "There are no features",
    FeatureSpec(
        "moonshine-layers",
        "moonshine",
        "MoonshineLayers",
        "hidden states of Moonshine's encoder, 2304 numbers in 41.7 frames a second",
        sequence=True,
        packages=("onnxruntime",),
        ships=True,
    ),
    FeatureSpec(
        "moonshine-x-vector",
        "moonshine",
        "MoonshineXVector",
        "all but the last of these, and an x-vector of the voice, 2240 numbers",
        sequence=True,
        packages=("onnxruntime",),
        ships=True,
    ),
    FeatureSpec(
        "moonshine-whisper",
        "whisper",
        "MoonshineWhisper",
        "the same, and the lower layers of Whisper's encoder, 3392 numbers",
        sequence=True,
        packages=("onnxruntime",),
        ships=True,
    ),
    FeatureSpec("waveform", "waveform", "Waveform", "the sound itself, for what fine-tunes an encoder", sequence=True),
    FeatureSpec("log-mel", "log_mel", "LogMel", "log-mel spectrum, 64 bands in 100 frames a second", sequence=True),
    _functionals("IS09", "openSMILE, Interspeech 2009 Emotion Challenge, 384 numbers"),
    _functionals("IS10", "openSMILE, Interspeech 2010 Paralinguistic Challenge, 1582 numbers"),
    _functionals("ComParE_2016", "openSMILE, Interspeech 2016 ComParE, 6373 numbers"),
    _functionals("eGeMAPSv02", "openSMILE, extended Geneva minimalistic set, 88 numbers"),
    FeatureSpec(
        "opensmile-IS10-raw",
        "functionals",
        "Functionals",
        "openSMILE IS10 of the recording as it is, level and silence included: the usual recipe, to compare with",
        sequence=False,
        packages=("opensmile",),
        settings={"feature_set": "IS10", "conditioned": False},
    ),
    FeatureSpec(
        "librosa-statistics",
        "statistics",
        "Statistics",
        "mean and deviation of MFCC, their change, chroma, mel, zero crossings and RMS, 444 numbers",
        sequence=False,
        packages=("librosa",),
    ),
)
"""All features that a model can be trained on."""


def load_features(name: str, threads: int = 1) -> Features:
    """Load the features with a name.

    Raises:
        UnknownName: There are none with this name.
        EngineMissing: A package is not installed; the message says what to run.
        WeightsMissing: The weights of an encoder are not on this machine.
    """
    return FEATURES.find(name).load(threads)
