"""Corpora of emotional speech and of texts: each is an entry of the catalogue, read from its own layout."""

from __future__ import annotations

from pipeline.training.corpora.catalogue import CORPORA, TEXT_CORPORA, Corpus
from pipeline.training.corpora.duplicates import duplicates
from pipeline.training.corpora.labels import LABELS, emotion_of
from pipeline.training.corpora.recordings import Recording
from pipeline.training.corpora.texts import LabelledText

__all__ = [
    "CORPORA",
    "LABELS",
    "TEXT_CORPORA",
    "Corpus",
    "LabelledText",
    "Recording",
    "duplicates",
    "emotion_of",
]
