"""The manner of a batch: all that a result depends on beside the content of its recording."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from pipeline.batch.items import Job
from pipeline.batch.journal import content_digest
from pipeline.chain import VoicePipeline
from pipeline.core.options import AnalysisOptions, RenderingOptions, VerificationOptions
from pipeline.recognition.speech.speaker import SpeakerProfile

__all__ = ["Manner"]

_ENGINES: Final[dict[Job, tuple[str, ...]]] = {
    "convert": ("model", "asr", "tts", "text_model", "diariser", "judge"),
    "transcribe": ("asr", "model", "text_model", "diariser"),
    "recognise": ("model", "asr", "text_model"),
}
"""Job to the settings of the engines that its results depend on."""

_NO_MATTER: Final = ("output", "overwrite")
"""Options that change where a result goes, not what it is."""


class Manner:
    """Tells how recordings are worked on.

    Args:
        pipeline: Works on them.
        job: What is done.
        formats: Endings of the files of text.
    """

    def __init__(self, pipeline: VoicePipeline, job: Job, formats: tuple[str, ...]) -> None:
        self._pipeline = pipeline
        self._job: Job = job
        self._formats = formats
        self._versions: dict[str, str] | None = None
        self._digest = functools.cache(content_digest)

    def __call__(self, given: Mapping[str, Any]) -> str:
        """Return a text that differs where results may differ.

        Args:
            given: Keywords of the method that does the job.
        """
        asked = self._pipeline.options.changed(**self.asked(given))
        if self._versions is None:
            self._versions = self._pipeline.engines.versions(
                *_ENGINES[self._job], language=asked.language, spoken_language=asked.spoken_language
            )
        classes = (AnalysisOptions, RenderingOptions, VerificationOptions)
        fields = {name for options in classes for name in options.model_fields}
        if self._job != "convert":
            fields = set(AnalysisOptions.model_fields)
        values: dict[str, Any] = {
            "job": self._job,
            "version": _version(),
            "engines": self._versions,
            "options": {name: str(getattr(asked, name)) for name in sorted(fields - set(_NO_MATTER))},
            "more": {name: str(given[name]) for name in ("words", "text", "explain") if given.get(name)},
            "formats": list(self._formats),
            "decoding": self._pipeline.settings.decoding,
            "acting": self._pipeline.settings.acting,
        }
        if isinstance(speaker := given.get("speaker"), SpeakerProfile):
            values["speaker"] = hashlib.sha256(speaker.offset.tobytes()).hexdigest()
        if asked.emotion_recording:
            values["emotion_recording"] = self._digest(asked.emotion_recording)
        return json.dumps(values, sort_keys=True)

    def asked(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return those keywords that are options of a call."""
        others = ("speaker", "words", "text", "explain", "speaker_embedding")
        return {name: None if value == "" else value for name, value in given.items() if name not in others}


def _version() -> str:
    from pipeline import __version__

    return __version__
