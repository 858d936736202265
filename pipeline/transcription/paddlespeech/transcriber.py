"""PaddleSpeech as a transcriber: segments go to the worker, and its texts get word times."""

from __future__ import annotations

import logging
import re
from typing import Any, Final

from pipeline.audio.loudness import normalised
from pipeline.audio.speech_segments import SpeechSegment
from pipeline.core.errors import EngineFailed, EngineMissing, SettingsError, WeightsMissing
from pipeline.core.paths import expanded
from pipeline.core.temporary import TemporaryFolder
from pipeline.core.values import Audio, Segment
from pipeline.frontend.characters import HAN
from pipeline.frontend.english.spoken_words import spoken_words
from pipeline.transcription.alignment import aligner
from pipeline.transcription.paddlespeech.models import MODELS, archive_of, choose_model, loading
from pipeline.transcription.paddlespeech.process import Refused, Worker
from pipeline.weights import installed, location

__all__ = ["DECODINGS", "PaddleSpeechTranscriber", "create", "wanting"]

logger = logging.getLogger(__name__)

DECODINGS: Final = ("attention_rescoring", "attention", "ctc_prefix_beam_search", "ctc_greedy_search")
"""Decoding methods, from the most accurate to the fastest."""

_PUNCTUATION: Final = "paddlespeech-punctuation"
_HAN: Final = re.compile(f"[{HAN}]")


def create(
    *, threads: int = 0, device: str = "auto", language: str = "", variant: str = "", decoding: str = DECODINGS[0]
) -> PaddleSpeechTranscriber:
    """Load PaddleSpeech.

    Args:
        threads: CPU threads; 0 leaves the choice to Paddle.
        device: `cpu`, `cuda`, or `auto` for the better of the two.
        language: `en`, `zh`, or `zh-en` for both in one sentence.
        variant: One of PaddleSpeech's models, or a folder in the layout in which it releases them.
        decoding: One of `DECODINGS`.

    Raises:
        UnknownName: There is no such model, or it does not support the language.
        WeightsMissing: The weights are not on this machine, or cannot be loaded.
        EngineMissing: A package is missing.
        SettingsError: There is no such decoding method.
    """
    if decoding not in DECODINGS:
        raise SettingsError(f"PaddleSpeech cannot decode by '{decoding}'.", hint=f"Choose {', '.join(DECODINGS)}.")
    name, place, languages = _chosen(variant, language)
    request = {"do": "load", "decoding": decoding, "device": device, "punctuation": ""} | place
    if languages == ("zh",) and installed(_PUNCTUATION):
        request["punctuation"] = str(location(_PUNCTUATION))
    elif languages == ("zh",):
        logger.warning(
            "The text has no punctuation; to get it, install paddlenlp and run detect.py models pull %s.",
            _PUNCTUATION,
        )
    return PaddleSpeechTranscriber(f"paddlespeech:{name}", request, languages, threads)


def _chosen(variant: str, language: str) -> tuple[str, dict[str, Any], tuple[str, ...]]:
    """Return the name of a model, where it is, and its languages."""
    if variant and variant not in {model.name for model in MODELS}:
        return variant, {"folder": str(expanded(variant).resolve())}, (language.casefold() or "en",)
    model = choose_model(variant, language)
    return model.name, loading(model), model.languages


def wanting(variant: str = "") -> str:
    """Return why no model can be loaded, or an empty text; a given model or folder is checked when it is loaded.

    Loading also knows the language, and reports a model that does not support it before its weights are pulled.
    """
    if variant or any(installed(model.weights) or archive_of(model).is_file() for model in MODELS):
        return ""
    names = " or ".join(model.weights for model in MODELS)
    return f"its weights are not there: run detect.py models pull {names}"


class PaddleSpeechTranscriber:
    """Transcribes English or Mandarin in a process of its own; threads may share it, and are served one at a time.

    Args:
        name: Name of the engine.
        request: The `load` request to the worker, as `executor.Executor` describes it.
        languages: ISO 639-1 codes of the languages of the model.
        threads: CPU threads; 0 leaves the choice to Paddle.

    Raises:
        WeightsMissing: The model cannot be loaded.
        EngineMissing: A package is missing.
        EngineFailed: The process crashed.
    """

    def __init__(self, name: str, request: dict[str, Any], languages: tuple[str, ...], threads: int = 0) -> None:
        self.name = name
        self._languages = languages
        # When it is imported it creates folders in its home, and it writes a log to its working folder.
        self._scratch = TemporaryFolder()
        environment = {} if "registered" in request else {"PPSPEECH_HOME": str(self._scratch.path)}
        if threads:
            environment |= {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}
        self._worker = Worker(request, environment=environment, folder=str(self._scratch.path))
        try:
            loaded = self._worker.start()
        except Refused as refusal:
            if refusal.kind in {"ImportError", "ModuleNotFoundError"}:
                raise EngineMissing(
                    f"PaddleSpeech cannot be loaded: {refusal}.", hint="Run pip install '.[paddlespeech]'."
                ) from refusal
            raise WeightsMissing(
                f"The model of {name} cannot be loaded: {refusal}.",
                hint="detect.py models lists those that can be had.",
            ) from refusal
        for note in loaded["notes"]:
            logger.warning("%s", note)

    def transcribe(self, segment: SpeechSegment, *, hotwords: str = "") -> Segment | None:
        """Return what was said, from the first word to the last; None if no words were recognised.

        English words are aligned with the sound;
        Chinese ones are spread over the speech of the segment.

        Args:
            segment: At most 30 s, mono, 16 kHz.
            hotwords: Ignored, because this engine cannot use them.

        Raises:
            EngineFailed: The process crashed or could not transcribe the segment; the next segment starts it again.
        """
        text = self._transcribed(segment.audio) if segment.is_speech else ""
        if not spoken_words(text):
            return None
        aligned = aligner().align(segment.audio, text, segment.activity).words
        words = tuple(word.shifted(segment.heard_from) for word in aligned)
        return Segment(words[0].start, words[-1].end, text, words, language=self._language_of(text))

    def close(self) -> None:
        """End the process and free its memory; the next recording starts it again."""
        self._worker.close()

    def _transcribed(self, audio: Audio) -> str:
        try:
            return str(self._worker.ask({"do": "hear"}, normalised(audio).samples)["text"])
        except Refused as refusal:
            raise EngineFailed(f"PaddleSpeech could not read {audio.duration:.1f} s: {refusal}.") from refusal

    def _language_of(self, text: str) -> str:
        if len(self._languages) == 1:
            return self._languages[0]
        return "zh" if _HAN.search(text) else "en"
