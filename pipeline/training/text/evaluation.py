"""Training a text model on some texts of a corpus and judging it on the others."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from pipeline.core.emotions import EMOTIONS
from pipeline.core.files import named_if_damaged
from pipeline.recognition.checkpoint import MODEL
from pipeline.recognition.text.recogniser import Answers
from pipeline.recognition.text.tokens import TOKENIZER
from pipeline.training.corpora import LabelledText
from pipeline.training.runs import Progress, of_step, write_array, write_files, write_json
from pipeline.training.splits import Split
from pipeline.training.text.models import TextModel

__all__ = ["cross_judged", "emotions_of", "judged_place"]


def emotions_of(texts: Sequence[LabelledText]) -> tuple[str, ...]:
    """Return the emotions that texts have, in the order of `EMOTIONS`."""
    found = {emotion for text in texts for emotion in text.emotions}
    return tuple(emotion for emotion in EMOTIONS if emotion in found)


def judged_place(run: Path, seed: int, fold: int) -> Path:
    """Return the folder where a run keeps one model (`model.onnx`, `tokenizer.json`) and its answers."""
    return run / "folds" / f"seed-{seed}-fold-{fold}"


def cross_judged(
    build: Callable[[], TextModel],
    texts: Sequence[LabelledText],
    split: Split,
    labels: int,
    *,
    seed: int,
    run: Path,
    more: Sequence[LabelledText] = (),
    progress: Progress = lambda step, done, total, values: None,
) -> Answers:
    """Train once per fold and return what the models say of the texts that they were not trained on.

    A fold that the run's folder already holds is not trained again.

    Args:
        build: Returns an untrained model.
        texts: All texts.
        split: Who is held out.
        labels: Number of emotions.
        seed: Seed of all chance.
        run: Folder of the run.
        more: Texts that are trained on in every fold and never judged.
        progress: Told after every epoch.

    Returns:
        Answers on all texts; not a number where a text is never judged.
    """
    answers = Answers(*(np.full((len(texts), labels), np.nan, np.float32) for _ in range(2)))
    for fold in range(split.folds):
        held = np.flatnonzero(split.places == fold)
        folder = judged_place(run, seed, fold)
        kept = folder / "answers.npy"
        if not kept.exists():
            step = f"seed {seed}" + (f" fold {fold + 1}/{split.folds}" if split.folds > 1 else "")
            begun = time.process_time()
            model = build()
            model.fit(
                [*(texts[int(place)] for place in np.flatnonzero(split.places != fold)), *more],
                seed=seed,
                progress=of_step(progress, step),
            )
            seconds = time.process_time() - begun
            found = model.answers([texts[int(place)].text for place in held], spoken=texts[0].spoken)
            save_model(folder, model)
            write_json(folder / "training.json", {"training_seconds": round(seconds, 2)})
            write_array(kept, np.stack([found.logits, found.multi_label]))
        with named_if_damaged(kept):
            answers.logits[held], answers.multi_label[held] = np.load(kept, allow_pickle=False)
    return answers


def save_model(folder: Path, model: TextModel) -> None:
    """Write what serves a model.

    Raises:
        OutputError: The folder cannot be written.
    """
    tokenizer = model.tokenizer().to_str().encode()
    write_files(folder, {MODEL: model.graph().SerializeToString(), TOKENIZER: tokenizer})
