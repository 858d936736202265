"""Training a text model on some texts of a corpus and judging it on the others."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.core.emotions import EMOTIONS
from pipeline.core.errors import UsageError
from pipeline.core.files import atomic
from pipeline.recognition.checkpoint import MODEL
from pipeline.recognition.text.recogniser import Answers
from pipeline.recognition.text.tokens import TOKENIZER
from pipeline.training.corpora import LabelledText
from pipeline.training.runs import Progress
from pipeline.training.splits import speaker_folds
from pipeline.training.text.models import TextModel

__all__ = ["Parting", "cross_judged", "emotions_of", "judged_place", "parted_texts"]

_FOLDS: Final = 5


@dataclass(frozen=True)
class Parting:
    """Who is held out."""

    places: NDArray[np.int64]
    """(texts,): the fold of each; what is in fold -1 is trained on and never judged."""
    protocol: str
    """The same in words."""
    name: str
    """`dev` or `folds`."""

    @property
    def judged(self) -> NDArray[np.bool_]:
        """(texts,): whether a text is judged."""
        return np.asarray(self.places >= 0)

    @property
    def folds(self) -> int:
        """How many folds there are."""
        return int(self.places.max()) + 1


def parted_texts(texts: Sequence[LabelledText]) -> Parting:
    """Part texts as their corpus does, or else into five folds by speaker.

    Raises:
        UsageError: The texts are of one speaker alone.
    """
    dev = np.array([text.part == "dev" for text in texts])
    if dev.any() and not dev.all():
        return Parting(np.where(dev, 0, -1), "trained on the corpus's training part, judged on its dev part", "dev")
    speakers = [text.speaker for text in texts]
    folds = min(_FOLDS, len(set(speakers)))
    if folds < 2:
        raise UsageError("All texts are of one speaker, so none can be held out.", "Add texts, or a column speaker.")
    protocol = f"{folds} folds: each text judged by a model that saw no text of its speaker or session"
    return Parting(speaker_folds(speakers, folds), protocol, "folds")


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
    parting: Parting,
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
        parting: Who is held out.
        labels: Number of emotions.
        seed: Seed of all chance.
        run: Folder of the run.
        more: Texts that are trained on in every fold and never judged.
        progress: Told after every epoch.

    Returns:
        Answers on all texts; not a number where a text is never judged.
    """
    answers = Answers(*(np.full((len(texts), labels), np.nan, np.float32) for _ in range(2)))
    for fold in range(parting.folds):
        held = np.flatnonzero(parting.places == fold)
        folder = judged_place(run, seed, fold)
        kept = folder / "answers.npy"
        if not kept.exists():
            step = f"seed {seed}" + (f" fold {fold + 1}/{parting.folds}" if parting.folds > 1 else "")
            begun = time.process_time()
            model = build()
            model.fit(
                [*(texts[int(place)] for place in np.flatnonzero(parting.places != fold)), *more],
                seed=seed,
                progress=lambda epoch, values, step=step: progress(step, epoch, 0, values),  # type: ignore[misc]
            )
            seconds = time.process_time() - begun
            found = model.answers([texts[int(place)].text for place in held], spoken=texts[0].spoken)
            save_model(folder, model)
            with atomic(folder / "training.json") as temporary:
                temporary.write_text(json.dumps({"training_seconds": round(seconds, 2)}) + "\n", encoding="utf-8")
            with atomic(kept) as temporary, temporary.open("wb") as file:
                np.save(file, np.stack([found.logits, found.several]), allow_pickle=False)
        answers.logits[held], answers.several[held] = np.load(kept, allow_pickle=False)
    return answers


def save_model(folder: Path, model: TextModel) -> None:
    """Write what serves a model.

    Raises:
        OutputError: The folder cannot be written.
    """
    for name, content in (
        (MODEL, model.graph().SerializeToString()),
        (TOKENIZER, model.tokenizer().to_str().encode()),
    ):
        with atomic(folder / name) as temporary:
            temporary.write_bytes(content)
