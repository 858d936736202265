"""Transcribe recordings one after the other, each with a journal, so that an interrupted one goes on."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from pipeline.batch.journal import Journal
from pipeline.batch.plan import TranscriptFiles
from pipeline.chain import VoicePipeline
from pipeline.chain.analysis import HeardSegment
from pipeline.core.events import Event, Listener
from pipeline.core.results import Transcript

__all__ = ["TranscriptionBatch"]


class TranscriptionBatch:
    """Transcribes the recordings of a batch in order, and knows how far it has come.

    Args:
        pipeline: Keeps the engines loaded; its settings say what to find out.
        files: Where results and journals go; None if they are not written.
        on_event: Gets what goes on; `analysis` tells each segment as soon as it is understood.
    """

    def __init__(self, pipeline: VoicePipeline, files: TranscriptFiles | None, on_event: Listener) -> None:
        self._pipeline = pipeline
        self._files = files
        self._on_event = on_event
        self.reached = 0.0
        """Seconds of the last recording that were heard."""
        self.journal: Journal | None = None
        """Keeps what was heard of the last recording."""
        self.written: list[Path] = []
        """The files of the last recording."""

    def __call__(self, source: Any) -> Transcript | None:
        """Return what was said in a recording; None if its files are there already."""
        self.written, self.journal, self.reached = [], None, 0.0
        name = source if isinstance(source, str) else "-"
        if self._files and not self._files.next():
            return None
        with contextlib.ExitStack() as closing:
            if self._files:
                self.journal = self._files.journal(name, self._work())
                closing.callback(self.journal.close)
            done = [HeardSegment.from_dict(values) for values in self.journal.done] if self.journal else []
            kept = {(heard.heard_from, heard.heard_to) for heard in done}

            def watch(event: Event) -> None:
                heard = event.artefact
                if isinstance(heard, HeardSegment):
                    if self.journal and (heard.heard_from, heard.heard_to) not in kept:
                        self.journal.add(heard.to_dict())
                    self.reached = heard.heard_to
                self._on_event(event)

            transcript = self._pipeline.transcribe(source, name=name, done=done, on_event=watch)
            if self._files:
                self.written = self._files.write(transcript)
            if self.journal:
                self.journal.finish()
        return transcript

    def _work(self) -> dict[str, Any]:
        """Return what the segments of a journal depend on besides the recording."""
        options = self._pipeline.options
        return {
            "engine": self._pipeline.transcriber.name,
            "language": options.language,
            "hint": options.hotwords,
            "decoding": self._pipeline.settings.decoding,
            "model": self._pipeline.recogniser.name if options.emotions else "",
            "emotion_from": options.emotion_from if options.emotions else "",
        }
