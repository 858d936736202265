"""Recordings that lie in one folder per emotion, as many projects keep them.

`happy/001.wav`, or `happy/anna/001.wav` with a folder per speaker.
Where the speakers are not told apart, all such recordings count as one speaker:
nobody knows whether a voice is on both sides of a split, so no split by speaker is offered.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

from pipeline.core.emotions import EMOTIONS
from pipeline.core.errors import UsageError
from pipeline.training.corpora.labels import emotion_of
from pipeline.training.corpora.recordings import Recording, sound_files

__all__ = ["UNKNOWN_SPEAKER", "read_folders"]

UNKNOWN_SPEAKER: Final = "folders-unknown"
"""The speaker of all recordings that lie in an emotion's folder itself."""

_log = logging.getLogger(__name__)


def read_folders(folder: Path) -> tuple[Recording, ...]:
    """Read the recordings in the folders that are named by a word for an emotion.

    Args:
        folder: A folder of folders such as `happy`, `Angry`, `fear`, `pleasant_surprise`, `03` or `悲伤`.

    Returns:
        The recordings, sorted by speaker, emotion and file name.

    Raises:
        UsageError: There is no such folder, or no folder with recordings in it is named by an emotion.
    """
    found = []
    strange = set()
    for path in sound_files(folder):
        parts = path.relative_to(folder).parts
        emotion = emotion_of("folders", parts[0]) if len(parts) > 1 else ""
        if not emotion:
            strange.add(parts[0] if len(parts) > 1 else ".")
            continue
        found.append(
            Recording(
                path=path,
                speaker=f"folders-{parts[1]}" if len(parts) > 2 else UNKNOWN_SPEAKER,
                sex="",
                emotion=emotion,
                intensity="",
                sentence="",
                corpus="folders",
            )
        )
    if not found:
        raise UsageError(
            f"{folder} holds no recordings in folders named by emotions.",
            hint=f"Name one folder per emotion: {', '.join(EMOTIONS)} or another word for one of them.",
        )
    if strange:
        _log.warning("Left out, because no emotion has this name: %s in %s.", ", ".join(sorted(strange)), folder)
    return tuple(sorted(found, key=lambda entry: (entry.speaker, EMOTIONS.index(entry.emotion), str(entry.path))))
