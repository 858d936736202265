"""Speaker profiles: how far the voice of one speaker is from the mean of the training speakers.

Without this offset, what is left is mostly the emotion.
The mean of a few clips is shrunk towards zero, so that a single clip hardly changes an answer.
If the clips seem to have few emotions, their mean depends on these emotions as well as on the speaker.
Each clip is then compared with the mean of its apparent emotion instead of the mean of all.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import NoSpeech, UsageError
from pipeline.core.files import atomic
from pipeline.core.messages import reason

__all__ = ["SpeakerProfile", "profile_of"]

SCHEMA: Final = 1
"""Version of the format of a profile's file."""

_SHRINKAGE: Final = 5.0
"""Clips after which the speaker's mean counts half; set by hand."""

_UNSHRUNK: Final = 1_000_000
"""Number of clips so large that the mean is practically not shrunk."""

_FEW, _ALL = 0.5, 0.85
"""Evenness of the emotions in [0, 1] below which they count as few, and above which as balanced; set by hand."""


@dataclass(frozen=True, eq=False)
class SpeakerProfile:
    """One speaker, from the point of view of one model."""

    model: str
    """SHA-256 of the model."""
    clips: int
    """Number of recordings that the profile was made from."""
    mean: NDArray[np.float32]
    """Mean distance from the training speakers in the statistics of the encoder's layers, (size,)."""

    @classmethod
    def exact(cls, model: str, mean: NDArray[np.floating]) -> SpeakerProfile:
        """Return a profile whose mean is not shrunk, because it is known rather than estimated.

        Args:
            model: SHA-256 of the model.
            mean: As in the class, (size,).
        """
        return cls(model, _UNSHRUNK, np.asarray(mean, np.float32))

    @property
    def offset(self) -> NDArray[np.float32]:
        """The mean, shrunk: what is subtracted from every clip of the speaker, (size,)."""
        return np.asarray(self.mean * (self.clips / (self.clips + _SHRINKAGE)), np.float32)

    def joined(self, other: SpeakerProfile) -> SpeakerProfile:
        """Return the profile from the recordings of both.

        Raises:
            UsageError: They were made with different models.
        """
        self.check(other.model)
        clips = self.clips + other.clips
        mean = (self.mean * self.clips + other.mean * other.clips) / max(1, clips)
        return SpeakerProfile(self.model, clips, mean.astype(np.float32))

    def check(self, model: str) -> None:
        """Raise an error unless the profile was made with this model.

        Args:
            model: SHA-256 of the model.

        Raises:
            UsageError: It was made with another model.
        """
        if self.model != model:
            raise UsageError(
                "The speaker's profile was made with another emotion model.",
                hint="Make it again from the speaker's recordings, with --same-speaker --save-profile FILE.",
            )

    def save(self, path: Path) -> None:
        """Write the profile as JSON.

        Raises:
            OutputError: The file cannot be written.
        """
        values = {
            "schema": SCHEMA,
            "model": self.model,
            "clips": self.clips,
            "mean": [float(f"{value:.5g}") for value in self.mean],
        }
        with atomic(path) as temporary:
            temporary.write_text(json.dumps(values) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> SpeakerProfile:
        """Read a profile.

        Raises:
            UsageError: The file is missing, or holds no profile.
        """
        try:
            values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            if values["schema"] > SCHEMA:
                raise ValueError(f"schema {values['schema']} is newer than {SCHEMA}")
            mean = np.array(values["mean"], np.float32)
            if mean.ndim != 1 or not np.isfinite(mean).all():
                raise ValueError("its numbers are damaged")
            return cls(str(values["model"]), int(values["clips"]), mean)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UsageError(
                f"{path} is no speaker's profile that can be read: {reason(error)}.",
                hint="Make one with recognize --same-speaker --save-profile FILE.",
            ) from error


def profile_of(
    model: str,
    statistics: Sequence[NDArray[np.floating]],
    probabilities: Sequence[NDArray[np.floating]],
    emotion_means: NDArray[np.floating],
) -> SpeakerProfile:
    """Return the profile of the speaker of some recordings whose emotions are unknown.

    Args:
        model: SHA-256 of the model.
        statistics: Statistics of each recording, (size,).
        probabilities: Probabilities of each recording, (labels,).
        emotion_means: Mean statistics of each emotion over the training speakers, (labels, size).

    Raises:
        NoSpeech: There are no recordings.
    """
    if not statistics:
        raise NoSpeech(
            "None of the speaker's recordings can be used.", hint="Give at least one in which the person speaks."
        )
    heard = np.mean(probabilities, axis=0)
    evenness = float(np.exp(-np.sum(heard * np.log(heard + 1e-9)))) / len(heard)
    balanced = min(1.0, max(0.0, (evenness - _FEW) / (_ALL - _FEW)))
    expected = balanced * np.mean(emotion_means, axis=0) + (1 - balanced) * (heard @ emotion_means)
    mean = np.mean(statistics, axis=0) - expected
    return SpeakerProfile(model, len(statistics), mean.astype(np.float32))
