"""From a corpus of text to a checkpoint with one call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from pipeline.recognition.checkpoint import MODEL, Card
from pipeline.recognition.text.recogniser import Answers, TextRecogniser
from pipeline.recognition.text.tokens import TOKENIZER, load_tokenizer
from pipeline.training.checkpoints import today
from pipeline.training.checks import require_folders, require_learned, require_same_emotions
from pipeline.training.configuration import load_config
from pipeline.training.corpora import TEXT_CORPORA, Corpus, LabelledText
from pipeline.training.runs import Progress, begun, logged, mean_seconds, of_step, write_json
from pipeline.training.splits import split_texts
from pipeline.training.text.checkpoints import write_text_card, write_text_checkpoint
from pipeline.training.text.evaluation import (
    cross_judged,
    emotions_of,
    judged_place,
    save_model,
)
from pipeline.training.text.models import TEXT_MODELS, TextModel, targets
from pipeline.training.text.models.settings import TextSettings
from pipeline.training.text.scores import TextScores, scored_texts

__all__ = ["evaluate_text", "judged_elsewhere", "require_judgeable", "train_text"]


def evaluate_text(
    config: Path | TextSettings,
    data: Path,
    run: Path,
    *,
    corpus: str = "goemotions",
    also: Mapping[str, Path] = MappingProxyType({}),
    seeds: Sequence[int] = (0,),
    threads: int = 1,
    progress: Progress = lambda step, done, total, values: None,
) -> TextScores:
    """Score a model on texts that it was not trained on: the corpus's dev part, or fold by fold.

    Args:
        config: The settings or their file.
        data: Folder of the corpus.
        run: Folder for settings, log, models and scores; an interrupted run goes on where it stopped.
        corpus: Name of the corpus.
        also: Other corpora whose texts, without their dev parts, are trained on too: name and folder.
        seeds: Seeds; scores are means over them.
        threads: Computing threads.
        progress: Told after every epoch.

    Raises:
        SettingsError: The settings are wrong, or `run` holds results of other settings.
        UsageError: The corpus is not in `data`.
        EngineMissing: A package for training is not installed.
    """
    settings = load_config(config) if isinstance(config, Path) else config
    spec, listen = TEXT_MODELS.find(settings.model), logged(run, settings, progress)
    spec.require()
    require_folders(run=run)
    texts = TEXT_CORPORA.find(corpus).read(data)
    more = _texts_to_train_on(also)
    everything = [*texts, *more]
    labels, split = emotions_of(everything), split_texts(texts)
    places = np.append(split.places, [-1] * len(more))
    require_learned([text.emotions for text in everything], places, [text.speaker for text in everything], "text")

    def build() -> TextModel:
        return spec.create(settings, labels, threads)

    about: dict[str, Any] = {"corpus": "+".join([corpus, *also]), "clips": len(everything), "protocol": split.name}
    with begun(run, settings, **about, folds=split.folds):
        answers = [
            cross_judged(build, texts, split, len(labels), seed=seed, run=run, more=more, progress=listen)
            for seed in seeds
        ]
    judged = split.judged
    scores = scored_texts(
        [Answers(found.logits[judged], found.multi_label[judged]) for found in answers],
        targets(texts, labels)[judged],
        labels,
        seeds,
        split.protocol,
        mean_seconds(run),
    )
    write_json(run / "scores.json", scores.to_dict())
    return scores


def train_text(
    config: Path | TextSettings,
    data: Path,
    run: Path,
    output: Path | None = None,
    *,
    corpus: str = "goemotions",
    also: Mapping[str, Path] = MappingProxyType({}),
    seeds: Sequence[int] = (0,),
    threads: int = 1,
    progress: Progress = lambda step, done, total, values: None,
) -> Card:
    """Train a model and write its checkpoint, with its scores on texts that were not trained on.

    Where the corpus has a dev part, the checkpoint is the model that was judged on it;
    otherwise it is trained once more, on all texts.

    Args:
        config: The settings or their file.
        data: Folder of the corpus.
        run: Folder for settings, log, models and scores; an interrupted run goes on where it stopped.
        output: Folder of the checkpoint; `checkpoint` in the run's folder by default.
        corpus: Name of the corpus.
        also: Other corpora whose texts, without their dev parts, are trained on too: name and folder.
        seeds: Seeds of the measured trainings; the checkpoint is that of the first.
        threads: Computing threads.
        progress: Told after every epoch.

    Raises:
        SettingsError: The settings are wrong, or `run` holds results of other settings.
        UsageError: The corpus is not in `data`.
        EngineMissing: A package for training is not installed.
        OutputError: A folder cannot be written.
    """
    settings = load_config(config) if isinstance(config, Path) else config
    place = output or run / "checkpoint"
    require_folders(output=place)
    scores = evaluate_text(
        settings, data, run, corpus=corpus, also=also, seeds=seeds, threads=threads, progress=progress
    )
    texts, more = TEXT_CORPORA.find(corpus).read(data), _texts_to_train_on(also)
    labels, split = emotions_of([*texts, *more]), split_texts(texts)
    folder = judged_place(run, seeds[0], 0)
    if split.name != "dev":
        folder = run / "whole"
        if not (folder / MODEL).exists():
            model = TEXT_MODELS.find(settings.model).create(settings, labels, threads)
            listen = of_step(logged(run, settings, progress), "all texts")
            model.fit([*texts, *more], seed=seeds[0], progress=listen)
            save_model(folder, model)
    import onnx

    graph = onnx.load(folder / MODEL)
    trained = len(more) + (int((~split.judged).sum()) if split.name == "dev" else len(texts))
    sources = [TEXT_CORPORA.find(name) for name in (corpus, *also)]
    card = card_of(settings, sources, trained, labels, scores, seeds[0])
    both_kinds = "spoken" in {entry.name for entry in graph.graph.output}
    if both_kinds:
        # Only a card that knows of the second head lets it answer, and it must before its own scores are known.
        card = replace(card, spoken=_calibration(scores))
    card = write_text_checkpoint(place, graph, load_tokenizer(folder / TOKENIZER), card)
    if not also:
        return card
    # Their dev parts are judged by what was written, as it will be served.
    others = {name: judged_elsewhere(place, name, also[name], threads=threads) for name in also}
    if both_kinds:
        judged = zip(sources, (scores, *others.values()), strict=True)
        kinds = {source.spoken: found for source, found in reversed(list(judged))}
        written = kinds[False]
        card = replace(
            card,
            temperature=round(written.temperature, 4),
            unsure_below=written.unsure_below,
            spoken=_calibration(kinds[True]),
        )
    card = replace(
        card, scores=card.scores | {"other_corpora": {name: each.to_dict() for name, each in others.items()}}
    )
    write_text_card(place, card)
    return card


def card_of(
    settings: TextSettings,
    sources: Sequence[Corpus[LabelledText]],
    trained: int,
    labels: tuple[str, ...],
    scores: TextScores,
    seed: int,
) -> Card:
    """Return the card of a model with what was measured of it.

    Args:
        settings: How it was built and trained.
        sources: The corpora that it was trained on, the one that it was judged on first.
        trained: Texts that it was trained on.
        labels: Its emotions.
        scores: What it reached.
        seed: Seed of its training.
    """
    values = settings.model_dump(mode="json")
    licences = {f"texts ({source.name})": source.licence for source in sources}
    licences |= {f"weights, for {source.name}": source.weights for source in sources}
    if settings.model == "bert" and not values["base"]:
        licences = {"base": "all-MiniLM-L6-v2 (sentence-transformers, Microsoft's MiniLM), Apache 2.0"} | licences
    known = [source.languages for source in sources]
    languages = sorted({code for codes in known for code in codes}) if all(known) else ()
    return Card(
        modality="text",
        name=settings.model,
        labels=labels,
        languages=tuple(values.get("languages", languages)),
        settings=values,
        data={
            "corpora": [source.name for source in sources],
            "texts": trained,
            "citation": " ".join(source.citation for source in sources if source.citation),
        },
        seed=seed,
        scores=scores.to_dict(),
        temperature=round(scores.temperature, 4),
        thresholds=scores.thresholds,
        calibrated=True,
        unsure_below=scores.unsure_below,
        licences=licences,
        created=today(),
    )


def _calibration(scores: TextScores) -> dict[str, float]:
    """Return what is to be known of how sure a head is."""
    return {"temperature": round(scores.temperature, 4), "unsure_below": scores.unsure_below}


def judged_elsewhere(checkpoint: Path, corpus: str, data: Path, *, threads: int = 1) -> TextScores:
    """Score a checkpoint on another corpus than that which its scores are of: its dev part where it has one.

    Temperature and thresholds are fitted anew, crosswise, on the judged texts.

    Raises:
        WeightsMissing: The folder holds no checkpoint of text.
        UsageError: The corpus is not in `data`, or has an emotion that the model does not know.
    """
    recogniser = TextRecogniser(checkpoint, threads=threads)
    source = TEXT_CORPORA.find(corpus)
    texts = source.read(data)
    dev = tuple(text for text in texts if text.part == "dev")
    texts, part = (dev, "the dev part of ") if dev else (texts, "")
    known = set(recogniser.card.labels)
    texts = tuple(text for text in texts if known.issuperset(text.emotions))
    return scored_texts(
        [recogniser.answers([text.text for text in texts], spoken=source.spoken)],
        targets(texts, recogniser.card.labels),
        recogniser.card.labels,
        (recogniser.card.seed,),
        f"trained on {' and '.join(recogniser.card.data['corpora'])}, judged on {part}{corpus}",
    )


def require_judgeable(corpus: str, data: Path, also: Mapping[str, Path], other: str, folder: Path) -> None:
    """Check that a model of some corpora can be judged on another.

    Args:
        corpus: Name of the corpus that it is trained on.
        data: Its folder.
        also: Other corpora that it is trained on.
        other: Name of the corpus that it is judged on.
        folder: Its folder.

    Raises:
        UnknownName: There is no such corpus.
        UsageError: A corpus is not in its folder, or no emotion is in both.
    """
    judged = TEXT_CORPORA.find(other).read(folder)
    require_same_emotions([*TEXT_CORPORA.find(corpus).read(data), *_texts_to_train_on(also)], judged, other)


def _texts_to_train_on(also: Mapping[str, Path]) -> list[LabelledText]:
    """Return the texts of other corpora without their dev parts."""
    texts = (text for name, folder in also.items() for text in TEXT_CORPORA.find(name).read(folder))
    return [text for text in texts if text.part != "dev"]
