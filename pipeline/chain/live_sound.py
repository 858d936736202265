"""Sound as it comes: a recording that is played as if it were spoken, and what came while nobody looked."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import numpy as np

from pipeline.audio import SAMPLE_RATE
from pipeline.chain.recordings import Source, read_in_parts
from pipeline.core.options import CallOptions
from pipeline.core.values import Samples

__all__ = ["gathered", "played"]

_BLOCK: Final = 0.05
"""Seconds of a block: that of a microphone."""

_FAST_BLOCK: Final = 0.5
"""Seconds of a block where nobody waits for the next; set by hand, less than what makes a new hypothesis."""

_LOOK: Final = 0.1
"""Seconds after which a wait for sound looks whether it should end."""


def played(
    source: Source, options: CallOptions, *, fast: bool = False, notes: list[str] | None = None
) -> Iterator[Samples]:
    """Yield a recording block by block, each when it would have been heard.

    Args:
        source: The recording.
        options: As `chain.recordings.read_in_parts`.
        fast: Whether to yield the next block at once.
        notes: As `chain.recordings.read_in_parts`.

    Yields:
        float32 (time,) in [-1, 1] at 16 kHz, mono.

    Raises:
        UnreadableAudio: The recording cannot be read.
    """
    size = round((_FAST_BLOCK if fast else _BLOCK) * SAMPLE_RATE)
    began, given = time.monotonic(), 0
    for channels in read_in_parts(source, options, notes=notes):
        samples = channels[0].samples
        for start in range(0, len(samples), size):
            block = samples[start : start + size]
            given += len(block)
            if not fast:
                time.sleep(max(0.0, began + given / SAMPLE_RATE - time.monotonic()))
            yield block


def gathered(
    blocks: Iterable[Samples], stop: threading.Event, on_block: Callable[[Samples], None] | None = None
) -> Iterator[Samples]:
    """Yield sound as it comes, each time all that came since the last: whoever is slow gets more at once.

    Args:
        blocks: Sound of a microphone or `played`; a thread takes it.
        stop: Ends it, after what has come.
        on_block: Gets each block at once, in that thread.

    Raises:
        ResayError: The sound ended with it.
    """
    waiting: queue.SimpleQueue[Samples | Exception | None] = queue.SimpleQueue()

    def take() -> None:
        end: Exception | None = None
        try:
            for block in blocks:
                if stop.is_set():
                    break
                if on_block:
                    on_block(block)
                waiting.put(block)
        except Exception as error:
            end = error
        waiting.put(end)

    thread = threading.Thread(target=take, name="resay-sound", daemon=True)
    thread.start()
    while True:
        came: list[Samples] = []
        end: Exception | None = None
        ended = False
        try:
            part = waiting.get(timeout=_LOOK)
            while True:
                if part is None or isinstance(part, Exception):
                    ended, end = True, part
                    break
                came.append(part)
                part = waiting.get_nowait()
        except queue.Empty:
            pass
        if came:
            yield np.concatenate(came)
        if end:
            raise end
        if ended or (stop.is_set() and not came):
            return
