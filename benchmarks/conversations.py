"""Emotion by segment in calls and conversations, and how well their speakers are told apart.

    python benchmarks/conversations.py runs/cnn1d-corpus --folds runs/cnn1d_folds

Conversations are made by joining clips of two to four speakers of a corpus, with pauses between; each clip is a segment
with one emotion. Models answered that had not heard its corpus (the first run) or, with `--folds`, its speaker. It is
judged alone, knowing what else its speaker said as the truth tells, and as the diariser tells, who is told nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import common
import numpy as np
from speakers import errors, trimmed, turns

from pipeline.core.values import Audio, Turn
from pipeline.recognition.calibration import softmax
from pipeline.recognition.speech.speaker import judged_together
from pipeline.training.corpora.recordings import numbers_of
from pipeline.training.speech.left_out import abroad
from pipeline.transcription.speakers import DIARISERS
from pipeline.transcription.speakers.attribution import speaker_of

SEGMENTS = 24
"""Of each conversation."""
PAUSE = (0.2, 1.0)
"""Seconds between segments, from and to."""
MOST = 16
"""Segments of a speaker beyond which more say no more, as in the product."""
RECORDER = np.float32(1e-4)
"""Noise of the recorder: 80 dB below full scale."""


def joined(recordings: Sequence[Any], order: Sequence[int], random: np.random.Generator) -> tuple[Audio, list[Turn]]:
    """Return clips as one recording, and who says when."""
    parts, said, position = [np.zeros(common.RATE // 4, np.float32)], [], common.RATE // 4
    for place in order:
        clip = trimmed(recordings[place].path)
        pause = round(random.uniform(*PAUSE) * common.RATE)
        said.append(Turn(position / common.RATE, (position + len(clip)) / common.RATE, recordings[place].speaker))
        parts += [clip, np.zeros(pause, np.float32)]
        position += len(clip) + pause
    sound = np.concatenate(parts)
    return Audio(sound + RECORDER * random.standard_normal(len(sound)).astype(np.float32), common.RATE), said


def drawn(people: np.ndarray, rows: np.ndarray, count: int, random: np.random.Generator) -> list[int]:
    """Return places of clips of some speakers; nobody follows himself."""
    names = random.permutation(np.unique(people[rows]))[:count]
    order: list[int] = []
    last = ""
    for _ in range(SEGMENTS):
        last = str(random.choice([name for name in names if name != last]))
        order.append(int(random.choice([row for row in rows if people[row] == last and row not in order])))
    return order


def together(alone: np.ndarray, speakers: Sequence[str], gain: float) -> np.ndarray:
    """Return probabilities of segments, each judged knowing what else its speaker said."""
    found, speakers = np.empty_like(alone), np.asarray(speakers)
    for name in np.unique(speakers):
        own = speakers == name
        found[own] = judged_together(alone[own], MOST, gain)
    return found


def measured(run: Path, protocol: str, count: int) -> Iterator[tuple[object, ...]]:
    """Yield a row for each corpus and number of speakers."""
    recordings, logits, judged = common.answers(run, protocol)
    labels, people = numbers_of(recordings), np.array([each.speaker for each in recordings])
    names = np.array([each.corpus for each in recordings])
    calibrated = abroad(np.where(judged[:, np.newaxis], logits, np.nan), recordings).corpora
    diariser = DIARISERS.create(DIARISERS.choose())
    for corpus, told in calibrated.items():
        rows = np.flatnonzero(judged & (names == corpus))
        shared = np.unique(labels[rows])
        for speakers in range(2, 1 + min(4, len(np.unique(people[rows])))):
            random = np.random.default_rng(speakers)
            right, wrong, counted = [], [], []
            for _ in range(count):
                order = drawn(people, rows, speakers, random)
                audio, said = joined(recordings, order, random)
                found = turns(diariser, audio)
                alone = softmax(logits[0][order], told["temperature"])
                groups = [speaker_of(turn.start, turn.end, found) for turn in said]
                ways = (
                    alone,
                    together(alone, [turn.speaker for turn in said], told["known_gain"]),
                    together(alone, groups, told["known_gain"]),
                )
                right.append([np.mean(shared[way[:, shared].argmax(axis=1)] == labels[order]) for way in ways])
                wrong.append(errors(said, found)[2])
                counted.append(len({turn.speaker for turn in found}))
            yield (
                corpus,
                speakers,
                *(f"{share:.1%}" for share in np.mean(right, axis=0)),
                f"{np.mean(wrong):.1%}",
                f"{counted.count(speakers)} of {count}; {np.mean(counted):.1f}",
            )


def main() -> None:
    """Print a table of corpora left out and, where it is given, one of speakers left out."""
    parser = common.parser(__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--folds", type=Path, help="a run with --protocol folds")
    parser.add_argument("--conversations", type=int, default=10, help="of each sort")
    arguments = parser.parse_args()
    for run, protocol in ((arguments.run, "corpus"), (arguments.folds, "folds")):
        if run is None:
            continue
        print(f"\nleft out: {'a corpus' if protocol == 'corpus' else 'speakers'}\n")
        common.table(
            (
                "corpus",
                "speakers",
                "a segment alone",
                "its speaker known",
                "its speaker found",
                "time given to the wrong speaker",
                "number of speakers right; found on average",
            ),
            measured(run, protocol, arguments.conversations),
        )


if __name__ == "__main__":
    main()
