"""RAVDESS: 24 actors, two sentences, eight emotions at two intensities, told by the file name.

A name is seven two-digit numbers `MM-VV-EE-II-SS-RR-AA`: modality, vocal channel (01 speech, 02 song), emotion,
intensity, sentence, repetition, actor; odd actors are men.
Songs have the first six emotions and no actor 18.
Livingstone and Russo, PLoS ONE 13(5): e0196391, 2018.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, Literal

from pipeline.training.corpora.labels import emotion_of
from pipeline.training.corpora.recordings import Recording, in_order, sound_files

__all__ = ["read_ravdess", "read_ravdess_song"]

_NAME: Final = re.compile(
    r"\d\d-(?P<channel>\d\d)-(?P<emotion>0[1-8])-(?P<intensity>0[12])-"
    r"(?P<sentence>0[12])-(?P<repetition>\d\d)-(?P<actor>\d\d)"
)
_SOUND_ONLY: Final = frozenset({".wav", ".flac"})
_CHANNELS: Final = {"speech": "01", "song": "02"}
_SENTENCES: Final = {"01": "Kids are talking by the door.", "02": "Dogs are sitting by the door."}
_INTENSITIES: Final = {"01": "normal", "02": "strong"}


def read_ravdess(folder: Path, channel: Literal["speech", "song"] = "speech") -> tuple[Recording, ...]:
    """Read the spoken or the sung recordings below a folder, wherever in it they lie.

    Args:
        folder: A folder that holds `Actor_01` and the others.
        channel: What is read; an actor's speech and songs have one speaker's name.

    Returns:
        The recordings, sorted by speaker and file name.

    Raises:
        UsageError: There is no such folder, or no such recording of RAVDESS in it.
    """
    found = []
    for path in sound_files(folder):
        match = _NAME.fullmatch(path.stem)
        if not match or path.suffix.casefold() not in _SOUND_ONLY or match["channel"] != _CHANNELS[channel]:
            continue
        found.append(
            Recording(
                path=path,
                speaker=f"ravdess-{match['actor']}",
                sex="male" if int(match["actor"]) % 2 else "female",
                emotion=emotion_of("ravdess", match["emotion"]),
                intensity=_INTENSITIES[match["intensity"]],
                sentence=_SENTENCES[match["sentence"]],
                corpus="ravdess" if channel == "speech" else "ravdess-song",
            )
        )
    return in_order(
        found,
        folder,
        f"{'spoken' if channel == 'speech' else 'sung'} recording of RAVDESS",
        "Give the folder that holds Actor_01, Actor_02 and so on.",
    )


def read_ravdess_song(folder: Path) -> tuple[Recording, ...]:
    """Read the sung recordings; see `read_ravdess`."""
    return read_ravdess(folder, "song")
