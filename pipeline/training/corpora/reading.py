"""Corpora of people who read aloud: no emotion is named, and what is read so counts as neutral.

LibriSpeech: Panayotov et al., ICASSP 2015; a name is `1688-142285-0000`, reader, chapter, sentence.
LJSpeech: Ito and Johnson, 2017; `LJ001-0001`, book and sentence of one woman.
AISHELL-3: Shi et al., Interspeech 2021 (arXiv:2010.11567); `SSB00050001`, speaker and sentence, in Mandarin.
"""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.training.corpora.recordings import Recording, in_order, sound_files

__all__ = ["read_aishell3", "read_librispeech", "read_ljspeech"]


def read_librispeech(folder: Path) -> tuple[Recording, ...]:
    """Read the recordings below a folder, wherever in it they lie.

    Raises:
        UsageError: There is no such folder, or no recording of LibriSpeech in it.
    """
    return _read(folder, "librispeech", "LibriSpeech", r"(?P<speaker>\d+)-\d+-\d{4}", "1688-142285-0000.flac")


def read_ljspeech(folder: Path) -> tuple[Recording, ...]:
    """Read the recordings below a folder, wherever in it they lie.

    Raises:
        UsageError: There is no such folder, or no recording of LJSpeech in it.
    """
    return _read(folder, "ljspeech", "LJSpeech", r"(?P<speaker>LJ)\d{3}-\d{4}", "LJ001-0001.wav", sex="female")


def read_aishell3(folder: Path) -> tuple[Recording, ...]:
    """Read the recordings below a folder, wherever in it they lie.

    Raises:
        UsageError: There is no such folder, or no recording of AISHELL-3 in it.
    """
    return _read(folder, "aishell-3", "AISHELL-3", r"(?P<speaker>SSB\d{4})\d{4}", "SSB00050001.wav")


def _read(folder: Path, corpus: str, title: str, name: str, example: str, sex: str = "") -> tuple[Recording, ...]:
    found = [
        Recording(path, f"{corpus}-{match['speaker'].lower()}", sex, "neutral", "", "", corpus)
        for path in sound_files(folder)
        if (match := re.fullmatch(name, path.stem))
    ]
    return in_order(
        found, folder, f"recording of {title}", f"Give the folder that holds files such as {example}, at any depth."
    )
