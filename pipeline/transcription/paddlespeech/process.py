"""The worker from the view of the calling process, which asks it, restarts it after a crash, and closes it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final

from pipeline.core.errors import EngineFailed
from pipeline.core.values import Samples
from pipeline.transcription.paddlespeech.protocol import receive, send

__all__ = ["WORKER", "Refused", "Worker"]

WORKER: Final = ("-P", "-m", "pipeline.transcription.paddlespeech.worker")
"""Arguments of the interpreter. `-P`: no module is imported from the current folder."""

_PATIENCE: Final = 5.0
"""Seconds that the process has to end by itself before it is killed; set by hand."""

_TALK: Final = 2000
"""Bytes of its stderr that are searched for its last line; set by hand."""


class Refused(Exception):
    """The worker answered with an error.

    Args:
        kind: Name of the class of the error in the worker.
        message: Its message.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Worker:
    """A process that answers one request at a time; may be used from several threads.

    It starts with the first request. After a crash, the next request starts it again.

    Args:
        first: The first request to every new process.
        environment: Environment variables of the process in addition to the present ones.
        arguments: Arguments of the interpreter.
        folder: Working folder of the process; the present one by default.
    """

    def __init__(
        self,
        first: Mapping[str, Any],
        *,
        environment: Mapping[str, str] | None = None,
        arguments: Sequence[str] = WORKER,
        folder: str | Path | None = None,
    ) -> None:
        self._first = first
        self._environment = dict(environment or {})
        self._arguments = arguments
        self._folder = folder
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._talk: IO[bytes] | None = None
        self._end: weakref.finalize[..., Worker] | None = None

    @property
    def pid(self) -> int | None:
        """Process id; None while there is no process."""
        return self._process.pid if self._process else None

    def start(self) -> dict[str, Any]:
        """Start the process unless it runs, and return its answer to the first request.

        Raises:
            EngineFailed: The process crashed.
            Refused: It answered with an error, and was ended.
        """
        with self._lock:
            return self._started()

    def ask(self, header: Mapping[str, Any], samples: Samples | None = None) -> dict[str, Any]:
        """Send a request and return the answer.

        Args:
            header: Anything that JSON can hold.
            samples: float32, shape (time,), mono, 16 kHz; none by default.

        Raises:
            EngineFailed: The process crashed; the next request starts another one.
            Refused: The process answered with an error, and keeps running.
        """
        with self._lock:
            self._started()
            return self._exchange(header, samples)

    def close(self) -> None:
        """End the process and free its memory; a later request starts another one."""
        with self._lock:
            self._stop()

    def _started(self) -> dict[str, Any]:
        if self._process is not None and self._process.poll() is None:
            return {}
        self._stop()
        self._talk = tempfile.TemporaryFile()
        root = str(Path(__file__).resolve().parents[3])
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, *self._arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._talk,
            cwd=self._folder,
            env=os.environ | {"PYTHONPATH": path} | self._environment,
        )
        self._end = weakref.finalize(self, _end, self._process)
        try:
            return self._exchange(self._first, None)
        except Refused:
            self._stop()
            raise

    def _exchange(self, header: Mapping[str, Any], samples: Samples | None) -> dict[str, Any]:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise AssertionError("a request goes to a process that was started")
        try:
            send(process.stdin, header, samples)
            message = receive(process.stdout)
        except (OSError, EOFError, ValueError):
            message = None
        except BaseException:
            # The late answer would be taken for that of the next request.
            self._stop(patience=0)
            raise
        if message is None:
            raise self._died()
        answer, _ = message
        if not answer.pop("ok"):
            raise Refused(answer["kind"], answer["error"])
        return answer

    def _died(self) -> EngineFailed:
        """Clean up after a crash, and return an error that describes it."""
        code, said = self._stop()
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        return EngineFailed(
            f"The process of PaddleSpeech ended while it worked ({how}){f': {said}' if said else ''}.",
            hint="The next recording starts it again. Is there enough memory?",
        )

    def _stop(self, patience: float = _PATIENCE) -> tuple[int, str]:
        """End the process and return its exit code and the last line of its stderr."""
        if self._process is None or self._talk is None:
            return 0, ""
        if self._end is not None:
            self._end.detach()
        code = _end(self._process, patience)
        self._talk.seek(max(0, self._talk.seek(0, os.SEEK_END) - _TALK))
        said = self._talk.read().decode(errors="replace").strip().rpartition("\n")[2]
        self._talk.close()
        self._process = self._talk = None
        return code, said


def _end(process: subprocess.Popen[bytes], patience: float = _PATIENCE) -> int:
    """Close the pipes so that the process ends, and kill it if it does not."""
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
    try:
        return process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
