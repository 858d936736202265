"""Whether a voice is more like a woman's or a man's, whatever its emotion.

F0 alone cannot tell: an angry man speaks as high as a woman. The length of the vocal tract shows in the spectrum of
voiced sounds, so both are heard (Bachorowski and Owren 1999, "Acoustic correlates of talker sex and individual talker
identity are present in a short vowel segment produced in running speech").
The numbers of the linear discriminant are learned from actors by `detect.py train --config configs/acting.yaml`.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np

from pipeline.synthesis.prosody import Floats
from pipeline.synthesis.world.frames import VocoderFrames

__all__ = ["sex_of", "traits"]

_HERTZ: Final = np.arange(300.0, 6000.0, 100.0)
"""Hertz at which the spectrum is looked at: from the first formants to where telephones and codecs cut."""
_COSINES: Final = range(2, 16)
"""Orders of the cosine series: 0 is the level and 1 the tilt, which microphones change."""
_LOUD: Final = 60
"""Percentile of the level of voiced frames from which a frame is loud."""
_TOP_HERTZ: Final = 4500.0
"""Hertz above which a telephone has nothing."""
_NARROW: Final = 60.0
"""dB below the strongest of the spectrum from which there is nothing."""


def sex_of(frames: VocoderFrames) -> str:
    """Return `female` or `male`; an empty text if nothing tells: no voice, or no sound above telephone speech."""
    found = traits(frames)
    if found is None:
        return ""
    numbers = _numbers()
    value = (found - numbers["mean"]) / numbers["deviation"] @ numbers["weights"] + numbers["bias"]
    return "female" if value > 0 else "male"


def traits(frames: VocoderFrames) -> Floats | None:
    """Return what tells the sex of a voice, (15,); None if nothing does.

    These are the shape of the spectrum of loud voiced frames as a cosine series, without level and tilt, which
    microphones change, and the logarithm of F0.
    """
    voiced = frames.voiced
    if not voiced.any():
        return None
    loud = voiced & (frames.level >= np.percentile(frames.level[voiced], _LOUD))
    spectrum = np.interp(_HERTZ, frames.frequencies, frames.envelope[loud].mean(axis=0))
    if spectrum.max() - spectrum[_HERTZ > _TOP_HERTZ].max() > _NARROW:
        return None
    places = (np.arange(len(_HERTZ)) + 0.5) / len(_HERTZ)
    shape = [float(spectrum @ np.cos(np.pi * order * places)) / len(_HERTZ) for order in _COSINES]
    return np.array([*shape, np.log2(np.median(frames.f0[voiced]))])


@cache
def _numbers() -> dict[str, Floats]:
    data = json.loads(files(__package__).joinpath("speaker_sex.json").read_text(encoding="utf-8"))
    return {name: np.asarray(values) for name, values in data.items() if not name.startswith("_")}
