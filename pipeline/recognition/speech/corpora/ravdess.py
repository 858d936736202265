"""RAVDESS: 24 actors, two sentences, eight emotions at two intensities, told by the file name.

A name is seven two-digit numbers `MM-VV-EE-II-SS-RR-AA`: modality, vocal channel (01 speech, 02 song), emotion,
intensity, sentence, repetition, actor; odd actors are men.
Livingstone and Russo, PLoS ONE 13(5): e0196391, 2018.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from pipeline.core.emotions import EMOTIONS
from pipeline.core.errors import UsageError
from pipeline.recognition.speech.corpora.recordings import Recording

__all__ = ["read_ravdess"]

_NAME: Final = re.compile(
    r"\d\d-(?P<channel>\d\d)-(?P<emotion>0[1-8])-(?P<intensity>0[12])-"
    r"(?P<sentence>0[12])-(?P<repetition>\d\d)-(?P<actor>\d\d)"
)
_SUFFIXES: Final = frozenset({".wav", ".flac"})
_SPEECH: Final = "01"
_SENTENCES: Final = {"01": "Kids are talking by the door.", "02": "Dogs are sitting by the door."}
_INTENSITIES: Final = {"01": "normal", "02": "strong"}


def read_ravdess(folder: Path) -> tuple[Recording, ...]:
    """Read the spoken recordings below a folder, wherever in it they lie.

    Args:
        folder: A folder that holds `Actor_01` and the others.

    Returns:
        The recordings, sorted by speaker and file name.

    Raises:
        UsageError: There is no such folder, or no recording of RAVDESS in it.
    """
    found = []
    for path in sorted(folder.rglob("*")):
        match = _NAME.fullmatch(path.stem)
        if not match or path.suffix.casefold() not in _SUFFIXES or match["channel"] != _SPEECH:
            continue
        found.append(
            Recording(
                path=path,
                speaker=f"ravdess-{match['actor']}",
                sex="male" if int(match["actor"]) % 2 else "female",
                emotion=EMOTIONS[int(match["emotion"]) - 1],
                intensity=_INTENSITIES[match["intensity"]],
                sentence=_SENTENCES[match["sentence"]],
                corpus="ravdess",
            )
        )
    if not found:
        raise UsageError(
            f"{folder} holds no spoken recording of RAVDESS.",
            hint="Give the folder that holds Actor_01, Actor_02 and so on.",
        )
    return tuple(sorted(found, key=lambda recording: (recording.speaker, recording.path.name)))
