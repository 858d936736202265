"""The corpora of text that can be read: what they are, where they come from, and what their licences mean."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pipeline.core.errors import UnknownName
from pipeline.training.corpora.texts import LabelledText

__all__ = ["TEXT_CORPORA", "TextCorpus", "find_text_corpus"]


@dataclass(frozen=True)
class TextCorpus:
    """What is known about a corpus without reading it."""

    name: str
    """What a person types."""
    reader: str
    """`module:function` in this package, a function of the folder that returns its texts in a fixed order."""
    title: str
    """What it is, in one line."""
    language: str
    """ISO 639-1 code; empty where it depends on the texts."""
    licence: str
    """Licence of the texts."""
    weights: str
    """What the licence means for weights trained on the texts."""
    source: str
    """Where a person gets it."""
    citation: str
    """The paper to cite."""
    spoken: bool = False
    """Whether its texts are what somebody said."""

    def read(self, folder: Path) -> tuple[LabelledText, ...]:
        """Read the corpus.

        Raises:
            UsageError: The folder is missing or holds no text of this corpus.
        """
        module, function = self.reader.split(":")
        read: Callable[[Path], tuple[LabelledText, ...]] = getattr(
            importlib.import_module(f"pipeline.training.corpora.{module}"), function
        )
        return tuple(replace(text, corpus=self.name, spoken=self.spoken) for text in read(folder))


TEXT_CORPORA: Final = (
    TextCorpus(
        name="goemotions",
        reader="goemotions:read_goemotions",
        title="Reddit comments, 27 emotions and Ekman's six, one or several each",
        language="en",
        licence="Apache 2.0",
        weights="Weights may be used for any purpose, with the licence and the authors named.",
        source="https://github.com/google-research/google-research/tree/master/goemotions",
        citation="D. Demszky et al., GoEmotions: A Dataset of Fine-Grained Emotions, ACL 2020.",
    ),
    TextCorpus(
        name="meld",
        reader="meld:read_meld",
        title="lines of a television series, seven emotions, in dialogues",
        language="en",
        licence="GPL-3.0 (the repository); the lines belong to the series",
        weights=(
            "What the licence means for weights is open: use them for research and for yourself, and ask its owners "
            "before you sell them."
        ),
        source="https://github.com/declare-lab/MELD",
        citation=(
            "S. Poria et al., MELD: A Multimodal Multi-Party Dataset for Emotion Recognition in Conversations, "
            "ACL 2019."
        ),
        spoken=True,
    ),
    TextCorpus(
        name="iemocap",
        reader="iemocap_texts:read_iemocap_texts",
        title="transcripts of actors' dialogues in five sessions, four emotions",
        language="en",
        licence="agreement with the University of Southern California, for research",
        weights="Ask its owners before you pass on or sell weights that were trained on it.",
        source="https://sail.usc.edu/iemocap/",
        citation=(
            "C. Busso et al., IEMOCAP: Interactive emotional dyadic motion capture database, "
            "Language Resources and Evaluation 42: 335-359, 2008."
        ),
        spoken=True,
    ),
    TextCorpus(
        name="csv",
        reader="table:read_table",
        title="a table of your own with the columns text and emotion",
        language="",
        licence="yours",
        weights="As the licence of your texts says.",
        source="CSV or TSV; also the columns speaker and part (train, dev)",
        citation="",
    ),
)
"""All corpora of text."""


def find_text_corpus(name: str) -> TextCorpus:
    """Return the corpus of a name.

    Raises:
        UnknownName: There is none; the message lists the choices.
    """
    for corpus in TEXT_CORPORA:
        if corpus.name == name.casefold():
            return corpus
    names = ", ".join(corpus.name for corpus in TEXT_CORPORA)
    raise UnknownName(f"There is no corpus of text '{name}'.", hint=f"Choose one of {names}.")
