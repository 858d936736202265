"""Recordings of any length: phrase after phrase through a recogniser, in bounded memory."""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from pipeline.audio.speech_segments import Phrase, cut_phrases
from pipeline.core.values import Audio, Segment

__all__ = ["PART_SECONDS", "HeardPhrase", "heard_phrases"]

PART_SECONDS: Final = 120.0
"""Seconds of a recording to hold at once: enough to measure its level, 8 MB, several times that while it is read."""

_AHEAD: Final = 2


@dataclass(frozen=True)
class HeardPhrase:
    """What was understood of one phrase."""

    heard_from: float
    """Where listening began, in seconds from the start of the recording."""
    heard_to: float
    """Where listening stopped."""
    segments: tuple[Segment, ...]
    """With times from the start of the recording; none where nothing was understood."""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields, ready for JSON; `from_dict` gives back an equal phrase."""
        return {
            "heard_from": self.heard_from,
            "heard_to": self.heard_to,
            "segments": [segment.to_dict() for segment in self.segments],
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> HeardPhrase:
        """Read what `to_dict` wrote."""
        segments = tuple(Segment.from_dict(segment) for segment in values["segments"])
        return cls(values["heard_from"], values["heard_to"], segments)


def heard_phrases(
    parts: Iterable[Audio],
    hear: Callable[[Audio], Iterable[Segment]],
    *,
    done: Sequence[HeardPhrase] = (),
    workers: int = 1,
) -> Iterator[HeardPhrase]:
    """Yield what was said in each phrase of a recording, in order of time.

    Every phrase is heard as a recording of its own, so that it says the same wherever it stands,
    and after an interruption as without one. Times are rounded to milliseconds.

    Args:
        parts: The recording, mono, 16 kHz, in consecutive parts of minutes.
        hear: Returns the segments of a sound, with times from its start; called from several threads.
        done: What an earlier run yielded of the same recording, from its start; it is yielded again and not heard.
        workers: Phrases to hear at once.
    """

    def work(phrase: Phrase, sound: Audio) -> HeardPhrase:
        segments = (_settled(segment, phrase.heard_from) for segment in hear(sound))
        return HeardPhrase(phrase.heard_from, phrase.heard_to, tuple(segments))

    known = {(phrase.heard_from, phrase.heard_to): phrase for phrase in done}
    threads = ThreadPoolExecutor(workers)
    waiting: deque[Future[HeardPhrase]] = deque()
    try:
        for phrase, sound in cut_phrases(parts):
            before = known.get((phrase.heard_from, phrase.heard_to))
            waiting.append(_settled_future(before) if before else threads.submit(work, phrase, sound))
            while len(waiting) > workers + _AHEAD or (waiting and waiting[0].done()):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        threads.shutdown(cancel_futures=True)


def _settled_future(phrase: HeardPhrase) -> Future[HeardPhrase]:
    future: Future[HeardPhrase] = Future()
    future.set_result(phrase)
    return future


def _settled(segment: Segment, offset: float) -> Segment:
    """Return a segment moved in time, as it will be read back from a journal."""
    moved = dataclasses.replace(
        segment,
        start=segment.start + offset,
        end=segment.end + offset,
        words=tuple(word.shifted(offset) for word in segment.words),
    )
    return Segment.from_dict(moved.to_dict())
