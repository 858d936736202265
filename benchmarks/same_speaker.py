"""What knowing the speaker is worth: the default model, folds by speaker, profiles from draws of a speaker's clips.

    python benchmarks/same_speaker.py ../shared/data/ravdess runs/cnn1d --folds 0,1,2,3,4     # after an evaluation

The model of each fold, which never heard its speakers, is made into a checkpoint and serves as it would a user.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from pathlib import Path

import common
import numpy as np

from pipeline.audio import read_audio
from pipeline.core.emotions import EMOTIONS
from pipeline.recognition.checkpoint import Card
from pipeline.recognition.speech.conditioning import phrases
from pipeline.recognition.speech.features import FEATURES
from pipeline.recognition.speech.recogniser import SpeechRecogniser
from pipeline.training.configuration import read_settings
from pipeline.training.speech.checkpoints import finished, write_checkpoint
from pipeline.training.speech.robustness import fold_models
from pipeline.training.speech.speaker_graph import personalise

DRAWS = {
    "1 clip": 1,
    "3 clips": 3,
    "10 clips": 10,
    "half of the clips of one emotion": 1,
    "half of the clips of two emotions": 2,
    "all clips": 0,
}


def checkpoint(folder: Path, settings, model, recordings) -> SpeechRecogniser:
    """Return the recogniser that a user would load, of a model that was trained on recordings."""
    features = FEATURES.find(settings.features)
    data = {"clips": 0, "speakers": 0, "corpora": [], "citation": ""}
    values = settings.model_dump(mode="json")
    card = Card(
        name="cnn1d",
        labels=EMOTIONS,
        features=features.name,
        settings=values,
        data=data,
        seed=0,
        scores={},
        temperature=1.0,
        calibrated=False,
        unsure_below=0.0,
        licences={},
        created="",
    )
    write_checkpoint(folder, finished(model.graph(), features.name, 1.0), card)
    personalise(folder, recordings, threads=1)
    return SpeechRecogniser(folder, threads=1)


def main() -> None:
    parser = common.parser(__doc__)
    parser.add_argument("data", type=common.folder, help="folder of RAVDESS")
    parser.add_argument("run", type=Path)
    parser.add_argument("--folds", default="0,1,2,3,4")
    arguments = parser.parse_args()
    settings = read_settings(arguments.run)
    recordings = common.recordings("ravdess", arguments.data)
    speakers = sorted({recording.speaker for recording in recordings})
    random = np.random.default_rng(0)
    right: dict[tuple[str, str], list[bool]] = defaultdict(list)
    models = fold_models(arguments.run, 0, FEATURES.find(settings.features).load(), 5)
    for fold in map(int, arguments.folds.split(",")):
        held = speakers[fold::5]
        with tempfile.TemporaryDirectory() as folder:
            train = [recording for recording in recordings if recording.speaker not in held]
            recogniser = checkpoint(Path(folder), settings, models[fold], train)
        for speaker in held:
            own = [recording for recording in recordings if recording.speaker == speaker]
            truth = np.array([EMOTIONS.index(recording.emotion) for recording in own])
            audio = [read_audio(clip.path) for clip in own]
            heard = [max(phrases(clip), key=lambda phrase: phrase.speech).samples for clip in audio]
            unknown = np.array([recogniser.probabilities(samples).argmax() for samples in heard]) == truth
            right["nobody known", "all clips"] += unknown.tolist()
            for name, count in DRAWS.items():
                kinds = random.choice(8, count, replace=False) if name.startswith("half") else range(8)
                pool = np.flatnonzero(np.isin(truth, kinds))
                drawn = pool if name.startswith("half") or not count else random.choice(pool, count, replace=False)
                if name.startswith("half"):
                    drawn = random.choice(pool, len(pool) // 2, replace=False)
                profile = recogniser.profile(audio[index] for index in drawn)
                answers = np.array([recogniser.probabilities(samples, profile).argmax() for samples in heard])
                other = np.setdiff1d(np.arange(len(own)), drawn) if count else drawn
                right[name, "other clips"] += (answers == truth)[other].tolist()
                same = np.intersect1d(other, pool)
                if name.startswith("half"):
                    right[name, "clips of the same emotions"] += (answers == truth)[same].tolist()
                    right["nobody known", name] += unknown[same].tolist()
        print(f"fold {fold}", flush=True)
        common.table(
            ("profile of", "judged", "right"),
            ((*key, f"{np.mean(values):.1%} of {len(values)}") for key, values in right.items()),
        )


if __name__ == "__main__":
    main()
