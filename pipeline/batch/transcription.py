"""Transcribes recordings one after the other, each with a journal, so that an interrupted run can go on."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from pipeline.batch.journal import Journal
from pipeline.batch.plan import TranscriptFiles
from pipeline.chain import VoicePipeline
from pipeline.chain.analysis import AnalysedSegment
from pipeline.core.events import Event, Listener
from pipeline.core.results import Transcript

__all__ = ["TranscriptionBatch"]


class TranscriptionBatch:
    """Transcribes the recordings of a batch in order, and keeps track of the progress.

    Args:
        pipeline: Keeps the engines loaded; its options say what to find out.
        files: Where results and journals go; None if they are not written.
        on_event: Gets the progress; `analysis` reports each segment as soon as it is ready.
    """

    def __init__(self, pipeline: VoicePipeline, files: TranscriptFiles | None, on_event: Listener) -> None:
        self._pipeline = pipeline
        self._files = files
        self._on_event = on_event
        self.reached = 0.0
        """Seconds of the current recording that were analysed."""
        self.journal: Journal | None = None
        """Journal of the current recording."""
        self.written: list[Path] = []
        """The files that were written for the current recording."""

    def __call__(self, source: Any) -> Transcript | None:
        """Transcribe a recording; return None if its files exist already."""
        self.written, self.journal, self.reached = [], None, 0.0
        name = source if isinstance(source, str) else "-"
        if self._files and not self._files.next():
            return None
        with contextlib.ExitStack() as closing:
            if self._files:
                self.journal = self._files.journal(name, self._work())
                closing.callback(self.journal.close)
            done = [AnalysedSegment.from_dict(values) for values in self.journal.done] if self.journal else []
            kept = {heard.place for heard in done}

            def watch(event: Event) -> None:
                heard = event.artefact
                if isinstance(heard, AnalysedSegment):
                    if self.journal and heard.place not in kept:
                        self.journal.add(heard.to_dict())
                    self.reached = heard.heard_to
                self._on_event(event)

            transcript = self._pipeline.transcribe(source, name=name, done=done, on_event=watch)
            if self._files:
                self.written = self._files.write(transcript)
            if self.journal:
                self.journal.finish()
                self.journal = None
        return transcript

    def _work(self) -> dict[str, Any]:
        """Return what the segments in a journal depend on in addition to the recording."""
        options = self._pipeline.options
        work = {
            "engine": self._pipeline.transcriber.name,
            "language": options.language,
            "hint": options.hotwords,
            "decoding": self._pipeline.settings.decoding,
            "model": self._pipeline.recogniser.name if options.emotions else "",
        }
        if options.emotions and options.emotion_from != "speech":
            work["emotion_from"] = options.emotion_from
        # Left out where they are not asked for, so that older journals can go on.
        chosen = {"track": options.track, "channels": options.channels}
        return work | {name: value for name, value in chosen.items() if value not in ("", "mix")}
