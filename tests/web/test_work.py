"""Work: how much at once, how long, cancelled, and by whom."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from fastapi.testclient import TestClient

from pipeline.core.errors import NoSpeech
from pipeline.core.events import Event
from pipeline.core.stopping import go_on, stoppable
from pipeline.core.values import Segment
from pipeline.web.errors import Busy, NotFound, WorkCancelled, WorkTooLong
from pipeline.web.work import Job, Work
from tests.patience import PATIENCE, until
from tests.web.conftest import BASE, EXAMPLE, upload


@pytest.fixture
def work() -> Iterator[Work]:
    work = Work(at_once=1, waiting=2, seconds=PATIENCE)
    yield work
    work.close()


def wanted() -> Callable:
    async def is_wanted() -> bool:
        return True

    return is_wanted


def test_a_job_tells_what_the_chain_tells(work: Work) -> None:
    def function(job: Job) -> str:
        job.heard(Event("transcription", done=1.5))
        return "heard"

    job = work.start("transcribe", "a.wav", function)
    until(lambda: job.is_finished)
    assert job.result == "heard"
    assert job.events == [{"event": "progress", "stage": "transcription", "done": 1.5}, {"event": "done"}]
    assert job.to_dict()["result"] == f"/v1/jobs/{job.id}/result"


def test_work_that_does_not_stop_is_not_waited_for(work: Work) -> None:
    """Also after its job was forgotten."""
    free = threading.Event()
    job = work.start("convert", "a.wav", lambda job: free.wait(PATIENCE))
    until(lambda: job.status == "running")
    work.forget(job.id)
    work.close()
    assert not work.wait(0.01)
    free.set()
    assert work.wait(PATIENCE)


def test_more_than_may_wait_is_refused(work: Work) -> None:
    free = threading.Event()
    jobs = [work.start("wait", "", lambda job: free.wait(PATIENCE)) for _ in range(3)]
    with pytest.raises(Busy) as refusal:
        work.start("wait", "", lambda job: None)
    assert refusal.value.retry_after >= 1
    free.set()
    until(lambda: all(job.status == "done" for job in jobs))
    work.start("wait", "", lambda job: None)


def test_what_waits_is_cancelled_at_once_and_what_runs_at_its_next_sign(work: Work) -> None:
    free, begun = threading.Event(), threading.Event()

    def function(job: Job) -> None:
        begun.set()
        free.wait(PATIENCE)
        job.heard(Event("synthesis"))
        raise AssertionError("it went on")

    running, waiting = work.start("convert", "", function), work.start("convert", "", lambda job: None)
    assert begun.wait(PATIENCE)
    waiting.cancel()
    assert waiting.status == "cancelled"
    running.cancel()
    assert running.status == "running"
    free.set()
    until(lambda: running.is_finished)
    assert running.status == "cancelled"
    assert isinstance(running.error, WorkCancelled)


def test_what_tells_nothing_asks_whether_to_go_on(work: Work) -> None:
    begun = threading.Event()

    def function(job: Job) -> None:
        while True:
            begun.set()
            go_on()

    job = work.start("curves", "", function)
    assert begun.wait(PATIENCE)
    job.cancel()
    until(lambda: job.is_finished)
    assert job.status == "cancelled"


@pytest.mark.parametrize(
    "compute",
    [
        lambda pipeline: pipeline.curves(EXAMPLE),
        lambda pipeline: pipeline.recognise(EXAMPLE),
        lambda pipeline: pipeline.read_text("I am sad."),
        lambda pipeline: pipeline.transcribe(EXAMPLE),
        lambda pipeline: pipeline.speak("Good evening."),
        lambda pipeline: pipeline.convert_in_memory(EXAMPLE, segments=[Segment(0, 1, "Good evening.")]),
    ],
    ids=["curves", "recognise", "read", "transcribe", "speak", "convert"],
)
@pytest.mark.parametrize("others", [2, 4])
def test_all_that_is_computed_can_be_stopped(make_app, compute: Callable, others: int) -> None:
    """Early, and in the middle."""
    pipeline = make_app().state.service.pipeline
    asked = 0

    def check() -> None:
        nonlocal asked
        asked += 1
        if asked >= most:
            raise WorkCancelled("Enough.")

    most = 10**9
    with stoppable(check):
        compute(pipeline)
    total, asked, most = asked, 0, max(1, asked // others)
    assert total
    with stoppable(check), pytest.raises(WorkCancelled):
        compute(pipeline)


def test_work_that_takes_too_long_is_stopped() -> None:
    work = Work(at_once=1, waiting=1, seconds=0.2)

    def function(job: Job) -> None:
        while True:
            time.sleep(0.02)
            job.heard(Event("analysis"))

    job = work.start("transcribe", "", function)
    with pytest.raises(WorkTooLong):
        asyncio.run(work.done(job, wanted()))
    work.close()


def test_nobody_waits_longer_than_the_time_for_work_that_shows_no_sign() -> None:
    work = Work(at_once=1, waiting=1, seconds=0.2)
    free = threading.Event()
    job = work.start("recognize", "", lambda job: free.wait(PATIENCE))
    with pytest.raises(WorkTooLong):
        asyncio.run(work.done(job, wanted()))
    assert not job.is_finished, "nobody waited for it"
    free.set()
    work.close()


def test_work_that_nobody_waits_for_is_cancelled(work: Work) -> None:
    begun = threading.Event()

    def function(job: Job) -> None:
        begun.set()
        while True:
            time.sleep(0.01)
            job.heard(Event("analysis"))

    async def has_left() -> bool:
        return not begun.is_set()

    job = work.start("transcribe", "", function)
    with pytest.raises(WorkCancelled):
        asyncio.run(work.done(job, has_left))
    assert job.status == "cancelled"


def test_a_failure_is_told_by_its_own_error(work: Work) -> None:
    def function(job: Job) -> None:
        raise NoSpeech("Nobody speaks in a.wav.")

    with pytest.raises(NoSpeech):
        asyncio.run(work.done(work.start("transcribe", "", function), wanted()))


def test_results_are_kept_for_a_while_and_not_without_end(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = []
    for number in range(70):
        jobs.append(work.start("speak", "", lambda job, number=number: number))
        until(lambda: jobs[-1].is_finished)
    assert work.find(jobs[-1].id).result == 69
    with pytest.raises(NotFound):
        work.find(jobs[0].id)
    later = time.monotonic() + 3600
    monkeypatch.setattr(time, "monotonic", lambda: later)
    with pytest.raises(NotFound, match="10 minutes"):
        work.find(jobs[-1].id)


def test_everybody_who_follows_gets_everything(work: Work) -> None:
    free = threading.Event()

    def function(job: Job) -> None:
        for number in range(50):
            job.tell("progress", number=number)
            if number == 25:
                free.wait(PATIENCE)

    job = work.start("analyse", "", function)

    async def follow(start: int) -> list[int]:
        return [entry[0] async for entry in job.follow(start) if entry]

    async def all_of_them() -> list[list[int]]:
        tasks = [asyncio.create_task(follow(start)) for start in (0, 0, 30, 1000)]
        await asyncio.sleep(0.05)
        free.set()
        return await asyncio.gather(*tasks)

    assert asyncio.run(all_of_them()) == [list(range(51)), list(range(51)), list(range(30, 51)), []]


def test_a_busy_server_says_when_to_try_again(make_app) -> None:
    app = make_app(at_once=1, waiting=1)
    service = app.state.service
    free = threading.Event()
    with TestClient(app, base_url=BASE) as client:
        jobs = [service.start("wait", "", lambda job: free.wait(PATIENCE)) for _ in range(2)]
        answer = client.post("/v1/recognize", files=upload())
        assert (answer.status_code, answer.json()["error"]["code"]) == (429, "busy")
        assert int(answer.headers["retry-after"]) >= 1
        assert client.get("/health").json()["work"]["unfinished"] == 2
        free.set()
        until(lambda: all(job.is_finished for job in jobs))
        assert client.post("/v1/recognize", files=upload()).status_code == 200


def test_a_job_is_cancelled_over_http(make_app) -> None:
    app = make_app(at_once=1, waiting=4)
    free = threading.Event()
    with TestClient(app, base_url=BASE) as client:
        app.state.service.start("wait", "", lambda job: free.wait(PATIENCE))
        place = client.post("/v1/convert", files=upload(), data={"background": "true"}).headers["location"]
        assert client.get(place).json()["status"] == "waiting"
        answer = client.get(f"{place}/result")
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not-ready")
        assert client.delete(place).status_code == 204
        assert client.get(place).status_code == 404
        free.set()
