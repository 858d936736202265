"""The facade for Python, with many recordings too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pipeline import chain
from pipeline.audio import Destination, is_result
from pipeline.batch.batch import Batch
from pipeline.batch.items import Failure, Job, Outcome, Recording
from pipeline.batch.manifest import with_profiles
from pipeline.batch.plan import find_recordings
from pipeline.batch.speakers import is_judged_alone
from pipeline.batch.storage import check_output
from pipeline.core.errors import UsageError
from pipeline.core.files import is_uri
from pipeline.core.options import BatchOptions
from pipeline.core.results import Conversion, Recognition, Transcript
from pipeline.recognition.speech.speaker import SpeakerProfile

__all__ = ["Source", "VoicePipeline"]

Source = str | Path | Recording | None
"""A path, URI or glob, a recording of a manifest, or None where there is nothing at the moment."""


class VoicePipeline(chain.VoicePipeline):
    """Analyses a recording and says it again; each stage can also be called alone, and for many recordings.

    As `pipeline.chain.VoicePipeline`, which has the methods for one recording.
    """

    def convert_many(
        self,
        sources: Iterable[Source],
        emotion: str = "",
        voice: str = "",
        *,
        output: str | Path | None = None,
        speaker: SpeakerProfile | None = None,
        restart: bool = False,
        in_order: bool = True,
        workers: str | int = "",
        time_limit: float = 0.0,
        **options: Any,
    ) -> Iterator[Conversion | Failure]:
        """Convert recordings while the results are iterated over, with a journal beside them.

        The same call goes on where an earlier one was interrupted, and gives what that one has done again.
        Each recording keeps its number, and a number is used once.

        Args:
            sources: Files, folders and globs, or recordings of a manifest; taken only when somebody is free to work on
                them. Speakers that a list of recordings names have one profile each.
            emotion: As `convert`.
            voice: As `convert`.
            output: Folder of the results, or URI of one in object storage; as in the settings by default.
            speaker: As `convert`, for all recordings.
            restart: Whether what was done before is forgotten.
            in_order: Whether results come in the order of the recordings; otherwise as they come.
            workers: Processes, as the option; this process by default.
            time_limit: Seconds that one recording may take; 0 sets no limit.
            options: Fields of `CallOptions`.

        Yields:
            A conversion or a failure for each recording.

        Raises:
            UsageError: What is asked for is wrong, or another batch is writing to the folder.
            EngineMissing: An engine is not ready: no recording could be converted.
            OutputError: No result can be written: the next recording would fail as well.
        """
        given = {"emotion": emotion or None, "voice": voice or None, **options}
        folder = Path(output or self.options.output)
        self.check_conversion(emotion, voice, output=check_output(folder), **options)
        if Destination.of(folder).named:
            raise UsageError(f"{folder} is one file.", hint="Give a folder as output.")
        if speaker:
            given["speaker"] = speaker
        how = BatchOptions().changed(workers=str(workers), time_limit=time_limit)
        for outcome in self._many("convert", sources, given, how, folder, restart, in_order):
            assert outcome.result is None or isinstance(outcome.result, Conversion)  # noqa: S101 - as the job
            yield outcome.result or _failure(outcome)

    def transcribe_many(
        self,
        sources: Iterable[Source],
        *,
        in_order: bool = True,
        workers: str | int = "",
        time_limit: float = 0.0,
        **options: Any,
    ) -> Iterator[Transcript | Failure]:
        """Transcribe recordings while the results are iterated over; no files are written.

        Args:
            sources: As `convert_many`.
            in_order: As `convert_many`.
            workers: As `convert_many`.
            time_limit: As `convert_many`.
            options: As `transcribe`.

        Yields:
            A transcript or a failure for each recording.
        """
        self.check_transcription(**{name: value for name, value in options.items() if name != "speaker"})
        how = BatchOptions().changed(workers=str(workers), time_limit=time_limit)
        for outcome in self._many("transcribe", sources, options, how, None, False, in_order):
            assert outcome.result is None or isinstance(outcome.result, Transcript)  # noqa: S101 - as the job
            yield outcome.result or _failure(outcome)

    def recognise_many(
        self,
        sources: Iterable[Source],
        *,
        in_order: bool = True,
        workers: str | int = "",
        time_limit: float = 0.0,
        **options: Any,
    ) -> Iterator[Recognition | Failure]:
        """Recognise the emotion of recordings while the results are iterated over; no files are written.

        Each is judged knowing the others of its speaker, who is found by the voice; `each_alone` judges it alone.

        Args:
            sources: As `convert_many`.
            in_order: As `convert_many`.
            workers: As `convert_many`.
            time_limit: As `convert_many`.
            options: As `recognise`.

        Yields:
            A recognition or a failure for each recording.
        """
        how = BatchOptions().changed(workers=str(workers), time_limit=time_limit)
        usual = {name: getattr(self.options, name) for name in ("timeline", "each_alone")}
        together = not is_judged_alone(usual | options) and self.knows_speakers
        options = {"speaker_embedding": together} | options
        for outcome in self._many("recognise", sources, options, how, None, False, in_order):
            assert outcome.result is None or isinstance(outcome.result, Recognition)  # noqa: S101 - as the job
            yield outcome.result or _failure(outcome)

    def _many(
        self,
        job: Job,
        sources: Iterable[Source],
        options: dict[str, Any],
        how: BatchOptions,
        output: Path | None,
        restart: bool,
        in_order: bool,
    ) -> Iterator[Outcome]:
        with Batch(self, job, options, output=output, restart=restart, how=how, in_order=in_order) as batch:
            found = _recordings(sources)
            # All must be known for a speaker's profile; what comes one by one is judged as it comes.
            is_whole = isinstance(sources, Sequence) and not isinstance(sources, str)
            if is_whole and any(isinstance(source, Recording) and source.speaker for source in sources):
                found = with_profiles(self, filter(None, found))
            yield from batch.run(found)


def _recordings(sources: Iterable[Source] | Path) -> Iterator[Recording | None]:
    """Yield the recordings that sources stand for; results of Resay in a folder are left out."""
    if isinstance(sources, (str, Path)):
        sources = [sources]  # Its letters are no paths.
    for source in sources:
        if source is None or isinstance(source, Recording):
            yield source
            continue
        for path in find_recordings([source]):
            if path == str(source) or is_uri(path) or not is_result(Path(path)):
                yield Recording(path)


def _failure(outcome: Outcome) -> Failure:
    assert outcome.error is not None  # noqa: S101 - there is a result or an error
    return Failure(outcome.source, outcome.error)
