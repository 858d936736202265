"""Corpora of emotional speech and of texts: each file one corpus, read from its own layout."""

from __future__ import annotations

from pipeline.training.corpora.catalogue import CORPORA, Corpus, find_corpus
from pipeline.training.corpora.duplicates import duplicates
from pipeline.training.corpora.labels import LABELS, emotion_of
from pipeline.training.corpora.ravdess import read_ravdess
from pipeline.training.corpora.recordings import Recording
from pipeline.training.corpora.text_catalogue import TEXT_CORPORA, TextCorpus, find_text_corpus
from pipeline.training.corpora.text_labels import TEXT_LABELS
from pipeline.training.corpora.texts import LabelledText

__all__ = [
    "CORPORA",
    "LABELS",
    "TEXT_CORPORA",
    "TEXT_LABELS",
    "Corpus",
    "LabelledText",
    "Recording",
    "TextCorpus",
    "duplicates",
    "emotion_of",
    "find_corpus",
    "find_text_corpus",
    "read_ravdess",
]
