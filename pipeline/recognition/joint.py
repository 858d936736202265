"""Words beside the voice: the text model, loaded when it is first needed, and the fusion of both."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

from pipeline.core.errors import UsageError
from pipeline.core.values import EmotionScores
from pipeline.recognition.fusion import FusedScores, FusionWeights, fused
from pipeline.recognition.text.recogniser import Reading, TextRecogniser, create

__all__ = ["JointRecogniser"]


class JointRecogniser:
    """Tells the emotion of words, and of words and voice together.

    Args:
        folder: A checkpoint of text; the shipped one by default.
        threads: Computing threads; 0 leaves the choice to ONNX Runtime.
    """

    def __init__(self, folder: Path | None = None, *, threads: int = 0) -> None:
        self._folder = folder
        self._threads = threads
        self._lock = Lock()
        self._loaded: TextRecogniser | None = None

    @property
    def recogniser(self) -> TextRecogniser:
        """What reads.

        Raises:
            WeightsMissing: There is no checkpoint of text.
            EngineMissing: `tokenizers` is not installed.
        """
        with self._lock:
            if self._loaded is None:
                threads = self._threads
                self._loaded = (
                    TextRecogniser(self._folder, threads=threads) if self._folder else create(threads=threads)
                )
            return self._loaded

    def read(self, text: str, *, spoken: bool = False) -> Reading:
        """As `TextRecogniser.read`."""
        return self.recogniser.read(text, spoken=spoken)

    def words(self, text: str, language: str = "") -> EmotionScores | None:
        """Return what words say; None where there are none, or the model does not read their language.

        Args:
            text: What was said.
            language: ISO 639-1 code; empty where it is not known.

        Raises:
            EngineMissing: The text model is not on this machine.
        """
        known = self.recogniser.card.languages
        if language and known and language.casefold().split("-")[0] not in (*known, "auto"):
            return None
        try:
            return self.recogniser.recognise(text, spoken=True)
        except UsageError:
            return None

    def fused(self, speech: EmotionScores, words: EmotionScores | None) -> FusedScores:
        """Return voice and words together; the voice alone decides where the checkpoint has no weights for both.

        Raises:
            EngineMissing: The text model is not on this machine.
        """
        weights = self.recogniser.card.fusion if words else None
        if weights is None:
            return FusedScores(speech, speech, words, ("speech",))
        return fused(speech, words, FusionWeights(**weights))
