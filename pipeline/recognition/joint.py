"""Joint recognition: the emotion of the words, and of voice and words together."""

from __future__ import annotations

import dataclasses

from pipeline.core.errors import UsageError
from pipeline.core.results import FusedScores
from pipeline.core.values import EmotionScores
from pipeline.recognition.fusion import FusionWeights, fused
from pipeline.recognition.text.recogniser import TextRecogniser

__all__ = ["fuse", "read_words"]


def read_words(reader: TextRecogniser, text: str, language: str = "") -> EmotionScores | None:
    """Return the emotion scores of words; None if there are none, or the model does not read their language.

    Args:
        reader: The text model.
        text: What was said.
        language: ISO 639-1 code; empty if it is unknown.
    """
    known = reader.card.languages
    if not text or (language and known and language.casefold().split("-")[0] not in (*known, "auto")):
        return None
    try:
        return reader.recognise(text, spoken=True)
    except UsageError:
        return None


def fuse(reader: TextRecogniser | None, speech: EmotionScores, text: str, language: str = "") -> FusedScores:
    """Return the emotion scores of voice and words together.

    The voice alone decides if there is no text model, or its checkpoint has no fusion weights.

    Args:
        reader: The text model; None if there is none.
        speech: Scores of the voice.
        text: What was said.
        language: ISO 639-1 code of the words; empty if it is unknown.
    """
    words = read_words(reader, text, language) if reader else None
    weights = reader.card.fusion if reader and words else None
    if weights is None:
        return FusedScores(speech, speech, words, ("speech",), transcript=text)
    return dataclasses.replace(fused(speech, words, FusionWeights(**weights)), transcript=text)
