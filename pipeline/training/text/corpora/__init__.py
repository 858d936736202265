"""Corpora of text whose emotion people judged: each file one corpus, read from its own layout."""

from __future__ import annotations

from pipeline.training.text.corpora.catalogue import TEXT_CORPORA, TextCorpus, find_text_corpus
from pipeline.training.text.corpora.labels import TEXT_LABELS
from pipeline.training.text.corpora.texts import LabelledText

__all__ = ["TEXT_CORPORA", "TEXT_LABELS", "LabelledText", "TextCorpus", "find_text_corpus"]
