"""Events: what goes on in a call, and how long it took."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline.core.events import Event, Events


def test_a_stage_that_comes_again_adds_to_its_time() -> None:
    events = Events()
    for _ in range(2):
        with events.stage("audio"):
            time.sleep(0.02)
    with events.stage("words"):
        pass
    assert list(events.timings) == ["audio", "words"]
    assert 0.04 <= events.timings["audio"] <= events.total
    assert events.timings["words"] < 0.02


def test_a_stage_within_another_counts_in_both() -> None:
    events = Events()
    with events.stage("transcription"):
        with events.stage("transcription_loading"):
            time.sleep(0.02)
        time.sleep(0.01)
    assert events.timings["transcription_loading"] >= 0.02
    assert events.timings["transcription"] >= events.timings["transcription_loading"] + 0.01


def test_a_listener_is_told_of_begin_progress_and_end() -> None:
    told: list[Event] = []
    events = Events(told.append)
    with events.stage("analysis"):
        events.tell("analysis", done=1.5, artefact="a segment")
    begin, progress, end = told
    assert begin == Event("analysis")
    assert progress == Event("analysis", 1.5, None, "a segment")
    assert (end.stage, end.seconds) == ("analysis", events.timings["analysis"])


def test_a_stage_that_fails_ends_too() -> None:
    told: list[Event] = []
    events = Events(told.append)
    with pytest.raises(ValueError, match="broken"), events.stage("audio"):
        raise ValueError("broken")
    assert [event.seconds is None for event in told] == [True, False]
    assert "audio" in events.timings


def test_threads_may_work_at_once() -> None:
    told: list[tuple[int, Event]] = []
    events = Events(lambda event: told.append((threading.get_ident(), event)))
    together = threading.Barrier(4)

    def work(number: int) -> int:
        with events.stage("transcription"):
            together.wait(10)
            events.tell("transcription", done=number)
            time.sleep(0.01)
        return threading.get_ident()

    with ThreadPoolExecutor(4) as pool:
        workers = set(pool.map(work, range(4)))
    assert len(workers) == 4
    assert {thread for thread, _ in told} == workers
    assert sorted(event.done for _, event in told if event.done) == [1, 2, 3]
    ended = [event.seconds for _, event in told if event.seconds is not None]
    assert len(ended) == 4
    assert events.timings["transcription"] == pytest.approx(sum(ended))


def test_nobody_needs_to_listen() -> None:
    events = Events()
    events.tell("audio", done=1.0)
    assert events.timings == {}
