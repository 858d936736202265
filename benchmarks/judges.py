"""Judges of acting: models that tell which emotion is heard, the speaker's own neutral voice being known.

    python benchmarks/judges.py --cache runs/judges

trains them and prints how they judge natural speech of speakers whom they never heard. `acting.py` asks them about
synthetic speech. None of them is shipped, and none serves in `detect.py`.

Training: RAVDESS (20 actors) and one woman of TESS (YAF, 40 clips of each emotion); the other woman (OAF) is kept for
the test. Seven answers: neutral speech is what the others are compared with. The judges hear natural speech alone.
What a judge hears has no level (active speech at -23 dBFS), no silence at the ends, and the same faint noise.
Reference: the mean of the speaker's neutral clips is subtracted from the features, which are then divided by the
deviation over the training clips and clamped at 5.

| judge | hears | kind | role |
|---|---|---|---|
| emobase | openSMILE emobase, 988 functionals | support vectors, radial kernel | final |
| moonshine | mean and deviation of the layers of Moonshine's encoder | logistic regression | final |
| egemaps | openSMILE eGeMAPSv02, 88 functionals | logistic regression | tuning |
| is09 | openSMILE IS09, 384 functionals | discriminant, shrunk covariance | tuning |
| melspectrum | log-mel spectrogram, 64 bands | convolution network, mean of three seeds | tuning |
| whisper | mean and deviation of lower layers of Whisper's encoder | logistic regression | tuning |

The tuning judges are the ears of `pipeline.training.acting.ears`, before which acting is rehearsed.
The final ones are for the figures alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import common
import numpy as np

from pipeline.core.emotions import EMOTIONS
from pipeline.core.values import Audio
from pipeline.recognition.speech.features.moonshine import MoonshineLayers
from pipeline.training.acting.ears import (
    ACTED,
    EARS,
    Clips,
    Ear,
    Features,
    Judge,
    compared,
    described,
    functionals,
    heard,
    layers,
    logistic,
)
from pipeline.training.corpora import Recording
from pipeline.training.libraries import load_sklearn
from pipeline.training.splits import speaker_folds

__all__ = ["ACTED", "FINAL", "TUNING", "Judge", "features", "heard", "recordings", "trained"]

TESS_CLIPS = 40
"""Of each woman and emotion: as many as RAVDESS has of two actors and more."""
HEARD, UNHEARD = "tess-yaf", "tess-oaf"


@cache
def _moonshine() -> MoonshineLayers:
    return MoonshineLayers()


def _states(audio: Audio) -> Features:
    return layers(_moonshine()(np.ascontiguousarray(audio.samples, np.float32)))


def _support_vectors() -> Any:
    return load_sklearn("svm").SVC(C=3.0, decision_function_shape="ovr", class_weight="balanced")


ALL = {
    "emobase": Ear("emobase", functionals("emobase"), _support_vectors),
    "moonshine": Ear("moonshine", _states, partial(logistic, 0.001)),
    **EARS,
}
FINAL = ("emobase", "moonshine")
TUNING = tuple(EARS)


def features(judge: str, audio: Audio) -> Features:
    """Return what a judge hears of a clip that went through `heard`."""
    return ALL[judge].features(audio)


def recordings(ravdess: Path, tess: Path) -> list[Recording]:
    """Return the clips that the judges are trained and tested on."""
    chosen = list(common.recordings("ravdess", ravdess))
    women = common.recordings("tess", tess)
    for speaker in (HEARD, UNHEARD):
        for emotion in EMOTIONS:
            own = [clip for clip in women if (clip.speaker, clip.emotion) == (speaker, emotion)]
            order = np.random.default_rng(0).permutation(len(own))[:TESS_CLIPS]
            chosen += [own[place] for place in sorted(order)]
    return chosen


def corpus(name: str, clips: Sequence[Recording], folder: Path) -> Clips:
    """Return the acted clips as a judge hears them; features are computed once for all judges and kept in a folder."""
    missing = [ear for ear in ALL.values() if not (folder / f"{ear.name}.npy").exists()]
    if missing:
        folder.mkdir(parents=True, exist_ok=True)
        for ear, values in zip(missing, described(clips, missing), strict=True):
            np.save(folder / f"{ear.name}.npy", values)
    return compared(ALL[name], clips, np.load(folder / f"{name}.npy"))


def trained(name: str, clips: Sequence[Recording], folder: Path) -> Judge:
    """Return a judge that has heard all of RAVDESS and one woman of TESS."""
    everything = corpus(name, clips, folder)
    return everything.judged(ALL[name], everything.speakers != UNHEARD)


def natural_scores(name: str, clips: Sequence[Recording], folder: Path) -> tuple[float, float]:
    """Return the share of right answers on unheard speakers: RAVDESS in five folds, and the other woman of TESS."""
    everything = corpus(name, clips, folder)
    speakers, unheard = everything.speakers, everything.speakers == UNHEARD
    acted = np.char.startswith(speakers, "ravdess")
    folds = np.full(len(speakers), -1)
    folds[acted] = speaker_folds(speakers[acted].tolist(), 5)
    right = 0.0
    for fold in range(5):
        test = folds == fold
        judge = everything.judged(ALL[name], ~test & ~unheard)
        right += judge.accuracy(everything.relative[test], everything.labels[test]) * test.sum()
    judge = everything.judged(ALL[name], ~unheard)
    return right / acted.sum(), judge.accuracy(everything.relative[unheard], everything.labels[unheard])


def main() -> None:
    parser = common.parser(__doc__)
    common.add_data(parser, "ravdess", "tess")
    parser.add_argument("--cache", type=Path, default=Path("runs/judges"), help="where features are kept")
    parser.add_argument("--judges", nargs="+", default=[*FINAL, *TUNING], choices=[*FINAL, *TUNING], metavar="JUDGE")
    arguments = parser.parse_args()
    clips = recordings(arguments.ravdess, arguments.tess)
    print("Right answers on speakers never heard, seven emotions (TESS: six), chance 0.14\n")

    def row(name: str) -> tuple[str, ...]:
        return name, *(f"{share:.3f}" for share in natural_scores(name, clips, arguments.cache))

    common.table(("judge", "RAVDESS, five folds", "TESS OAF"), map(row, arguments.judges))


if __name__ == "__main__":
    main()
