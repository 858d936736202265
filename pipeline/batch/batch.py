"""A batch: recordings go to workers, and a journal beside the output remembers what became of each."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, Final

from pipeline.audio.writing import parse_sounds
from pipeline.batch.items import Job, Outcome, Piece, Recording, WorkItem
from pipeline.batch.journal import JOURNAL, Entry, Journal, content_digest
from pipeline.batch.kept import kept, read_kept
from pipeline.batch.manner import Manner
from pipeline.batch.plan import STANDARD_INPUT
from pipeline.batch.speakers import knowing_speakers
from pipeline.batch.storage import fingerprint
from pipeline.batch.stored_journal import journal_in
from pipeline.batch.work import files_of
from pipeline.batch.workers import Workers, workers_for
from pipeline.chain import VoicePipeline
from pipeline.chain.analysis import AnalysedSegment
from pipeline.core.errors import ResayError, UsageError
from pipeline.core.files import is_uri
from pipeline.core.options import BatchOptions
from pipeline.core.results import Recognition

__all__ = ["Batch"]

_NUMBER: Final = re.compile("[1-9][0-9]{0,17}")
"""The place of a conversion."""

_AHEAD: Final = 64
"""Recordings that may be finished before an earlier one when results are wanted in order; they wait in memory."""


class Batch:
    """Does one job to many recordings.

    With a journal no finished work is lost, nothing is done twice, and no number is used twice, whenever the process
    is killed: the same batch goes on where it was.

    Args:
        pipeline: Keeps the engines loaded, or tells other processes which to load.
        job: What is done.
        options: Keywords of the method that does it.
        output: Folder or URI of the files and of the journal; None for neither.
        formats: Endings of the files of text.
        restart: Whether what the journal says of these recordings, done in this manner, is forgotten.
        how: Who does the work.
        workers: Somebody else who does it.
        in_order: Whether outcomes come in the order of the recordings; otherwise as they come.
        resume: Whether a recording whose files of text are all there counts as done, whoever wrote them.
        once: Whether a recording that comes again unchanged is left out, as when a folder is watched.
        standard_input: The stream that `-` stands for.
        on_piece: Gets each segment of a transcript as soon as it is there.

    Raises:
        UsageError: Another batch is at work in the folder, or the workers cannot do what is asked.
        OutputError: The journal cannot be read or written.
    """

    def __init__(
        self,
        pipeline: VoicePipeline,
        job: Job,
        options: dict[str, Any],
        *,
        output: Path | None = None,
        formats: tuple[str, ...] = (),
        restart: bool = False,
        how: BatchOptions | None = None,
        workers: Workers | None = None,
        in_order: bool = True,
        resume: bool = False,
        once: bool = False,
        standard_input: BinaryIO | None = None,
        on_piece: Callable[[WorkItem, AnalysedSegment], None] | None = None,
    ) -> None:
        self._pipeline = pipeline
        self._job: Job = job
        self._options = options
        self._formats = formats
        self._in_order = in_order
        self._resume = resume
        self._once = once
        self._on_piece = on_piece
        self._manner = Manner(pipeline, job, formats)
        self._workers = workers or workers_for(pipeline, job, how or BatchOptions(), standard_input=standard_input)
        self._items: dict[int, WorkItem] = {}
        self._seen: Counter[str] = Counter()
        self._names: dict[str, set[str]] = {}
        self._speakers: dict[int, str] = {}
        self.done = 0
        """Recordings that have a result."""
        self.journal = journal_in(output) if output else None
        """What remembers the work; None if nothing does. It is open until `close`."""
        self._owned: set[int] = set()
        self._written: list[int] = []
        self._spare: list[int] = []
        self._largest = 0
        self._taken: set[str] | None = None
        self._forgotten: set[str] = set(self.journal.entries) if self.journal and restart else set()
        if self.journal:
            self._tidy(self.journal)

    def __enter__(self) -> Batch:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give up what is claimed, and close the journal; the same batch can go on later."""
        if self.journal:
            self.journal.seal()
            # All of them, also one that was taken when somebody interrupted the batch.
            for number in self.journal.claimed():
                self.journal.place.release(number)
            self._owned.clear()
            self._written.clear()
            self.journal.close()

    def key(self, recording: Recording) -> str:
        """Return what identifies a recording with its options, and what would work on it.

        Raises:
            UnreadableAudio: The recording cannot be read.
        """
        path = Path(recording.source)
        # What can be read only once, such as standard input, goes by its name.
        if recording.source == STANDARD_INPUT or (path.exists() and not path.is_file()):
            content = recording.source
        else:
            content = fingerprint(recording.source) if is_uri(recording.source) else content_digest(path)
        return hashlib.sha256(f"{content} {self._manner(self._options | recording.options)}".encode()).hexdigest()

    @contextmanager
    def closed_after_errors(self) -> Iterator[None]:
        """Close the batch if a block that prepares it fails."""
        try:
            yield
        except BaseException:
            self.close()
            raise

    def require_free(self, recordings: Iterable[Recording]) -> None:
        """Refuse to begin where a transcript would replace a file that this batch has not written.

        Raises:
            UsageError: A file exists already, or its recording was begun with other options.
        """
        if not self.journal:
            return
        places: dict[str, list[tuple[str, Entry]]] = {}
        for key, entry in self.journal.entries.items():
            places.setdefault(entry.place, []).append((key, entry))
        for recording in recordings:
            files = [self.journal.place.path(f"{recording.stem}.{name}") for name in self._formats]
            there = list(filter(self.journal.place.exists, files))
            known = places.get(recording.stem, [])
            if not there and not any(entry.pieces for _, entry in known):
                continue
            is_ours = any(key.startswith(self.key(recording)) for key, _ in known)
            if there and not is_ours:
                raise UsageError(
                    f"{there[0]} exists already.",
                    hint="Give another --output, --overwrite to replace it, or --resume to leave it as it is.",
                )
            if not is_ours:
                raise UsageError(
                    f"{recording.source} was begun with other options, as {self.journal.path} says.",
                    hint="Give the same options to go on, or --restart to begin anew.",
                )

    def run(self, recordings: Iterable[Recording | None]) -> Iterator[Outcome]:
        """Work on recordings, and yield what became of each.

        Args:
            recordings: Taken only when somebody is free to work on them; None means that there is nothing at the
                moment.

        Raises:
            UsageError: What is asked for is wrong: no recording could be worked on.
            EngineMissing: An engine is not ready: no recording could be worked on.
            OutputError: No result can be written: the next recording would fail as well.
        """
        outcomes = self._run(recordings)
        if self._options.get("speaker_embedding"):
            return knowing_speakers(outcomes, self._pipeline.engines.recogniser)
        return outcomes

    def _run(self, recordings: Iterable[Recording | None]) -> Iterator[Outcome]:
        """Yield what became of each recording, judged alone."""
        held: dict[int, Outcome] = {}
        following = 0

        def feed() -> Iterator[WorkItem | Outcome | None]:
            for planned in self._plan(recordings):
                while self._in_order and len(held) >= _AHEAD:
                    yield None
                yield planned

        for worked in self._workers.run(feed(), self._tell):
            self._settle(worked)
            outcome = replace(worked, speaker=self._speakers.pop(worked.index, ""))
            if not self._in_order:
                yield outcome
                continue
            held[outcome.index] = outcome
            while following in held:
                yield held.pop(following)
                following += 1

    def _plan(self, recordings: Iterable[Recording | None]) -> Iterator[WorkItem | Outcome | None]:
        """Yield what is to be done, and the outcomes of what needs no work."""
        index = 0
        for recording in recordings:
            if recording is None:
                yield None
                continue
            planned = self._planned(index, recording)
            if planned is not None:
                index += 1
                yield planned

    def _planned(self, index: int, recording: Recording) -> WorkItem | Outcome | None:
        name = recording.source
        if recording.speaker:
            self._speakers[index] = recording.speaker
        output = self.journal.place.path(recording.stem) if self.journal and recording.stem else ""
        options = self._options | recording.options
        item = WorkItem(index, self._job, name, name, options=options, output=output, formats=self._formats)
        if not self.journal:
            return item
        try:
            key = self.key(recording)
        except ResayError as error:
            return Outcome(index, name, error=error)
        if self._once and self._came_before(name, key):
            return None
        # Recordings of one content and manner are told apart by their order.
        self._seen[key] += 1
        key = f"{key}-{self._seen[key]}"
        entry = self.journal.entries.get(key)
        if entry and self._job == "convert" and not _NUMBER.fullmatch(entry.place):
            entry = None
        if key in self._forgotten:
            self._forgotten.discard(key)
            if entry and self._job == "convert":
                self._give_up(int(entry.place))
            entry = None
        elif entry is None and self._resume and output and all(map(self.journal.place.exists, files_of(item))):
            return Outcome(index, name, files=files_of(item), resumed=True)
        if entry is None or (self._job == "transcribe" and not self._once and entry.place != recording.stem):
            entry = self.journal.start(key, name, self._free_place(recording))
        item = self._of(item, key, entry)
        if known := self._before(item, entry):
            if not entry.done:
                self.journal.finish(key)
            return known
        if self._job == "convert" and int(entry.place) not in self._owned:
            place = str(self._claim(int(entry.place)))
            if place != entry.place or entry.done:
                entry = self.journal.start(key, name, place)
            item = self._of(item, key, entry)
        elif entry.done:
            entry = self.journal.start(key, name, entry.place)
        self._items[index] = item
        return item

    def _came_before(self, name: str, key: str) -> bool:
        """Return whether a recording has come before: under this name, or under one that it no longer has."""
        names = self._names.setdefault(key, set())
        gone = {each for each in names if not Path(each).exists()}
        is_known = name in names or bool(gone)
        names -= gone
        names.add(name)
        return is_known

    def _of(self, item: WorkItem, key: str, entry: Entry) -> WorkItem:
        """Return an item with the place that its entry gives it."""
        assert self.journal is not None  # noqa: S101 - there are entries
        output, options = item.output, item.options
        if self._job == "convert":
            sound = str(self._pipeline.options.changed(**self._manner.asked(options)).sound)
            output = self.journal.place.path(f"{entry.place}.{parse_sounds(sound)[0]}")
            options = options | {"sound": sound}
        elif entry.place:
            output = self.journal.place.path(entry.place)
        return WorkItem(
            item.index, item.job, item.source, item.name, key, options, output, item.formats, tuple(entry.pieces)
        )

    def _free_place(self, recording: Recording) -> str:
        """Return the place of a recording that has none: a number that is claimed, or its name."""
        assert self.journal is not None  # noqa: S101 - there are places
        if self._job != "convert":
            return self._free_name(recording.stem) if self._once and recording.stem else recording.stem
        # A number that was claimed just before a kill is the next one all the same.
        return str(self._spare.pop() if self._spare else self._claim(self._largest + 1))

    def _free_name(self, stem: str) -> str:
        """Return a name that no other recording has: nobody looked at those that arrive before."""
        assert self.journal is not None  # noqa: S101 - there are names
        if self._taken is None:
            self._taken = {entry.place.casefold() for entry in self.journal.entries.values()}
        name, number = stem, 2
        while name.casefold() in self._taken or any(
            self.journal.place.exists(self.journal.place.path(f"{name}.{ending}")) for ending in self._formats
        ):
            name, number = f"{stem}-{number}", number + 1
        self._taken.add(name.casefold())
        return name

    def _claim(self, least: int) -> int:
        assert self.journal is not None  # noqa: S101 - there are numbers
        number = self.journal.place.claim(least)
        self._owned.add(number)
        self._largest = max(self._largest, number)
        return number

    def _before(self, item: WorkItem, entry: Entry) -> Outcome | None:
        """Return the outcome of an item that an earlier run completed; None if it has to be done."""
        assert self.journal is not None  # noqa: S101 - there are entries
        if item.job == "convert":
            # Complete files of a number that is ours are the result, noted or not.
            ours = entry.done or int(entry.place) in self._owned
            conversion = self.journal.place.conversion(item) if ours else None
            if conversion is None:
                return None
            self._let_go(item)
            return Outcome(item.index, item.name, conversion, files=files_of(item), resumed=True)
        if not entry.done:
            return None
        if item.job == "recognise":
            if not entry.result:
                return None
            return Outcome(item.index, item.name, read_kept(entry.result, item.name), resumed=True)
        if not all(map(self.journal.place.exists, files_of(item))):
            return None
        return Outcome(item.index, item.name, files=files_of(item), resumed=True)

    def _settle(self, outcome: Outcome) -> None:
        """Note what became of an item."""
        self.done += outcome.error is None
        item = self._items.pop(outcome.index, None)
        if item is None or self.journal is None:
            return
        if outcome.error:
            self.journal.fail(item.key, outcome.error.to_dict())
        else:
            result = kept(outcome.result) if isinstance(outcome.result, Recognition) else None
            self.journal.finish(item.key, result)
        # A claim outlives the line that ends its work until another line follows: a crash may tear the last one.
        for number in self._written:
            self.journal.place.release(number)
        self._written.clear()
        self._let_go(item)

    def _let_go(self, item: WorkItem) -> None:
        """Give up the claim of a number that has its result, or has none."""
        if item.job == "convert" and (number := int(Path(item.output).stem)) in self._owned:
            self._owned.discard(number)
            self._written.append(number)

    def _give_up(self, number: int) -> None:
        if self.journal:
            self.journal.place.release(number)
            self._owned.discard(number)

    def _tell(self, item: WorkItem, piece: Piece) -> None:
        is_known = piece.pop("known", False)
        if self.journal and item.key and not is_known:
            self.journal.keep(item.key, piece)
        if self._on_piece:
            self._on_piece(item, AnalysedSegment.from_dict(piece))

    def _tidy(self, journal: Journal) -> None:
        """Take over what a batch that was killed has left in the folder."""
        entries = journal.entries.values()
        self._owned = journal.claimed()
        journal.place.tidy(["claim", Path(JOURNAL).stem, *(entry.place for entry in entries if not entry.done)])
        done = {int(entry.place) for entry in entries if entry.done and _NUMBER.fullmatch(entry.place)}
        for number in self._owned & done:
            journal.place.release(number)
        self._owned = self._owned - done
        taken = {int(entry.place) for entry in entries if _NUMBER.fullmatch(entry.place)}
        self._spare = sorted(self._owned - taken, reverse=True)
        self._largest = max(taken | self._owned, default=0)
