"""GoEmotions: Reddit comments, each with one emotion or several.

`ekman.train.tsv` and `ekman.dev.tsv` say `text<tab>numbers of labels with commas between<tab>id`; `ekman.labels.txt`
holds the names. `original.*` beside them has the 27 finer emotions of the same comments.
Demszky et al., GoEmotions: A Dataset of Fine-Grained Emotions, ACL 2020 (arXiv:2005.00547).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipeline.core.errors import UsageError
from pipeline.core.messages import reason
from pipeline.training.corpora.labels import emotion_of
from pipeline.training.corpora.texts import LabelledText, some

__all__ = ["read_goemotions"]

_HINT = "Give the folder that holds ekman.train.tsv, ekman.dev.tsv and ekman.labels.txt."


def read_goemotions(folder: Path) -> tuple[LabelledText, ...]:
    """Read the comments of both parts, the training part first.

    Raises:
        UsageError: The folder lacks the corpus, or a line is not as the corpus writes it.
    """
    names = _lines(folder / "ekman.labels.txt")
    texts = []
    for part in ("train", "dev"):
        finer = folder / f"original.{part}.tsv"
        own = {key: numbers for _, numbers, key in _comments(finer)} if finer.is_file() else {}
        for text, numbers, key in _comments(folder / f"ekman.{part}.tsv"):
            try:
                emotions = tuple(emotion_of("goemotions", names[number]) for number in numbers)
            except IndexError as error:
                raise UsageError(f"{folder} has a comment with a label that has no name: {key}.", hint=_HINT) from error
            texts.append(LabelledText(text, emotions, part, f"goemotions-{key}", own.get(key, ()), key))
    return some(texts, folder, "comment of GoEmotions", _HINT)


def _comments(path: Path) -> Iterator[tuple[str, tuple[int, ...], str]]:
    for number, line in enumerate(_lines(path), start=1):
        try:
            text, labels, key = line.split("\t")
            yield text, tuple(map(int, labels.split(","))), key
        except ValueError as error:
            raise UsageError(
                f"Line {number} of {path} is no text, labels and key with tabs between.",
                hint=_HINT,
            ) from error


def _lines(path: Path) -> list[str]:
    try:
        # Not splitlines: comments hold signs that it takes for ends of lines.
        return [line for line in path.read_text(encoding="utf-8").split("\n") if line]
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {reason(error)}.", hint=_HINT) from error
