"""The shipped emotion model on a corpus that it was not trained on, with and without knowing who speaks.

    python benchmarks/another_corpus.py ljspeech ../shared/data/ljspeech

Among the emotions that the corpus has, the most likely is the answer; among all, where people read aloud in it.
A speaker's profile is made of all of the speaker's clips, whose emotions it is not told.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import common
import numpy as np

from pipeline.audio import read_audio
from pipeline.core.emotions import EMOTIONS
from pipeline.training.corpora import CORPORA


def main() -> None:
    """Print a table of what was found."""
    parser = common.parser(__doc__)
    parser.add_argument("corpus")
    parser.add_argument(
        "data", nargs="?", type=Path, help="folder; by default that of the corpus's name in ../shared/data"
    )
    arguments = parser.parse_args()
    recogniser = common.recogniser("cnn1d")
    corpus = CORPORA.find(arguments.corpus)
    recordings = corpus.read(common.folder(arguments.data or common.DATA / corpus.name))
    emotions = set(EMOTIONS) if corpus.read_aloud else {recording.emotion for recording in recordings}
    shared = sorted(EMOTIONS.index(emotion) for emotion in emotions)
    right: dict[str, list[bool]] = defaultdict(list)
    for speaker in sorted({recording.speaker for recording in recordings}):
        own = [recording for recording in recordings if recording.speaker == speaker]
        profile = recogniser.profile(read_audio(recording.path) for recording in own)
        for recording in own:
            truth, audio = EMOTIONS.index(recording.emotion), read_audio(recording.path)
            for known, given in (("speaker unknown", None), ("speaker known", profile)):
                probabilities = np.array(recogniser.recognise(audio, speaker=given).probabilities)
                answer = shared[int(np.argmax(probabilities[shared]))]
                for group in ("all", recording.emotion, *([speaker] if len(own) > 1 else [])):
                    right[f"{known}, {group}"].append(answer == truth)
    common.table(
        ("clips", "right"), ((group, f"{np.mean(found):.1%} of {len(found)}") for group, found in right.items())
    )


if __name__ == "__main__":
    main()
