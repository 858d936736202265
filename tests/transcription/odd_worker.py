"""A worker that does what PaddleSpeech might do; run by the tests as a process of its own."""

from __future__ import annotations

import os
import socket
import sys
import time
from typing import Any

from pipeline.core.values import Samples
from pipeline.transcription.paddlespeech.worker import run


def answer(request: dict[str, Any], samples: Samples) -> dict[str, Any]:
    match request["do"]:
        case "load":
            if "trouble" in request:
                raise RuntimeError(request["trouble"])
            return {"said": os.environ.get("GREETING", ""), "where": os.getcwd()}
        case "hear":
            return {"samples": len(samples), "sum": float(samples.sum())}
        case "leave":
            sys.exit(-1)
        case "fail":
            raise ValueError("it does not work")
        case "die":
            sys.stderr.write("first\nout of luck\n")
            sys.stderr.flush()
            os._exit(7)
        case "talk":
            print("talk " * 1000)
            return {}
        case "question":
            return {"line": input("Input(Y/N):")}
        case "look up":
            socket.getaddrinfo("paddlepaddle.org.cn", 80)
        case "connect":
            socket.create_connection(("127.0.0.1", request["port"]), timeout=5)
        case "wait":
            time.sleep(60)
    return {}


if __name__ == "__main__":
    run(lambda: answer)
