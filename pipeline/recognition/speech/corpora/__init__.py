"""Corpora of emotional speech: what each recording is, read from the corpus's own file naming."""

from __future__ import annotations

from pipeline.recognition.speech.corpora.ravdess import read_ravdess
from pipeline.recognition.speech.corpora.recordings import CORPORA, Corpus, Recording, find_corpus

__all__ = ["CORPORA", "Corpus", "Recording", "find_corpus", "read_ravdess"]
