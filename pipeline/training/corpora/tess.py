"""TESS: two women say "Say the word ..." with 200 words in seven emotions, told by the file name.

A name is `OAF_back_angry`: speaker (OAF aged 64, YAF aged 26), word, emotion (ps is pleasant surprise).
The original keeps each speaker's emotion in a folder of its own; the names tell everything, so any layout will do.
Pichora-Fuller and Dupuis, Borealis, doi:10.5683/SP2/E8H2MF, 2020.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from pipeline.training.corpora.labels import LABELS, emotion_of
from pipeline.training.corpora.recordings import Recording, in_order, sound_files

__all__ = ["read_tess"]

# The original spells one file OA_bite_neutral.
_NAME: Final = re.compile(
    rf"(?P<speaker>OA|YA)F?_(?P<word>[^_]+)_(?P<emotion>{'|'.join(LABELS['tess'])})", re.IGNORECASE
)


def read_tess(folder: Path) -> tuple[Recording, ...]:
    """Read the recordings below a folder, wherever in it they lie.

    Returns:
        The recordings, sorted by speaker and file name.

    Raises:
        UsageError: There is no such folder, or no recording of TESS in it.
    """
    found = []
    for path in sound_files(folder):
        if match := _NAME.fullmatch(path.stem):
            found.append(
                Recording(
                    path=path,
                    speaker=f"tess-{match['speaker'].lower()}f",
                    sex="female",
                    emotion=emotion_of("tess", match["emotion"].lower()),
                    intensity="",
                    sentence=f"Say the word {match['word'].lower()}.",
                    corpus="tess",
                )
            )
    return in_order(
        found, folder, "recording of TESS", "Give the folder that holds files such as OAF_back_angry.wav, at any depth."
    )
