"""What is asked before anything is computed: places, packages, speakers and emotions that a training needs.

Each question names the numbers and what to do, and leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.core.emotions import EMOTIONS
from pipeline.core.errors import OutputError, UsageError
from pipeline.core.files import require_writable
from pipeline.training.corpora import LabelledText, Recording

__all__ = [
    "require_actors",
    "require_files",
    "require_folders",
    "require_learned",
    "require_neutral",
    "require_same_emotions",
    "require_two",
]


def require_folders(**folders: Path | None) -> None:
    """Check that files can be made in folders, which need not be there yet.

    Args:
        folders: Option that names a folder to the folder.

    Raises:
        OutputError: One cannot be made or written.
    """
    require_files(**{name: folder / "settings.json" for name, folder in folders.items() if folder})


def require_files(**files: Path) -> None:
    """Check that files can be made or replaced.

    Args:
        files: Option that names a file to the file.

    Raises:
        OutputError: One cannot be written.
    """
    for name, path in files.items():
        try:
            require_writable([path], overwrite=True)
        except OutputError as error:
            raise OutputError(error.message, hint=f"Give another --{name}.") from error


def require_learned(
    labels: Sequence[Sequence[str]], places: NDArray[np.integer], speakers: Sequence[str], what: str
) -> None:
    """Check that every emotion is learned where it is judged, and judged if it is a clip's.

    Args:
        labels: The emotions of every clip or text.
        places: (clips,), the fold of each; what is in fold -1 is trained on and never judged.
        speakers: The speaker of each.
        what: What one is called: `clip` or `text`.

    Raises:
        UsageError: There is one emotion alone, or an emotion has too few clips or speakers.
    """
    names = {name for own in labels for name in own}
    emotions = [emotion for emotion in EMOTIONS if emotion in names]
    require_two(emotions, len(labels), what)
    without = ", or train without measuring: train --folds 0." if what == "clip" else "."
    for emotion in emotions:
        own = np.array([emotion in one for one in labels])
        folds = set(places[own].tolist())
        people = len({speaker for speaker, one in zip(speakers, own, strict=True) if one})
        found = f"'{emotion}' has {_counted(int(own.sum()), what)} of {_counted(people, 'speaker')}"
        if len(folds) == 1 and -1 not in folds:
            raise UsageError(
                f"{found}, and all of that is held out together: it would be judged without being learned.",
                hint=f"Add {what}s of it by other speakers, leave it out{without}",
            )
        if folds == {-1} and what == "clip":
            raise UsageError(
                f"{found}, too few for the split to hold any out: it would be learned without being judged.",
                hint=f"Add {what}s of it, give fewer --folds{without}",
            )


def require_two(emotions: Sequence[str], count: int, what: str = "clip") -> None:
    """Check that there is something to tell apart.

    Raises:
        UsageError: There is one emotion.
    """
    if len(emotions) < 2:
        raise UsageError(
            f"All {_counted(count, what)} are '{emotions[0]}': a model learns to tell two emotions apart, or more.",
            hint=f"Add {what}s of another emotion.",
        )


def require_neutral(recordings: Sequence[Recording], fewest: int) -> None:
    """Check that every speaker can be compared with his own neutral speech.

    Raises:
        UsageError: A speaker has too few neutral recordings, or nobody acts another emotion.
    """
    for speaker in dict.fromkeys(recording.speaker for recording in recordings):
        found = sum(clip.speaker == speaker and clip.emotion == "neutral" for clip in recordings)
        if found < fewest:
            raise UsageError(
                f"{speaker} has {_counted(found, 'neutral recording')}, and it takes {fewest}.",
                hint="Add neutral recordings of this speaker, or leave the speaker out.",
            )
    if all(recording.emotion == "neutral" for recording in recordings):
        raise UsageError(
            f"All {_counted(len(recordings), 'recording')} are neutral.", hint="Add recordings of other emotions."
        )


def require_actors(recordings: Sequence[Recording], by_rule: Mapping[str, object]) -> None:
    """Check that women and men act every emotion, each beside their own neutral, at strong intensity.

    Args:
        recordings: Those of the actors.
        by_rule: Emotion to what the settings add to what is learned.

    Raises:
        UsageError: An emotion lacks women or men, or neutral readings of a sentence, or is not acted at all.
    """
    require_neutral(recordings, 1)
    acted = [emotion for emotion in EMOTIONS if emotion != "neutral" and any(r.emotion == emotion for r in recordings)]
    require_two(acted, len(recordings), "recording")
    if absent := sorted(set(by_rule) - set(acted)):
        raise UsageError(
            f"The settings have a rule for '{absent[0]}', and no recording is of it.",
            hint=f"Take it out of by_rule; there are {', '.join(acted)}.",
        )
    neutral = {(clip.speaker, clip.sentence) for clip in recordings if clip.emotion == "neutral"}
    for emotion in acted:
        for sex in ("female", "male"):
            own = [clip for clip in recordings if clip.emotion == emotion and clip.sex == sex]
            strong = [clip for clip in own if clip.intensity == "strong" or emotion == "calm"]
            if not any((clip.speaker, clip.sentence) in neutral for clip in strong):
                raise UsageError(
                    f"Of {_counted(len(own), f'{sex} recording')} in '{emotion}', {len(strong)} are strong, and none "
                    "of these has the same sentence spoken neutrally by the same actor.",
                    hint="Women and men must each act every emotion strongly.",
                )


def require_same_emotions(known: Sequence[LabelledText], judged: Sequence[LabelledText], name: str) -> None:
    """Check that a model of some texts can judge others.

    Raises:
        UsageError: They have no emotion in common.
    """
    emotions = {emotion for text in known for emotion in text.emotions}
    if not any(emotions.issuperset(text.emotions) for text in judged):
        raise UsageError(
            f"None of the {len(judged)} texts of {name} has only emotions that are learned.",
            hint=f"Learned are {', '.join(emotion for emotion in EMOTIONS if emotion in emotions)}.",
        )


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
