"""One recording of a corpus, and what all readers share."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline.audio.decoding import EXTENSIONS
from pipeline.core.errors import UsageError

__all__ = ["Recording", "in_order", "sound_files"]

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
