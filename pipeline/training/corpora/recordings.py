"""One recording of a corpus, and what all readers share."""

from __future__ import annotations

import csv
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.sources import EXTENSIONS
from pipeline.core.emotions import EMOTIONS
from pipeline.core.errors import UsageError
from pipeline.core.options import Options

__all__ = ["FileNames", "Recording", "in_order", "numbers_of", "read_names", "sound_files"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Recording:
    """One labelled clip."""

    path: Path
    """The sound file."""
    speaker: str
    """Who speaks, unique over all corpora: `ravdess-05`."""
    sex: str
    """`female`, `male` or empty where the corpus does not say."""
    emotion: str
    """One of the eight emotions of `pipeline.core.emotions`."""
    intensity: str
    """As the corpus calls it: `normal` or `strong`, `low`, `medium` or `high`; empty where it does not say."""
    sentence: str
    """What is said, as far as the corpus tells."""
    corpus: str
    """Name of the corpus."""

    @property
    def session(self) -> str:
        """The session: two actors of IEMOCAP talk to each other in each; elsewhere the speaker."""
        return self.speaker[:-1] if self.corpus == "iemocap" else self.speaker


class FileNames(Options):
    """What the names of a corpus's files tell."""

    what: str
    """What one is called, for the message where there is none."""
    hint: str
    """Which folder to give."""
    pattern: str
    """Regular expression of a name without its suffix, or of `folder/name`.

    Its groups are `speaker`, `emotion`, `intensity` and `sentence`; one called `female` or `male` takes part where the
    speaker is. Without `emotion` all is neutral.
    """
    suffixes: frozenset[str] = EXTENSIONS
    """Kinds of files that are read."""
    speaker: str = ""
    """Name of a speaker, made of the groups in lower case; by default that of the corpus, a hyphen and `speaker`."""
    sexes: str = ""
    """A table beside the recordings with the columns `ActorID` and `Sex`, in the folder or in the one around it."""
    intensities: Mapping[str, str] = {}
    """Group `intensity` to how strongly an emotion is played."""
    sentences: Mapping[str, str] = {}
    """Group `sentence` to what is said; a file with any other is left out."""
    sentence: str = ""
    """What is said, made of the groups in lower case, where it is in no table."""


def read_names(folder: Path, corpus: str, files: FileNames, labels: Mapping[str, str]) -> tuple[Recording, ...]:
    """Read the recordings below a folder, wherever in it they lie, from the names of their files.

    Args:
        folder: The folder.
        corpus: Name of the corpus.
        files: What the names tell.
        labels: Group `emotion` to one of the eight emotions; a file with any other is left out.

    Returns:
        The recordings, sorted by speaker and file name.

    Raises:
        UsageError: There is no such folder, or no recording of the corpus in it.
    """
    found, pattern, sexes = [], re.compile(files.pattern), _sexes(folder, files.sexes) if files.sexes else {}
    for path in sound_files(folder):
        match = pattern.fullmatch(path.stem) or pattern.fullmatch(f"{path.parent.name}/{path.stem}")
        if not match or path.suffix.casefold() not in files.suffixes:
            continue
        told = match.groupdict(default="")
        lower = {name: value.lower() for name, value in told.items()}
        label = told.get("emotion", "")
        emotion = labels.get(label) or labels.get(label.lower()) if "emotion" in told else "neutral"
        if not emotion or (files.sentences and told["sentence"] not in files.sentences):
            continue
        recording = Recording(
            path=path,
            speaker=(files.speaker or f"{corpus}-{{speaker}}").format(**lower),
            sex=next((sex for sex in ("female", "male") if told.get(sex)), sexes.get(told["speaker"], "")),
            emotion=emotion,
            intensity=files.intensities.get(told.get("intensity", ""), ""),
            sentence=files.sentences.get(told.get("sentence", ""), files.sentence.format(**lower)),
            corpus=corpus,
        )
        found.append(recording)
    return in_order(found, folder, files.what, files.hint)


def _sexes(folder: Path, table: str) -> dict[str, str]:
    """Return the sex of every actor from a table of demographics, if it is there."""
    for path in (folder / table, folder.resolve().parent / table):
        if path.is_file():
            with path.open(encoding="utf-8-sig", newline="") as file:
                return {
                    row["ActorID"].strip(): row["Sex"].strip().casefold()
                    for row in csv.DictReader(file)
                    if (row.get("Sex") or "").strip().casefold() in ("female", "male") and row.get("ActorID")
                }
    return {}


def sound_files(folder: Path) -> list[Path]:
    """Return the sound files in a folder and below in a fixed order, hidden ones left out.

    Raises:
        UsageError: There is no such folder.
    """
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}.", hint="Give the folder that holds the corpus.")
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.casefold() in EXTENSIONS
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def in_order(found: Iterable[Recording], folder: Path, what: str, hint: str) -> tuple[Recording, ...]:
    """Return recordings sorted by speaker and file name, one of each name.

    Copies of RAVDESS and TESS go round that hold the whole corpus twice, one folder deeper.

    Args:
        found: The recordings of a corpus whose file names are unique for a speaker.
        folder: Where they were looked for.
        what: What was looked for, for the message.
        hint: What to do if there are none.

    Raises:
        UsageError: There are none.
    """
    recordings = list(found)
    first = {(entry.speaker, entry.path.stem): entry for entry in reversed(recordings)}
    if not first:
        raise UsageError(f"{folder} holds no {what}.", hint=hint)
    if len(first) < len(recordings):
        _log.warning("%d recordings in %s are left out: their names come twice.", len(recordings) - len(first), folder)
    return tuple(sorted(first.values(), key=lambda entry: (entry.speaker, entry.path.name, str(entry.path))))


def numbers_of(recordings: Sequence[Recording]) -> NDArray[np.int64]:
    """Return the number of each recording's emotion, (recordings,)."""
    return np.array([EMOTIONS.index(recording.emotion) for recording in recordings])
