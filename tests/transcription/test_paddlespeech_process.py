"""The worker's process and its messages, with a worker that misbehaves; PaddleSpeech itself is not needed."""

from __future__ import annotations

import gc
import io
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from pipeline.core.errors import EngineFailed
from pipeline.transcription.paddlespeech.process import Refused, Worker
from pipeline.transcription.paddlespeech.protocol import receive, send

ODD = ("-P", str(Path(__file__).with_name("odd_worker.py")))


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    asked = Worker({"do": "load"}, arguments=ODD)
    yield asked
    asked.close()


def gone(pid: int | None) -> bool:
    assert pid is not None
    for _ in range(500):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.01)
    return False


@pytest.mark.parametrize("samples", [np.zeros(0, np.float32), np.arange(5, dtype=np.float32), np.arange(10)[::2]])
def test_messages_come_out_as_they_went_in(samples: np.ndarray) -> None:
    pipe = io.BytesIO()
    send(pipe, {"do": "hear", "text": "门\n"}, samples)
    send(pipe, {"do": "next"})
    pipe.seek(0)
    message = receive(pipe)
    assert message is not None
    assert message[0] == {"do": "hear", "text": "门\n"}
    assert np.array_equal(message[1], samples)
    assert receive(pipe)[0] == {"do": "next"}  # type: ignore[index]
    assert receive(pipe) is None


@pytest.mark.parametrize("length", [1, 20, 45])
def test_a_message_that_is_cut_off(length: int) -> None:
    pipe = io.BytesIO()
    send(pipe, {"do": "hear"}, np.ones(10, np.float32))
    assert len(pipe.getvalue()) > 45
    with pytest.raises(EOFError):
        receive(io.BytesIO(pipe.getvalue()[:length]))


def test_samples_arrive(worker: Worker) -> None:
    samples = np.random.default_rng(0).normal(size=500_000).astype(np.float32)
    answer = worker.ask({"do": "hear"}, samples)
    assert answer == {"samples": 500_000, "sum": float(samples.sum())}


@pytest.mark.parametrize(
    ("request_name", "kind", "message"),
    [
        ("fail", "ValueError", "it does not work"),
        ("leave", "SystemExit", "-1"),
        ("question", "EOFError", "EOF"),
        ("look up", "OSError", "does not use the network"),
    ],
)
def test_the_worker_outlives_errors(request_name: str, kind: str, message: str, worker: Worker) -> None:
    worker.start()
    pid = worker.pid
    with pytest.raises(Refused, match=message) as refused:
        worker.ask({"do": request_name})
    assert refused.value.kind == kind
    assert worker.ask({"do": "hear"}, np.ones(3, np.float32))["samples"] == 3
    assert worker.pid == pid


def test_no_connection_is_made(worker: Worker) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        with pytest.raises(Refused, match="does not use the network"):
            worker.ask({"do": "connect", "port": server.getsockname()[1]})
        with pytest.raises(TimeoutError):
            server.accept()


def test_what_is_printed_does_not_disturb(worker: Worker, capfd: pytest.CaptureFixture[str]) -> None:
    assert worker.ask({"do": "talk"}) == {}
    assert worker.ask({"do": "hear"})["samples"] == 0
    assert capfd.readouterr() == ("", "")


def test_a_death_is_told_and_the_next_request_starts_anew(worker: Worker) -> None:
    with pytest.raises(EngineFailed, match=r"exit code 7.*out of luck"):
        worker.ask({"do": "die"})
    assert worker.ask({"do": "hear"})["samples"] == 0


def test_a_process_killed_while_it_works(worker: Worker) -> None:
    worker.start()
    pid = worker.pid
    assert pid is not None
    killer = threading.Timer(0.3, os.kill, (pid, signal.SIGKILL))
    killer.start()
    with pytest.raises(EngineFailed, match="SIGKILL"):
        worker.ask({"do": "wait"})
    killer.join()
    assert worker.ask({"do": "hear"})["samples"] == 0


def test_a_process_killed_between_requests_is_not_noticed(worker: Worker) -> None:
    worker.start()
    pid = worker.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.2)
    assert worker.ask({"do": "hear"})["samples"] == 0
    assert worker.pid != pid


def test_ctrl_c_while_it_works_leaves_no_stale_answer(worker: Worker) -> None:
    worker.start()
    pid = worker.pid

    def interrupt(*arguments: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        with pytest.raises(KeyboardInterrupt):
            worker.ask({"do": "wait"})
    finally:
        signal.signal(signal.SIGALRM, before)
    assert gone(pid)
    assert worker.ask({"do": "hear"}, np.ones(2, np.float32))["samples"] == 2


def test_a_load_that_fails_ends_the_process() -> None:
    worker = Worker({"do": "load", "trouble": "no such model"}, arguments=ODD)
    with pytest.raises(Refused, match="no such model"):
        worker.start()
    assert worker.pid is None


def test_closing_gives_back_and_opening_is_free(worker: Worker) -> None:
    worker.start()
    pid = worker.pid
    worker.close()
    assert worker.pid is None
    assert gone(pid)
    worker.close()
    assert worker.ask({"do": "hear"})["samples"] == 0


def test_a_forgotten_worker_ends() -> None:
    worker = Worker({"do": "load"}, arguments=ODD, environment={"GREETING": "hello"})
    assert worker.start()["said"] == "hello"
    pid = worker.pid
    del worker
    gc.collect()
    assert gone(pid)


def test_threads_take_turns(worker: Worker) -> None:
    def ask(number: int) -> int:
        return int(worker.ask({"do": "hear"}, np.ones(number, np.float32))["samples"])

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, range(40))) == list(range(40))


@pytest.mark.parametrize("closing", ["import os; os.close(0)", "import os; os.close(0); os.close(1); os.close(2)"])
def test_closed_standard_streams(closing: str, tmp_path: Path) -> None:
    program = (
        f"{closing}\n"
        "from pipeline.transcription.paddlespeech.process import Worker\n"
        f"worker = Worker({{'do': 'load'}}, arguments={ODD!r})\n"
        "answers = [worker.ask({'do': 'talk'}), worker.ask({'do': 'hear'})]\n"
        "worker.close()\n"
        f"open({str(tmp_path / 'answers')!r}, 'w').write(repr(answers))\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2], check=True, timeout=60)
    assert (tmp_path / "answers").read_text() == repr([{}, {"samples": 0, "sum": 0.0}])


def test_the_caller_s_death_ends_the_process() -> None:
    program = (
        "import os, signal\n"
        "from pipeline.transcription.paddlespeech.process import Worker\n"
        f"worker = Worker({{'do': 'load'}}, arguments={ODD!r})\n"
        "worker.start()\n"
        "print(worker.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", program], cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=60
    )
    assert killed.returncode == -signal.SIGKILL
    assert gone(int(killed.stdout))


def test_modules_of_the_current_folder_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('taken in')")
    monkeypatch.chdir(tmp_path)
    worker = Worker({"do": "load"}, arguments=ODD)
    assert worker.start()["where"] == str(tmp_path)
    worker.close()


def test_nothing_heavy_is_needed_to_ask() -> None:
    program = (
        "import sys, pipeline.transcription.paddlespeech.transcriber\n"
        "assert not {'paddle', 'paddlespeech', 'torch', 'tensorflow', 'onnxruntime'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2], check=True, timeout=60)
