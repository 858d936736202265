"""What the emotion model is worth on corpora that it never heard, and what knowing the speakers by themselves adds.

    python benchmarks/corpora.py runs/cnn1d-corpus      # after the training of configs/cnn1d.yaml

Each corpus was left out in turn. Some of a speaker's clips are drawn, of all emotions or of few, and each is judged
alone and knowing the others that were drawn. `--robustness 120` judges so many clips of each corpus, evenly drawn, also
in noise, lines, codecs, rooms and at other levels, by one clip over the emotions that the corpus shares with others.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import common
import numpy as np

from pipeline.audio import read_audio
from pipeline.recognition.calibration import softmax
from pipeline.recognition.speech import speaker
from pipeline.recognition.speech.conditioning import at_speed
from pipeline.recognition.speech.features import load_features
from pipeline.training.configuration import read_settings
from pipeline.training.corpora.recordings import numbers_of
from pipeline.training.speech.degradations import DEGRADATIONS
from pipeline.training.speech.evaluation import judged as answered
from pipeline.training.speech.feature_store import heard_part
from pipeline.training.speech.known_speakers import DRAWS, drawn
from pipeline.training.speech.left_out import abroad
from pipeline.training.speech.robustness import fold_models

REPEATS = 20


def robust(run: Path, clips: int) -> Iterator[tuple[str, ...]]:
    """Yield a row for each thing that is done to sound: how much of it each corpus's model still tells, and loses.

    Args:
        run: The folder of the training.
        clips: How many of each corpus.
    """
    recordings, _, known = common.answers(run)
    features, speeds = load_features(read_settings(run).features, 1), read_settings(run).speeds
    every, names = numbers_of(recordings), np.array([each.corpus for each in recordings])
    corpora = list(dict.fromkeys(names[known].tolist()))
    right: dict[str, list[float]] = {name: [] for name in DEGRADATIONS}
    for corpus, model in zip(corpora, fold_models(run, 0, features, None), strict=True):
        own = np.flatnonzero(known & (names == corpus))
        shared = np.unique(every[own])
        own = own[np.linspace(0, len(own) - 1, min(clips, len(own))).round().astype(int)]
        for name, degrade in DEGRADATIONS.items():
            heard = []
            for number in own.tolist():
                changed = degrade(read_audio(recordings[number].path).samples, np.random.default_rng(number))
                part = heard_part(changed, features)
                heard.append([features(at_speed(part, speed)) for speed in speeds])
            answers = shared[answered(model, heard)[:, shared].argmax(axis=1)]
            right[name].append(float(np.mean(answers == every[own])))
    clean, *others = right.items()
    yield clean[0], *(f"{share:.1%}" for share in clean[1])
    for name, shares in others:
        pairs = zip(shares, clean[1], strict=True)
        yield name, *(f"{share:.1%}, {100 * (whole - share):.1f}" for share, whole in pairs)


def main() -> None:
    """Print both tables."""
    parser = common.parser(__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--shrinkage", default="", help="clips, several with commas; that of the product by default")
    parser.add_argument("--robustness", type=int, default=0, help="clips of each corpus to judge in noise as well")
    arguments = parser.parse_args()
    recordings, logits, judged = common.answers(arguments.run)
    found = abroad(logits, recordings)
    common.table(
        ("left out", "clips", "alone: accuracy, UAR", "known: accuracy, UAR", "ECE alone, known"),
        (
            (
                name,
                f"{told['clips']} of {told['speakers']} speakers, {len(told['emotions'])} emotions",
                f"{told['accuracy']:.1%}, {told['unweighted_average_recall']:.1%}",
                f"{told['accuracy_known']:.1%}, {told['unweighted_average_recall_known']:.1%}",
                f"{told['calibration_error']:.3f}, {told['calibration_error_known']:.3f}",
            )
            for name, told in found.corpora.items()
        ),
    )
    labels, names = numbers_of(recordings), np.array([each.corpus for each in recordings])
    people = np.array([each.speaker for each in recordings])
    for shrinkage in [float(value) for value in arguments.shrinkage.split(",") if value] or [speaker.SHRINKAGE]:
        speaker.SHRINKAGE = shrinkage
        print(f"\nshrinkage {shrinkage:g}")
        rows = []
        for corpus in dict.fromkeys(names[judged].tolist()):
            own = judged & (names == corpus)
            shared = np.unique(labels[own])
            for name, (count, kinds) in DRAWS.items():
                random = np.random.default_rng(0)
                right = []
                for person in np.unique(people[own]):
                    mine = np.flatnonzero(own & (people == person))
                    for _ in range(REPEATS if count else 1):
                        chosen = mine[drawn(labels[mine], count, kinds, random)]
                        alone = softmax(logits[0][chosen], found.temperature)
                        for place_of, answers in enumerate((alone, speaker.judged_together(alone))):
                            hits = shared[answers[:, shared].argmax(axis=1)] == labels[chosen]
                            right += [(place_of, float(hit)) for hit in hits]
                values = [np.mean([hit for kind, hit in right if kind == which]) for which in (0, 1)]
                rows.append((corpus, name, f"{values[0]:.1%}", f"{values[1]:.1%}"))
        common.table(("left out", "drawn of a speaker", "alone", "knowing the others"), rows)
    if arguments.robustness:
        print("\nright, and points lost")
        common.table(("sound", *found.corpora), robust(arguments.run, arguments.robustness))


if __name__ == "__main__":
    main()
