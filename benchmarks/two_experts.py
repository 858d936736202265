"""The mean of both experts of the emotion model, on speakers that neither has heard.

    python benchmarks/two_experts.py runs/cnn1d_folds runs/cnn1d_ravdess

The first run is that of `configs/cnn1d.yaml` with `--protocol folds`, in which the discriminant answers alone because
the network has heard the clips; the second that of `configs/cnn1d_ravdess.yaml`, the network by folds of its own.
"""

from __future__ import annotations

from pathlib import Path

import common
import numpy as np

from pipeline.recognition.calibration import fitted_temperature, softmax
from pipeline.recognition.speech.speaker import judged_together
from pipeline.training.configuration import read_settings
from pipeline.training.corpora import CORPORA
from pipeline.training.corpora.recordings import numbers_of
from pipeline.training.metrics import confusion, recalls
from pipeline.training.runs import read_about


def logits_of(run, corpus):
    """Return what the models of a run answered to a corpus's clips that they had not heard, by path."""
    recordings, found, _ = common.answers(run, "folds")
    return {each.path: found[0, number] for number, each in enumerate(recordings) if each.corpus == corpus}


def told(logits, labels, speakers, temperature):
    """Return in words accuracy and UAR, for unknown and for known speakers."""
    alone = softmax(logits, temperature)
    known = np.empty_like(alone)
    for speaker in np.unique(speakers):
        known[speakers == speaker] = judged_together(alone[speakers == speaker])
    words = []
    for answers in (alone.argmax(axis=1), known.argmax(axis=1)):
        found = recalls(confusion(labels, answers, logits.shape[1])[np.newaxis])
        words.append(f"{np.mean(answers == labels):.1%}, {found.mean():.1%}")
    return words


def main() -> None:
    """Print a row for each expert and for the mean of both."""
    parser = common.parser(__doc__)
    parser.add_argument("discriminant", type=Path)
    parser.add_argument("network", type=Path)
    arguments = parser.parse_args()
    corpus = read_about(arguments.network)["corpus"]
    settings = read_settings(arguments.discriminant)
    common_clips = CORPORA.find(corpus).read(common.folder(common.DATA / corpus))
    labels, speakers = numbers_of(common_clips), np.array([each.speaker for each in common_clips])
    sides = [logits_of(run, corpus) for run in (arguments.discriminant, arguments.network)]
    discriminant, network = (np.array([side[each.path] for each in common_clips]) for side in sides)
    network = network / fitted_temperature(network, labels)
    both = settings.share * discriminant + (1 - settings.share) * network
    print(f"{len(labels)} clips of {len(np.unique(speakers))} speakers of {corpus}\n")
    rows = []
    for name, logits in (("the discriminant", discriminant), ("the network", network), ("the mean of both", both)):
        rows.append((name, *told(logits, labels, speakers, fitted_temperature(logits, labels))))
    common.table(("who answers", "one clip: accuracy, UAR", "speakers known"), rows)


if __name__ == "__main__":
    main()
