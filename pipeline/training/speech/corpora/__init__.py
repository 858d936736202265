"""Corpora of emotional speech: what each recording is, read from the corpus's own file naming."""

from __future__ import annotations

from pipeline.training.speech.corpora.catalogue import CORPORA, Corpus, find_corpus
from pipeline.training.speech.corpora.duplicates import duplicates
from pipeline.training.speech.corpora.labels import LABELS, emotion_of
from pipeline.training.speech.corpora.ravdess import read_ravdess
from pipeline.training.speech.corpora.recordings import Recording

__all__ = ["CORPORA", "LABELS", "Corpus", "Recording", "duplicates", "emotion_of", "find_corpus", "read_ravdess"]
