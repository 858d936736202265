"""The corpora that can be read: `catalogue.yaml` says what they are, where they come from, what their licences mean."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict

from pipeline.core.catalogue import Catalogue
from pipeline.training.corpora.recordings import FileNames, Recording, read_names
from pipeline.training.corpora.texts import LabelledText

__all__ = ["CORPORA", "TEXT_CORPORA", "Corpus"]

Item = TypeVar("Item", Recording, LabelledText)

_ENTRIES: Final = yaml.safe_load(Path(__file__).with_name("catalogue.yaml").read_text(encoding="utf-8"))


class Corpus(BaseModel, Generic[Item]):
    """What is known about a corpus without reading it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    """What a person types."""
    reader: str = ""
    """`module:function` in this package, a function of the folder that returns what is in it in a fixed order."""
    files: FileNames | None = None
    """What the names of the files tell, where no reader is needed."""
    labels: Mapping[str, str] = {}
    """From the corpus's own label to one of the eight emotions; empty for what has no place among them."""
    title: str
    """What it is, in one line."""
    languages: tuple[str, ...] = ()
    """ISO 639-1 codes; empty where it depends on what is in it."""
    licence: str
    """Licence of the recordings or texts."""
    weights: str
    """What the licence means for weights trained on them."""
    source: str = ""
    """Where a person gets it."""
    citation: str = ""
    """The paper to cite."""
    unpack: str = ""
    """What to do with what was downloaded, and which folder to give."""
    speakers: int = 0
    """Speakers of a complete copy; 0 where it depends on the recordings, or does not matter."""
    clips: int = 0
    """Recordings that are read from a complete copy; 0 where it depends on the recordings."""
    modality: str = "speech"
    """Whether it holds recordings (`speech`) or texts (`text`)."""
    read_aloud: bool = False
    """Of speech: whether people read in it and play no emotion. It can stand beside another corpus, and be judged."""
    spoken: bool = False
    """Of text: whether somebody said the texts."""

    def read(self, folder: Path) -> tuple[Item, ...]:
        """Read the corpus.

        Raises:
            UsageError: The folder is missing or holds nothing of this corpus.
        """
        found: tuple[Any, ...]
        if self.files:
            return read_names(folder, self.name, self.files, self.labels)  # type: ignore[return-value]
        module, function = self.reader.split(":")
        found = getattr(importlib.import_module(f"pipeline.training.corpora.{module}"), function)(folder)
        if self.modality == "speech":
            return found
        return tuple(dataclasses.replace(text, corpus=self.name, spoken=self.spoken) for text in found)


CORPORA: Final[Catalogue[Corpus[Recording]]] = Catalogue(
    "There is no corpus", *(Corpus[Recording](**entry) for entry in _ENTRIES["speech"])
)
"""The corpora of speech."""

TEXT_CORPORA: Final[Catalogue[Corpus[LabelledText]]] = Catalogue(
    "There is no corpus of text", *(Corpus[LabelledText](modality="text", **entry) for entry in _ENTRIES["text"])
)
"""The corpora of text."""
