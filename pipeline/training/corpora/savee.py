"""SAVEE: four men, seven emotions, told by the file name.

A name is `DC_a01`, or `a01` in a folder `DC`: speaker, emotion, number of the sentence.
Haq and Jackson, Multimodal Emotion Recognition, in: Machine Audition, 398-423, 2010.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from pipeline.training.corpora.labels import emotion_of
from pipeline.training.corpora.recordings import Recording, in_order, sound_files

__all__ = ["read_savee"]

_NAME: Final = re.compile(r"(?P<speaker>DC|JE|JK|KL)[_/](?P<emotion>a|d|f|h|n|sa|su)(?P<number>\d\d)")


def read_savee(folder: Path) -> tuple[Recording, ...]:
    """Read the recordings below a folder, wherever in it they lie.

    Returns:
        The recordings, sorted by speaker and file name.

    Raises:
        UsageError: There is no such folder, or no recording of SAVEE in it.
    """
    found = []
    for path in sound_files(folder):
        match = _NAME.fullmatch(path.stem) or _NAME.fullmatch(f"{path.parent.name}/{path.stem}")
        if match:
            found.append(
                Recording(
                    path=path,
                    speaker=f"savee-{match['speaker'].lower()}",
                    sex="male",
                    emotion=emotion_of("savee", match["emotion"]),
                    intensity="",
                    sentence="",
                    corpus="savee",
                )
            )
    return in_order(
        found, folder, "recording of SAVEE", "Give the folder AudioData with DC/a01.wav, or files such as DC_a01.wav."
    )
