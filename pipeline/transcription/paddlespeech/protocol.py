"""The messages between the calling process and the worker, through pipes.

A message is one line of JSON in UTF-8, followed by as many bytes as its field `bytes` says:
samples, float32, little-endian, mono, 16 kHz. Each request gets one answer before the next request.

    {"do": "load", ...}          see `executor._load`         {"ok": true, "notes": [...]}
    {"do": "hear", "bytes": n}   n / 4 samples               {"ok": true, "text": "..."}
    anything                                                 {"ok": false, "error": "...", "kind": "..."}

The end of the requests ends the worker.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any, Final

import numpy as np

from pipeline.core.values import Samples

__all__ = ["receive", "send"]

_DTYPE: Final = np.dtype("<f4")


def send(stream: IO[bytes], header: Mapping[str, Any], samples: Samples | None = None) -> None:
    """Write one message.

    Args:
        stream: A pipe.
        header: Anything that JSON can hold.
        samples: float32, shape (time,); none by default.

    Raises:
        OSError: The other side no longer reads.
    """
    content = b"" if samples is None else np.ascontiguousarray(samples, _DTYPE).tobytes()
    stream.write(json.dumps({**header, "bytes": len(content)}).encode() + b"\n" + content)
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[dict[str, Any], Samples] | None:
    """Read one message: header and samples, float32, shape (time,); None at the end of the stream.

    Raises:
        EOFError: The stream ends within a message.
    """
    line = stream.readline()
    if not line:
        return None
    if not line.endswith(b"\n"):
        raise EOFError("The message is cut off.")
    header: dict[str, Any] = json.loads(line)
    wanted = header.pop("bytes")
    content = stream.read(wanted)
    if len(content) < wanted:
        raise EOFError("The message is cut off.")
    return header, np.frombuffer(content, _DTYPE)
