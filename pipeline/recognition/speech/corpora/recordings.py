"""One recording of a corpus, and the table of corpora."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline.core.errors import UnknownName

__all__ = ["CORPORA", "Corpus", "Recording", "find_corpus"]


@dataclass(frozen=True)
class Recording:
    """One labelled clip."""

    path: Path
    """The sound file."""
    speaker: str
    """Who speaks, unique over all corpora: `ravdess-05`."""
    sex: str
    """`female`, `male` or empty where the corpus does not say."""
    emotion: str
    """One of the eight emotions of `pipeline.core.emotions`."""
    intensity: str
    """`normal`, `strong` or empty where the corpus does not say."""
    sentence: str
    """What is said, as far as the corpus tells."""
    corpus: str
    """Name of the corpus."""


@dataclass(frozen=True)
class Corpus:
    """What is known about a corpus without reading it."""

    name: str
    """What a person types."""
    reader: str
    """`module:function`, a function of the folder that returns its recordings in a fixed order."""
    licence: str
    """Licence of the recordings."""
    weights: str
    """What the licence means for weights trained on the recordings."""
    source: str
    """Where a person gets it."""
    citation: str
    """The paper to cite."""

    def read(self, folder: Path) -> tuple[Recording, ...]:
        """Read the corpus.

        Raises:
            UsageError: The folder is missing or holds no recording of this corpus.
        """
        module, function = self.reader.split(":")
        read: Callable[[Path], tuple[Recording, ...]] = getattr(importlib.import_module(module), function)
        return read(folder)


CORPORA: Final = (
    Corpus(
        name="ravdess",
        reader="pipeline.recognition.speech.corpora.ravdess:read_ravdess",
        licence="CC BY-NC-SA 4.0",
        weights=(
            "Weights trained on it should be treated as its licence treats the recordings: "
            "for non-commercial use, with the authors named, passed on under the same terms. "
            "For commercial use train on recordings that allow it, with the same command."
        ),
        source="https://zenodo.org/records/1188976",
        citation=(
            "S. R. Livingstone and F. A. Russo, The Ryerson Audio-Visual Database of Emotional Speech and Song, "
            "PLoS ONE 13(5): e0196391, 2018."
        ),
    ),
)
"""The corpora that can be read."""


def find_corpus(name: str) -> Corpus:
    """Return the corpus of a name.

    Raises:
        UnknownName: There is none; the message lists the choices.
    """
    for corpus in CORPORA:
        if corpus.name == name.casefold():
            return corpus
    raise UnknownName(
        f"There is no corpus '{name}'.", hint=f"Choose one of {', '.join(corpus.name for corpus in CORPORA)}."
    )
