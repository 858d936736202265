"""The worker: `python -m pipeline.transcription.paddlespeech.worker`, with messages on standard input and output."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any, BinaryIO

from pipeline.core.values import Samples
from pipeline.transcription.paddlespeech.patches import forbid_network
from pipeline.transcription.paddlespeech.protocol import receive, send

__all__ = ["run", "serve"]

Answer = Callable[[dict[str, Any], Samples], dict[str, Any]]


def serve(requests: BinaryIO, answers: BinaryIO, answer: Answer) -> None:
    """Answer requests until there are no more, whatever happens in between.

    Args:
        requests: Where messages come from.
        answers: Where messages go.
        answer: Returns the fields of an answer. What it raises becomes an answer too, even a wish to leave.
    """
    while (message := receive(requests)) is not None:
        try:
            reply: dict[str, Any] = {"ok": True} | answer(*message)
        except (Exception, SystemExit) as error:
            reply = {"ok": False, "error": f"{error}" or repr(error), "kind": type(error).__name__}
        send(answers, reply)


def run(prepare: Callable[[], Answer]) -> None:
    """Serve over the standard streams, without network, until nothing more is asked.

    Args:
        prepare: Called once, when everything is in place; returns what answers.
    """
    # Ctrl-C reaches the whole group of processes; the calling process decides what becomes of this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests, answers = _taken_streams()
    forbid_network()
    serve(requests, answers, prepare())


def _taken_streams() -> tuple[BinaryIO, BinaryIO]:
    """Take the standard streams for the messages: whoever reads here finds nothing, and what is printed is talk."""
    requests, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return os.fdopen(requests, "rb"), os.fdopen(answers, "wb")


def _paddlespeech() -> Answer:
    from pipeline.transcription.paddlespeech.executor import Executor

    return Executor().answer


if __name__ == "__main__":
    run(_paddlespeech)
