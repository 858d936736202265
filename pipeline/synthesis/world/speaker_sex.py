"""Whether a voice is more like a woman's or a man's, whatever its emotion.

Pitch alone cannot tell: an angry man speaks as high as a woman. The length of the vocal tract shows in the spectrum of
voiced sounds, so both are heard (Bachorowski and Owren 1999, "Acoustic correlates of talker sex and individual talker
identity are present in a short vowel segment produced in running speech").
The numbers of the linear discriminant are learnt from actors, beside the table of emotions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np

from pipeline.core.errors import EngineMissing
from pipeline.core.files import atomic
from pipeline.synthesis.world.vocoder import Floats, Spoken

__all__ = ["WHAT", "learnt_sexes", "sex_of", "traits", "write_sexes"]

WHAT: Final = (
    "A linear discriminant of women's and men's voices: cosine series 2 to 15 of the spectrum of loud voiced frames "
    "from 300 to 6000 Hz, in dB, and the logarithm of F0: python detect.py train-acting --data RAVDESS."
)
"""What the numbers are."""

_HERTZ: Final = np.arange(300.0, 6000.0, 100.0)
_COSINES: Final = range(2, 16)
_LOUD: Final = 60
_NARROW: Final = 60.0
_SHRINKAGE: Final = 0.01


def sex_of(spoken: Spoken) -> str:
    """Return `female` or `male`; an empty text where nothing tells: no voice, or no sound above telephone speech."""
    found = traits(spoken)
    if found is None:
        return ""
    numbers = _numbers()
    value = (found - numbers["mean"]) / numbers["deviation"] @ numbers["weights"] + numbers["bias"]
    return "female" if value > 0 else "male"


def learnt_sexes(heard: Sequence[tuple[Floats, str]]) -> dict[str, list[float]]:
    """Return the numbers of the discriminant.

    Args:
        heard: `traits` and `female` or `male`, of recordings of several women and men in all emotions.

    Raises:
        EngineMissing: scikit-learn is not installed.
    """
    try:
        from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    except ImportError as error:
        raise EngineMissing(f"Learning needs scikit-learn: {error}.", hint="Run pip install '.[train]'.") from error

    rows = np.stack([found for found, _ in heard])
    mean, deviation = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=_SHRINKAGE, priors=[0.5, 0.5])
    model.fit((rows - mean) / deviation, [sex == "female" for _, sex in heard])
    numbers = {"mean": mean, "deviation": deviation, "weights": model.coef_[0], "bias": model.intercept_}
    return {name: [round(float(value), 5) for value in values] for name, values in numbers.items()}


def write_sexes(path: Path, numbers: Mapping[str, Sequence[float]], source: Mapping[str, Any]) -> None:
    """Write the numbers, with where they come from; the file appears complete or not at all."""
    text = json.dumps({"_source": source, **numbers}, indent=1)
    with atomic(path) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")


def traits(spoken: Spoken) -> Floats | None:
    """Return what tells the sex of a voice, (15,); None where nothing does.

    These are the shape of the spectrum of loud voiced frames as a cosine series, without level and tilt, which
    microphones change, and the logarithm of F0.
    """
    voiced = spoken.voiced
    if not voiced.any():
        return None
    loud = voiced & (spoken.level >= np.percentile(spoken.level[voiced], _LOUD))
    spectrum = np.interp(_HERTZ, spoken.frequencies, spoken.envelope[loud].mean(axis=0))
    if spectrum.max() - spectrum[_HERTZ > 4500].max() > _NARROW:
        return None
    places = (np.arange(len(_HERTZ)) + 0.5) / len(_HERTZ)
    shape = [float(spectrum @ np.cos(np.pi * order * places)) / len(_HERTZ) for order in _COSINES]
    return np.array([*shape, np.log2(np.median(spoken.pitch[voiced]))])


@cache
def _numbers() -> dict[str, Floats]:
    data = json.loads(files(__package__).joinpath("speaker_sex.json").read_text(encoding="utf-8"))
    return {name: np.asarray(values) for name, values in data.items() if not name.startswith("_")}
