"""Who is held out: how clips are split into those that a model learns from and those that it is judged on.

Speakers are dealt to the folds in turn: of 20 actors and five folds, fold i holds out the actors i, i+5, i+10, i+15.
Each clip is judged by a model that was trained without its speaker.
A random split is what much of this field reports: the same voices and sentences are then on both sides, and it leaks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import UsageError
from pipeline.training.corpora import CORPORA, LabelledText, Recording

__all__ = [
    "LEAK",
    "PROTOCOLS",
    "Split",
    "described",
    "held_speakers",
    "speaker_folds",
    "split_recordings",
    "split_texts",
]

PROTOCOLS: Final = ("folds", "speaker", "session", "random", "corpus")
"""Folds by speaker, one speaker at a time, one session at a time (as IEMOCAP is used), one random part, one corpus at a
time."""

LEAK: Final = (
    "This split leaks: the same speakers are in training and test. "
    "The figures say how well the model knows these speakers, not how well it hears others."
)
"""What a report on a random split must say."""

_HELD_SHARE: Final = 0.125
"""Share of the speakers that tell when to stop: enough to be even, and few enough to train on nearly all."""

_TEXT_FOLDS: Final = 5
"""Folds of texts whose corpus has no dev part."""


def speaker_folds(speakers: Sequence[str], folds: int = 5, option: str = "--folds") -> NDArray[np.int64]:
    """Return the fold of every clip, so that no speaker is in two folds.

    Args:
        speakers: The speaker of every clip.
        folds: How many; as many as speakers leaves one speaker out at a time.
        option: Where a person says how many, for the message.

    Raises:
        UsageError: There are fewer speakers than folds.
    """
    names = sorted(set(speakers))
    if len(names) < 2:
        raise UsageError(
            "All recordings are of one speaker, so nobody is left to be judged.",
            hint="Add speakers; or train without measuring (--folds 0), or on a random split, which leaks "
            "(--protocol random).",
        )
    if not 2 <= folds <= len(names):
        raise UsageError(
            f"{len(names)} speakers cannot be split into {folds} folds.",
            hint=f"Give {option} between 2 and {len(names)}, or add speakers.",
        )
    place = {name: index % folds for index, name in enumerate(names)}
    return np.array([place[speaker] for speaker in speakers])


def split_recordings(recordings: Sequence[Recording], protocol: str, folds: int, seed: int) -> NDArray[np.int64]:
    """Return the fold of every clip; what is in fold -1 is trained on and never judged.

    Args:
        recordings: The clips.
        protocol: One of `PROTOCOLS`.
        folds: How many; of a random split, the one part in so many that is held out.
        seed: Seed of a random split, which is drawn evenly from all emotions; the others know no chance.

    Raises:
        UsageError: There is no such protocol, or too few speakers.
    """
    speakers = [recording.speaker for recording in recordings]
    read = {corpus.name for corpus in CORPORA if corpus.read_aloud}
    corpora = list(dict.fromkeys(each.corpus for each in recordings if each.corpus not in read))
    if protocol == "corpus":
        return np.array([corpora.index(each.corpus) if each.corpus in corpora else -1 for each in recordings])
    if protocol == "folds" and len(corpora) > 1:
        # The speakers of each corpus are dealt on their own, so that every fold holds some of each.
        names = {corpus: sorted({each.speaker for each in recordings if each.corpus == corpus}) for corpus in corpora}
        return np.array(
            [names[each.corpus].index(each.speaker) % folds if each.corpus in names else -1 for each in recordings]
        )
    if protocol == "folds":
        return speaker_folds(speakers, folds)
    if protocol == "speaker":
        return speaker_folds(speakers, len(set(speakers)))
    if protocol == "session":
        sessions = [recording.session for recording in recordings]
        return speaker_folds(sessions, len(set(sessions)))
    if protocol != "random":
        raise UsageError(f"There is no protocol '{protocol}'.", hint=f"Choose one of {', '.join(PROTOCOLS)}.")
    if folds < 2:
        raise UsageError("A random split needs at least 2 parts.", hint="Give --folds 5 to hold out a fifth.")
    random, place = np.random.default_rng(seed), np.full(len(recordings), -1)
    emotions = np.array([recording.emotion for recording in recordings])
    for emotion in sorted(set(emotions.tolist())):
        clips = random.permutation(np.flatnonzero(emotions == emotion))
        place[clips[: round(len(clips) / folds)]] = 0
    return place


@dataclass(frozen=True)
class Split:
    """Who is held out."""

    places: NDArray[np.int64]
    """(texts,): the fold of each; what is in fold -1 is trained on and never judged."""
    protocol: str
    """The same in words."""
    name: str
    """`dev` or `folds`."""

    @property
    def judged(self) -> NDArray[np.bool_]:
        """(texts,): whether a text is judged."""
        return np.asarray(self.places >= 0)

    @property
    def folds(self) -> int:
        """How many folds there are."""
        return int(self.places.max()) + 1


def split_texts(texts: Sequence[LabelledText]) -> Split:
    """Split texts as their corpus does, or else into five folds by speaker.

    Raises:
        UsageError: The texts are of one speaker alone.
    """
    dev = np.array([text.part == "dev" for text in texts])
    if dev.any() and not dev.all():
        return Split(np.where(dev, 0, -1), "trained on the corpus's training part, judged on its dev part", "dev")
    speakers = [text.speaker for text in texts]
    folds = min(_TEXT_FOLDS, len(set(speakers)))
    if folds < 2:
        raise UsageError("All texts are of one speaker, so none can be held out.", "Add texts, or a column speaker.")
    protocol = f"{folds} folds: each text judged by a model that saw no text of its speaker or session"
    return Split(speaker_folds(speakers, folds), protocol, "folds")


def held_speakers(speakers: Sequence[str], seed: int) -> NDArray[np.bool_]:
    """Return which clips are those of an eighth of the speakers, two at least, drawn by chance.

    Args:
        speakers: The speaker of every clip that may be trained on.
        seed: Seed of the draw.
    """
    names = sorted(set(speakers))
    count = min(len(names) - 1, max(2, round(_HELD_SHARE * len(names))))
    drawn = np.random.default_rng(seed).permutation(names)[:count]
    return np.isin(np.array(speakers), drawn)


def described(protocol: str, folds: int) -> str:
    """Return a protocol in words."""
    if protocol == "random":
        return f"one random {_part(folds)} of the clips held out, their speakers heard in training"
    if protocol == "session":
        return "leave one session out: each clip judged by a model that heard neither of its session's speakers"
    if protocol == "corpus":
        return "leave one corpus out: each clip judged by a model that heard nothing of its corpus"
    how = "leave one speaker out" if protocol == "speaker" else f"{folds} folds by speaker"
    return f"{how}: each clip judged by a model that never heard its speaker"


def _part(folds: int) -> str:
    return {2: "half", 3: "third", 4: "quarter", 5: "fifth", 10: "tenth"}.get(folds, f"part in {folds}")
