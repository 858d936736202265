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
    """Answer requests until there are no more, whatever errors they cause.

    Args:
        requests: Stream of the requests.
        answers: Stream for the answers.
        answer: Returns the fields of an answer. Its errors become answers too, even `SystemExit`.
    """
    while (message := receive(requests)) is not None:
        try:
            reply: dict[str, Any] = {"ok": True} | answer(*message)
        except (Exception, SystemExit) as error:
            reply = {"ok": False, "error": f"{error}" or repr(error), "kind": type(error).__name__}
        send(answers, reply)


def run(prepare: Callable[[], Answer]) -> None:
    """Answer requests on the standard streams, without network, until there are no more.

    Args:
        prepare: Called once, after the network is forbidden; returns the function that answers.
    """
    # Ctrl-C reaches the whole process group; the calling process decides when this one ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests, answers = _taken_streams()
    forbid_network()
    serve(requests, answers, prepare())


def _taken_streams() -> tuple[BinaryIO, BinaryIO]:
    """Take the standard streams for the messages; other code reads nothing from stdin, and prints to stderr."""
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
