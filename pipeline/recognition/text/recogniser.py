"""Emotion in words: a checkpoint on ONNX Runtime."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import UsageError
from pipeline.core.onnx_sessions import open_graph
from pipeline.core.paths import bundled
from pipeline.core.values import EmotionScores
from pipeline.frontend.sentences import sentence_spans
from pipeline.recognition.calibration import softmax
from pipeline.recognition.checkpoint import MODEL, read_card
from pipeline.recognition.text.denials import in_other_words, over
from pipeline.recognition.text.tokens import TOKENIZER, cut, load_tokens, readable, spelled

__all__ = ["Answers", "Reading", "TextRecogniser", "create"]

_LATIN: Final = frozenset("en de fr es it pt nl sv da no fi pl cs tr id vi".split())
"""Languages that are written in Latin letters."""

_WORDED: Final = re.compile(r"""[^\s.,;:!?…"'()\[\]{}“”‘’«»–—。！？，；：、「」『』（）｡؟۔।-]""")
"""A letter, a digit or a picture: anything but spaces and marks."""


@dataclass(frozen=True)
class Reading:
    """A text and its emotion."""

    text: str
    """The text."""
    scores: EmotionScores
    """Probability of each emotion to be the one that fits best."""
    emotions: tuple[str, ...]
    """The emotions that are present, the most likely first: none, one or more."""
    sentences: tuple[Reading, ...] = ()
    """Its sentences, each judged on its own; none if it is a single sentence."""

    def to_dict(self) -> dict[str, Any]:
        """Return the form that `read --json` prints."""
        scores = self.scores.to_dict()
        names = ("emotion", "confidence", "unsure", "probabilities", "dimensions")
        values = {"text": self.text} | {name: scores[name] for name in names}
        values |= {"emotions": list(self.emotions)} | {name: scores[name] for name in ("warnings", "model", "notes")}
        if self.sentences:
            values["sentences"] = [
                {"text": part.text} | {name: part.scores.to_dict()[name] for name in (*names, "notes")}
                for part in self.sentences
            ]
        return values


@dataclass(frozen=True)
class Answers:
    """The raw outputs of a model for some texts."""

    logits: NDArray[np.float32]
    """(texts, labels): a softmax over them gives the probability of each emotion to fit best."""
    multi_label: NDArray[np.float32]
    """(texts, labels): a sigmoid of each gives the probability that the emotion is present."""


@dataclass(frozen=True)
class _Kind:
    """Written or spoken: which head of the model answers, and how it is calibrated."""

    output: str
    """Name of the output of the graph."""
    temperature: float
    """Divisor of the logits."""
    unsure_below: float
    """Confidence below which an answer is marked `unsure`, in [0, 1]."""


class TextRecogniser:
    """Recognises the emotion of words.

    A text that fits into the model is judged as a whole;
    a longer one sentence by sentence, weighted by the number of tokens.
    An English text that denies the emotion that the model hears in it is read again in other words, and a note says so.

    Args:
        folder: A checkpoint, as `detect.py train` writes it for a text model.
        threads: Computing threads; 0 leaves the choice to ONNX Runtime.

    Raises:
        WeightsMissing: The folder holds no checkpoint of text.
        EngineMissing: Its tokenizer is not BERT's, and `tokenizers` is not installed.
    """

    def __init__(self, folder: Path, *, threads: int = 0) -> None:
        self.card = read_card(folder, "text")
        self.name = self.card.name
        self._cut = load_tokens(folder / TOKENIZER)
        self._longest = int(self.card.settings["longest"])
        self._session = open_graph(folder / MODEL, threads=threads)

    def recognise(self, text: str, *, spoken: bool = False) -> EmotionScores:
        """Return the probability of every emotion that the model knows.

        Args:
            text: Any Unicode text.
            spoken: Whether it is speech; a model without a head for spoken texts treats both kinds alike.

        Raises:
            UsageError: The text contains nothing to judge.
        """
        return self._judged(readable(text), self._kind(spoken)).scores

    def read(self, text: str, *, spoken: bool = False) -> Reading:
        """Return the emotion of a text and of each of its sentences.

        Args:
            text: Any Unicode text.
            spoken: As in `recognise`.

        Raises:
            UsageError: The text contains nothing to judge.
        """
        text = readable(text)
        parts = self._parts(text)
        kind = self._kind(spoken)
        if len(parts) < 2:
            return self._judged(text, kind)
        each = tuple(self._judged(part, kind) for part in parts)
        whole = self._judged(text, kind) if self._fits(text) else self._joined(text, each, kind)
        return Reading(whole.text, whole.scores, whole.emotions, each)

    def answers(self, texts: Iterable[str], *, spoken: bool = False) -> Answers:
        """Return the raw outputs for texts as they are written, each cut off where it no longer fits into the model.

        Used by training.
        """
        kind = self._kind(spoken)
        found = [self._run((self._tokens(readable(text)) or [0])[: self._longest], kind) for text in texts]
        logits, multi_label = (np.concatenate(part) for part in zip(*found, strict=True))
        return Answers(logits, multi_label)

    def _kind(self, spoken: bool) -> _Kind:
        if spoken and self.card.spoken:
            return _Kind("spoken", self.card.spoken["temperature"], self.card.spoken["unsure_below"])
        return _Kind("logits", self.card.temperature, self.card.unsure_below)

    def _judged(self, text: str, kind: _Kind) -> Reading:
        """Judge a text as a whole if it fits into the model, otherwise in parts."""
        tokens = self._tokens(text)
        if len(tokens) <= self._cut.added:
            raise UsageError("There is no text to read.", hint="Give words.")
        if len(tokens) > self._longest:
            return self._joined(text, tuple(self._judged(part, kind) for part in self._parts(text)), kind)
        (logits,), (multi_label,) = self._run(tokens, kind)
        notes: tuple[str, ...] = ()
        other, denials = in_other_words(text) if "en" in self.card.languages else (text, ())
        heard = self.card.labels[int(np.argmax(logits))]
        if any(denial.contradicts(heard) for denial in denials) and len(again := self._tokens(other)) <= self._longest:
            (logits,), (multi_label,) = self._run(again, kind)
            notes = tuple(dict.fromkeys(denial.note for denial in denials))
            if self.card.labels[int(np.argmax(logits))] == heard:
                notes = (*notes, f"What else the text says is {heard} all the same.")
        elif gone := over(text, heard) if "en" in self.card.languages else "":
            notes = (f"“{gone}” is about a mood that is over, or less than it was: the answer is not certain.",)
            kind = replace(kind, unsure_below=1.0)
        return self._reading(text, softmax(logits, kind.temperature), 1 / (1 + np.exp(-multi_label)), kind, notes)

    def _joined(self, text: str, parts: Sequence[Reading], kind: _Kind) -> Reading:
        weights = np.array([len(self._tokens(part.text)) for part in parts], np.float64)
        probabilities = weights @ np.array([part.scores.probabilities for part in parts]) / weights.sum()
        emotions = {emotion for part in parts for emotion in part.emotions}
        multi_label = [float(label in emotions) for label in self.card.labels]
        notes = tuple(dict.fromkeys(note for part in parts for note in part.scores.notes))
        return self._reading(text, probabilities, np.array(multi_label), kind, notes)

    def _reading(
        self,
        text: str,
        probabilities: NDArray[np.float64],
        multi_label: NDArray[np.floating],
        kind: _Kind,
        notes: tuple[str, ...],
    ) -> Reading:
        labels, thresholds = self.card.labels, self.card.thresholds
        least = [max(thresholds.get(label, 0.5), 1e-9) for label in labels]
        present = multi_label >= np.array(least, multi_label.dtype)
        warnings = self._warnings(text)
        scores = EmotionScores(
            labels=labels,
            probabilities=tuple(probabilities.tolist()),
            model=self.name,
            calibrated=self.card.calibrated,
            # The accuracy of such answers was never measured.
            unsure_below=1.0 if warnings else kind.unsure_below,
            warnings=warnings,
            notes=notes,
        )
        emotions = tuple(labels[number] for number in np.argsort(-probabilities, kind="stable") if present[number])
        return Reading(text, scores, emotions)

    def _parts(self, text: str) -> list[str]:
        """Return sentences, or pieces of them, that fit into the model and are not empty."""
        found = (piece for part in _sentences(text) for piece in cut(part, self._cut, self._longest))
        return [piece for piece in found if len(self._tokens(piece)) > self._cut.added]

    def _fits(self, text: str) -> bool:
        return len(self._tokens(text)) <= self._longest

    def _tokens(self, text: str) -> list[int]:
        return self._cut(spelled(text))

    def _run(self, tokens: Sequence[int], kind: _Kind) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        logits, multi_label = self._session.run([kind.output, "several"], {"tokens": np.array([tokens], np.int64)})
        return logits, multi_label

    def _warnings(self, text: str) -> tuple[str, ...]:
        """Return sentences that say why the answer is not reliable, however high its confidence."""
        letters = [letter for letter in text[:2000] if letter.isalpha()]
        foreign = sum(not unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
        if self.card.languages and _LATIN.issuperset(self.card.languages) and 2 * foreign > len(letters):
            known = ", ".join(self.card.languages)
            return (f"The model reads {known}, but this text uses another script: --text-model takes another model.",)
        return ()


def _sentences(text: str) -> list[str]:
    """Return the sentences of a text; marks that stand alone belong to the one before them."""
    spans: list[tuple[int, int]] = []
    for start, end in sentence_spans(text):
        if spans and not _WORDED.search(text, start, end):
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    pieces = (text[start:end].strip() for start, end in spans)
    return [piece for piece in pieces if piece]


def create(*, threads: int = 0) -> TextRecogniser:
    """Load the shipped checkpoint.

    Raises:
        WeightsMissing: This installation lacks the checkpoint.
    """
    return TextRecogniser(bundled("checkpoints", "text"), threads=threads)
