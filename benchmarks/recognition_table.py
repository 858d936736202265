"""The table of emotion models in docs/results.md, from runs that were evaluated before.

    python benchmarks/recognition_table.py CLIP runs/cnn1d_ravdess runs/svm ... > table.md

A run beside which a folder of the same name with `-random` lies is shown under both protocols.
Prediction is timed on one thread with the model of fold 1, from sound to answer, as the median of processor time.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path

import common
import numpy as np

from pipeline.audio import read_audio
from pipeline.recognition.speech.conditioning import at_speed, phrases, whole
from pipeline.recognition.speech.features import FEATURES
from pipeline.training.configuration import read_settings
from pipeline.training.speech.checkpoints import finished
from pipeline.training.speech.models.settings import speeds_of
from pipeline.training.speech.robustness import fold_models


def main() -> None:
    """Print the table as Markdown."""
    parser = common.parser(__doc__)
    parser.add_argument("clip", type=Path, help="a recording of about four seconds")
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--repeats", type=int, default=20)
    arguments = parser.parse_args()
    scores = "unheard speakers: accuracy", "UAR", "macro F1", "ECE raw, calibrated", "random split: accuracy"
    columns = "model", "features", *scores, "training s", "prediction ms", "size MB"
    common.table(columns, (row(run, arguments.clip, arguments.repeats) for run in arguments.runs))


def row(run: Path, clip: Path, repeats: int) -> list[str]:
    """Return one line of the table."""
    settings = read_settings(run).model_dump()
    name = run.name.removesuffix("-random")
    folds, random = read_scores(run.with_name(name)), read_scores(run.with_name(f"{name}-random"))
    if settings["model"] == "ensemble":
        features, speed, size = "of " + ", ".join(member.name for member in settings["members"]), "", ""
    else:
        features = settings["features"]
        speeds = speeds_of(read_settings(run))
        speed, size = (f"{value:.1f}" for value in measured(run, features, speeds, clip, repeats))
    values = [settings["model"], features]
    if folds:
        low, high = folds["accuracy_interval"]
        values += [
            f"{folds['accuracy']:.1%} ± {folds['accuracy_spread']:.1%} ({low:.1%} to {high:.1%})",
            f"{folds['unweighted_average_recall']:.1%}",
            f"{folds['macro_f1']:.3f}",
            f"{folds['calibration_error']:.3f}, {folds['calibration_error_calibrated']:.3f}",
        ]
    else:
        values += ["not run"] * 4
    values.append(f"{random['accuracy']:.1%}" if random else "not run")
    seconds = (folds or random or {}).get("training_seconds", 0)
    return [*values, f"{seconds:.0f}" if seconds else "", speed, size]


def read_scores(run: Path) -> dict | None:
    """Return the scores of a run, None where it has none."""
    path = run / "scores.json"
    return json.loads(path.read_text()) if path.exists() else None


def measured(run: Path, features_name: str, speeds: Sequence[float], clip: Path, repeats: int) -> tuple[float, float]:
    """Return milliseconds per clip from sound to answer on one thread, and megabytes of the ONNX file."""
    from onnxruntime import InferenceSession, SessionOptions

    features = FEATURES.find(features_name).load()
    head = fold_models(run, 0, features, 1)[0].graph()
    content = finished(head, features_name, 1.0).SerializeToString()
    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = InferenceSession(content, options, providers=["CPUExecutionProvider"])
    audio = read_audio(clip)

    def predict() -> None:
        if features.conditioned:
            heard = max(phrases(audio), key=lambda phrase: phrase.speech)
        else:
            heard = whole(audio, levelled=False)
        for speed in speeds:
            samples = at_speed(heard.samples, speed)
            heard_as = samples if features_name == "waveform" else features(samples)
            session.run(["probabilities"], {features_name: heard_as[np.newaxis]})

    # Processor time, which other work on the machine does not lengthen.
    return common.median_milliseconds(predict, repeats, time.process_time), len(content) / 1e6


if __name__ == "__main__":
    main()
