"""CREMA-D: 91 actors, twelve sentences, six emotions, told by the file name.

A name is `1001_DFA_ANG_XX`: actor, sentence, emotion, intensity (LO, MD, HI, or XX for unspecified).
The actors' sex stands in `VideoDemographics.csv` of the same repository.
Cao et al., IEEE Transactions on Affective Computing 5(4): 377-390, 2014.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Final

from pipeline.training.corpora.labels import LABELS, emotion_of
from pipeline.training.corpora.recordings import Recording, in_order, sound_files

__all__ = ["read_crema_d"]

_SENTENCES: Final = {
    "DFA": "Don't forget a jacket.",
    "IEO": "It's eleven o'clock.",
    "IOM": "I'm on my way to the meeting.",
    "ITH": "I think I have a doctor's appointment.",
    "ITS": "I think I've seen this before.",
    "IWL": "I would like a new alarm clock.",
    "IWW": "I wonder what this is about.",
    "MTI": "Maybe tomorrow it will be cold.",
    "TAI": "The airplane is almost full.",
    "TIE": "That is exactly what happened.",
    "TSI": "The surface is slick.",
    "WSI": "We'll stop in a couple of minutes.",
}
_INTENSITIES: Final = {"LO": "low", "MD": "medium", "HI": "high"}
# One file's name ends in a single X.
_NAME: Final = re.compile(
    rf"(?P<actor>1\d\d\d)_(?P<sentence>{'|'.join(_SENTENCES)})"
    rf"_(?P<emotion>{'|'.join(LABELS['crema-d'])})_(?P<intensity>LO|MD|HI|XX?)"
)
_DEMOGRAPHICS: Final = "VideoDemographics.csv"


def read_crema_d(folder: Path) -> tuple[Recording, ...]:
    """Read the recordings below a folder, wherever in it they lie.

    Args:
        folder: The repository, or its `AudioWAV`.

    Returns:
        The recordings, sorted by speaker and file name;
        without sex where `VideoDemographics.csv` is neither in the folder nor in the one around it.

    Raises:
        UsageError: There is no such folder, or no recording of CREMA-D in it.
    """
    sexes = _sexes(folder)
    found = []
    for path in sound_files(folder):
        if match := _NAME.fullmatch(path.stem):
            found.append(
                Recording(
                    path=path,
                    speaker=f"crema-d-{match['actor']}",
                    sex=sexes.get(match["actor"], ""),
                    emotion=emotion_of("crema-d", match["emotion"]),
                    intensity=_INTENSITIES.get(match["intensity"], ""),
                    sentence=_SENTENCES[match["sentence"]],
                    corpus="crema-d",
                )
            )
    return in_order(
        found, folder, "recording of CREMA-D", "Give the folder AudioWAV with files such as 1001_DFA_ANG_XX.wav."
    )


def _sexes(folder: Path) -> dict[str, str]:
    """Return the sex of every actor from the table of demographics, if it is there."""
    for path in (folder / _DEMOGRAPHICS, folder.resolve().parent / _DEMOGRAPHICS):
        if path.is_file():
            with path.open(encoding="utf-8-sig", newline="") as file:
                return {
                    row["ActorID"].strip(): row["Sex"].strip().casefold()
                    for row in csv.DictReader(file)
                    if (row.get("Sex") or "").strip().casefold() in ("female", "male") and row.get("ActorID")
                }
    return {}
