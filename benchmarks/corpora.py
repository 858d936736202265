"""What the emotion model is worth on corpora that it never heard, and what knowing the speakers by themselves adds.

    python benchmarks/corpora.py runs/cnn1d      # after the training of configs/cnn1d.yaml

Each corpus was left out in turn. Some of a speaker's clips are drawn, of all emotions or of few, and each is judged
alone and knowing the others that were drawn.
"""

from __future__ import annotations

from pathlib import Path

import common
import numpy as np

from pipeline.recognition.calibration import softmax
from pipeline.recognition.speech import speaker
from pipeline.training.corpora.recordings import numbers_of
from pipeline.training.speech.known_speakers import DRAWS, drawn
from pipeline.training.speech.left_out import abroad

REPEATS = 20


def main() -> None:
    """Print both tables."""
    parser = common.parser(__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--shrinkage", default="", help="clips, several with commas; that of the product by default")
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


if __name__ == "__main__":
    main()
