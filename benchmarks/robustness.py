"""How much of what the shipped emotion model hears is left in noise, lines, codecs, rooms and at other levels.

    python benchmarks/robustness.py --clips 40

The model has heard these clips, so that only what is lost means something, not how many are right.
"""

from __future__ import annotations

from collections import defaultdict

import common
import numpy as np

from pipeline.audio import read_audio
from pipeline.core.values import Audio
from pipeline.training.speech.degradations import DEGRADATIONS

CORPORA = ("ravdess", "nemo", "tess")


def main() -> None:
    """Print a table of the corpora."""
    parser = common.parser(__doc__)
    parser.add_argument("--clips", type=int, default=40, help="of each corpus, evenly drawn")
    parser.add_argument("--only", default="", help="beginnings of names of what is done to them, with commas")
    arguments = parser.parse_args()
    recogniser = common.recogniser("cnn1d")
    asked = tuple(filter(None, arguments.only.split(",")))
    names = [name for name in DEGRADATIONS if not asked or name.startswith(("as it is", *asked))]
    right: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for corpus in CORPORA:
        recordings = common.recordings(corpus, common.folder(common.DATA / corpus))
        for number in np.linspace(0, len(recordings) - 1, arguments.clips).round().astype(int).tolist():
            samples = read_audio(recordings[number].path).samples
            for name in names:
                changed = DEGRADATIONS[name](samples, np.random.default_rng(number))
                right[name][corpus].append(
                    recogniser.recognise(Audio(changed, common.RATE)).top == recordings[number].emotion
                )
    clean = right[names[0]]
    common.table(
        ("sound", *CORPORA, "points lost"),
        (
            (
                name,
                *(f"{np.mean(right[name][corpus]):.1%}" for corpus in CORPORA),
                f"{100 * np.mean([np.mean(clean[each]) - np.mean(right[name][each]) for each in CORPORA]):.1f}",
            )
            for name in names
        ),
    )


if __name__ == "__main__":
    main()
