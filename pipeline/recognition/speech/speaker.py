"""Speaker profiles: how far the answers for one speaker lean, so that what is left is mostly the emotion.

A voice that the model never met leans the answers one way whatever it says: a high one to surprise, a soft one to
sadness. That lean is the mean of what the log odds of the speaker's clips differ from those of clips that show their
emotions plainly. The emotions are not known; so lean and emotions are found in turn, each from the other
(Dempster, Laird and Rubin, "Maximum likelihood from incomplete data via the EM algorithm", 1977).

Few clips say little, and clips of one mood could be either the mood or the voice. So the lean is shrunk towards zero,
and what a plain emotion explains is no lean: a speaker in one mood hardly leans.
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

__all__ = [
    "PLAIN",
    "SHRINKAGE",
    "SpeakerProfile",
    "judged_together",
    "log_odds",
    "plain_odds",
    "profile_of",
    "sharpness",
]

SCHEMA: Final = 2
"""Version of the format of a profile's file."""

SHRINKAGE = 8.0
"""Clips after which the speaker's lean counts half.

This and `PLAIN` were chosen on corpora that were left out (`benchmarks/corpora.py`): 5 gains a point or two more where
a speaker has all emotions, and loses as much where there is one; 12 the other way."""

PLAIN = 4.5
"""Log odds that a plain emotion has above the others. Less takes the emotion of a speaker in one mood for a lean;
much more finds no lean at all."""

_ROUNDS: Final = 20
"""Times that lean and emotions are found in turn; they no longer change then."""

_LEAST: Final = 1e-3
"""Probability below which the log of one says no more; rare extremes would rule the mean."""

_UNSHRUNK: Final = 1_000_000
"""Number of clips so large that the lean is practically not shrunk."""


@dataclass(frozen=True, eq=False)
class SpeakerProfile:
    """One speaker, from the point of view of one model."""

    model: str
    """SHA-256 of the model."""
    clips: int
    """Number of recordings that the profile was made from."""
    mean: NDArray[np.float64]
    """The lean before it is shrunk, (labels,): what the log odds of each emotion are too high."""

    @classmethod
    def exact(cls, model: str, mean: NDArray[np.floating]) -> SpeakerProfile:
        """Return a profile whose lean is not shrunk, because it is known rather than estimated.

        Args:
            model: SHA-256 of the model.
            mean: As in the class, (labels,).
        """
        return cls(model, _UNSHRUNK, np.asarray(mean, np.float64))

    @property
    def offset(self) -> NDArray[np.float64]:
        """The lean, shrunk: what is subtracted from the log odds of every clip of the speaker, (labels,)."""
        return self.mean * (self.clips / (self.clips + SHRINKAGE))

    def applied(self, probabilities: NDArray[np.floating], gain: float = 0.0) -> NDArray[np.float64]:
        """Return probabilities, (..., labels), for somebody who leans so.

        Args:
            probabilities: Those for an unknown speaker.
            gain: Of the model, as in `sharpness`; 0 if the answers are to be no surer.
        """
        return _shifted(probabilities, self.offset, sharpness(self.clips, gain))

    def joined(self, other: SpeakerProfile) -> SpeakerProfile:
        """Return the profile from the recordings of both.

        Raises:
            UsageError: They were made with different models.
        """
        self.check(other.model)
        clips = self.clips + other.clips
        return SpeakerProfile(self.model, clips, (self.mean * self.clips + other.mean * other.clips) / max(1, clips))

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
            mean = np.array(values["mean"], np.float64)
            if mean.ndim != 1 or not np.isfinite(mean).all():
                raise ValueError("its numbers are damaged")
            return cls(str(values["model"]), int(values["clips"]), mean)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UsageError(
                f"{path} is no speaker's profile that can be read: {reason(error)}.",
                hint="Make one with recognize --same-speaker --save-profile FILE.",
            ) from error


def log_odds(probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the log of probabilities, (..., labels), less its mean over the labels."""
    logs = np.log(np.maximum(np.asarray(probabilities, np.float64), _LEAST))
    centred: NDArray[np.float64] = logs - logs.mean(axis=-1, keepdims=True)
    return centred


def plain_odds(labels: int, place: int) -> NDArray[np.float64]:
    """Return the log odds, (labels,), of a clip that plainly shows the emotion at a place."""
    return np.asarray(PLAIN * (np.eye(labels)[place] - 1 / labels), np.float64)


def profile_of(model: str, probabilities: Sequence[NDArray[np.floating]]) -> SpeakerProfile:
    """Return the profile of the speaker of some recordings whose emotions are unknown.

    Args:
        model: SHA-256 of the model.
        probabilities: Those of each recording, (labels,), for an unknown speaker.

    Raises:
        NoSpeech: There are no recordings.
    """
    if not len(probabilities):
        raise NoSpeech(
            "None of the speaker's recordings can be used.", hint="Give at least one in which the person speaks."
        )
    away = _away(log_odds(np.stack(probabilities)))
    return SpeakerProfile(model, len(probabilities), away.mean(axis=0))


def sharpness(clips: float, gain: float) -> float:
    """Return what log probabilities are multiplied by, once the lean of a known speaker is taken away.

    The lean is doubt as well: without it answers are right more often than their probabilities say, and the more so
    the more clips told it. The logarithm fits what was measured from 2 clips to 700.

    Args:
        clips: Of the speaker that are known beside the one that is judged.
        gain: Of the model; 0 changes nothing.
    """
    return 1 + gain * float(np.log2(1 + clips / SHRINKAGE))


def judged_together(
    probabilities: NDArray[np.floating], most: float = np.inf, gain: float = 0.0
) -> NDArray[np.float64]:
    """Return probabilities, (clips, labels), of one speaker's clips, each judged knowing all the others.

    A single clip is answered as it was.

    Args:
        probabilities: Those of each clip for an unknown speaker, (clips, labels).
        most: More clips than these say no more: where a speaker may be in one mood all along, as who reads aloud.
        gain: Of the model, as in `sharpness`.
    """
    away = _away(log_odds(probabilities))
    others = (away.sum(axis=0) - away) / max(1, len(away) - 1)
    count = min(len(away) - 1, most)
    others *= count / (count + SHRINKAGE)
    return _shifted(probabilities, others, sharpness(count, gain))


def _away(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what each clip's log odds differ from those of its likely emotions, shown plainly, (clips, labels)."""
    labels = odds.shape[1]
    lean = np.zeros(labels)
    for _ in range(_ROUNDS):
        likely = _shares(odds - lean)
        away = odds - PLAIN * (likely - 1 / labels)
        lean = away.sum(axis=0) / (len(odds) + SHRINKAGE)
    return np.asarray(away, np.float64)


def _shifted(probabilities: NDArray[np.floating], offset: NDArray[np.float64], sharpness: float) -> NDArray[np.float64]:
    return _shares(sharpness * (np.log(np.maximum(probabilities, np.finfo(np.float64).tiny)) - offset))


def _shares(logs: NDArray[np.float64]) -> NDArray[np.float64]:
    raised = np.exp(logs - logs.max(axis=-1, keepdims=True))
    found: NDArray[np.float64] = raised / raised.sum(axis=-1, keepdims=True)
    return found
